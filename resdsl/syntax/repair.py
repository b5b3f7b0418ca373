"""The user's own line as it would be right: one sign put in, taken out, or put in another's place.

Whether it is right then, the parser says: the first that it takes is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from resdsl.syntax.mistake import Mistake

_SIGNS = {
    "_COLON": ": ", "_EQUAL": "=", "COMPARE": " == ", "_COMMA": ", ", "_ARROW": " -> ",
    "IN": " in ", "BAR": " | ",
}  # fmt: skip
_REPLACED = frozenset(
    ("_COLON", "_EQUAL", "COMPARE", "_COMMA", "_DOT", "_ARROW", "BAR", "BAD_CHARACTER")
)
_NEIGHBOURS = re.compile(r"(?<=[\w)\]\"])[ \t]+(?=[\w\"@\[(])")
_MODIFIER = re.compile(r"x\s*[\d(]|stride\b")
_BRACKETS = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|([()\[\]{}])')
_CLOSER = {"(": ")", "[": "]", "{": "}"}
LONGEST = 160  # characters of a line that is worth the search


def repaired(mistake: Mistake) -> str | None:
    """A help with the corrected line, or None where no small change makes it right."""
    mistake = mistake.culprit
    line = mistake.line
    if not mistake.statement or line.end - line.start > LONGEST:
        return None
    before = mistake.text[mistake.start : line.start]
    start, end = mistake.span.start - line.start, mistake.span.end - line.start
    if not line.text[:start].strip():  # a sign is missing at the end of the line above
        above = before.rstrip()
        if "_COMMA" in mistake.accepts and mistake.parses(closed(f"{above}, {line.text}")):
            return f"`{above.splitlines()[-1].strip()},`"
        return None
    for text in dict.fromkeys(_candidates(mistake, line.text, start, end)):
        if mistake.parses(closed(before + text)):
            return f"`{text}`"
    return None


def closed(text: str) -> str:
    """`text` up to a bracket that closes what is open before it, and all that it opens closed."""
    waiting: list[str] = []
    for match in _BRACKETS.finditer(text):
        if match[1] in _CLOSER:
            waiting.append(_CLOSER[match[1]])
        elif match[1] and waiting and waiting[-1] == match[1]:
            waiting.pop()
        elif match[1] == "}":
            text = text[: match.start()]
            break
    return text + "".join(reversed(waiting))


def split(text: str, signs: str) -> list[str]:
    """The parts of a text between signs that stand in no bracket, up to one that closes nothing."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if depth < 0:
            break
        if sign in signs and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _candidates(mistake: Mistake, line: str, start: int, end: int) -> Iterator[str]:
    signs = [sign for kind, sign in _SIGNS.items() if kind in mistake.accepts]
    inside = mistake.run.open and mistake.run.open[-1].type != "LBRACE"
    if not inside:
        signs = [" = " if sign == "=" else sign for sign in signs]
    left, found, right = line[:start].rstrip(), line[start:end], line[end:].lstrip()
    if found == "=" and left.endswith(":"):  # `:=`
        for sign in (" = ", ": "):
            yield left[:-1].rstrip() + sign + right
    if found == "," and _MODIFIER.match(right):
        yield f"{left} {right}"
    if mistake.kind in _REPLACED:
        for sign in signs:
            if sign != _SIGNS["COMPARE"] or mistake.kind in ("_COLON", "_EQUAL"):
                yield left + sign + right.removeprefix("=").lstrip()
    for sign in signs:
        if sign != _SIGNS["COMPARE"] and (sign != _SIGNS["IN"] or mistake.kind == "NAME"):
            yield left + sign + line[start:]
    if inside and "_COMMA" in mistake.accepts:
        yield left + ", " + _NEIGHBOURS.sub(", ", line[start:])
    if found:
        tight = left[-1:] in "([" or right[:1] in ")],"
        yield left + ("" if tight else " ") + right

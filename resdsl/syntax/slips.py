"""Slips of the hand that every language knows: a brace, a comma, a colon or a capital letter.

Each function is a rule of mistakes.py: the diagnostic if the mistake is of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from resdsl.diagnostics import Diagnostic
from resdsl.source import Span
from resdsl.syntax.mistake import VALUE, Mistake
from resdsl.syntax.repair import LONGEST, closed, split

_STATEMENTS = (
    "use", "model", "block", "param", "input", "init", "note", "expect", "drop", "let", "share",
    "output", "stage", "if", "for", "require", "default", "else",
)  # fmt: skip
_WITHIN = ("from", "with", "in", "stride", "when", "if", "for", "else")
_LABEL = re.compile(r'(?:stage\s+)?(?:\w+|"[^"\n]*")\s*:\s*')
_MERGES = {"PLUS": "add", "TIMES": "mul"}


def no_brace(mistake: Mistake) -> Diagnostic | None:
    """A body without braces, as in Python; or its `{` in the next line."""
    first = mistake.statement[0].type if mistake.statement else ""
    if first not in ("IF", "FOR", "BLOCK") and (first, mistake.kind) != ("MODEL", "_COLON"):
        return None
    if "LBRACE" not in mistake.accepts and first != "MODEL":
        return None
    if first == "FOR" and any(token.type == "_COLON" for token in mistake.statement):
        return None  # the guard of a branch
    head = mistake.text[mistake.line.start : mistake.span.start].rstrip()
    brace_below = re.compile(r"\s*\{").match(mistake.text, mistake.span.end)
    body = "{" if brace_below and mistake.kind == "_NL" else "{ ... }"
    return mistake.report("E104", f"expected `{{`, found {mistake.found}", f"`{head} {body}`")


def no_brace_behind_label(mistake: Mistake) -> Diagnostic | None:
    """`head:`, and below it labelled steps."""
    kinds = [token.type for token in mistake.statement]
    at = kinds.index("_COLON") if "_COLON" in kinds else len(kinds)
    is_second = mistake.kind == "_COLON" and at == len(kinds) - 2
    if not is_second and not (mistake.kind == "STRING" and at == len(kinds) - 1):
        return None
    end = mistake.statement[at].end_pos or 0
    if "\n" not in mistake.text[end : mistake.span.start]:
        return None
    head = mistake.text[mistake.start : end]
    message, span = "expected `{`, found the end of the line", Span(mistake.run.source, end, end)
    return Diagnostic("E104", message, span, help=f"`{head} {{ ... }}`")


def swapped(mistake: Mistake) -> Diagnostic | None:
    """`:` for `=`, `=` for `:`, `==` for `=`; `:=` for one of them."""
    start, accepts = mistake.span.start, mistake.accepts
    for at in (start - 1, start):
        if mistake.text[at : at + 2] == ":=":
            span = Span(mistake.run.source, at, at + 2)
            return Diagnostic("E108", "`:=` is not of this language", span)
    if mistake.before() == "STRIDE" or mistake.culprit is not mistake:
        return None
    if "_EQUAL" in accepts and (mistake.kind == "_COLON" or mistake.token == "=="):
        return mistake.report("E108", f"expected `=`, found {mistake.found}")
    if "_COLON" in accepts and mistake.kind == "_EQUAL":
        return mistake.report("E108", f"expected `:`, found {mistake.found}")
    is_argument = mistake.before() == "NAME" and accepts >= {"_EQUAL", "_COMMA"}
    if is_argument and mistake.kind in VALUE - {"NAME"}:
        return mistake.report("E108", f"expected `=`, found {mistake.found}")
    return None


def comma(mistake: Mistake) -> Diagnostic | None:
    """A comma too few between values, or one too many."""
    if mistake.kind == "_COMMA" and mistake.before() in ("_COMMA", "LPAR", "LSQB"):
        return mistake.report("E116", "a comma without a value before it")
    inside = mistake.run.open and mistake.run.open[-1].type != "LBRACE"
    follows = mistake.kind in VALUE or mistake.kind in ("X", "STRIDE", "REPEAT")
    if not (follows if inside else mistake.kind == "STRING") or "_COMMA" not in mistake.accepts:
        return None
    message = f"expected {mistake.expected}, found {mistake.found}"
    return mistake.report("E116", message)


def tuple_(mistake: Mistake) -> Diagnostic | None:
    """`(3, 3)`: a list in parentheses."""
    if mistake.kind != "_COMMA" or "RPAR" not in mistake.accepts:
        return None
    for outer in mistake.run.open:
        if outer.type != "LBRACE" and not mistake.brackets.is_closed(outer.start_pos or 0):
            message = f"this `{outer}` is never closed"
            return Diagnostic("E121", message, mistake.run.span(outer), help="add `)`")
    opener = mistake.run.open[-1].start_pos or 0
    end = mistake.brackets.partner[opener]
    span = Span(mistake.run.source, opener, end + 1)
    line = mistake.line
    items = mistake.text[opener + 1 : end]
    text = f"{mistake.text[line.start : opener]}[{items}]{mistake.text[end + 1 : line.end]}"
    help = f"`{text}`" if line.start <= opener and end < line.end else "`[3, 3]`"
    return Diagnostic("E110", "a list stands in `[` and `]`", span, help=help)


def stray_bar(mistake: Mistake) -> Diagnostic | None:
    """A branch outside of a merge."""
    if mistake.kind != "BAR" or mistake.statement:
        return None
    before = mistake.text[: mistake.start][-200:]
    call = re.search(r"([\w.]+(?:\([^()\n]*\))?)[ \t]*\n\s*\{\s*\Z", before)
    help = f"`{call[1]} {{`" if call else f"`add {{ {mistake.line.text.rstrip(' }')} | ... }}`"
    return mistake.report("E124", "a branch outside of a merge", help)


def two_labels(mistake: Mistake) -> Diagnostic | None:
    """`a: b: conv(3)`."""
    kinds = [token.type for token in mistake.statement]
    if mistake.kind != "_COLON" or len(kinds) != 3 or kinds[1] != "_COLON":
        return None
    if "\n" in mistake.text[mistake.start : mistake.span.start]:
        return None
    first, _, second = (mistake.run.span(token).text for token in mistake.statement)
    rest = mistake.text[mistake.span.end : mistake.line.end].strip()
    help = f"`{first}: {rest}`, or one in the other: `{first}: {{ {second}: {rest} }}`"
    return mistake.report("E110", "two labels on one step", help)


def misspelt(mistake: Mistake) -> Diagnostic | None:
    """`Stage`, `stgae`: a word of the language in other letters, with which the line is right."""
    culprit, line = mistake.culprit, mistake.line
    if not mistake.statement or line.end - line.start > LONGEST:
        return None
    first = mistake.statement[0]
    for token, words in ((first, _STATEMENTS), (culprit.token, _WITHIN)):
        span = mistake.run.span(token)
        if token.type != "NAME" or span.start < line.start:
            continue
        if token is first and span.start > line.start:
            continue
        before, left = (
            mistake.text[mistake.start : line.start],
            line.text[: span.start - line.start],
        )
        if not closed(before + left).startswith(before + left):  # the braces around it end here
            continue
        for word in _like(token, words):
            text = f"{left}{word}{line.text[span.end - line.start :]}"
            is_case = word == token.lower() and len(culprit.statement) < 3
            whole = closed(before + text)
            if is_case or any(map(mistake.parses, (whole, f"model a = b {{\n{whole}\n}}"))):
                return Diagnostic("E109", f"`{token}` is written `{word}`", span, help=f"`{text}`")
    return None


def _like(found: str, words: tuple[str, ...]) -> Iterator[str]:
    """The words that may be meant, without the word itself."""
    from difflib import get_close_matches

    small = found.lower()
    turned = [word for word in words if sorted(word) == sorted(small)]
    near = get_close_matches(small, words, n=3, cutoff=0.78)
    return (word for word in dict.fromkeys(turned + near) if word != found)


def merged(mistake: Mistake) -> Diagnostic | None:
    """`@a + @b`, `conv(16) + relu`: steps are joined by a merge."""
    op = _MERGES.get(mistake.kind)
    line = mistake.line
    if op is None or "_ARROW" not in mistake.accepts or line.end - line.start > LONGEST:
        return None
    label = _LABEL.match(line.text)
    start = label.end() if label else 0
    *first, last = split(line.text[start:], str(mistake.token))
    last, arrow, rest = last.partition("->")
    parts = [part.strip() for part in (*first, last)]
    is_tensors = all(re.fullmatch(r"@[\w.\[\]]+", part) for part in parts)
    joined = f"({', '.join(parts)})" if is_tensors else f" {{ | {' | '.join(parts)} }}"
    text = f"{line.text[:start]}{op}{joined}{f' -> {rest.strip()}' if arrow else ''}"
    if not mistake.parses(closed(mistake.text[mistake.start : line.start] + text)):
        return None
    message = f"`{mistake.token}` is for numbers: tensors are joined by `{op}`"
    return mistake.report("E103", message, f"`{text}`")


def no_step(mistake: Mistake) -> Diagnostic | None:
    """An arrow that leads nowhere."""
    if mistake.before() != "_ARROW" or mistake.kind not in ("BAR", "RBRACE", "_NL", "$END"):
        return None
    span = mistake.run.span(mistake.statement[-1])
    help = "write the step behind it, or remove the `->`"
    return Diagnostic("E110", "a step is missing behind `->`", span, help=help)


def input_(mistake: Mistake) -> Diagnostic | None:
    """An input without its name, its `:` or its shape, where habits.py knows no better."""
    if not mistake.statement or mistake.statement[0].lower() != "input":
        return None
    if len(mistake.statement) > 2:
        return None
    message = f"expected {mistake.expected}, found {mistake.found}"
    return mistake.report("E107", message, "`input image: 3x224x224`")

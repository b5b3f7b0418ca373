"""What switches a warning off: a comment in the text, or the settings of the folder.

`# allow: W302` at the end of the line where the warning's place begins, or where the statement
around it begins or ends; or alone on a line above one of these. Several codes with commas, and
then, in words, the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from resdsl.config import Config
from resdsl.diagnostics import CODES, Diagnostic, did_you_mean, nearest
from resdsl.lint.text import Text, walk
from resdsl.source import Source, Span
from resdsl.syntax import parse, tree

_COMMENT = re.compile(r'"(?:[^"\\\n]++|\\.)*+"|(#[^\n]*)')
_ALLOW = re.compile(r"#\s*allow:[ \t]*((?:[^\s,]+[ \t]*,[ \t]*)*[^\s,]*)")


_NEARLY = re.compile(r"#+[ \t]*(\w+)[ \t]*[:=]?[ \t]*([Ww]\d{3})\b")
_WORDS = ("allow", "noqa", "ignore", "disable")


@dataclass(frozen=True, slots=True)
class Allowed:
    """One code of one comment, and the line that it speaks of."""

    code: str
    span: Span
    line: int


def kept(diagnostics: Iterable[Diagnostic], config: Config) -> list[Diagnostic]:
    """What is left to be shown: every error, and the warnings that nothing switches off."""
    lines: dict[Source, set[tuple[str, int]]] = {}
    found = []
    for one in diagnostics:
        if one.severity == "warning":
            if one.code in config.off:
                continue
            if one.span is not None:
                source = one.span.source
                if source not in lines:
                    lines[source] = {(a.code, a.line) for a in allowed(source)}
                about = {line for code, line in lines[source] if code == one.code}
                if about and not about.isdisjoint(_lines(one.span)):
                    continue
        found.append(one)
    return found


def _lines(span: Span) -> Iterator[int]:
    """The lines where a comment is about this place: its own, and the first and the last of the
    statement around it.
    """
    yield span.source.position(span.start)[0]
    around = [n.span for n in walk(_file(span.source)) if isinstance(n, tree.Statement)]
    for statement in [at for at in around if span in at][-1:]:  # the innermost
        yield span.source.position(statement.start)[0]
        yield span.source.position(statement.end - 1)[0]


@lru_cache(maxsize=8)
def _file(source: Source) -> tree.File:
    return parse.read(source)[0]


def allowed(source: Source) -> Iterator[Allowed]:
    """The codes of all `# allow:` comments."""
    for comment in _COMMENT.finditer(source.text):
        said = _ALLOW.match(comment[1] or "")
        if said is None:
            continue
        line, column = source.position(comment.start())
        is_alone = not source.line(line)[: column - 1].strip()
        for word in re.finditer(r"[^\s,]+", said[1]):
            start = comment.start() + said.start(1) + word.start()
            yield Allowed(word[0], Span(source, start, start + len(word[0])), line + is_alone)


def code(text: Text) -> Iterator[Diagnostic]:
    """What an `# allow:` comment names is the code of a warning; an error cannot be allowed."""
    warnings = [known for known in CODES if known.startswith("W")]
    yield from _meant(text.file.source)
    for one in allowed(text.file.source):
        if one.code in warnings:
            continue
        hint = did_you_mean(one.code, warnings)
        if one.code in CODES:
            message, hint = f"`{one.code}` is an error, and cannot be allowed", None
        else:
            message = f"there is no warning `{one.code}`"
        yield Diagnostic("W320", message, one.span, help=hint)


def _meant(source: Source) -> Iterator[Diagnostic]:
    """`# allow W305`, `# Alow: W305`, `# noqa: W305`: nothing reads it."""
    for comment in _COMMENT.finditer(source.text):
        said = _NEARLY.match(comment[1] or "")
        if said is None or _ALLOW.match(comment[1]) or not nearest(said[1].lower(), _WORDS):
            continue
        span = Span(source, comment.start() + said.start(1), comment.start() + said.end())
        help = f"`# allow: {said[2].upper()}`"
        yield Diagnostic("W320", "this comment allows nothing", span, help=help)

"""The words of a text with the comments around them: what a layout may never lose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_PIECE = re.compile(
    r"""
      (?P<blank>[ \t\r\ufeff]+)
    | (?P<newline>\n)
    | (?P<comment>\#[^\n]*)
    | (?P<word>@?"(?:[^"\\\n]|\\.)*" | @?[A-Za-z_][A-Za-z0-9_]*
      | [0-9]+(?:x[0-9]+)+ | [0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[kMGT]?
      | -> | \*\* | // | [=!<>~]= | \.\.\. | .)
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class Comment:
    """A comment without the blanks behind it; `blank`: a blank line stands above."""

    text: str
    blank: bool = False


@dataclass(slots=True)
class Word:
    """A name, number, text or sign. The last of a file is empty, and holds the last comments."""

    text: str
    start: int
    above: list[Comment] = field(default_factory=list)
    """The comments on lines of their own between the word before and this one."""
    blank: bool = False
    """A blank line stands right above, below those comments."""
    beside: str = ""
    """The comment behind it, at the end of its line."""


def words(text: str) -> list[Word]:
    """All words of a text that parses; a comment between a value and its comma moves behind it."""
    found = list(_scan(text))
    for before, word, after in zip(found, found[1:], found[2:], strict=False):
        if word.text == ",":
            _gather(before, word, after)
    return found


def _scan(text: str) -> Iterator[Word]:
    last: Word | None = None
    above: list[Comment] = []
    newlines = 0
    at_start = True
    for piece in _PIECE.finditer(text):
        kind = piece.lastgroup
        if kind == "newline":
            newlines += 1
            at_start = True
        elif kind == "comment" and last and not at_start:
            last.beside = piece[0].rstrip()
        elif kind == "comment":
            above.append(Comment(piece[0].rstrip(), newlines > 1))
            newlines = 0
        elif kind == "word":
            last = Word(piece[0], piece.start(), above, newlines > 1)
            yield last
            above, newlines, at_start = [], 0, False
    yield Word("", len(text), above)


def _gather(before: Word, comma: Word, after: Word) -> None:
    """Move the comments around a comma behind it, where a line may end; their order stays."""
    moved, comma.above = comma.above, []
    if comma.beside and (before.beside or moved):
        moved.append(Comment(comma.beside))
        comma.beside = ""
    if before.beside:
        comma.beside, before.beside = before.beside, ""
    after.above[:0] = moved

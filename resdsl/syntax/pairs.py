"""Which brackets of a text belong together, where some are missing or too many.

Kinds decide, and where they do not come out even, indentation: a `}` that begins a line closes the
`{` whose line stands as far right. So one too few or too many is found where it is, and the others
keep their partners.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from resdsl.limits import MAX_NESTING

CLOSER = {"(": ")", "[": "]", "{": "}"}
_BRACKET = re.compile(r'"(?:[^"\\\n]|\\.)*+"|#[^\n]*|[()\[\]{}\n]')
_MARGIN = re.compile(r"([ \t]*)(?:\|[ \t]*)?")
_ENDS_LINE = re.compile(r"[ \t]*(?:[)\]}#\r\n]|\Z)")


class Opened(NamedTuple):
    """An opening bracket."""

    at: int
    line: int
    """Where its line begins."""
    head: int
    """Where the line begins that this line goes on with, if it closes a `(` of that one."""


class Pairs:
    """One way to pair: `way` says which of the open braces a `}` closes."""

    def __init__(self, text: str, way: Way) -> None:
        self.text, self.way = text, way
        self.partner: dict[int, int] = {}
        """Of each opener that is closed: where its closer stands."""
        self.stray: set[int] = set()
        """The closers that nothing opens."""
        self.heads: dict[int, int] = {}
        """Of each opener that is never closed: where its head begins."""
        self.wrong = 0
        """Brackets without a partner of their own kind, and those that stand crooked."""
        self.amid = 0
        """The `}` that close the `{` of another line, and do not begin theirs."""
        self.open: list[Opened] = []
        self.line = self.head = 0
        self.is_first = self.follows_closers = True
        """Whether only blanks, or blanks and closers, stand before the bracket in its line."""
        end = 0
        for match in _BRACKET.finditer(text):
            self._take(match[0], match.start(), text[end : match.start()])
            end = match.end()
        self._leave_open(0)

    def _take(self, found: str, at: int, before: str) -> None:
        if found == "\n":
            self.line = self.head = at + 1
            self.is_first = self.follows_closers = True
            return
        if before.strip():
            self.is_first = self.follows_closers = False
        if found in CLOSER:
            self.open.append(Opened(at, self.line, self.head))
            self.follows_closers = False
        elif len(found) > 1:
            self.follows_closers = False
        elif found in ")]}":
            self._close(found, at)
        self.is_first = False

    def _close(self, closer: str, at: int) -> None:
        place = self._place(closer, at)
        if place is None:
            self.stray.add(at)
            self.wrong += 1
            return
        self._leave_open(place + 1)
        opener = self.open.pop()
        self.partner[opener.at] = at
        self.wrong += CLOSER[self.text[opener.at]] != closer
        if opener.line == self.line:
            return
        if closer != "}":
            self.head = opener.head
        elif self.is_first:
            self.wrong += at - self.line not in margins(self.text, opener.head)
        else:
            self.amid += 1
            self.wrong += not _ENDS_LINE.match(self.text, at + 1)

    def _is_glued(self, opener: Opened) -> bool:
        """Whether a `{` of this line may be meant for a `(`: `conv{64)`."""
        before = self.text[opener.at - 1 : opener.at]
        return opener.line == self.line and (before.isalnum() or before == "_")

    def _leave_open(self, place: int) -> None:
        """The brackets from `place` on are never closed."""
        self.wrong += len(self.open) - place
        self.heads.update((opener.at, opener.head) for opener in self.open[place:])
        del self.open[place:]

    def _place(self, closer: str, at: int) -> int | None:
        """Where among the open brackets the partner stands; None for a closer that is stray."""
        near = range(len(self.open) - 1, max(-1, len(self.open) - 1 - MAX_NESTING), -1)
        kinds = {i: self.text[self.open[i].at] for i in near}
        if closer == "}":
            braces = [i for i in near if kinds[i] == "{"]
            if braces:
                return self.way(self, at, braces)
        inside = False  # of a `{`: then the partner is one of the same line, if any
        for i in near:
            inside |= kinds[i] == "{"
            if inside and self.open[i].line != self.line:
                break
            if CLOSER[kinds[i]] == closer:
                return i
        if not self.open or (kinds[near[0]] == "{" and not self._is_glued(self.open[near[0]])):
            return None
        return near[0]  # `(` closed by `]`, `conv{` by `)`: two that are meant for each other


Way = Callable[[Pairs, int, "list[int]"], "int | None"]


def pairs(text: str) -> Pairs:
    """The pairs of a text, in the way in which the fewest brackets are wrong."""
    best = Pairs(text, _by_kind)
    if best.stray or best.heads or best.wrong:
        others = (Pairs(text, way) for way in (_one_too_few, _one_too_many, _one_inside))
        best = min((best, *others), key=lambda way: (way.wrong, way.amid))
    return best


def margins(text: str, line: int) -> tuple[int, int]:
    """How far right a line stands, and its text behind a `|`."""
    margin = _MARGIN.match(text, line)
    return (margin.end(1) - line, margin.end() - line) if margin else (0, 0)


def _by_kind(pairs: Pairs, closer: int, braces: list[int]) -> int | None:
    """A `}` closes the innermost `{`."""
    return braces[0]


def _one_too_few(pairs: Pairs, closer: int, braces: list[int]) -> int | None:
    """One that stands further left than its `{` closes an outer one, that stands as far left."""
    width = closer - pairs.line
    if not pairs.is_first or width >= margins(pairs.text, pairs.open[braces[0]].head)[0]:
        return braces[0]
    left = (i for i in braces if width in margins(pairs.text, pairs.open[i].head))
    return next(left, braces[0])


def _one_too_many(pairs: Pairs, closer: int, braces: list[int]) -> int | None:
    """One that stands further right than its `{` is stray; so is a second one in a line."""
    opener = pairs.open[braces[0]]
    if opener.line == pairs.line or not pairs.follows_closers:
        return braces[0]
    is_right = closer - pairs.line > margins(pairs.text, opener.head)[1]
    return None if is_right or not pairs.is_first else braces[0]


def _one_inside(pairs: Pairs, closer: int, braces: list[int]) -> int | None:
    """One amid a line closes nothing of another line; it may be meant for a `)` or `]`."""
    if pairs.open[braces[0]].line == pairs.line or pairs.is_first:
        return braces[0]
    return None if pairs.open[-1].line != pairs.line else len(pairs.open) - 1

"""The brackets of a text that did not parse, paired without the parser.

Kinds decide, and where brackets do not come out even, indentation: a `}` that begins a line closes
the `{` whose line stands as far right. So one too few or too many is found where it is, and the
others keep their partners.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from resdsl.limits import MAX_NESTING

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_BRACKET = re.compile(r'"(?:[^"\\\n]|\\.)*+"|#[^\n]*|([()\[\]{}])')
_PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*+"|#[^\n]*|[()\[\]{}|\n]')
_JOIN = re.compile(r"(?:->|[:,=|+\-*/%<>]|(?<![\w.])(?:and|or|not|in|if|else))\Z")
_BLANK_LINES = re.compile(r"(?:[ \t]*+(?:#[^\n]*+)?+\r?\n)*+[ \t]*+")
_GOES_ON = re.compile(r"->|else(?!\w|[ \t]*:)")


class Brackets:
    """The pairs of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        pairs = _Pairs(text, _by_kind)
        if pairs.wrong:
            others = (_Pairs(text, way) for way in (_one_too_few, _one_too_many, _one_inside))
            pairs = min((pairs, *others), key=lambda way: way.wrong + way.crooked)
        self.partner = pairs.partner
        """Of each opener that is closed: where its closer stands."""
        self.stray = set(pairs.stray)
        """The closers that nothing opens."""
        self.inserted: set[int] = set()
        """Where a `{` should stand, and does not."""
        self._ends: dict[int, int] = {}

    @cached_property
    def _opener(self) -> dict[int, int]:
        return {closer: opener for opener, closer in self.partner.items()}

    def opener(self, closer: int) -> int | None:
        """Where the partner of a closer stands."""
        return self._opener.get(closer)

    def is_closed(self, opener: int) -> bool:
        """Whether an opener has a partner, and of its own kind."""
        closer = self.partner.get(opener)
        if closer is None or opener in self.inserted:
            return closer is not None
        return self.text[closer] == _PAIRS[self.text[opener]]

    def insert(self, place: int) -> bool:
        """Take a `{` for granted at `place`, the end of a line, if its body stands below.

        A stray `}` closes it that stands inside the body or begins the line below it.
        """
        end = self.end(place)
        below = self.text[place:end].strip(" \t\r\n:")
        if not below:
            return False
        limit = end + len(self.text[end:]) - len(self.text[end:].lstrip())
        closers = (at for at in self.stray if place < at <= limit and self.text[at] == "}")
        closer = min(closers, default=None)
        self.inserted.add(place)
        if closer is not None:
            self.stray.discard(closer)
            self.partner[place] = closer
        return True

    def end(self, opener: int) -> int:
        """Where the body of a `{` that is never closed seems to end.

        The newline before the first line that stands no further right than that of the `{`.
        """
        if opener not in self._ends:
            width = _indent(self.text, opener)
            start = self.text.rfind("\n", 0, opener) + 1
            # The branches of a merge may stand as far left as the merge.
            bar = "" if self.text[start + width : start + width + 1] == "|" else "|"
            less = rf"[ \t]{{0,{width - 1}}}(?=[^\s#])|" if width else ""
            further_left = re.compile(rf"\n(?:{less}[ \t]{{{width}}}(?=[^\s#{bar}]))")
            found = further_left.search(self.text, opener)
            self._ends[opener] = found.start() if found else len(self.text)
        return self._ends[opener]

    def statement_end(self, start: int, fault: int, last: int, in_branch: bool) -> int:
        """Where a broken statement ends: at a newline, or at what closes the body that holds it.

        It begins at `start`, and the parser took no more of it at `fault`. Closed brackets in it
        are passed over whole. The newline at `last` ends it even behind a comma.
        """
        text, at, code = self.text, start, -1
        while found := _PIECE.search(text, at):
            place, first = found.start(), found[0][0]
            at = found.end()
            if first == "\n":
                at = _after_blank_lines(text, at)
                end, code = place if code < 0 else code, -1
                ends = at > last or not _joined(text, start, end, fault)
                if ends and not _GOES_ON.match(text, at):
                    return place
            elif first == "#":
                code = place
            elif first in _PAIRS:
                if place in self.partner:
                    at = self.partner[place] + 1
                elif first == "{":
                    at = self.end(place)
            elif (first == "}" and place not in self.stray) or (first == "|" and in_branch):
                return place
        return len(text)


class _Pairs:
    """One way to pair: `way` says which of the open brackets a `}` may close."""

    def __init__(self, text: str, way: _Way) -> None:
        self.text, self.way = text, way
        self.partner: dict[int, int] = {}
        self.stray: list[int] = []
        self.unclosed: list[int] = []
        self.open: list[int] = []
        self.crossed = 0
        self.crooked = 0
        """The `}` that begin a line and stand elsewhere than the line of their `{`."""
        for match in _BRACKET.finditer(text):
            if match[1] in _PAIRS:
                self.open.append(match.start())
            elif match[1]:
                self._close(match.start())
        self.unclosed += self.open

    @property
    def wrong(self) -> int:
        return len(self.stray) + len(self.unclosed) + self.crossed

    def _close(self, closer: int) -> None:
        place = self._place(closer)
        if place is None:
            self.stray.append(closer)
            return
        opener = self.open[place]
        self.unclosed += self.open[place + 1 :]
        self.partner[opener] = closer
        self.crossed += _PAIRS[self.text[opener]] != self.text[closer]
        if _begins_line(self.text, closer) and "\n" in self.text[opener:closer]:
            self.crooked += _indent(self.text, opener) != _indent(self.text, closer)
        del self.open[place:]

    def _place(self, closer: int) -> int | None:
        """Where among the open brackets the partner stands; None for a closer that is stray."""
        near = range(len(self.open) - 1, max(-1, len(self.open) - 1 - MAX_NESTING), -1)
        braces = [i for i in near if self.text[self.open[i]] == "{"]
        if self.text[closer] == "}":
            if braces:
                return self.way(self, closer, braces)
        else:
            for i in near:
                if braces and i <= braces[0]:
                    break
                if _PAIRS[self.text[self.open[i]]] == self.text[closer]:
                    return i
        if not self.open or self.text[self.open[-1]] == "{":
            return None
        return len(self.open) - 1  # `(` closed by `]`: two that are meant for each other


_Way = Callable[[_Pairs, int, list[int]], "int | None"]


def _by_kind(pairs: _Pairs, closer: int, braces: list[int]) -> int | None:
    """A `}` closes the innermost `{`."""
    return braces[0]


def _one_too_few(pairs: _Pairs, closer: int, braces: list[int]) -> int | None:
    """One that stands further left than the `{` closes an outer one, that stands as far left."""
    text, width = pairs.text, _indent(pairs.text, closer)
    if not _begins_line(text, closer) or width >= _indent(text, pairs.open[braces[0]]):
        return braces[0]
    return next((i for i in braces if _indent(text, pairs.open[i]) == width), braces[0])


def _one_too_many(pairs: _Pairs, closer: int, braces: list[int]) -> int | None:
    """One that stands further right than the `{` is stray; so is a second one in a line."""
    text, opener = pairs.text, pairs.open[braces[0]]
    if "\n" not in text[opener:closer]:
        return braces[0]
    line = text[text.rfind("\n", 0, closer) + 1 : closer]
    if not line.strip(" \t)]}") and (line.strip() or len(line) > _indent(text, opener)):
        return None
    return braces[0]


def _one_inside(pairs: _Pairs, closer: int, braces: list[int]) -> int | None:
    """One in the middle of a line closes nothing of another line; it may be for a `)` or `]`."""
    text, opener, last = pairs.text, pairs.open[braces[0]], pairs.open[-1]
    if "\n" not in text[opener:closer] or _begins_line(text, closer):
        return braces[0]
    return None if "\n" in text[last:closer] else len(pairs.open) - 1


def _after_blank_lines(text: str, at: int) -> int:
    found = _BLANK_LINES.match(text, at)
    return found.end() if found else at


def _joined(text: str, start: int, end: int, fault: int) -> bool:
    """Whether the line whose code ends before `end` goes on in the next one.

    Not by the very token at fault, nor by a `:` behind it, which may be Python's.
    """
    begin = max(start, text.rfind("\n", 0, end) + 1)
    line = text[begin:end].rstrip()
    joint = _JOIN.search(line[-6:])
    if not joint:
        return False
    place = begin + len(line) - len(joint[0])
    return place < fault or (place > fault and joint[0] != ":")


def _begins_line(text: str, offset: int) -> bool:
    return not text[text.rfind("\n", 0, offset) + 1 : offset].strip()


def _indent(text: str, offset: int) -> int:
    """The width of the blanks at the start of the line of `offset`."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset + 1]
    return len(line) - len(line.lstrip(" \t"))

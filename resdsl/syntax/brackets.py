"""The brackets of a text that did not parse, and where its statements end."""

from __future__ import annotations

import re
from functools import cached_property

from resdsl.syntax.pairs import CLOSER, margins, pairs

_PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*+"|#[^\n]*|[()\[\]{}|\n]')
_JOIN = re.compile(r"(?:->|[:,=|+\-*/%<>]|(?<![\w.])(?:and|or|not|in|if|else))\Z")
_MARGIN = re.compile(r"[ \t]*+(?=[^\s#])")
_ALONE = re.compile(r"(?:[ \t]*+(?:#[^\n]*+)?+\r?\n)*+[ \t]*+([()\[\]{])[ \t]*+(?=[#\r\n]|\Z)")
_BLANK_LINES = re.compile(r"(?:[ \t]*+(?:#[^\n]*+)?+\r?\n)*+[ \t]*+")
_GOES_ON = re.compile(r"->|else(?!\w|[ \t]*:)")


class Brackets:
    """The pairs of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = pairs(text)
        self.partner, self.stray, self._heads = found.partner, found.stray, found.heads
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
        return self.text[closer] == CLOSER[self.text[opener]]

    def is_exchanged(self, opener: int) -> bool:
        """Whether an opener has a partner, of another kind."""
        return opener in self.partner and not self.is_closed(opener)

    def insert(self, place: int, needs_closer: bool = False) -> bool:
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
        if needs_closer and closer is None:
            return False
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
            head = self._heads.get(opener, self.text.rfind("\n", 0, opener) + 1)
            indent, width = margins(self.text, head)
            # The branches of a merge may stand as far left as the merge.
            bar = "|" if indent == width else ""
            less = rf"[ \t]{{0,{width - 1}}}(?=[^\s#])|" if width else ""
            further_left = re.compile(rf"\n(?:{less}[ \t]{{{width}}}(?=[^\s#{bar}]))")
            found = further_left.search(self.text, opener)
            self._ends[opener] = found.start() if found else len(self.text)
        return self._ends[opener]

    def exchanged(self, opener: int) -> int | None:
        """The bracket alone in its line that stands where the `}` of an unclosed `{` should."""
        found = _ALONE.match(self.text, self.end(opener))
        if not found:
            return None
        at = found.start(1)
        is_free = at in self.stray or (found[1] in CLOSER and at not in self.partner)
        return at if is_free else None

    def body_of(self, closer: int) -> tuple[int, int]:
        """Where the line above the body of a `}` that nothing opens begins, and where the body.

        Lines that stand further right than the `}` are its body; it has none if it begins no line.
        """
        head = body = start = self.text.rfind("\n", 0, closer) + 1
        width = closer - start
        if self.text[start:closer].strip():
            return closer, closer
        while head > 0:
            head = self.text.rfind("\n", 0, head - 1) + 1
            margin = _MARGIN.match(self.text, head)
            if margin and margin.end() - head <= width:
                return head, body
            body = head if margin else body
        return head, body

    def statement_end(self, start: int, fault: int, last: int, in_branch: bool) -> int:
        """Where a broken statement ends: at a newline, or at what closes the body that holds it.

        It begins at `start`, and the parser took no more of it at `fault`. Closed brackets in it
        are passed over whole, and so are lines that stand further right than its own. The newline
        at `last` ends it even behind a comma.
        """
        text, at, code = self.text, start, -1
        column = start - text.rfind("\n", 0, start) - 1
        while found := _PIECE.search(text, at):
            place, first = found.start(), found[0][0]
            at = found.end()
            if first == "\n":
                at = _after_blank_lines(text, at)
                end, code = place if code < 0 else code, -1
                ends = at > last or not _joined(text, start, end, fault)
                deeper = at - text.rfind("\n", 0, at) - 1 > column
                if ends and not deeper and not _GOES_ON.match(text, at):
                    return place
            elif first == "#":
                code = place
            elif first in CLOSER:
                if place in self.partner:
                    at = self.partner[place] + 1
                elif first == "{":
                    at = self.end(place)
            elif (first == "}" and place not in self.stray) or (first == "|" and in_branch):
                return place
        return len(text)


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

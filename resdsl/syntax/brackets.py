"""The brackets of a text that did not parse, paired without the parser.

Kinds decide, and where the braces do not come out even, indentation: a `}` on a line of its own
closes the `{` whose line stands as far right. So one brace too few or too many is found where it
is, and the others keep their partners.
"""

from __future__ import annotations

import re
from functools import cached_property

from resdsl.limits import MAX_NESTING

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_BRACKET = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|#[^\n]*|([()\[\]{}])')
_PIECE = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|#[^\n]*|[()\[\]{}|\n]')
_JOIN = re.compile(r"(?:->|[:,=|+\-*/%<>]|(?<![\w.])(?:and|or|not|in|if|else))\Z")
_BLANK_LINES = re.compile(r"(?:[ \t]*+(?:#[^\n]*+)?+\r?\n)*+[ \t]*+")
_GOES_ON = re.compile(r"->|else(?!\w|[ \t]*:)")


class Brackets:
    """The pairs of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        pairs = _Pairs(text, "kind")
        if pairs.wrong:
            mode = "too few" if any(text[at] == "{" for at in pairs.unclosed) else "too many"
            indented = _Pairs(text, mode)
            if indented.wrong <= pairs.wrong:
                pairs = indented
        self.partner = pairs.partner
        """Of each opener that is closed: where its closer stands."""
        self.stray = frozenset(pairs.stray)
        """The closers that nothing opens."""
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
        return closer is not None and self.text[closer] == _PAIRS[self.text[opener]]

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
    """One way to pair: by `kind` alone, or with an eye to braces of which there are `too few` or
    `too many`.
    """

    def __init__(self, text: str, mode: str) -> None:
        self.text, self.mode = text, mode
        self.partner: dict[int, int] = {}
        self.stray: list[int] = []
        self.unclosed: list[int] = []
        self.open: list[int] = []
        for match in _BRACKET.finditer(text):
            if match[1] in _PAIRS:
                self.open.append(match.start())
            elif match[1]:
                self._close(match.start())
        self.unclosed += self.open

    @property
    def wrong(self) -> int:
        return len(self.stray) + len(self.unclosed)

    def _close(self, closer: int) -> None:
        place = self._place(closer)
        if place is None:
            self.stray.append(closer)
            return
        self.unclosed += self.open[place + 1 :]
        self.partner[self.open[place]] = closer
        del self.open[place:]

    def _place(self, closer: int) -> int | None:
        """Where among the open brackets the partner stands; None for a closer that is stray."""
        near = range(len(self.open) - 1, max(-1, len(self.open) - 1 - MAX_NESTING), -1)
        brace = next((i for i in near if self.text[self.open[i]] == "{"), None)
        if self.text[closer] == "}":
            if brace is not None:
                return self._by_indent(closer, brace, near)
        else:
            for i in near:
                if brace is not None and i <= brace:
                    break
                if _PAIRS[self.text[self.open[i]]] == self.text[closer]:
                    return i
        if not self.open or self.text[self.open[-1]] == "{":
            return None
        return len(self.open) - 1  # `(` closed by `]`: two that are meant for each other

    def _by_indent(self, closer: int, brace: int, near: range) -> int | None:
        opener, text = self.open[brace], self.text
        before = text[text.rfind("\n", 0, closer) + 1 : closer]
        if self.mode == "kind" or before.strip(" \t)]}") or "\n" not in text[opener:closer]:
            return brace
        width, of_opener = _indent(text, closer), _indent(text, opener)
        if self.mode == "too many":
            return None if width > of_opener or before.strip() else brace
        if width >= of_opener:
            return brace
        same = (
            i for i in near if text[self.open[i]] == "{" and _indent(text, self.open[i]) == width
        )
        return next(same, brace)


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


def _indent(text: str, offset: int) -> int:
    """The width of the blanks at the start of the line of `offset`."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset + 1]
    return len(line) - len(line.lstrip(" \t"))

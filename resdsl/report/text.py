"""Text for people: what cannot be seen made visible, and columns counted as a terminal does; and
JSON.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

TAB = 4


def visible(text: str) -> str:
    """`text` with everything that a terminal would obey or hide written as an escape: `\\x1b`.

    Newlines and tabs are among that; expand or split them first where they are meant.
    """
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def width(text: str) -> int:
    """Columns that printable `text` takes: two for a wide character, none for a combining one."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def json_text(data: Any) -> str:
    """JSON as every command prints it: it can be written as UTF-8, and no terminal obeys it."""
    import json

    text = json.dumps(data, indent=2, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return named.get(char) or (f"\\x{code:02x}" if code < 256 else f"\\u{{{code:x}}}")


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


class Line:
    """One line of a source as shown: tabs as spaces, the unprintable escaped.

    `starts[i]` is the column, from 0, at which character `i` begins; one more for the end.
    """

    def __init__(self, text: str) -> None:
        self.cells: Sequence[str] = text
        self.starts: Sequence[int] = range(len(text) + 1)
        if text.isascii() and text.isprintable():
            return
        at, cells, starts = 0, [], [0]
        for char in text:
            cell = " " * (TAB - at % TAB) if char == "\t" else _shown(char)
            at += width(cell)
            cells.append(cell)
            starts.append(at)
        self.cells, self.starts = cells, starts

    def column(self, index: int) -> int:
        """The column of character `index`; the end's for one beyond."""
        return self.starts[min(max(index, 0), len(self.cells))]

    def cut(self, start: int, stop: int) -> tuple[str, int]:
        """The whole characters within the columns `start` to `stop`, and where they begin."""
        first = min(bisect_left(self.starts, start), len(self.cells))
        last = max(bisect_right(self.starts, stop) - 1, first)
        return "".join(self.cells[first:last]), self.starts[first]

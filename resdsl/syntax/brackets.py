"""Brackets in a text, read without the parser: which one is at fault where the file ends early."""

from __future__ import annotations

import re

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_BRACKET = re.compile(r'"(?:[^"\\\n]++|\\.)*+"|#[^\n]*|([()\[\]{}])')


def is_closed(text: str, opener: int) -> bool:
    """Whether the bracket at `opener` finds its partner, every bracket between them, too."""
    waiting: list[str] = []
    for match in _BRACKET.finditer(text, opener):
        bracket = match[1]
        if not bracket:
            continue
        if bracket in _PAIRS:
            waiting.append(_PAIRS[bracket])
        elif waiting.pop() != bracket:
            return False
        if not waiting:
            return True
    return False


def suspect(text: str) -> tuple[int, int] | None:
    """The first `{` that a `}` further left closes, and that `}`: likely the one left open."""
    opened: list[int] = []
    for match in _BRACKET.finditer(text):
        if match[1] == "{":
            opened.append(match.start())
        elif match[1] == "}" and opened:
            opener = opened.pop()
            same_line = "\n" not in text[opener : match.start()]
            if not same_line and _indent(text, match.start()) < _indent(text, opener):
                return opener, match.start()
    return None


def _indent(text: str, offset: int) -> int:
    """The width of the blanks at the start of the line of `offset`."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset + 1]
    return len(line) - len(line.lstrip(" \t"))

"""The canonical layout of a text: `format`. docs/format.md describes it."""

from __future__ import annotations

import sys

from resdsl.diagnostics import ResdslError
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.format.render import render
from resdsl.syntax.format.statements import Printer
from resdsl.syntax.format.words import words
from resdsl.syntax.parse import parse

RECURSION = 5_000
"""Frames of Python that formatting may use; nesting is bounded by `resdsl.limits`, far below."""


class Unfaithful(Exception):
    """The new layout would say something else: a fault of the formatter, whose text is not used."""


def format(source: Source) -> str:
    """The text in its canonical layout, which depends on words, comments and blank lines alone.

    Lines end in `\\n`, and there is no byte order mark. Raises ResdslError for a text that does not
    parse, and Unfaithful rather than return a text with another tree or other comments.
    """
    file = parse(source)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    try:
        text = render(Printer(source).file(file))
        if _said(source.text) != _said(text) or not _same(file, Source(source.name, text)):
            raise Unfaithful(source.name)
    finally:
        sys.setrecursionlimit(limit)
    return text


def _said(text: str) -> str:
    """All words and comments in their order, without commas: those between lines come and go."""
    pieces = []
    for word in words(text):
        pieces += [f"\n{comment.text}\n" for comment in word.above]
        pieces += ["" if word.text == "," else word.text, word.beside and f"\n{word.beside}\n"]
    return "".join(pieces)


def _same(file: tree.File, new: Source) -> bool:
    try:
        other = parse(new)
    except ResdslError:
        return False
    return (file.uses, file.blocks, file.models) == (other.uses, other.blocks, other.models)

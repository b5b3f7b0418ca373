"""Rows of one line each that stand below one another: their columns are aligned as in a table.

A table ends at a blank line, at a comment of its own line, and at a row of another kind or of more
than one line. Nothing is aligned where that would move something by more than FAR columns or make
a line too long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from resdsl.syntax.format.document import Cells, Doc, Row

WIDTH = 100
BRACES_WIDTH = 80
"""Of a line that holds braces and what is between them."""
FAR = 24
FAR_LABEL = 8
MANY_NUMBERS = 3
"""So many numbers at the head of each row make columns of their own."""

T = TypeVar("T")


@dataclass(slots=True)
class OneLine:
    text: str
    gap: int = 2
    """Blanks before the comment at its end."""


def width(doc: Doc) -> int:
    """How long a line that ends with it may be."""
    return BRACES_WIDTH if doc.braces else WIDTH


def lines(rows: Sequence[Row], indent: int) -> list[OneLine | None]:
    """Each row that stands on one line as it stands there; None for the others."""
    found: list[OneLine | None] = []
    for run in _runs(rows, lambda row, below: _together(row, below, indent)):
        if not _one_line(run[0], indent):
            found.append(None)
            continue
        parts = _runs(run, lambda row, below: _kind(row) == _kind(below))
        texts = [text for part in parts for text in _aligned(part, indent)]
        found += _with_gaps(run, texts, indent)
    return found


def _runs(items: Sequence[T], together: Callable[[T, T], bool]) -> Iterator[list[T]]:
    """The items in order, cut where two neighbours do not belong together."""
    run: list[T] = []
    for item in items:
        if run and not together(run[-1], item):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _one_line(row: Row, indent: int) -> bool:
    return row.doc.flat is not None and indent + len(row.doc.flat) <= width(row.doc)


def _together(row: Row, below: Row, indent: int) -> bool:
    apart = below.above or below.blank
    return not apart and _one_line(row, indent) and _one_line(below, indent)


def _kind(row: Row) -> str:
    return row.cells.kind if row.cells else ""


def _aligned(rows: Sequence[Row], indent: int) -> list[str]:
    plain = [row.doc.flat or "" for row in rows]
    cells = [row.cells for row in rows if row.cells]
    if len(cells) < len(rows):
        return plain
    there = [cell.label for cell in cells if cell.label]
    labels = iter(_padded(there, FAR_LABEL) or there)
    alike = _runs(cells, lambda cell, below: cell.mixed or cell.head == below.head)
    bodies = [body for table in alike for body in _table(table)]
    texts = [
        f"{next(labels)} {body}" if cell.label else body
        for cell, body in zip(cells, bodies, strict=True)
    ]
    fit = all(indent + len(t) <= width(row.doc) for t, row in zip(texts, rows, strict=True))
    return texts if fit else plain


def _table(rows: Sequence[Cells]) -> list[str]:
    """What stands behind the labels, in columns."""
    depth = max(len(row.columns) for row in rows)
    grid = [[*row.columns, *[""] * (depth - len(row.columns))] for row in rows]
    filled = {tuple(map(bool, cells)) for cells, row in zip(grid, rows, strict=True) if row.tail}
    if len(filled) == 1:  # tails begin in one column where the same stands before them
        grid = [[*cells, row.tail] for cells, row in zip(grid, rows, strict=True)]
        tails = [""] * len(rows)
    else:
        tails = [row.tail for row in rows]
    texts = [
        text
        for alike in _runs(rows, lambda row, below: row.head == below.head)
        for text in _numbers(alike)
    ]
    for column in range(len(grid[0])):
        if not any(cells[column] for cells in grid):
            continue
        going_on = [any(cells[column:]) for cells in grid]
        padded = _padded([t for t, goes in zip(texts, going_on, strict=True) if goes], FAR)
        if padded is None:
            return [" ".join(filter(None, [r.lead, *r.columns, r.tail])) for r in rows]
        column_texts = iter(padded)
        texts = [
            f"{next(column_texts)} {cells[column]}" if goes else text
            for text, cells, goes in zip(texts, grid, going_on, strict=True)
        ]
    return [f"{text} {tail}" if tail else text for text, tail in zip(texts, tails, strict=True)]


def _numbers(rows: Sequence[Cells]) -> list[str]:
    """The leads of rows that are alike; where each begins with many numbers, in columns."""
    count = min(len(row.numbers) for row in rows)
    if count < MANY_NUMBERS:
        return [row.lead for row in rows]
    widths = [max(len(row.numbers[i]) for row in rows) for i in range(count)]
    return [
        row.opening
        + ", ".join(number.rjust(w) for number, w in zip(row.numbers, widths, strict=False))
        + row.lead[len(row.opening) + len(", ".join(row.numbers[:count])) :]
        for row in rows
    ]


def _padded(texts: Sequence[str], far: int) -> list[str] | None:
    """As wide as the widest of them; None where one is too far from that."""
    widths = [len(text) for text in texts]
    if max(widths, default=0) - min(widths, default=0) > far:
        return None
    return [text.ljust(max(widths)) for text in texts]


def _with_gaps(rows: Sequence[Row], texts: Sequence[str], indent: int) -> Iterator[OneLine]:
    """The comments of neighbours begin in one column."""
    pairs = list(zip(rows, texts, strict=True))
    for run in _runs(pairs, lambda pair, below: bool(pair[0].beside and below[0].beside)):
        widest = max(len(text) for _, text in run)
        aligned = all(
            widest - len(text) <= FAR and indent + widest + 2 + len(row.beside) <= WIDTH
            for row, text in run
        )
        for _, text in run:
            yield OneLine(text, widest - len(text) + 2 if aligned else 2)

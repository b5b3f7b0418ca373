"""Where everything of a figure is, in px: boxes on a grid, a column a net, bands in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from resdsl.draw.figure.column import BOX, GAP, MARGIN, SMALL, TITLE, Column, NetColumn, Words
from resdsl.draw.figure.graph import Graph, Size, named
from resdsl.draw.figure.rows import bands, ranks, sizes
from resdsl.draw.fonts import text_width

_APART = 30.0


@dataclass
class Placed:
    """A whole figure."""

    width: float
    height: float
    columns: list[Column]
    margin: list[Words]
    rules: list[float]
    """Heights at which a band begins."""


def place(graphs: Sequence[Graph], notes: Sequence[Sequence[str]]) -> Placed:
    """`notes`: lines below each title."""
    rank = [ranks(graph) for graph in graphs]
    size_of_row = [sizes(graph, r) for graph, r in zip(graphs, rank, strict=True)]
    band, row_of = bands(size_of_row)
    nets = [
        NetColumn(graph, r, [row[k] for k in r], size)
        for graph, r, row, size in zip(graphs, rank, row_of, size_of_row, strict=True)
    ]
    head = MARGIN + TITLE + 6 + (SMALL + 4) * max((len(lines) for lines in notes), default=0)
    last = max((band_.stop for band_ in band), default=1)
    tops = [head]
    for row in range(last):
        levels = max((net.levels(row) for net in nets), default=0)
        tracks = max((net.tracks(row) for net in nets), default=0)
        crowded = any(net.router.crowded(row) for net in nets)
        tops.append(tops[-1] + BOX + GAP.height(levels, tracks, crowded))
    margin = [Words(0, tops[b.start] + BOX / 2, said(b.size), SMALL, anchor="end") for b in band]
    at = MARGIN + max((text_width(words.text, SMALL) for words in margin), default=0)
    margin = [Words(at, words.y, words.text, SMALL, anchor="end") for words in margin]
    at += 16
    columns = []
    for net, lines in zip(nets, notes, strict=True):
        column = net.column(at, tops, lines)
        columns.append(column)
        at = column.right + _APART
    rules = [tops[b.start] - 4 for b in band]
    width = at - _APART + MARGIN
    return Placed(width, tops[-2] + BOX + MARGIN if last else head, columns, margin, rules)


def said(size: Size) -> str:
    """`output size: 112`."""
    return named(size) if len(size) == 1 else f"output size: {named(size)}"

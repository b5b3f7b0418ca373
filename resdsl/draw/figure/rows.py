"""Which row each node of a figure stands in: bands of one output size, aligned over all nets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from resdsl.draw.figure.graph import Graph, Size


@dataclass(frozen=True)
class Band:
    """Rows `start` to `stop` of a figure, of one output size. The inputs' row 0 is in none."""

    size: Size
    start: int
    stop: int


def ranks(graph: Graph) -> list[int]:
    """Of each box the number of boxes on the longest path to it from an input; of a merge that of
    the last box before it. Inputs: 0.
    """
    found: list[int] = []
    for node in graph.nodes:
        above = max((found[link.source] for link in node.links), default=0)
        found.append(above + (node.layer is not None and node.kind != "input"))
    return found


def sizes(graph: Graph, rank: Sequence[int]) -> list[Size]:
    """The output size of each row from 1 on: that of the longest path to the trunk's end, and
    below it that of the first box there.
    """
    found: dict[int, Size] = {}
    n = graph.end
    while n >= 0:
        node = graph.nodes[n]
        if node.layer is not None:
            found[rank[n]] = node.size
        n = max((link.source for link in node.links), key=lambda m: (rank[m], -m), default=-1)
    for n, node in enumerate(graph.nodes):
        if node.layer is not None:
            found.setdefault(rank[n], node.size)
    return [found[row] for row in range(1, max(rank, default=0) + 1)]


def bands(columns: Sequence[Sequence[Size]]) -> tuple[list[Band], list[list[int]]]:
    """The bands that hold all columns, each given by the sizes of its rows; and for each column the
    row of the figure that each of its rows is.
    """
    runs = [[(size, len(list(run))) for size, run in groupby(column)] for column in columns]
    merged: list[Size] = []
    for column in runs:
        merged = align(merged, [size for size, _ in column])
    places = [_places([size for size, _ in column], merged) for column in runs]
    heights = [0] * len(merged)
    for column, place in zip(runs, places, strict=True):
        for (_, height), at in zip(column, place, strict=True):
            heights[at] = max(heights[at], height)
    starts = [1]
    for height in heights:
        starts.append(starts[-1] + height)
    made = [Band(size, starts[i], starts[i + 1]) for i, size in enumerate(merged)]
    rows = [
        [0]
        + [
            starts[at] + k
            for (_, height), at in zip(column, place, strict=True)
            for k in range(height)
        ]
        for column, place in zip(runs, places, strict=True)
    ]
    return made, rows


def align(one: list[Size], two: list[Size]) -> list[Size]:
    """A shortest sequence that has both; what has no counterpart stands from large to small."""
    merged: list[Size] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if tag == "equal":
            merged += one[a:b]
        else:
            merged += _by_size(one[a:b], two[c:d])
    return merged


def _by_size(one: list[Size], two: list[Size]) -> list[Size]:
    """Both in their own orders, the larger first."""
    merged: list[Size] = []
    one, two = list(one), list(two)
    while one and two:
        merged.append((one if area(one[0]) >= area(two[0]) else two).pop(0))
    return merged + one + two


def area(size: Size) -> int:
    """Positions, of an image or a sequence."""
    product = 1
    for side in size:
        product *= side
    return product


def _places(column: list[Size], merged: list[Size]) -> list[int]:
    """Where the column's bands are among the merged: each after the one before."""
    places, at = [], 0
    for size in column:
        at = merged.index(size, at)
        places.append(at)
        at += 1
    return places

"""The lines of one net: down the columns, across between the rows, and along lanes at the side.

A line runs across only between two rows, where no box is, and down only where no box of the rows
that it passes is: so it touches no box but those at its ends. Between two rows the lines that end
in a merge run above those that leave for the next row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Literal, NamedTuple

from resdsl.draw.figure.graph import Graph

LANE = 8.0
"""Between two lanes."""

_CLEAR = 6.0
_OUT = 12.0

Way = Literal["straight", "source", "target", "lane"]


@dataclass(frozen=True)
class Line:
    """From drawn node `source` to `target`; it leaves below row `start` and ends above row
    `stop` + 1, and between them it runs down at `x`.
    """

    source: int
    target: int
    start: int
    stop: int
    x: float
    way: Way
    dashed: bool


class Vertical(NamedTuple):
    """A stretch at `x`. Rows count double: 2 r where merges below row r are, 2 r + 1 where lines
    leave for the next row.
    """

    x: float
    top: int
    bottom: int
    source: int


Span = tuple[float, float]


class Router:
    """`x` of each node and `rows`, as in `Columns`, both of the figure; `half` is half a box."""

    def __init__(
        self,
        graph: Graph,
        x: Sequence[float],
        rows: Sequence[int],
        half: float,
        projections: Set[int],
    ) -> None:
        self.graph, self.x, self.rows, self.half = graph, x, rows, half
        self.projections = projections
        self.at: dict[int, list[float]] = defaultdict(list)  # boxes by row
        for n, node in enumerate(graph.nodes):
            if node.layer is not None:
                self.at[rows[n]].append(x[n])
        self.verticals: list[Vertical] = []
        self.lines = list(self.routed())
        self.levels = self.merges()
        self.tracks = self.leaving()

    def is_merge(self, n: int) -> bool:
        return self.graph.nodes[n].layer is None

    def routed(self) -> Iterable[Line]:
        """Straight lines first, then from short to long: the outer lanes are of the long."""
        links = []
        self.falls: dict[int, int] = {}  # how far down a straight line runs from each node
        for target, node in enumerate(self.graph.nodes):
            stop = self.rows[target] - (not self.is_merge(target))
            for link in node.links:
                straight = self.x[link.source] == self.x[target]
                start = self.rows[link.source]
                links.append((not straight, stop - start, start, link.source, target, link.same))
        for _, span, start, source, target, same in sorted(links):
            stop = start + span
            way, x = self.way(source, target, start, stop)
            if way == "straight":
                self.falls[source] = max(stop, self.falls.get(source, start))
            if way == "lane":  # it leaves the trunk as late as it can
                start = max(start, min(self.falls.get(source, start), stop))
            if span:
                bottom = 2 * stop + (not self.is_merge(target))
                self.verticals.append(Vertical(x, 2 * start + 1, bottom, source))
            yield Line(source, target, start, stop, x, way, self.dashed(source, target, same))

    def dashed(self, source: int, target: int, same: bool) -> bool:
        """Of a shortcut that is not the identity: its shape changes, or it is a projection."""
        return (not same and self.is_merge(target)) or not self.projections.isdisjoint(
            (source, target)
        )

    def way(self, source: int, target: int, start: int, stop: int) -> tuple[Way, float]:
        one, two = self.x[source], self.x[target]
        if one == two and self.free(one, start, stop, source):
            return "straight", one
        if self.free(one, start, stop, source):
            return "source", one
        if self.free(two, start, stop, source):
            return "target", two
        boxes = sorted({x for row in range(start + 1, stop + 1) for x in self.at[row]})
        for box in boxes[:-1]:  # between two columns
            x = box + self.half + _CLEAR + 1
            if x > max(one, two) and self.free(x, start, stop, source):
                return "lane", x
        x = boxes[-1] + self.half + _OUT
        while not self.clear(x, start, stop, source):
            x += LANE
        return "lane", x

    def free(self, x: float, start: int, stop: int, source: int) -> bool:
        """Whether a line can run down at `x` past the boxes and other lines."""
        boxes = (box for row in range(start + 1, stop + 1) for box in self.at[row])
        return not any(abs(box - x) < self.half + _CLEAR for box in boxes) and self.clear(
            x, start, stop, source
        )

    def clear(self, x: float, start: int, stop: int, source: int) -> bool:
        top, bottom = 2 * start + 1, 2 * stop
        return not any(
            abs(other.x - x) < _CLEAR
            and other.source != source
            and other.top < bottom
            and top < other.bottom
            for other in self.verticals
        )

    def merges(self) -> dict[int, int]:
        """Of each merge how many others run across above it, below the same row."""
        levels: dict[int, int] = {}
        taken: dict[tuple[int, int], list[Span]] = defaultdict(list)
        across: dict[int, list[float]] = defaultdict(list)
        for line in self.lines:
            across[line.target] += [self.x[line.target], self.arrival(line)]
        for n, node in enumerate(self.graph.nodes):
            if not self.is_merge(n):
                continue
            row = self.rows[n]
            inside = [
                levels[link.source]
                for link in node.links
                if link.source in levels and self.rows[link.source] == row
            ]
            level = max(inside, default=-1) + 1
            span = min(across[n]), max(across[n])
            while any(_meet(span, other) for other in taken[row, level]):
                level += 1
            taken[row, level].append(span)
            levels[n] = level
        return levels

    def crowded(self, row: int) -> bool:
        """Whether branches end below a row and others begin there."""
        here = [line for line in self.lines if line.stop == row and line.way != "lane"]
        bent = [line for line in here if self.x[line.source] != self.x[line.target]]
        return len({self.is_merge(line.target) for line in bent}) == 2

    def arrival(self, line: Line) -> float:
        """Where a line comes down to the height of its target's merge."""
        return self.x[line.source] if line.start == line.stop and line.way != "lane" else line.x

    def leaving(self) -> dict[tuple[int, int], int]:
        """By row and source the track of what runs across right above the next row."""
        spans: dict[tuple[int, int], list[float]] = defaultdict(list)
        for line in self.lines:
            for row, *xs in self.across(line):
                spans[row, line.source] += xs
        tracks: dict[tuple[int, int], int] = {}
        taken: dict[tuple[int, int], list[Span]] = defaultdict(list)
        for (row, source), xs in sorted(spans.items()):
            span, track = (min(xs), max(xs)), 0
            while any(_meet(span, other) for other in taken[row, track]):
                track += 1
            taken[row, track].append(span)
            tracks[row, source] = track
        return tracks

    def across(self, line: Line) -> Iterable[tuple[int, float, float]]:
        """The rows below which a line runs across on a track of its source, from x to x."""
        one, two = self.x[line.source], self.x[line.target]
        into_box = not self.is_merge(line.target)
        if line.way == "lane" or (line.way == "target" and line.start < line.stop):
            yield line.start, one, line.x
        if into_box and line.x != two:
            yield line.stop, line.x, two

    def points(self, line: Line, y: Ys) -> list[tuple[float, float]]:
        """The corners of a line."""
        one, two = self.x[line.source], self.x[line.target]
        x, points = one, [(one, y.out(line.source))]
        for row, _, to in self.across(line):
            height = y.track(row, self.tracks[row, line.source])
            if line.dashed and x == one and row <= self.falls.get(line.source, -1):
                points = []  # a solid line is there already
            points += [(x, height), (to, height)]
            x = to
        end = y.into(line.target)
        if self.is_merge(line.target):
            points += [(x, end)]
        points.append((two, end))
        return _simple(points)


class Ys:
    """Where things are down the page."""

    def __init__(self, router: Router, tops: Sequence[float], box: float, gap: Gap) -> None:
        self.router, self.tops, self.box, self.gap = router, tops, box, gap

    def out(self, n: int) -> float:
        """Where lines leave a node: a box below, a merge at its point."""
        return (
            self.into(n) if self.router.is_merge(n) else self.tops[self.router.rows[n]] + self.box
        )

    def into(self, n: int) -> float:
        top = self.tops[self.router.rows[n]]
        if not self.router.is_merge(n):
            return top
        return top + self.box + self.gap.first + self.gap.level * self.router.levels[n]

    def track(self, row: int, track: int) -> float:
        """The height of a track below a row."""
        return self.tops[row + 1] - self.gap.last - self.gap.track * track


class Gap(NamedTuple):
    """Between two rows: `first` from above to a merge, `level` to the next merge; `last` from the
    last track to the row below, `track` between two; `least` in all.
    """

    first: float = 5
    level: float = 8
    last: float = 8
    track: float = 6
    least: float = 16
    crowded: float = 8

    def height(self, levels: int, tracks: int, crowded: bool) -> float:
        """With so many levels of merges and tracks."""
        more = self.level * max(levels - 1, 0) + self.track * max(tracks - 1, 0)
        return self.least + more + self.crowded * crowded


def _meet(one: Span, two: Span) -> bool:
    return one[0] < two[1] + 1 and two[0] < one[1] + 1


def _simple(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without points that are no corners."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and any(kept[-2][i] == kept[-1][i] == point[i] for i in (0, 1)):
            kept.pop()
        kept.append(point)
    return kept

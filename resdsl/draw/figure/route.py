"""The lines of one net: down the columns, across between the rows, and along lanes at the side.

A line runs across only between two rows, where no box is, and down only where no box of the rows
that it passes is: so it touches no box but those at its ends. Between two rows the lines that end
in a merge run above those that leave for the next row; but what leaves from above a merge does so
above it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
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


class Across(NamedTuple):
    """A stretch below a row, from x to x, on a track of its line's source. `early`: above a merge
    in the column of the source; else right above the next row.
    """

    row: int
    one: float
    two: float
    early: bool = False


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
        self.fans = Counter(link.source for node in graph.nodes for link in node.links)
        self.below = self.merges_below()
        self.verticals: list[Vertical] = []
        self.lines = list(self.routed())
        self.levels = self.merges()
        self.tracks = self.leaving()

    def is_merge(self, n: int) -> bool:
        return self.graph.nodes[n].layer is None

    def merges_below(self) -> dict[int, int]:
        """Of each node the next merge in its column, below the same row."""
        below: dict[int, int] = {}
        last: dict[tuple[int, float], int] = {}
        for n in range(len(self.graph.nodes)):
            place = self.rows[n], self.x[n]
            if self.is_merge(n) and place in last:
                below[last[place]] = n
            last[place] = n
        return below

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
            if span or way == "lane":
                top = 2 * start + (-1 if self.is_early(source, start) else 1)
                bottom = 2 * stop + (not self.is_merge(target))
                self.verticals.append(Vertical(x, top, bottom, source))
            yield Line(source, target, start, stop, x, way, self.dashed(source, target, same))

    def dashed(self, source: int, target: int, same: bool) -> bool:
        """Of a shortcut that is not the identity: its shape changes, or it is a projection."""
        shortcut = self.is_merge(target) and self.fans[source] > 1
        return (shortcut and not same) or not self.projections.isdisjoint((source, target))

    def way(self, source: int, target: int, start: int, stop: int) -> tuple[Way, float]:
        one, two = self.x[source], self.x[target]
        open_ = self.below.get(source, target) == target  # no other merge is in the way
        if one == two and open_ and self.free(one, start, stop, source):
            return "straight", one
        if one != two and open_ and self.free(one, start, stop, source):
            return "source", one
        passes = start < stop or self.is_merge(target)
        if one != two and passes and self.free(two, start, stop, source):
            return "target", two
        boxes = sorted({x for row in range(start + 1, stop + 1) for x in self.at[row]})
        for box in boxes[:-1]:  # between two columns
            x = box + self.half + _CLEAR + 1
            if x > max(one, two) and self.free(x, start, stop, source):
                return "lane", x
        x = max([max(one, two) + LANE, *(box + self.half + _OUT for box in boxes[-1:])])
        while not self.clear(x, start, stop, source):
            x += LANE
        return "lane", x

    def is_early(self, source: int, row: int) -> bool:
        """Whether what leaves `source` below this row does so above a merge."""
        return row == self.rows[source] and source in self.below

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
        """Of each merge, and of what leaves above one (by -1 - n of its source n), how many others
        run across above it, below the same row.
        """
        levels: dict[int, int] = {}
        taken: dict[tuple[int, int], list[Span]] = defaultdict(list)
        across: dict[int, list[float]] = defaultdict(list)
        for line in self.lines:
            across[line.target] += [self.x[line.target], self.arrival(line)]
            for stretch in self.across(line):
                if stretch.early:
                    across[-1 - line.source] += [stretch.one, stretch.two]

        def settle(key: int, row: int, level: int) -> None:
            span = min(across[key]), max(across[key])
            while any(_meet(span, other) for other in taken[row, level]):
                level += 1
            taken[row, level].append(span)
            levels[key] = level

        for n, node in enumerate(self.graph.nodes):
            row = self.rows[n]
            above = [link.source for link in node.links if self.rows[link.source] == row]
            least = max((levels[m] + 1 for m in above if m in levels), default=0)
            if self.is_merge(n):
                least = max([least, *(levels[-1 - m] + 1 for m in above if -1 - m in levels)])
                settle(n, row, least)
            if -1 - n in across:
                settle(-1 - n, row, levels[n] + 1 if self.is_merge(n) else 0)
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
        """By row and source the track, from below, of what runs across above the next row. What
        leaves in a column where another's line goes down is above that.
        """
        spans: dict[tuple[int, int], list[float]] = defaultdict(list)
        ends: dict[tuple[int, int], set[float]] = defaultdict(set)
        for line in self.lines:
            for stretch in self.across(line):
                if not stretch.early:
                    spans[stretch.row, line.source] += [stretch.one, stretch.two]
                    ends[stretch.row, line.source].add(stretch.two)
        tracks: dict[tuple[int, int], int] = {}
        taken: dict[tuple[int, int], list[Span]] = defaultdict(list)
        by_row: dict[int, list[int]] = defaultdict(list)
        for row, source in sorted(spans):
            by_row[row].append(source)

        def settle(row: int, source: int, waiting: frozenset[int]) -> None:
            track, span = 0, (min(spans[row, source]), max(spans[row, source]))
            for other in by_row[row]:
                if other in waiting or self.x[source] not in ends[row, other]:
                    continue
                if (row, other) not in tracks:
                    settle(row, other, waiting | {other})
                track = max(track, tracks[row, other] + 1)
            while any(_meet(span, other) for other in taken[row, track]):
                track += 1
            taken[row, track].append(span)
            tracks[row, source] = track

        for row, source in sorted(spans):
            if (row, source) not in tracks:
                settle(row, source, frozenset({source}))
        return tracks

    def across(self, line: Line) -> Iterable[Across]:
        """Where a line runs across, but for that to the merge that it ends in."""
        one, two = self.x[line.source], self.x[line.target]
        early = self.is_early(line.source, line.start)
        if line.way == "lane" or (line.way == "target" and (early or line.start < line.stop)):
            yield Across(line.start, one, line.x, early)
        if line.x != two and not self.is_merge(line.target):
            yield Across(line.stop, line.x, two)

    def points(self, line: Line, y: Ys) -> list[tuple[float, float]]:
        """The corners of a line."""
        one, two = self.x[line.source], self.x[line.target]
        x, points = one, [(one, y.out(line.source))]
        for stretch in self.across(line):
            height = y.across(stretch, line.source)
            if line.dashed and x == one and stretch.row <= self.falls.get(line.source, -1):
                points = []  # a solid line is there already
            points += [(x, height), (stretch.two, height)]
            x = stretch.two
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
        """Where lines end in a node."""
        if self.router.is_merge(n):
            return self.level(self.router.rows[n], self.router.levels[n])
        return self.tops[self.router.rows[n]]

    def level(self, row: int, level: int) -> float:
        """The height of a merge below a row."""
        return self.tops[row] + self.box + self.gap.first + self.gap.level * level

    def across(self, stretch: Across, source: int) -> float:
        """The height at which a line of `source` runs across."""
        row = stretch.row
        if stretch.early:
            return self.level(row, self.router.levels[-1 - source])
        return self.tops[row + 1] - self.gap.last - self.gap.track * self.router.tracks[row, source]


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

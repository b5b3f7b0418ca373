"""Where the nodes of a figure stand across: 0 is the trunk, 1 a box and the space beside it.

What all paths pass through stands on the trunk. Between two such nodes parallel branches stand side
by side, in the order of the text; a residual branch stays on the trunk, and its projection to the
right of it. Each branch is a trunk of its own. Where branches are not parallel but woven, the
longest path is the trunk. What does not lead to the trunk's end stands to the left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from resdsl.draw.figure.graph import Graph

_HALF = 0.5


@dataclass
class Columns:
    """`x` of each node. `rows[n]` is the row of a box, and of a merge the row above it."""

    graph: Graph
    rows: Sequence[int]
    x: list[float] = field(default_factory=list)
    projections: set[int] = field(default_factory=set)
    """The nodes of shortcuts that have layers."""

    def __post_init__(self) -> None:
        nodes = self.graph.nodes
        self.x = [0.0] * len(nodes)
        self.before = [tuple({link.source for link in node.links}) for node in nodes]
        self.after: list[list[int]] = [[] for _ in nodes]
        for n, sources in enumerate(self.before):
            for source in sources:
                self.after[source].append(n)
        main = _closure(self.graph.end, self.before.__getitem__)
        self.main = set(main)
        self.place(sorted(main))
        aside = [n for n in range(len(nodes)) if n not in self.main]
        for part in self.parts(aside):
            self.main.update(part)
            self.place(part)
            self.pack(part, sorted(self.main - set(part)), -1)

    def is_box(self, n: int) -> bool:
        return self.graph.nodes[n].layer is not None

    def weighted(self, nodes: Iterable[int]) -> int:
        return sum(self.graph.nodes[n].weighted for n in nodes)

    def extent(self, nodes: Iterable[int]) -> tuple[float, float]:
        """Left and right of the boxes among `nodes`."""
        xs = [self.x[n] for n in nodes if self.is_box(n)]
        return (min(xs) - _HALF, max(xs) + _HALF) if xs else (0.0, 0.0)

    def move(self, nodes: Iterable[int], by: float) -> None:
        for n in nodes:
            self.x[n] += by

    def parts(self, nodes: Sequence[int]) -> list[list[int]]:
        """`nodes` that hang together, each part in the order of the text."""
        among, seen, parts = set(nodes), set[int](), []
        for n in nodes:
            if n not in seen:
                part = _closure(
                    n, lambda m: [k for k in (*self.before[m], *self.after[m]) if k in among]
                )
                seen.update(part)
                parts.append(sorted(part))
        return parts

    def cuts(self, nodes: Sequence[int]) -> list[bool]:
        """Of each node whether all paths through `nodes` pass it: no line passes it by."""
        place = {n: i for i, n in enumerate(nodes)}
        passing = [0] * (len(nodes) + 2)

        def line(start: int, stop: int) -> None:
            passing[start + 1] += 1
            passing[stop] -= 1

        for n, i in place.items():
            inside = [place[source] for source in self.before[n] if source in place]
            for start in inside:
                line(start, i)
            if len(inside) < len(self.before[n]) or not self.before[n]:
                line(-1, i)
            after = [target in place for target in self.after[n] if target in self.main]
            if not all(after) or not after:
                line(i, len(nodes))
        open_, found = 0, []
        for i in range(len(nodes)):
            open_ += passing[i]
            found.append(open_ == 0)
        return found

    def place(self, nodes: Sequence[int]) -> None:
        """Set x of `nodes`, a part that hangs together, around 0."""
        if len(nodes) == 1:
            self.x[nodes[0]] = 0.0
            return
        pairs = list(zip(self.cuts(nodes), nodes, strict=True))
        if not any(cut for cut, _ in pairs):
            self.weave(nodes)
            return
        groups = [
            (cut, [n for _, n in group]) for cut, group in groupby(pairs, lambda pair: pair[0])
        ]
        for i, (cut, group) in enumerate(groups):
            if cut:
                self.move(group, -self.x[group[0]])
                for n in group:
                    self.x[n] = 0.0
                continue
            closing = groups[i + 1][1][0] if i + 1 < len(groups) else None
            self.beside(self.parts(group), closing)

    def beside(self, parts: list[list[int]], closing: int | None) -> None:
        """Parallel branches."""
        for part in parts:
            self.place(part)
        boxes = [sum(map(self.is_box, part)) for part in parts]
        shown = [part for part, count in zip(parts, boxes, strict=True) if count]
        kind = self.graph.nodes[closing].kind if closing is not None else ""
        if len(shown) == 2 and kind not in ("concat", ""):
            main = max(shown, key=lambda part: sum(map(self.is_box, part)))
            (other,) = [part for part in shown if part is not main]
            self.pack(other, main, 1)
            if kind == "add" and self.weighted(other) < self.weighted(main):
                self.projections.update(other)
            return
        total = sum(right - left for left, right in map(self.extent, shown))
        at = -total / 2
        for part in shown:
            left, right = self.extent(part)
            self.move(part, at - left)
            at += right - left

    def weave(self, nodes: Sequence[int]) -> None:
        """The longest path at 0, and the rest to the right of it."""
        among = set(nodes)
        length: dict[int, int] = {}
        for n in nodes:
            inside = [length[source] for source in self.before[n] if source in among]
            length[n] = max(inside, default=0) + self.is_box(n)
        n = max(nodes, key=length.__getitem__)
        spine = [n]
        while sources := [source for source in self.before[n] if source in among]:
            n = max(sources, key=length.__getitem__)
            spine.append(n)
        for n in spine:
            self.x[n] = 0.0
        placed = list(spine)
        for part in self.parts(sorted(among - set(spine))):
            self.place(part)
            self.pack(part, placed, 1)
            placed += part

    def pack(self, part: Sequence[int], placed: Iterable[int], side: int) -> None:
        """Move `part` to a side, as near as what is `placed` in its rows leaves it."""
        rows = {self.rows[n] for n in part if self.is_box(n)}
        if not rows:
            return
        low, high = min(rows), max(rows)
        left, right = self.extent(n for n in placed if low <= self.rows[n] <= high)
        own_left, own_right = self.extent(part)
        self.move(part, right - own_left if side > 0 else left - own_right)


def _closure(start: int, step: Callable[[int], Iterable[int]]) -> list[int]:
    """All that can be reached."""
    seen, todo = {start}, [start]
    while todo:
        for n in step(todo.pop()):
            if n not in seen:
                seen.add(n)
                todo.append(n)
    return list(seen)

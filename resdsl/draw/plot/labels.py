"""Where the names of points stand: beside them, and over nothing else where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from resdsl.draw.fonts import text_width

_ROUNDS = 6
_REACH = (6, 11, 18, 27, 38, 52)
_SIDES = (
    (1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8), (-0.8, -0.8),
    (0.4, 1), (-0.4, 1), (0.4, -1), (-0.4, -1),
)  # fmt: skip
NEAR = 11
"""From here on a line leads from the point to its name."""

At = tuple[float, float]


@dataclass(frozen=True)
class Rect:
    left: float
    bottom: float
    right: float
    top: float

    def common(self, other: Rect) -> float:
        """The area in both."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.top, other.top) - max(self.bottom, other.bottom)
        return wide * high if wide > 0 and high > 0 else 0.0

    def around(self, spot: At) -> Rect:
        """The least rectangle with this one and the spot in it."""
        x, y = spot
        return Rect(min(self.left, x), min(self.bottom, y), max(self.right, x), max(self.top, y))

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.top - self.bottom)


@dataclass(frozen=True)
class Label:
    text: str
    at: At
    """Its middle, in points from the point that it names."""
    reach: float
    box: Rect
    lead: tuple[At, ...]
    """Places on the line that leads there from the point."""
    whole: Rect
    """What holds the box and that line."""


def place(
    names: Sequence[str],
    points: Sequence[At],
    lines: Sequence[Sequence[At]],
    page: Rect,
    size: float,
    marker: float = 4,
) -> list[Label]:
    """A label for each point, in typographic points; `lines` join points, and are better not
    crossed. Greedy, then some rounds in which each takes the best place among the others.
    """
    marks = [Rect(x - marker, y - marker, x + marker, y + marker) for x, y in points]
    along = [spot for line in lines for a, b in pairwise(line) for spot in _spots(a, b)]
    choices = [_choices(name, point, size) for name, point in zip(names, points, strict=True)]
    fixed = [[_fixed(label, page, marks, along) for label in every] for every in choices]
    found: list[Label | None] = [None] * len(names)
    for _ in range(_ROUNDS):
        before = [*found]
        for i, every in enumerate(choices):
            others = [other for j, other in enumerate(found) if other and j != i]
            costs = [
                cost + sum(_between(label, other) for other in others)
                for label, cost in zip(every, fixed[i], strict=True)
            ]
            found[i] = every[costs.index(min(costs))]
        if found == before:
            break
    return [label for label in found if label]


def _choices(name: str, point: At, size: float) -> list[Label]:
    wide, high = text_width(name, size) / 2 + 1, size * 0.6
    found = []
    for reach in _REACH:
        for dx, dy in _SIDES:
            x = dx * reach + (wide if dx > 0 else -wide if dx < 0 else 0)
            y = dy * reach + (high if dy > 0 else -high if dy < 0 else 0) * (0.6 if dx else 1)
            middle = (point[0] + x, point[1] + y)
            box = Rect(middle[0] - wide, middle[1] - high, middle[0] + wide, middle[1] + high)
            lead = tuple(_spots(point, middle)) if reach > NEAR else ()
            whole = box.around(point) if lead else box
            found.append(Label(name, (x, y), reach, box, lead, whole))
    return found


def _fixed(label: Label, page: Rect, marks: Sequence[Rect], along: Sequence[At]) -> float:
    """What a place costs whatever the other labels do."""
    box = label.box
    outside = box.area - box.common(page)
    over = sum(box.common(mark) for mark in marks)
    return label.reach * 2 + 100 * outside + 20 * over + 9 * _inside(box, along)


def _between(one: Label, other: Label) -> float:
    """What two labels cost each other."""
    if not one.whole.common(other.whole):
        return 0.0
    crossed = _inside(one.box, other.lead) + _inside(other.box, one.lead)
    return 20 * one.box.common(other.box) + 40 * crossed


def _inside(box: Rect, spots: Sequence[At]) -> int:
    return sum(box.left < x < box.right and box.bottom < y < box.top for x, y in spots)


def _spots(a: At, b: At) -> list[At]:
    """Some way along a line."""
    steps = max(1, int(max(abs(a[0] - b[0]), abs(a[1] - b[1])) / 3))
    return [(a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps)
            for i in range(steps + 1)]  # fmt: skip

"""Where the names of points stand: beside them, and over nothing else where there is room.

A line leads from a name to its point, unless it stands right beside that and no other is as near.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, inf

from resdsl.draw.fonts import text_width

_ROUNDS = 6
_REACH = (6, 11, 18, 27, 38, 52, 70)
_SIDES = (
    (1, 0), (-1, 0), (0, 1), (0, -1), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8), (-0.8, -0.8),
    (0.4, 1), (-0.4, 1), (0.4, -1), (-0.4, -1), (1, 0.4), (-1, 0.4), (1, -0.4), (-1, -0.4),
)  # fmt: skip
_CLOSE = 3
_APART = 1.5
_BESIDE = 6
"""Further off than this, a name does not touch its point."""

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

    def holds(self, spot: At) -> bool:
        return self.left < spot[0] < self.right and self.bottom < spot[1] < self.top

    def distance(self, spot: At) -> float:
        """From the spot to what is nearest to it in here."""
        x, y = spot
        aside = max(self.left - x, 0.0, x - self.right)
        return hypot(aside, max(self.bottom - y, 0.0, y - self.top))

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
    strays: bool
    """Another point is nearer to it than its own, or about as near."""
    lead: tuple[At, ...]
    """Places on the line that leads there from the point; none, where there is no such line."""
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
    choices = [_choices(*one, points, size) for one in zip(names, points, strict=True)]
    known: list[list[float]] = [[] for _ in names]  # what places cost by themselves, if asked for
    found: list[Label | None] = [None] * len(names)
    for _ in range(_ROUNDS):
        before = [*found]
        for i, every in enumerate(choices):
            others = [other for j, other in enumerate(found) if other and j != i]
            least = inf
            for number, label in enumerate(every):
                if 2 * label.reach >= least:  # nor is any further off better
                    break
                if number == len(known[i]):
                    known[i].append(_alone(label, points[i], page, marks, along))
                cost = known[i][number]
                if cost < least:
                    cost += sum(_between(label, other) for other in others)
                if cost < least:
                    least, found[i] = cost, label
        if found == before:
            break
    return [label for label in found if label]


def _choices(name: str, point: At, points: Sequence[At], size: float) -> list[Label]:
    wide, high = text_width(name, size) / 2 + 1, size * 0.6
    found = []
    for reach in _REACH:
        for dx, dy in _SIDES:
            x = dx * reach + (wide if dx > 0 else -wide if dx < 0 else 0)
            y = dy * reach + (high if dy > 0 else -high if dy < 0 else 0) * (0.6 if dx else 1)
            middle = (point[0] + x, point[1] + y)
            box = Rect(middle[0] - wide, middle[1] - high, middle[0] + wide, middle[1] + high)
            own = box.distance(point)
            strays = any(box.distance(other) < _APART * own for other in points if other != point)
            led = reach > _BESIDE or strays
            lead = tuple(s for s in _spots(point, middle) if box.distance(s)) if led else ()
            whole = box.around(point) if lead else box
            found.append(Label(name, (x, y), reach, box, strays, lead, whole))
    return found


def _alone(
    label: Label, point: At, page: Rect, marks: Sequence[Rect], along: Sequence[At]
) -> float:
    """What a place costs whatever the other labels do."""
    box = label.box
    outside = box.area - box.common(page)
    over = sum(box.common(mark) for mark in marks)
    near = [spot for spot in along if label.whole.holds(spot)]
    cost = label.reach * 2 + 100 * outside + 20 * over + 9 * _inside(box, near)
    return cost + _leading(label, point, marks, near)


def _leading(label: Label, point: At, marks: Sequence[Rect], near: Sequence[At]) -> float:
    """What it costs that a line leads there: over other points, or along what joins points."""
    if not label.lead:
        return 0.0
    crossed = [mark for mark in marks if mark.common(label.whole) and mark.distance(point)]
    over = sum(_inside(mark, label.lead) for mark in crossed)
    beside = sum(any(hypot(x - u, y - v) < _CLOSE for u, v in near) for x, y in label.lead)
    return 8 + 16 * label.strays + 20 * over + 6 * max(0, beside - 2)


def _between(one: Label, other: Label) -> float:
    """What two labels cost each other."""
    if not one.whole.common(other.whole):
        return 0.0
    crossed = _inside(one.box, other.lead) + _inside(other.box, one.lead)
    both = one.lead and other.lead and _crosses(one.lead, other.lead)
    return 20 * one.box.common(other.box) + 40 * crossed + 60 * bool(both)


def _crosses(one: Sequence[At], other: Sequence[At]) -> bool:
    """Whether each of two straight lines has its ends on both sides of the other."""
    (a, b), (c, d) = (one[0], one[-1]), (other[0], other[-1])
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: At, b: At, spot: At) -> float:
    """On which side of the line from `a` to `b` a spot lies, by its sign."""
    return (b[0] - a[0]) * (spot[1] - a[1]) - (b[1] - a[1]) * (spot[0] - a[0])


def _inside(box: Rect, spots: Sequence[At]) -> int:
    return sum(map(box.holds, spots))


def _spots(a: At, b: At) -> list[At]:
    """Some way along a line."""
    steps = max(1, int(max(abs(a[0] - b[0]), abs(a[1] - b[1])) / 3))
    return [(a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps)
            for i in range(steps + 1)]  # fmt: skip

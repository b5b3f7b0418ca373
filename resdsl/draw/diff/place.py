"""Where everything stands: both nets on one grid of rows, what belongs together on one height."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from resdsl.analysis.diff.groups import Mark
from resdsl.draw.diff.cells import Cell, Line, Row
from resdsl.draw.diff.looks import BADGE, FONT, GAP, GUTTER, INSET, LEADING, MARGIN, PAD
from resdsl.draw.fonts import text_width


@dataclass(frozen=True)
class Box:
    """A cell, or the frame around what is in one: its lines stand at its top."""

    mark: Mark
    lines: tuple[Line, ...]
    x: float
    y: float
    width: float
    height: float
    frame: bool
    side: int

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True)
class Arrow:
    """From one cell straight down to the next."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Badge:
    """A sign between the columns, with a line from it to the cells of its row."""

    mark: Mark
    x: float
    y: float
    left: float | None
    right: float | None


@dataclass
class Placed:
    """A picture ready to be drawn. `columns`: where each net begins, and how wide both are."""

    columns: tuple[float, float]
    column: float
    bottom: float
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    badges: list[Badge] = field(default_factory=list)


def place(rows: Sequence[Row], top: float, least: float) -> Placed:
    """`top`: where the first row begins; `least`: how wide a column is at the least."""
    column = max([least, *_widths(rows, 0)])
    left, right = MARGIN, MARGIN + column + GUTTER
    placed = Placed((left, right), column, top)
    placed.bottom = _stack(placed, rows, top, 0)
    return placed


def line_width(line: Line) -> float:
    """Of one line of a cell, in px."""
    strong = text_width(line.strong, FONT, bold=True)
    between = 2 * text_width(" ", FONT) if line.strong and line.text else 0.0
    return strong + between + text_width(line.text, FONT)


def _widths(rows: Sequence[Row], depth: int) -> Iterator[float]:
    for row in rows:
        for cell in (row.a, row.b):
            for line in cell.lines if cell else ():
                yield line_width(line) + 2 * PAD + 2 * INSET * depth
        yield from _widths(row.inside, depth + 1)


def _stack(placed: Placed, rows: Sequence[Row], top: float, depth: int) -> float:
    """Place rows below one another; where the last one ends."""
    ends: list[float | None] = [None, None]
    y = top
    for row in rows:
        start = len(placed.boxes)
        lines = max(len(cell.lines) for cell in (row.a, row.b) if cell)
        head = y + lines * LEADING + PAD
        bottom = head
        if row.inside:
            bottom = _stack(placed, row.inside, head + GAP / 2, depth + 1) + INSET
        edges: list[float | None] = [None, None]
        for k, cell in enumerate((row.a, row.b)):
            if cell is None:
                continue
            box = _box(placed, row, cell, k, depth, y, bottom)
            placed.boxes.insert(start, box)
            edges[k] = box.right if k == 0 else box.x
            above = ends[k]
            if cell.flows and above is not None:
                placed.arrows.append(Arrow(box.x + box.width / 2, above, y))
            ends[k] = bottom
        middle = placed.columns[1] - GUTTER / 2
        placed.badges.append(
            Badge(row.mark, middle, min(y + (head - y) / 2, y + 2 * BADGE), *edges)
        )
        y = bottom + GAP
    return y - GAP


def _box(
    placed: Placed, row: Row, cell: Cell, side: int, depth: int, top: float, bottom: float
) -> Box:
    inset = INSET * depth
    return Box(
        mark=row.mark,
        lines=cell.lines,
        x=placed.columns[side] + inset,
        y=top,
        width=placed.column - 2 * inset,
        height=bottom - top,
        frame=bool(row.inside),
        side=side,
    )

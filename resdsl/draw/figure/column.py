"""One column of a figure: where the boxes, lines and brackets of a net are, in px."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from resdsl.draw.figure.columns import Columns
from resdsl.draw.figure.graph import Drawn, Fold, Graph, Size, named, size_of
from resdsl.draw.figure.route import Gap, Router, Ys
from resdsl.draw.fonts import text_width

BOX = 19.0
FONT = 11.0
TITLE = 13.0
SMALL = 9.5
"""Heights of a box, and of its text, a title's, and of what stands beside."""

MARGIN = 14.0
GAP = Gap()

_LEAST = 118.0
_INSIDE = 7.0
_BESIDE = 14.0
_LINE = 14.0
"""Widths: of a box, at least; of the space before its text; of that between two boxes, and beside a
bracket between them."""


@dataclass(frozen=True)
class Box:
    """A layer. `channels`: of the widths that colours tell apart; 0 of other boxes."""

    node: int
    x: float
    y: float
    width: float
    text: str
    sort: str
    channels: int
    train: bool


@dataclass(frozen=True)
class Path:
    """A line through these corners; `arrow` where it ends at a box, or comes in from the side."""

    source: int
    target: int
    points: tuple[tuple[float, float], ...]
    dashed: bool
    arrow: bool


@dataclass(frozen=True)
class Bracket:
    """At the left of rows that stand for `times` equal ones."""

    x: float
    top: float
    bottom: float
    text: str


@dataclass(frozen=True)
class Words:
    """A line of text. `x` is its middle, or its end where `anchor` says so."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    anchor: str = "middle"


@dataclass
class Column:
    """One net."""

    title: Words
    notes: list[Words]
    left: float
    right: float
    boxes: list[Box] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    points: list[tuple[float, float]] = field(default_factory=list)
    brackets: list[Bracket] = field(default_factory=list)


class NetColumn:
    """A net on its own: the trunk at x = 0. `rank` of its nodes, and the `rows` that these are in
    the figure. `sizes`: of the rank from 1 on, what the margin says beside it.
    """

    def __init__(
        self, graph: Graph, rank: Sequence[int], rows: Sequence[int], sizes: Sequence[Size]
    ) -> None:
        self.graph, self.rows = graph, rows
        self.boxes = [n for n, node in enumerate(graph.nodes) if node.layer]
        self.texts = {n: said(graph.nodes[n], (None, *sizes)[rank[n]]) for n in self.boxes}
        texts = self.texts.values()
        self.width = max(_LEAST, *(text_width(text, FONT) + 2 * _INSIDE for text in texts))
        columns = Columns(graph, rank)
        unit = self.width + max(_BESIDE, self.between(columns.x))
        self.x = [x * unit for x in columns.x]
        self.router = Router(graph, self.x, rows, self.width / 2, columns.projections)

    def between(self, x: Sequence[float]) -> float:
        """What brackets that stand between two boxes take, and a line beside them."""
        most = 0.0
        for fold, out in self.outs():
            own = self.folded(fold)
            left, rows = min(x[n] for n in own), {self.rows[n] for n in own}
            if any(x[n] < left for n in self.boxes if min(rows) <= self.rows[n] <= max(rows)):
                most = max(most, out + 4 + _number_width(fold) + _LINE)
        return most

    def outs(self) -> list[tuple[Fold, float]]:
        """Each fold, the inner before the outer, and how far from its boxes its bracket stands: to
        the left of those inside it.
        """
        found: list[tuple[Fold, float]] = []
        for fold in self.graph.folds:
            inner = [out + 8 + _number_width(f) for f, out in found if fold.start <= f.start]
            found.append((fold, max(inner, default=5.0)))
        return found

    def folded(self, fold: Fold) -> list[int]:
        """The boxes of a fold."""
        return [n for n in range(fold.start, fold.stop) if self.graph.nodes[n].layer]

    def levels(self, row: int) -> int:
        """Merges one below the other right below a row."""
        levels = self.router.levels.items()
        return max((lv + 1 for n, lv in levels if self.rows[max(n, -1 - n)] == row), default=0)

    def tracks(self, row: int) -> int:
        """Lines one below the other that run across above the next row."""
        tracks = self.router.tracks
        return max((track + 1 for (r, _), track in tracks.items() if r == row), default=0)

    def column(self, at: float, tops: Sequence[float], notes: Sequence[str]) -> Column:
        """The net with its left side at `at`."""
        ys = Ys(self.router, tops, BOX, GAP)
        brackets = self.brackets(tops)
        lines = [(line, self.router.points(line, ys)) for line in self.router.lines]
        title = Words(0, MARGIN + TITLE / 2, self.graph.name, TITLE, bold=True)
        said = [
            Words(0, MARGIN + TITLE + 4 + (SMALL + 4) * (i + 0.5), note, SMALL)
            for i, note in enumerate(notes)
        ]
        half = max(text_width(words.text, words.size, words.bold) for words in (title, *said)) / 2
        lefts = [self.x[n] - self.width / 2 for n in self.boxes]
        lefts += [b.x - 4 - text_width(b.text, SMALL, True) for b in brackets]
        rights = [self.x[n] + self.width / 2 for n in self.boxes]
        rights += [x for _, points in lines for x, _ in points]
        by = at - min(-half, *lefts)
        column = Column(
            title=replace(title, x=by),
            notes=[replace(words, x=by) for words in said],
            left=at,
            right=max(half, *rights) + by,
            boxes=[self.box(n, self.x[n] + by - self.width / 2, ys.into(n)) for n in self.boxes],
            points=[(self.x[n] + by, ys.into(n)) for n in self.router.levels if n >= 0],
            brackets=[replace(bracket, x=bracket.x + by) for bracket in brackets],
        )
        for line, points in lines:
            moved = tuple((x + by, y) for x, y in points)
            arrow = not self.router.is_merge(line.target) or line.way == "lane"
            column.paths.append(Path(line.source, line.target, moved, line.dashed, arrow))
        return column

    def box(self, n: int, x: float, y: float) -> Box:
        node = self.graph.nodes[n]
        assert node.layer
        channels = node.shape[0] if node.layer.sort == "conv" else 0
        return Box(n, x, y, self.width, self.texts[n], node.layer.sort, channels, node.train)

    def brackets(self, tops: Sequence[float]) -> list[Bracket]:
        """In the order of `outs`."""
        made = []
        for fold, out in self.outs():
            boxes = self.folded(fold)
            top, bottom = (end(self.rows[n] for n in boxes) for end in (min, max))
            x = min(self.x[n] for n in boxes) - self.width / 2 - out
            made.append(Bracket(x, tops[top] - 2, tops[bottom] + BOX + 2, _number(fold)))
        return made


def _number(fold: Fold) -> str:
    return f"× {fold.times}"


def _number_width(fold: Fold) -> float:
    return text_width(_number(fold), SMALL, True)


def said(node: Drawn, margin: Size | None) -> str:
    """The text of a box. Where the margin says another size, the box says its own: `fc 10 @ 1`."""
    assert node.layer
    size = size_of(node.shape)
    return node.layer.text if margin in (None, size) else f"{node.layer.text} @ {named(size)}"

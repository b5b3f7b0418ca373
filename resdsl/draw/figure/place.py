"""Where everything of a figure is, in px: boxes on a grid, a column a net, bands in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from resdsl.draw.figure.columns import Columns
from resdsl.draw.figure.graph import Graph, Size
from resdsl.draw.figure.route import Gap, Router, Ys
from resdsl.draw.figure.rows import bands, ranks, sizes
from resdsl.draw.fonts import text_width
from resdsl.draw.words import times

BOX = 19.0
FONT = 11.0
TITLE = 13.0
SMALL = 9.5
"""Heights of a box, and of its text, a title's, and of what stands beside."""

_LEAST = 118.0
_INSIDE = 7.0
_BESIDE = 14.0
_APART = 30.0
_MARGIN = 14.0
_GAP = Gap()


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
    band, row_of = bands([sizes(graph, r) for graph, r in zip(graphs, rank, strict=True)])
    nets = [
        _Net(graph, r, [row[k] for k in r])
        for graph, r, row in zip(graphs, rank, row_of, strict=True)
    ]
    head = _MARGIN + TITLE + 6 + (SMALL + 4) * max((len(lines) for lines in notes), default=0)
    last = max((band_.stop for band_ in band), default=1)
    tops = [head]
    for row in range(last):
        levels = max((net.levels(row) for net in nets), default=0)
        tracks = max((net.tracks(row) for net in nets), default=0)
        crowded = any(net.router.crowded(row) for net in nets)
        tops.append(tops[-1] + BOX + _GAP.height(levels, tracks, crowded))
    margin = [Words(0, tops[b.start] + BOX / 2, said(b.size), SMALL, anchor="end") for b in band]
    at = _MARGIN + max((text_width(words.text, SMALL) for words in margin), default=0)
    margin = [Words(at, words.y, words.text, SMALL, anchor="end") for words in margin]
    at += 16
    columns = []
    for net, lines in zip(nets, notes, strict=True):
        column = net.column(at, tops, lines)
        columns.append(column)
        at = column.right + _APART
    rules = [tops[b.start] - 4 for b in band]
    width = at - _APART + _MARGIN
    return Placed(width, tops[-2] + BOX + _MARGIN if last else head, columns, margin, rules)


def said(size: Size) -> str:
    """`output size: 112`."""
    if len(size) == 1:
        return f"{size[0]} tokens"
    return f"output size: {size[0] if size[0] == size[1] else times(size)}"


class _Net:
    """A net on its own: the trunk at x = 0."""

    def __init__(self, graph: Graph, rank: list[int], rows: list[int]) -> None:
        self.graph, self.rows = graph, rows
        texts = [node.layer.text for node in graph.nodes if node.layer]
        self.width = max(_LEAST, *(text_width(text, FONT) + 2 * _INSIDE for text in texts))
        columns = Columns(graph, rank)
        unit = self.width + _BESIDE
        self.x = [x * unit for x in columns.x]
        self.router = Router(graph, self.x, rows, self.width / 2, columns.projections)

    def levels(self, row: int) -> int:
        """Merges one below the other right below a row."""
        levels = self.router.levels
        return max((levels[n] + 1 for n in levels if self.rows[n] == row), default=0)

    def tracks(self, row: int) -> int:
        tracks = self.router.tracks
        return max((track + 1 for (r, _), track in tracks.items() if r == row), default=0)

    def column(self, at: float, tops: Sequence[float], notes: Sequence[str]) -> Column:
        ys = Ys(self.router, tops, BOX, _GAP)
        boxes = [n for n, node in enumerate(self.graph.nodes) if node.layer]
        brackets = self.brackets(tops)
        lines = [(line, self.router.points(line, ys)) for line in self.router.lines]
        left = min(self.x[n] - self.width / 2 for n in boxes)
        left = min(left, *(b.x - 4 - text_width(b.text, SMALL, True) for b in brackets), left)
        right = max(self.x[n] + self.width / 2 for n in boxes)
        right = max(right, *(x for _, points in lines for x, _ in points), right)
        title = max(
            text_width(self.graph.name, TITLE, True), *(text_width(n, SMALL) for n in notes), 0
        )
        left, right = min(left, -title / 2), max(right, title / 2)
        move = at - left
        column = Column(
            Words(move, _MARGIN + TITLE / 2, self.graph.name, TITLE, bold=True),
            [
                Words(move, _MARGIN + TITLE + 4 + (SMALL + 4) * (i + 0.5), note, SMALL)
                for i, note in enumerate(notes)
            ],
            at,
            right + move,
        )
        for n in boxes:
            column.boxes.append(self.box(n, self.x[n] + move - self.width / 2, ys.into(n)))
        for line, points in lines:
            moved = tuple((x + move, y) for x, y in points)
            arrow = not self.router.is_merge(line.target) or line.way == "lane"
            column.paths.append(Path(line.source, line.target, moved, line.dashed, arrow))
        column.points = [(self.x[n] + move, ys.into(n)) for n in self.router.levels]
        column.brackets = [Bracket(b.x + move, b.top, b.bottom, b.text) for b in brackets]
        return column

    def box(self, n: int, x: float, y: float) -> Box:
        node = self.graph.nodes[n]
        assert node.layer
        channels = node.shape[0] if node.layer.sort == "conv" else 0
        return Box(n, x, y, self.width, node.layer.text, node.layer.sort, channels, node.train)

    def brackets(self, tops: Sequence[float]) -> list[Bracket]:
        """From the inner folds to the outer."""
        made: list[Bracket] = []
        for fold in self.graph.folds:
            boxes = [n for n in range(fold.start, fold.stop) if self.graph.nodes[n].layer]
            top = min(self.rows[n] for n in boxes)
            bottom = max(self.rows[n] for n in boxes)
            among = [
                n
                for n, node in enumerate(self.graph.nodes)
                if node.layer and top <= self.rows[n] <= bottom
            ]
            x = min(self.x[n] for n in among) - self.width / 2 - 5
            one, two = tops[top] - 2, tops[bottom] + BOX + 2
            for other in made:
                if other.top < two and one < other.bottom:
                    x = min(x, other.x - 8 - text_width(other.text, SMALL, True))
            made.append(Bracket(x, one, two, f"× {fold.times}"))
        return made

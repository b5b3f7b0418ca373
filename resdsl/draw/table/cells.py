"""What one net's column of the table says: a row for each stage, or other line of the text.

A block is the stack of layers on its trunk, `[1×1, 64; 3×3, 64; 1×1, 256]`, without its shortcut
and its stride, as in the paper; one with further branches is its call, `inception(64, 96, ...)`.
Branches that no call names are said arm by arm, or in numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from resdsl.draw.figure.columns import Columns
from resdsl.draw.figure.graph import Graph, Size, TooManyBoxes, flow, part_of, size_of
from resdsl.draw.figure.layers import Layer, layer_of
from resdsl.draw.figure.rows import ranks
from resdsl.draw.table.branches import branches
from resdsl.ir.graph import Arg, Call, Net, Node, OpNode, Region, Statement
from resdsl.limits import MAX_FIGURE_BOXES


@dataclass(frozen=True)
class Line:
    """A layer or a call. A `stack` has brackets around its `texts`, and `times` beside them."""

    texts: tuple[str, ...]
    times: int = 1
    stack: bool = False


@dataclass(frozen=True)
class Row:
    """A line of the spec's text: its name, the size of what it makes, and what is in it."""

    name: str
    size: Size
    lines: tuple[Line, ...]


def rows_of(net: Net) -> list[Row]:
    """The rows of a net: for each line of the text one, or one for each size that it makes. A pool
    at its end is part of it; pools alone are part of what comes after them at their size. What
    exists only in training is in none.
    """
    teller = _Teller(net)
    rows: list[Row] = []
    for region, statement in teller.statements(net.main):
        own: list[Row] = []
        told = teller.told(region, statement, statement.name)
        for size, run in groupby(told, key=lambda pair: pair[0]):
            lines = tuple(_counted(line for _, line in run))
            own.append(Row(statement.name, size, lines))
        if len(own) == 2 and _is_pool(own[1]) and own[1].size != (1, 1):
            own = [Row(statement.name, own[1].size, own[0].lines + own[1].lines)]
        if own and rows and rows[-1].size == own[0].size and _is_pool(rows[-1]):
            own[0] = Row(statement.name, own[0].size, rows.pop().lines + own[0].lines)
        rows += own
    return [_one_line(row) if row.size == (1, 1) else row for row in rows]


def _is_pool(row: Row) -> bool:
    """And nothing else: arms, which have a `;` between them, are no pool."""
    texts = [text for line in row.lines for text in line.texts]
    return all("pool" in text and ";" not in text for text in texts)


def _counted(lines: Iterable[Line]) -> Iterator[Line]:
    """Equal neighbours are one stack with their number."""
    for line, run in groupby(lines):
        times = sum(1 for _ in run)
        yield Line(line.texts, times, True) if times > 1 or line.stack else line


def _one_line(row: Row) -> Row:
    """`average pool, 1000-d fc`."""
    if any(line.stack for line in row.lines):
        return row
    joined = ", ".join(text for line in row.lines for text in line.texts)
    return Row(row.name, row.size, (Line((joined,)),))


class _Teller:
    def __init__(self, net: Net) -> None:
        self.net = net
        self.branched: dict[str, bool] = {}
        self.composite: dict[str, bool] = {}
        self.staged: dict[str, bool] = {}
        for region in net.regions.values():  # callees come first
            calls = [node.region for node in region.nodes if isinstance(node, Call)]
            branched = any(
                isinstance(node, OpNode) and node.op.merges and node.op.kind != "mul"
                for node in region.nodes
            )
            self.branched[region.id] = branched
            holds = any(self.branched[call] or self.composite[call] for call in calls)
            held = [net.regions[call] for call in calls]
            repeats = any(
                one.kind == two.kind == "scope" and one.statements == two.statements
                for one, two in pairwise(held)
            )
            self.composite[region.id] = (holds or repeats) and _is_chain(region.nodes)
            own = any(statement.stage for statement in region.statements)
            self.staged[region.id] = region.kind == "scope" and (
                own or any(self.staged[call] for call in calls)
            )
        self.stacks: dict[str, tuple[Line, bool]] = {}  # and whether it is all of the region

    def statements(self, region: Region) -> Iterator[tuple[Region, Statement]]:
        """The lines of the text, with those of scopes that have stages."""
        for statement in region.statements:
            nodes = region.nodes[statement.start : statement.stop]
            if nodes and all(node.train for node in nodes):
                continue
            if len(nodes) == 1 and isinstance(nodes[0], Call) and self.staged[nodes[0].region]:
                yield from self.statements(self.net.regions[nodes[0].region])
            else:
                yield region, statement

    def told(self, region: Region, statement: Statement, row: str) -> Iterator[tuple[Size, Line]]:
        """The layers and blocks of a line of the text, in the row of this name; each with the size
        of what it makes.
        """
        nodes = region.nodes[statement.start : statement.stop]
        if not _is_chain(nodes):
            graph = self.graph(region, nodes)
            line = trunk(graph) or _branches(graph)
            if line.texts:
                yield size_of(region.shapes[statement.value]), line
            return
        for node in nodes:
            size = size_of(region.shapes[node.output])
            if isinstance(node, Call):
                yield from self.call(self.net.regions[node.region], size, row)
            elif layer := _layer(region, node):
                yield size, Line((layer.terse + layer.stride,))

    def call(self, region: Region, size: Size, row: str) -> Iterator[tuple[Size, Line]]:
        """In a row that is named as the call is, its branches are said."""
        if region.kind != "block" or self.composite[region.id]:
            for statement in region.statements:
                yield from self.told(region, statement, row)
            return
        if region.id not in self.stacks:
            graph = self.graph(region, region.nodes)
            stack = trunk(graph)
            self.stacks[region.id] = stack or _branches(graph), stack is not None
        line, whole = self.stacks[region.id]
        numbers = ", ".join(_numbers(region.args))
        call = f"{region.block}({numbers})" if numbers else region.block
        if not whole and call != row:
            line = Line((call,))
        if line.texts:
            yield size, line

    def graph(self, region: Region, nodes: Sequence[Node]) -> Graph | None:
        """What a figure draws of some nodes; None where that is too much for any cell."""
        try:
            return part_of(self.net, region, nodes)
        except TooManyBoxes:
            return None


def trunk(graph: Graph | None) -> Line | None:
    """The layers, but those of a projection; None where they have branches, or are too many."""
    if graph is None:
        return None
    columns = Columns(graph, ranks(graph))
    layers = []
    for n, node in enumerate(graph.nodes):
        if node.layer is None or node.kind == "input" or n in columns.projections:
            continue
        if columns.x[n] != 0:
            return None
        layers.append(node.layer)
    if len(layers) == 1:
        return Line((layers[0].terse + layers[0].stride,))
    return Line(tuple(layer.terse for layer in layers), stack=True)


def _branches(graph: Graph | None) -> Line:
    return Line((branches(graph) if graph else f"more than {MAX_FIGURE_BOXES:,} layers",))


def _layer(region: Region, node: OpNode) -> Layer | None:
    shapes = tuple(region.shapes[value] for value in node.inputs)
    return layer_of(node.op, shapes, region.shapes[node.output])


def _is_chain(nodes: Sequence[Node]) -> bool:
    """Whether each node works on what the one before it made, and on that alone."""
    return all(len(flow(node)) < 2 for node in nodes[:1]) and all(
        flow(after) == before.outputs for before, after in pairwise(nodes)
    )


def _numbers(args: Iterable[tuple[str, Arg]]) -> Iterator[str]:
    """The numbers that a call begins with."""
    for _, value in args:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        yield str(value)

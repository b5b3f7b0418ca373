"""From a net to what its figure shows: boxes (layers), points (merges), and lines between them.

Only what is drawn is walked: with `fold` a run of calls that look alike is drawn once, and costs
that much, however long it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from resdsl.analysis.receptive import data
from resdsl.draw.figure.layers import Layer, layer_of
from resdsl.draw.figure.looks import Looks
from resdsl.draw.words import times
from resdsl.ir.graph import Call, Net, Node, OpNode, Region, Statement
from resdsl.ir.shape import Shape
from resdsl.limits import MAX_FIGURE_BOXES
from resdsl.report.text import visible

Size = tuple[int, ...]
"""Height and width; (1, 1) of a vector; the number of a sequence's tokens."""


class TooManyBoxes(ValueError):
    """A figure would have more than `MAX_FIGURE_BOXES` boxes: `net` alone, if that is said."""

    def __init__(self, net: str = "") -> None:
        alone = f", and `{visible(net)}` alone would have more" if net else ""
        super().__init__(f"a figure has at most {MAX_FIGURE_BOXES:,} boxes{alone}")
        self.net = net


class Link(NamedTuple):
    """A line from drawn node `source`. `same`: what comes in is what went out there, or what norms
    and activations make of it; else something on the way changed its shape.
    """

    source: int
    same: bool = True


@dataclass(frozen=True)
class Drawn:
    """A box (then it has a `layer`) or a merge, with the op's `kind`."""

    kind: str
    layer: Layer | None
    shape: Shape
    size: Size
    """Of the band that it belongs to: a block with branches is in one, that of what it makes."""
    links: tuple[Link, ...]
    arms: int = 1
    """Values that it works on: of a merge at least as many as it has links."""
    weighted: int = 0
    """Convolutions and linear layers that it stands for, in all of the net."""
    train: bool = False


class Fold(NamedTuple):
    """Nodes `start` to `stop` stand for `times` equal ones in a row."""

    start: int
    stop: int
    times: int


@dataclass
class Graph:
    """The drawn nodes of a net, each after those that its links come from."""

    name: str
    nodes: list[Drawn] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)
    end: int = 0
    """What the trunk makes: of the outputs that training alone does not have, that of the longest
    path, in weighted layers and then in boxes; of equal ones the first.
    """


def graph_of(net: Net, fold: bool = False) -> Graph:
    """Raises TooManyBoxes."""
    return _Drawer(net, fold).draw()


def part_of(net: Net, region: Region, nodes: Sequence[Node]) -> Graph:
    """The graph of some nodes of a region, with an input for each value that they take."""
    return _Drawer(net, fold=False).part(region, nodes)


def size_of(shape: Shape) -> Size:
    """The size that a figure's margin says."""
    return shape[1:] if len(shape) == 3 else shape[:1] if len(shape) == 2 else (1, 1)


def named(size: Size) -> str:
    """`112`, `96×80`, `197 tokens`."""
    if len(size) == 1:
        return f"{size[0]} tokens"
    return f"{size[0]}" if size[0] == size[1] else times(size)


class _Source(NamedTuple):
    """Where a value comes from, and its shape where it last went several ways."""

    node: int
    base: Shape


class _Drawer:
    def __init__(self, net: Net, fold: bool) -> None:
        self.net, self.graph = net, Graph(net.name)
        self.looks = Looks(net) if fold else None
        self.boxes = 0
        self.counted: dict[str, Counter[int]] = {}

    def draw(self) -> Graph:
        root = self.net.main
        sources = []
        for tensor in root.inputs:
            sources.append(self.input(tensor.name, tensor.shape))
        made = self.expand(root, sources, None, 1, train=False)
        live = [source for source, o in zip(made, root.outputs, strict=True) if not o.train]
        self.graph.end = self.longest([source.node for source in live or made])
        return self.graph

    def longest(self, ends: Sequence[int]) -> int:
        """Of some nodes the one with the longest path to it."""
        lengths: list[tuple[int, int]] = []
        for node in self.graph.nodes:
            layers, boxes = max((lengths[link.source] for link in node.links), default=(0, 0))
            lengths.append((layers + node.weighted, boxes + (node.layer is not None)))
        return max(ends, key=lengths.__getitem__)

    def part(self, region: Region, nodes: Sequence[Node]) -> Graph:
        made = {value for node in nodes for value in node.outputs}
        taken = {value for node in nodes for value in node.inputs} - made
        sources = {value: self.input("", region.shapes[value]) for value in sorted(taken)}
        for node in nodes:
            self.node(region, node, sources, None, 1, False, 1)
        self.graph.end = sources[nodes[-1].output].node
        return self.graph

    def input(self, name: str, shape: Shape) -> _Source:
        drawn = Drawn("input", Layer(name, "input", name), shape, size_of(shape), ())
        return _Source(self.add(drawn), shape)

    def uses(self, region: Region) -> Counter[int]:
        """How often each value of a region is taken."""
        if region.id not in self.counted:
            uses = Counter(value for node in region.nodes for value in flow(node))
            uses.update(output.value for output in region.outputs)
            self.counted[region.id] = uses
        return self.counted[region.id]

    def add(self, drawn: Drawn) -> int:
        self.boxes += drawn.layer is not None
        if self.boxes > MAX_FIGURE_BOXES:
            raise TooManyBoxes(self.net.name)
        self.graph.nodes.append(drawn)
        return len(self.graph.nodes) - 1

    def expand(
        self, region: Region, inputs: list[_Source], size: Size | None, times: int, train: bool
    ) -> list[_Source]:
        """Draw one application of `region`, which stands for `times`; where its outputs come from.
        `size`: of the band that all of it is in, if there is one."""
        sources: dict[int, _Source] = {}
        for value, source in enumerate(inputs):
            self.give(region, sources, value, source)
        within = _sizes(region)
        i = 0
        while i < len(region.nodes):
            node, run = region.nodes[i], self.run(region, i)
            self.node(region, node, sources, size or within[i], times * run, train, run)
            i += run
            if run > 1:
                last = region.nodes[i - 1].output
                self.give(region, sources, last, sources[node.output])
        return [sources[output.value] for output in region.outputs]

    def give(
        self, region: Region, sources: dict[int, _Source], value: int, source: _Source
    ) -> None:
        several = self.uses(region)[value] > 1
        sources[value] = _Source(source.node, region.shapes[value]) if several else source

    def node(
        self, region: Region, node: Node, sources: dict[int, _Source], size: Size | None,
        times: int, train: bool, run: int,
    ) -> None:  # fmt: skip
        train = train or node.train
        if isinstance(node, Call):
            first, boxes = len(self.graph.nodes), self.boxes
            callee = self.net.regions[node.region]
            made = self.expand(callee, [sources[v] for v in node.inputs], size, times, train)
            for value, source in zip(node.outputs, made, strict=True):
                self.give(region, sources, value, source)
            if run > 1:
                self.folded(first, self.boxes - boxes, run)
            return
        shape = region.shapes[node.output]
        taken = [sources[v] for v in flow(node)]
        shapes = tuple(region.shapes[v] for v in node.inputs)
        layer = layer_of(node.op, shapes, shape)
        if layer is None and len({source.node for source in taken}) < 2:
            self.give(region, sources, node.output, taken[0])
            return
        links = {
            Link(source.node, source.base == region.shapes[value])
            for source, value in zip(taken, flow(node), strict=True)
        }
        drawn = Drawn(
            kind=node.op.kind,
            layer=layer,
            shape=shape,
            size=size or size_of(shape),
            links=tuple(sorted(links)),
            arms=len(taken),
            weighted=node.op.weighted_layers * times,
            train=train,
        )
        self.give(region, sources, node.output, _Source(self.add(drawn), shape))

    def folded(self, first: int, boxes: int, times: int) -> None:
        """Say that the nodes from `first` on stand for `times`: a single box says so itself."""
        nodes = self.graph.nodes
        if boxes > 1:
            self.graph.folds.append(Fold(first, len(nodes), times))
        for n in range(first, len(nodes)) if boxes == 1 else ():
            if layer := nodes[n].layer:
                said = layer._replace(text=f"[{layer.text}] × {times}")
                nodes[n] = replace(nodes[n], layer=said)

    def run(self, region: Region, i: int) -> int:
        """How many nodes from `i` on are calls in a chain that look alike."""
        nodes, uses, stop = region.nodes, self.uses(region), i + 1
        if self.looks is None:
            return 1
        while stop < len(nodes) and self.looks.follows(nodes[stop - 1], nodes[stop], uses):
            stop += 1
        return stop - i


def flow(node: Node) -> tuple[int, ...]:
    """The values that a node works on: not those that only lend their size."""
    return node.inputs[: data(node.op)] if isinstance(node, OpNode) else node.inputs


def _sizes(region: Region) -> list[Size | None]:
    """Of each node, where its line has branches, the size of what that line makes."""
    whole = Statement(name="", start=0, stop=len(region.nodes), value=region.outputs[0].value)
    sizes: list[Size | None] = []
    for statement in region.statements or (whole,):
        nodes = region.nodes[statement.start : statement.stop]
        chain = all(len(flow(node)) < 2 for node in nodes) and all(
            flow(after) == before.outputs for before, after in pairwise(nodes)
        )
        alone = len(nodes) == 1 and isinstance(nodes[0], Call)
        size = None if chain or alone else size_of(region.shapes[statement.value])
        sizes += [size] * len(nodes)
    return sizes

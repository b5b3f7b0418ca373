"""What a model computes, in a form that is the same however it was written.

Weights are nodes like all others, without inputs. Views are no nodes: an edge says how its consumer
sees the tensor. A weight may lie in any layout: only the order counts in which it is used, and its
edge keeps the view that gives it. A linear layer, a 1x1 convolution and one as large as its input
are one kind of node, elementwise ops follow the axes of their first operand, and a sum or a product
does not know which operand was written first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from resdsl.ir.shape import Shape
from resdsl.weights.match_views import Dim, Dims, axes, length, merged, whole

Facts = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Value:
    """A tensor: a view of what a node makes."""

    node: int
    dims: Dims


@dataclass(frozen=True)
class Edge:
    """An operand: what its consumer says of it, and for a weight the order that it is used in."""

    source: int
    label: Any
    view: Dim = ()


@dataclass(frozen=True)
class Node:
    """One step. `axes` are the sizes of what it makes, without those of one; `key` and `shape` are
    a weight's own.
    """

    kind: str
    facts: Facts
    axes: Shape
    edges: tuple[Edge, ...] = ()
    commutes: bool = False
    key: str = ""
    shape: Shape = ()


@dataclass(frozen=True)
class Graph:
    """Nodes, operands before consumers; the last is the output. `unused` are the keys of weights
    that no output needs, `aliases` those that mean a weight that has another key, too.
    """

    nodes: tuple[Node, ...]
    unused: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    def view(self, leaf: int) -> Dim:
        """The order in which a weight is used; as it lies, where it is used in several."""
        found = next(e.view for node in self.nodes for e in node.edges if e.source == leaf)
        return found or sum(whole(self.nodes[leaf].shape), ())


class Sketch:
    """A graph in the making. What is computed twice from the same is one node."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.padded: dict[Value, tuple[Value, Shape]] = {}
        """What zeros were put around, and how many before each of its rows and columns."""
        self.joined: dict[Value, tuple[list[Value], int]] = {}
        """What was put together, and along which dimension."""
        self._known: dict[Node, int] = {}

    def input(self, index: int, shape: Shape) -> Value:
        """An input of the model."""
        return self.add(Node("input", (("index", index),), axes(shape)), shape)

    def weight(self, key: str, shape: Shape) -> Value:
        """A tensor of the checkpoint."""
        return self.add(Node("weight", (), axes(shape), key=key, shape=shape), shape)

    def other(self, kind: str, facts: Facts, operands: Sequence[Value], shape: Shape) -> Value:
        """A step of which nothing is known but that equal ones do the same."""
        edges = tuple(self.edge(value, place) for place, value in enumerate(operands))
        return self.add(Node(kind, facts, axes(shape), edges), shape)

    def add(self, node: Node, shape: Shape = ()) -> Value:
        """A node, and the tensor that it makes."""
        if node not in self._known:
            self._known[node] = len(self.nodes)
            self.nodes.append(node)
        return Value(self._known[node], whole(shape))

    def edge(self, value: Value, place: int) -> Edge:
        """An operand that is used dimension by dimension."""
        if self.is_weight(value):
            sizes = tuple(length(dim) for dim in value.dims)
            return Edge(value.node, (place, sizes), sum(value.dims, ()))
        return Edge(value.node, (place, tuple(merged(dim) for dim in value.dims)))

    def is_weight(self, value: Value) -> bool:
        """Its layout is free."""
        return self.nodes[value.node].kind == "weight"

    def graph(self, outputs: Sequence[Value], aliases: Sequence[str] = ()) -> Graph:
        """What the outputs need."""
        end = self.other("output", (), outputs, ()).node
        needed = {end}
        for index in range(end, -1, -1):
            if index in needed:
                needed |= {edge.source for edge in self.nodes[index].edges}
        places = {old: new for new, old in enumerate(sorted(needed))}
        fixed = self._fixed(needed)
        nodes = tuple(_moved(self.nodes[old], places, fixed) for old in places)
        lost = (n.key for i, n in enumerate(self.nodes) if n.key and i not in needed)
        return Graph(nodes, tuple(lost), tuple(aliases))

    def _fixed(self, needed: set[int]) -> set[int]:
        """The weights that are used in several orders: their layout is not free."""
        views: dict[int, set[Dim]] = {}
        for index in needed:
            for edge in self.nodes[index].edges:
                if self.nodes[edge.source].kind == "weight":
                    views.setdefault(edge.source, set()).add(merged(edge.view))
        return {leaf for leaf, found in views.items() if len(found) > 1}


def _moved(node: Node, places: dict[int, int], fixed: set[int]) -> Node:
    edges = []
    for edge in node.edges:
        if edge.source in fixed:
            edge = replace(edge, label=(edge.label, merged(edge.view)), view=())
        edges.append(replace(edge, source=places[edge.source]))
    return replace(node, edges=tuple(edges))

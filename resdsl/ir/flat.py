"""A net without regions: every application of an op is a node of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from resdsl.ir.graph import Call, Net, Region
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape

if TYPE_CHECKING:
    import networkx


class FlatNode(NamedTuple):
    """One application of an op.

    `path` is the instance that owns the weights. `key` is the path too, with `#2` after it at the
    second application of a shared instance. `inputs` are the keys of what makes them: nodes, or
    `input:NAME`.
    """

    key: str
    path: str
    op: Op
    inputs: tuple[str, ...]
    shapes: tuple[Shape, ...]
    output: Shape
    train: bool


class Flat(NamedTuple):
    """The nodes in the order in which they run, and for each value of the root the key of what
    makes it.
    """

    nodes: tuple[FlatNode, ...]
    values: tuple[str, ...]


def flatten(net: Net) -> Flat:
    """The flat view of a net."""
    flattener = _Flattener(net)
    inputs = [f"input:{tensor.name}" for tensor in net.main.inputs]
    values = flattener.flatten(net.main, "", {}, inputs, train=False)
    return Flat(tuple(flattener.nodes), tuple(values))


def to_networkx(net: Net) -> networkx.MultiDiGraph[str]:
    """A node for each input, application of an op, and output of `net`; an edge for each use.

    A node's key is its path, `conv3_x.0.conv2`; the second application of a shared instance has
    `#2` after it, and inputs and outputs are `input:NAME` and `output:NAME`. Nodes carry `kind`
    (the op's, `input` or `output`), `shape`, `path` (of the weights: of the instance that owns
    them), `op` (the object, None for inputs and outputs) and `train`; edges carry `shape` and
    `port`, the place among the inputs of the op that they lead to. Needs networkx.
    """
    import networkx

    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph(name=net.name)
    root, flat = net.main, flatten(net)
    for tensor in root.inputs:
        key = f"input:{tensor.name}"
        graph.add_node(key, kind="input", shape=tensor.shape, path="", op=None, train=False)
    for node in flat.nodes:
        graph.add_node(
            node.key, kind=node.op.kind, shape=node.output, path=node.path, op=node.op,
            train=node.train,
        )  # fmt: skip
        for port, (source, shape) in enumerate(zip(node.inputs, node.shapes, strict=True)):
            graph.add_edge(source, node.key, shape=shape, port=port)
    for output in root.outputs:
        key, shape = f"output:{output.name}", root.shapes[output.value]
        graph.add_node(key, kind="output", shape=shape, path="", op=None, train=output.train)
        graph.add_edge(flat.values[output.value], key, shape=shape, port=0)
    return graph


class _Flattener:
    def __init__(self, net: Net) -> None:
        self.net = net
        self.nodes: list[FlatNode] = []
        self.uses: dict[str, int] = {}

    def flatten(
        self, region: Region, prefix: str, lent: dict[str, str], inputs: list[str], train: bool
    ) -> list[str]:
        """Add one application of `region`; the keys of the nodes that make its values.

        `lent`: the paths of the instances that it borrows.
        """
        made = inputs + [""] * (len(region.shapes) - len(inputs))
        for node in region.nodes:
            path = lent.get(node.name, prefix + node.name)
            only = train or node.train
            taken = [made[value] for value in node.inputs]
            if isinstance(node, Call):
                callee = self.net.regions[node.region]
                there = {a: lent.get(b, prefix + b) for a, b in node.lends}
                values = self.flatten(callee, f"{path}.", there, taken, only)
                for output, value in zip(callee.outputs, node.outputs, strict=True):
                    made[value] = values[output.value]
                continue
            key = made[node.output] = self.key(path)
            shapes = tuple(region.shapes[value] for value in node.inputs)
            output_shape = region.shapes[node.output]
            self.nodes.append(
                FlatNode(key, path, node.op, tuple(taken), shapes, output_shape, only)
            )
        return made

    def key(self, path: str) -> str:
        self.uses[path] = self.uses.get(path, 0) + 1
        return path if self.uses[path] == 1 else f"{path}#{self.uses[path]}"

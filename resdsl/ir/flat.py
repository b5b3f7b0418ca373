"""A net without regions: every application of an op is a node of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl.ir.graph import Call, Net, Region

if TYPE_CHECKING:
    import networkx


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
    root = net.main
    keys = []
    for tensor in root.inputs:
        keys.append(f"input:{tensor.name}")
        graph.add_node(keys[-1], kind="input", shape=tensor.shape, path="", op=None, train=False)
    values = _Flattener(net, graph).flatten(root, "", {}, keys, train=False)
    for output in root.outputs:
        key, shape = f"output:{output.name}", root.shapes[output.value]
        graph.add_node(key, kind="output", shape=shape, path="", op=None, train=output.train)
        graph.add_edge(values[output.value], key, shape=shape, port=0)
    return graph


class _Flattener:
    def __init__(self, net: Net, graph: networkx.MultiDiGraph[str]) -> None:
        self.net, self.graph = net, graph
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
            if isinstance(node, Call):
                callee = self.net.regions[node.region]
                there = {a: lent.get(b, prefix + b) for a, b in node.lends}
                taken = [made[value] for value in node.inputs]
                values = self.flatten(callee, f"{path}.", there, taken, only)
                for output, value in zip(callee.outputs, node.outputs, strict=True):
                    made[value] = values[output.value]
                continue
            key = made[node.output] = self.key(path)
            shape = region.shapes[node.output]
            facts = {"shape": shape, "path": path, "op": node.op, "train": only}
            self.graph.add_node(key, kind=node.op.kind, **facts)
            for port, value in enumerate(node.inputs):
                self.graph.add_edge(made[value], key, shape=region.shapes[value], port=port)
        return made

    def key(self, path: str) -> str:
        self.uses[path] = self.uses.get(path, 0) + 1
        return path if self.uses[path] == 1 else f"{path}#{self.uses[path]}"

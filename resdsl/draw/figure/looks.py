"""Which calls a figure draws alike: the same layers in the same order at the same sizes, whatever
comes in (the layers of a dense block differ in that alone).
"""

from __future__ import annotations

from collections import Counter

from resdsl.draw.figure.layers import layer_of
from resdsl.ir.graph import Call, Net, Node, OpNode, Region


class Looks:
    """A number for each region of a net, equal where the figures are; found once for each."""

    def __init__(self, net: Net) -> None:
        self._numbers: dict[object, int] = {}
        self._regions: dict[str, int] = {}
        for region in net.regions.values():  # callees come first
            nodes = tuple(
                (node.inputs, node.outputs, self._of(region, node)) for node in region.nodes
            )
            said = (len(region.inputs), nodes, tuple(o.value for o in region.outputs))
            self._regions[region.id] = self._numbers.setdefault(said, len(self._numbers))

    def _of(self, region: Region, node: Node) -> object:
        if isinstance(node, Call):
            return node.train, self._regions[node.region]
        shape = region.shapes[node.output]
        layer = layer_of(node.op, tuple(region.shapes[v] for v in node.inputs), shape)
        return node.train, layer or node.op.kind, shape[1:]

    def follows(self, node: Node, other: Node, uses: Counter[int]) -> bool:
        """Whether `other` looks like `node`, and takes all that it makes and nothing else."""
        if isinstance(node, OpNode) or isinstance(other, OpNode):
            return False
        return (
            self._regions[node.region] == self._regions[other.region]
            and node.train == other.train
            and len(node.outputs) == 1
            and other.inputs == node.outputs
            and len(node.inputs) == 1
            and uses[node.output] == 1
        )

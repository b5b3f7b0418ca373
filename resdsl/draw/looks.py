"""Which nodes are drawn the same: a run of them becomes one box with a number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from resdsl.draw.words import op_words
from resdsl.ir.graph import Call, Net, OpNode, Region, Statement

_NUMBERED = re.compile(r"(.*?)(\d{1,9})")


class Looks:
    """The looks of a net's nodes as numbers, equal for what is drawn the same at any depth."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self._numbers: dict[object, int] = {}
        self._regions: dict[str, int] = {}
        for region in net.regions.values():  # callees come first
            nodes = tuple((n.name, n.inputs, n.outputs, self.of(n, region)) for n in region.nodes)
            outputs = tuple(output.value for output in region.outputs)
            self._regions[region.id] = self._number((region.kind, region.block, nodes, outputs))

    def of(self, node: OpNode | Call, region: Region) -> int:
        """The look of one node of a region."""
        inputs = tuple(region.shapes[value] for value in node.inputs)
        if isinstance(node, OpNode):
            said: object = (node.op.kind, op_words(node.op, inputs))
        else:
            said = self._regions[node.region]
        return self._number((said, inputs, region.shapes[node.output], node.train))

    def _number(self, said: object) -> int:
        return self._numbers.setdefault(said, len(self._numbers))

    def follows(self, region: Region, node: OpNode | Call, other: OpNode | Call) -> bool:
        """Whether `other` is the next of the same: of the next name, and all that `node` makes goes
        into it, and nowhere else. Layers are never folded.
        """
        if not isinstance(node, Call) or not isinstance(other, Call):
            return False
        if len(node.inputs) != len(other.inputs) or not _next(node.name, other.name):
            return False
        if self.of(node, region) != self.of(other, region):
            return False
        passed = zip(node.inputs, other.inputs, strict=True)
        new = [there for here, there in passed if here != there]
        return tuple(new) == node.outputs


def _next(name: str, other: str) -> bool:
    one, two = _NUMBERED.fullmatch(name), _NUMBERED.fullmatch(other)
    return bool(one and two and one[1] == two[1] and int(two[2]) == int(one[2]) + 1)


def span_of(names: Sequence[str]) -> str:
    """`1-3` of 1, 2, 3."""
    last = _NUMBERED.fullmatch(names[-1])
    return names[0] if len(names) == 1 or not last else f"{names[0]}-{last[2]}"


class Known:
    """What a drawing asks of a region again and again."""

    def __init__(self, region: Region) -> None:
        self.last = _last_uses(region)
        often = Counter(node.name for node in region.nodes)
        self.shared = {*region.borrows, *(name for name in often if often[name] > 1)}
        """Instances that several nodes use, or that are borrowed."""
        self.lines: list[Statement | None] = [None] * len(region.nodes)
        """Of each node."""
        for statement in region.statements:
            for n in range(statement.start, statement.stop):
                self.lines[n] = statement


def _last_uses(region: Region) -> list[int]:
    """Of each value the last node that takes it: its place; past the end where it is an output, -1
    where nothing takes it.
    """
    last = [-1] * len(region.shapes)
    for n, node in enumerate(region.nodes):
        for value in node.inputs:
            last[value] = n
    for output in region.outputs:
        last[output.value] = len(region.nodes)
    return last

"""What a net's regions are, apart from what they are called and where they stand.

The `content` of a region is a digest of what runs: ops, names, wiring, shapes. Its `profile` is the
multiset of what its ops are like, whatever levels they stand on: by it two parts are more or less
alike. Both are made once for each region, callees first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from resdsl.ir.graph import Call, Net, OpNode, Region

Profile = Counter[Hashable]
_LAYER = 3


@dataclass
class Outline:
    """The contents and profiles of one net."""

    net: Net
    contents: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    stages: dict[str, frozenset[int]] = field(default_factory=dict)
    """The values that end stages."""

    def __post_init__(self) -> None:
        for region in self.net.regions.values():
            ends = (statement.value for statement in region.statements if statement.stage)
            self.stages[region.id] = frozenset(ends)
            self.contents[region.id] = _digest(self._region(region))
            profile: Profile = Counter()
            for node in region.nodes:
                profile.update(self.profile(region, node))
            self.profiles[region.id] = profile

    def content(self, region: Region, node: OpNode | Call) -> str:
        """What a node does, apart from its own name and from what its inputs are made by."""
        shapes = [[region.shapes[v] for v in node.inputs], [region.shapes[v] for v in node.outputs]]
        does = self.contents[node.region] if isinstance(node, Call) else fields(node)
        return _digest([does, shapes])

    def profile(self, region: Region, node: OpNode | Call) -> Profile:
        """Each op inside counts once by its kind, its name, its arguments, and its shape; what
        papers count as a layer weighs more.
        """
        if isinstance(node, Call):
            return self.profiles[node.region]
        said, shape = json.dumps(fields(node)), region.shapes[node.output]
        weight = 1 + _LAYER * node.op.weighted_layers
        kind, name = node.op.kind, node.name
        like: list[Hashable] = [kind, ("as", name, kind), ("does", said), ("to", said, shape)]
        return Counter(dict.fromkeys(like, weight))

    def is_stage(self, region: Region, node: OpNode | Call) -> bool:
        """Whether the statement that ends in this node is a stage."""
        return not self.stages[region.id].isdisjoint(node.outputs)

    def _region(self, region: Region) -> Any:
        made: dict[int, Any] = {value: value for value in range(len(region.inputs))}
        nodes = []
        for at, node in enumerate(region.nodes):
            for port, value in enumerate(node.outputs):
                made[value] = [at, port]
            does = self.content(region, node)
            lent = node.lends if isinstance(node, Call) else ()
            staged = self.is_stage(region, node)
            sources = [made[value] for value in node.inputs]
            nodes.append([node.name, does, sources, lent, node.train, staged])
        inputs = [tensor.shape for tensor in region.inputs]
        outputs = [made[output.value] for output in region.outputs]
        return [inputs, nodes, outputs, region.borrows]


def structure(net: Net) -> str:
    """A digest of all that makes two nets different: see `Diff`."""
    root, outline = net.main, Outline(net)
    outputs = [(output.name, output.train, output.loss_weight) for output in root.outputs]
    inits = [rule.model_dump(mode="json") for rule in net.inits]
    return _digest([outline.contents[net.root], [i.name for i in root.inputs], outputs, inits])


def fields(node: OpNode) -> dict[str, Any]:
    """The op as JSON: its kind as `op`, and what differs from the defaults."""
    said: dict[str, Any] = node.model_dump(mode="json", include={"op"})["op"]
    return said


def redefined(a: Outline, b: Outline) -> frozenset[str]:
    """The blocks that are one thing in `a` and another in `b`: with some arguments and inputs they
    come out different. Of all others it may be said that a use with equal arguments differs only by
    what comes in.
    """
    one, other = _uses(a), _uses(b)
    return frozenset(key[0] for key in one.keys() & other.keys() if not one[key] & other[key])


def _uses(outline: Outline) -> dict[tuple[Any, ...], set[str]]:
    uses: dict[tuple[Any, ...], set[str]] = {}
    for region in outline.net.regions.values():
        if region.block and region.id != outline.net.root:
            key = (region.block, region.args, tuple(tensor.shape for tensor in region.inputs))
            uses.setdefault(key, set()).add(outline.contents[region.id])
    return uses


def _digest(data: Any) -> str:
    return sha256(json.dumps(data, separators=(",", ":")).encode()).hexdigest()

"""Depth: weighted layers (convolutions, linear layers) along the longest path, as in papers."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analysis.receptive import data
from resdsl.ir.graph import Net, OpNode, Region

Depths = dict[int, int]
"""By input of the region (`START`: paths that begin inside), the layers on the longest path."""

START = -1


def depths(net: Net) -> dict[str, tuple[Depths, ...]]:
    """For every region, the depths of each of its values."""
    known: dict[str, tuple[Depths, ...]] = {}
    for region in net.regions.values():
        known[region.id] = _walk(region, net, known)
    return known


def beyond(value: Depths, inputs: Sequence[Depths]) -> Depths:
    """The depths of a value of a region that is called on values with the depths `inputs`."""
    found: Depths = {}
    for i, layers in value.items():
        for start, before in (inputs[i] if i != START else {START: 0}).items():
            found[start] = max(found.get(start, 0), before + layers)
    return found


def _walk(region: Region, net: Net, known: dict[str, tuple[Depths, ...]]) -> tuple[Depths, ...]:
    values: list[Depths] = [{i: 0} for i in range(len(region.inputs))]
    values += [{} for _ in region.shapes[len(region.inputs) :]]
    for node in region.nodes:
        inputs = [values[v] for v in node.inputs]
        if isinstance(node, OpNode):
            longest: Depths = {}
            for depth in inputs[: data(node.op)] or [{START: 0}]:
                for start, before in depth.items():
                    longest[start] = max(longest.get(start, 0), before + node.op.weighted_layers)
            values[node.output] = longest
            continue
        callee = net.regions[node.region]
        for output, value in zip(callee.outputs, node.outputs, strict=True):
            values[value] = beyond(known[callee.id][output.value], inputs)
    return tuple(values)

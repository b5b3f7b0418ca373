"""The net without chance: what drops at random drops nothing."""

from __future__ import annotations

from typing import TypeGuard

from resdsl.ir.graph import Net, Node, OpNode, Region
from resdsl.ops.regularise import Dropout, DropPath


def still(net: Net) -> Net:
    """Every `dropout` and `drop_path` with p = 0; nothing else changes, names and weights included.

    1. A node whose op draws at random keeps its place, and its op gets `p` = 0.
    2. A net without such nodes is returned as it is.
    """
    if not any(_draws(node) for region in net.regions.values() for node in region.nodes):
        return net
    return net.model_copy(update={"regions": {k: _still(r) for k, r in net.regions.items()}})


def _still(region: Region) -> Region:
    nodes = tuple(
        node.model_copy(update={"op": node.op.model_copy(update={"p": 0.0})})
        if _draws(node)
        else node
        for node in region.nodes
    )
    return region.model_copy(update={"nodes": nodes})


def _draws(node: Node) -> TypeGuard[OpNode]:
    return isinstance(node, OpNode) and isinstance(node.op, Dropout | DropPath)

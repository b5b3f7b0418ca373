"""Which regions one class may serve, callees first."""

from __future__ import annotations

from collections.abc import Hashable

from resdsl.ir.graph import Call, Net, Region

Key = tuple[Hashable, ...]


def groups(net: Net) -> list[list[Region]]:
    """Regions of one block, or scopes of one structure, together; callees before callers."""
    depth: dict[str, int] = {}
    key: dict[str, Key] = {}
    for region in net.regions.values():
        callees = [node.region for node in region.nodes if isinstance(node, Call)]
        depth[region.id] = 1 + max((depth[callee] for callee in callees), default=0)
        key[region.id] = _key(net, region, key)
    key[net.root] = ("root",)
    found = _collect(net, key)
    order = _order(net, found, key)
    if order is None:  # a block inside another use of itself: by depth then, which always works
        key = {region: (*k, depth[region]) for region, k in key.items()}
        found = _collect(net, key)
        order = _order(net, found, key)
    assert order is not None
    return [found[k] for k in order]


def _key(net: Net, region: Region, key: dict[str, Key]) -> Key:
    if region.kind != "scope":
        return (region.kind, region.block or region.id)
    nodes = []
    for node in region.nodes:
        if isinstance(node, Call):
            what: Hashable = key[node.region]
            name = node.name
        else:
            shapes = [region.shapes[v] for v in node.inputs]
            what = node.op.kind
            name = node.name if node.op.weights(*shapes) else ""
        nodes.append((what, name, node.inputs, node.outputs, node.train))
    return ("scope", len(region.inputs), tuple(nodes), tuple(o.value for o in region.outputs))


def _collect(net: Net, key: dict[str, Key]) -> dict[Key, list[Region]]:
    found: dict[Key, list[Region]] = {}
    for region in net.regions.values():
        found.setdefault(key[region.id], []).append(region)
    return found


def _order(net: Net, found: dict[Key, list[Region]], key: dict[str, Key]) -> list[Key] | None:
    """Topological; None if the groups call each other in a circle."""
    needs = {
        k: {key[n.region] for region in regions for n in region.nodes if isinstance(n, Call)}
        for k, regions in found.items()
    }
    order: list[Key] = []
    done: set[Key] = set()
    while len(order) < len(found):
        ready = [k for k in found if k not in done and needs[k] <= done]
        if not ready:
            return None
        order += ready
        done |= set(ready)
    return order

"""An oracle for `stats`: the same counts from the flat graph, where no region is shared."""

from __future__ import annotations

from math import prod
from typing import Any

import networkx

from resdsl.ir.dump import to_networkx
from resdsl.ir.graph import Net


def flat_counts(net: Net) -> dict[str, int]:
    """params, params_training, buffers, macs, elements of activations, depth."""
    graph = to_networkx(net)
    seen: dict[bool, dict[str, dict[str, Any]]] = {False: {}, True: {}}
    macs = activations = 0
    for key, node in graph.nodes(data=True):
        if node["op"] is None:
            continue
        shapes = inputs(graph, key)
        weights = node["op"].weights(*shapes)
        seen[True].setdefault(node["path"], weights)
        if not node["train"]:
            seen[False].setdefault(node["path"], weights)
            macs += node["op"].macs(tuple(shapes), node["shape"])
            activations += prod(node["shape"])
    main = next(o for o in (*net.main.outputs,) if not o.train)
    return {
        "params": elements(seen[False], "trainable"),
        "params_training": elements(seen[True], "trainable"),
        "buffers": elements(seen[False], "buffer"),
        "macs": macs,
        "activations": activations,
        "depth": depth(graph, f"output:{main.name}"),
    }


def inputs(graph: networkx.MultiDiGraph, key: str) -> list[tuple[int, ...]]:
    """The shapes of a node's inputs, by port."""
    edges = sorted(graph.in_edges(key, data=True), key=lambda edge: edge[2]["port"])
    return [edge[2]["shape"] for edge in edges]


def elements(owned: dict[str, dict[str, Any]], role: str) -> int:
    weights = [w for tensors in owned.values() for w in tensors.values()]
    return sum(prod(w.shape) for w in weights if w.role == role)


def depth(graph: networkx.MultiDiGraph, end: str) -> int:
    """Weighted layers on the longest path to `end`; a shape that is only looked at is no path."""
    longest: dict[str, int] = {}
    for key in networkx.topological_sort(graph):
        op = graph.nodes[key]["op"]
        before = [
            longest[source]
            for source, _, edge in graph.in_edges(key, data=True)
            if not (op and op.tensors == ("like",) and edge["port"] > 0)
        ]
        longest[key] = max(before, default=0) + (op.weighted_layers if op else 0)
    return longest[end]

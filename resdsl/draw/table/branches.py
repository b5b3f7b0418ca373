"""What a cell says of branches: `concat of 3: 1×1, 64; 1×1, 96 → 3×3, 128; input`."""

from __future__ import annotations

from resdsl.draw.figure.graph import Graph

_LONG = 80
"""What is longer is said in numbers, `concat of 12 branches, 24 layers`."""


def branches(graph: Graph) -> str:
    """Each arm of the merge that `graph` ends in, where the arms are chains of layers; else the
    numbers of the arms, or of the merges where it has no such arms, and of the weighted layers.
    """
    layers = sum(node.weighted for node in graph.nodes)
    counted = f"{layers:,} layer{'s' * (layers != 1)}"
    merges = sum(node.layer is None for node in graph.nodes)
    end, arms = graph.nodes[graph.end], _arms(graph)
    if not arms:
        return f"{merges} merge{'s' * (merges != 1)}, {counted}" if merges else counted
    chains = [_chain(graph, arm) for arm in arms]
    said = f"{end.kind} of {len(arms)}: {'; '.join(chains)}"
    if all(chains) and len(said) <= _LONG:
        return said
    return f"{end.kind} of {len(arms)} branches, {counted}"


def _arms(graph: Graph) -> list[list[int]]:
    """The nodes of each arm of the merge that `graph` ends in, but the inputs; none where the arms
    are not apart, or are not all that there is.
    """
    nodes, end = graph.nodes, graph.nodes[graph.end]
    if end.layer is not None or end.arms != len(end.links):
        return []
    arms, taken = [], {graph.end}
    for link in end.links:
        arm, todo = set[int](), [link.source]
        while todo:
            n = todo.pop()
            if nodes[n].kind != "input" and n not in arm:
                arm.add(n)
                todo += [source for source, _ in nodes[n].links]
        if not taken.isdisjoint(arm):
            return []
        taken |= arm
        arms.append(sorted(arm))
    return arms if all(n in taken or nodes[n].kind == "input" for n in range(len(nodes))) else []


def _chain(graph: Graph, arm: list[int]) -> str:
    """`1×1, 96 → 3×3, 128`; nothing of what is no chain."""
    texts = []
    for n in arm:
        node = graph.nodes[n]
        if node.layer is None or len(node.links) > 1:
            return ""
        texts.append(node.layer.terse)
    return " → ".join(texts) or "input"

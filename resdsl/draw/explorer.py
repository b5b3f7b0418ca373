"""A picture in the format of Model Explorer (https://github.com/google-ai-edge/model-explorer):
a graph of its leaves, in namespaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.draw.labels import title
from resdsl.draw.picture import Box, Edge, Picture
from resdsl.draw.words import times
from resdsl.files import MADE
from resdsl.report.text import json_text, visible


def explorer(picture: Picture) -> str:
    """JSON text: a GraphCollection of one graph. Namespaces are the labels, parted by `/`; equal
    repeats are one, and the attribute `times` says of how many.
    """
    incoming: dict[str, list[Edge]] = {}
    for edge in picture.edges():
        incoming.setdefault(edge.target.id, []).append(edge)
    groups: dict[str, dict[str, str]] = {}
    nodes = [_node(box, space, incoming) for box, space in _leaves(picture.root, "", groups)]
    graph = {"id": picture.name, "nodes": nodes, "groupNodeAttributes": groups}
    collection = {"label": f"{title(picture)} ({MADE})", "graphs": [graph]}
    return json_text(collection) + "\n"


def _leaves(box: Box, space: str, groups: dict[str, dict[str, str]]) -> Iterator[tuple[Box, str]]:
    """The boxes without children, each with its namespace; `groups` gets the others."""
    for child in box.children:
        if not child.children:
            yield child, space
            continue
        own = f"{space}/{_name(child)}" if space else _name(child)
        while own in groups:  # two lines of the text may be called alike
            own += "'"
        groups[own] = dict(_facts(child))
        yield from _leaves(child, own, groups)


def _node(box: Box, space: str, incoming: dict[str, list[Edge]]) -> dict[str, Any]:
    edges = incoming.get(box.id, [])
    return {
        "id": box.id,
        "label": f"{box.kind} {box.detail}".rstrip() if box.role == "op" else _name(box),
        "namespace": space,
        "attrs": [{"key": key, "value": value} for key, value in _facts(box)],
        "incomingEdges": [
            {
                "sourceNodeId": e.source.id,
                "sourceNodeOutputId": "0",
                "targetNodeInputId": str(e.port),
            }
            for e in edges
        ],
        "outputsMetadata": [{"id": "0", "attrs": [{"key": "shape", "value": times(box.shape)}]}],
    }


def _name(box: Box) -> str:
    return visible(box.name).replace("/", "∕")


def _facts(box: Box) -> Iterator[tuple[str, str]]:
    yield "path", visible(box.path)
    yield "kind", visible(box.kind)
    for name in ("params", "macs", "activation_memory", "depth", "times"):
        yield name, str(getattr(box, name))
    yield "receptive_field", "×".join("all" if n is None else str(n) for n in box.receptive_field)
    if box.line:
        yield "line", str(box.line)
    if box.train:
        yield "training only", "yes"

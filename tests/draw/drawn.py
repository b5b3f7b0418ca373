"""What an SVG of Graphviz shows: which text stands in which box, and where the boxes are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree as ET

from resdsl.draw.fonts import text_width

SVG = "{http://www.w3.org/2000/svg}"
Rect = tuple[float, float, float, float]
"""left, top, right, bottom"""


@dataclass(frozen=True)
class Shape:
    """A node or a cluster, with the lines of text in it."""

    id: str
    place: Rect
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Drawn:
    """All of one drawing."""

    nodes: dict[str, Shape]
    clusters: dict[str, Shape]
    edges: dict[tuple[str, str], str]
    texts: list[str]

    @staticmethod
    def of(svg: str) -> Drawn:
        graph = ET.fromstring(svg).find(f"{SVG}g")
        assert graph is not None
        nodes, clusters, edges = {}, {}, {}
        for group in graph.iter(f"{SVG}g"):
            title = group.get("id") or group.findtext(f"{SVG}title") or ""
            texts = [_plain(t.text) for t in group.findall(f".//{SVG}text")]
            if group.get("class") == "node":
                nodes[title] = Shape(title, _place(group), tuple(texts))
            elif group.get("class") == "cluster":
                clusters[title.removeprefix("cluster_")] = Shape(title, _place(group), ())
            elif group.get("class") == "edge":
                a, _, b = (group.findtext(f"{SVG}title") or "").partition("->")
                edges[a, b] = " ".join(texts).strip()
        every = [_plain(t.text) for t in graph.iter(f"{SVG}text")]
        return Drawn(nodes, clusters, edges, every)

    def overlapping(self) -> list[tuple[str, str]]:
        """Boxes that lie on each other: two nodes, or a cluster and what is not inside it."""
        found = [
            (a.id, b.id)
            for a, b in combinations(self.nodes.values(), 2)
            if _overlap(a.place, b.place)
        ]
        for key, cluster in self.clusters.items():
            for node in self.nodes.values():
                if not node.id.startswith(f"{key}_") and _overlap(cluster.place, node.place):
                    found.append((cluster.id, node.id))
            for other, second in self.clusters.items():
                nested = other.startswith(f"{key}_") or key.startswith(f"{other}_")
                if key < other and not nested and _overlap(cluster.place, second.place):
                    found.append((cluster.id, second.id))
        return found

    def too_wide(self) -> list[str]:
        """Lines of text that are wider than the box that they stand in, in the widest of fonts."""
        return [
            text
            for node in self.nodes.values()
            for text in node.texts
            if text_width(text, 11) > node.place[2] - node.place[0]
        ]


def _place(group: ET.Element) -> Rect:
    """Around the path, polygon or ellipse of a group."""
    xs, ys = [], []
    for shape in group.iter():
        if shape.tag == f"{SVG}ellipse":
            cx, cy, rx, ry = (float(shape.get(k, "0")) for k in ("cx", "cy", "rx", "ry"))
            xs += [cx - rx, cx + rx]
            ys += [cy - ry, cy + ry]
        numbers = re.findall(r"-?[\d.]+", shape.get("points") or shape.get("d") or "")
        xs += map(float, numbers[::2])
        ys += map(float, numbers[1::2])
    return min(xs), min(ys), max(xs), max(ys)


def _overlap(a: Rect, b: Rect) -> bool:
    room = 0.5  # lines may touch
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    return across > room and down > room


def _plain(text: str | None) -> str:
    """Graphviz writes the second of two spaces as one that does not break."""
    return (text or "").replace("\xa0", " ")

"""What an SVG of Graphviz shows: which text stands in which box, and where the boxes are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree as ET

from resdsl.draw.fonts import text_width

SVG = "{http://www.w3.org/2000/svg}"
Point = tuple[float, float]
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
    paths: list[list[Point]]
    """Of the arrows, by points close to each other."""
    texts: list[str]

    @staticmethod
    def of(svg: str) -> Drawn:
        graph = ET.fromstring(svg).find(f"{SVG}g")
        assert graph is not None
        nodes, clusters, edges, paths = {}, {}, {}, []
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
                paths += [_points(path.get("d") or "") for path in group.iter(f"{SVG}path")]
        every = [_plain(t.text) for t in graph.iter(f"{SVG}text")]
        return Drawn(nodes, clusters, edges, paths, every)

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

    def run_through(self) -> list[str]:
        """Boxes that an arrow runs through: an arrow from or to another box."""
        return [
            node.id
            for path in self.paths
            for node in self.nodes.values()
            if _overlap(_around(path), node.place)
            and not any(_inside(end, node.place, room=4) for end in (path[0], path[-1]))
            and any(_inside(point, node.place, room=-2) for point in path)
        ]

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


def _points(path: str) -> list[Point]:
    """Along a line of cubic splines, twelve of each."""
    numbers = list(map(float, re.findall(r"-?[\d.]+", path)))
    knots = list(zip(numbers[::2], numbers[1::2], strict=True))
    found = knots[:1]
    for a, b, c, d in zip(knots[::3], knots[1::3], knots[2::3], knots[3::3], strict=False):
        for t in (k / 12 for k in range(1, 13)):
            u = 1 - t
            x, y = (
                u**3 * a[i] + 3 * u * u * t * b[i] + 3 * u * t * t * c[i] + t**3 * d[i]
                for i in (0, 1)
            )
            found.append((x, y))
    return found


def _around(points: list[Point]) -> Rect:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _inside(point: Point, place: Rect, room: float) -> bool:
    left, top, right, bottom = place
    x, y = point
    return left - room < x < right + room and top - room < y < bottom + room


def _overlap(a: Rect, b: Rect) -> bool:
    room = 0.5  # lines may touch
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    return across > room and down > room


def _plain(text: str | None) -> str:
    """Graphviz writes the second of two spaces as one that does not break."""
    return (text or "").replace("\xa0", " ")

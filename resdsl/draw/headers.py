"""Headings of clusters in front: Graphviz draws an arrow into a cluster over its heading."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from resdsl.draw.fonts import text_width
from resdsl.draw.render import svg_text

SVG = "http://www.w3.org/2000/svg"
_TEXT, _GROUP = f"{{{SVG}}}text", f"{{{SVG}}}g"


def lift_headings(svg: str) -> str:
    """The SVG with every heading moved to the end, on a strip of its cluster's colour."""
    root = ET.fromstring(svg)
    graph = root.find(_GROUP)
    if graph is None:
        return svg
    for cluster in graph.findall(_GROUP):
        if cluster.get("class") != "cluster":
            continue
        shape = next((part for part in cluster if part.get("fill")), None)
        heading = ET.SubElement(graph, _GROUP, {"class": "heading"})
        texts = cluster.findall(_TEXT)
        for text in texts:
            cluster.remove(text)
            ET.SubElement(heading, f"{{{SVG}}}rect", _strip(text, shape))
        heading.extend(texts)
    return svg_text(root)


def _strip(text: ET.Element, shape: ET.Element | None) -> dict[str, str]:
    """A rectangle behind one line of text."""
    size = float(text.get("font-size", "11"))
    wide = text_width(text.text or "", size) + 4
    anchor = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.get("text-anchor", "start")]
    left = float(text.get("x", "0")) - anchor * wide - (2 if anchor == 0 else 0)
    fill = "none" if shape is None else shape.get("fill", "none")
    return {
        "x": f"{left:.2f}",
        "y": f"{float(text.get('y', '0')) - 0.95 * size:.2f}",
        "width": f"{wide:.2f}",
        "height": f"{1.25 * size:.2f}",
        "fill": fill,
    }

"""Every shipped net at every depth: no text lost, no box on another or under an arrow. One net of
each spec file is a PNG and a PDF, too.
"""

from __future__ import annotations

import io
import json

import pypdf
import pytest

import resdsl
from resdsl.draw.dot import MARKS
from resdsl.draw.graph import Graph
from resdsl.draw.labels import title, words
from resdsl.draw.render import svg_to_pdf, svg_to_png
from resdsl.report.text import visible
from tests.draw.drawn import Drawn
from tests.draw.page.pages import data_of
from tests.zoo.zoo import NETS, ONE_OF_EACH


@pytest.mark.parametrize("name", NETS)
def test_a_net_is_drawn(name: str) -> None:
    net = resdsl.load(name)
    for depth in ("model", "stage", "block", "layer"):
        graph = net.graph(depth)
        svg = str(graph.render("svg"))
        in_the_svg(graph, svg)
        in_other_formats(graph, svg)
        if name in ONE_OF_EACH:
            in_print(graph, svg)
    page = str(graph.render("html"))
    assert str(net.stats().params) in str(data_of(page))
    assert len(page.encode()) < 2_000_000


def in_the_svg(graph: Graph, svg: str) -> None:
    """Each box has its lines of text and room for them, and no two boxes overlap."""
    drawn = Drawn.of(svg)
    boxes = list(graph.picture.boxes())[1:]
    assert title(graph.picture) in drawn.texts
    for box in boxes:
        lines = [MARKS[box.kind]] if box.kind in MARKS else words(box)
        if box.children:
            assert box.id in drawn.clusters
            assert {visible(line) for line in lines} <= set(drawn.texts)
        else:
            assert drawn.nodes[box.id].texts == tuple(map(visible, lines))
    assert len(drawn.nodes) + len(drawn.clusters) == len(boxes)
    assert drawn.overlapping() == []
    assert drawn.too_wide() == []
    assert drawn.run_through() == []
    assert len(drawn.paths) == len(graph.picture.edges())


def in_other_formats(graph: Graph, svg: str) -> None:
    """They are whole."""
    assert len(json.loads(str(graph.render("json")))["edges"]) == len(graph.picture.edges())
    assert json.loads(str(graph.render("explorer")))["graphs"]
    assert str(graph.render("mermaid")).count("subgraph") == svg.count('class="cluster"')
    assert str(graph.render("dot")).count("subgraph") == svg.count('class="cluster"')


def in_print(graph: Graph, svg: str) -> None:
    """The PNG is whole (test_render.py looks for its glyphs); the PDF has every line as text."""
    png, pdf = svg_to_png(svg, scale=0.25), svg_to_pdf(svg)
    assert png.startswith(b"\x89PNG") and png.endswith(b"IEND\xaeB`\x82")
    text = "".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    for box in list(graph.picture.boxes())[1:]:
        assert box.kind in MARKS or all("".join(line.split()) in text for line in words(box))

"""Graphviz DOT: the right graph, and nothing of a spec but text. Graphviz itself draws it."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

import resdsl
from resdsl.draw.dot import dot, quoted
from resdsl.draw.engines import layout
from resdsl.draw.headers import lift_headings
from resdsl.draw.labels import words
from resdsl.draw.outline import picture
from resdsl.draw.picture import Depth
from resdsl.ir.graph import Net
from resdsl.report.text import visible
from tests.analysis.nets import Draft, net, shared
from tests.draw.drawn import Drawn

HOSTILE = [
    "<script>alert(1)</script>", "<b>bold</b>", "<>", "\\N \\G \\l", 'a"]; evil [label="', "\\",
    "&lt;b&gt; & é 漢", '"', "a:b", "b:c:d", "end", "--> x", "`md`", "#35;", "%% no",
]  # fmt: skip


def hostile(text: str) -> Net:
    """A net whose every name is that text."""
    inner = Draft(text, "scope", {text: (3, 4, 4)})
    inside = inner.end(inner.op(text, "conv", 0, out=3))
    root = Draft("root", "model", {text: (3, 4, 4)})
    (x,) = root.call(text, inside, 0)
    root.line(text, x, stage=True)
    x = root.op("relu1", "relu", x)
    root.line(text, x)
    return net(text, inside, root.end(x), notes={text: text})


def drawn(net: Net, depth: Depth) -> Drawn:
    return Drawn.of(lift_headings(layout(dot(picture(net, depth))).decode()))


def test_stages_are_boxes_with_repeats_folded() -> None:
    shown = drawn(resdsl.load("resnet50").ir, "stage")
    assert shown.nodes["b_4"].texts == (
        "conv3_x: bottleneck × 4", "1.220 M params, 950.5 M MACs",
    )  # fmt: skip
    assert shown.edges["b_3", "b_4"] == "256×56×56"
    chain = [f"b_{i}" for i in range(9)]
    assert list(shown.edges) == list(pairwise(chain))


def test_what_is_open_is_a_cluster_with_a_heading() -> None:
    shown = drawn(resdsl.load("resnet50").ir, "block")
    assert list(shown.clusters) == ["b_3", "b_4", "b_5", "b_6"]
    assert "conv3_x: bottleneck × 4" in shown.texts
    assert shown.nodes["b_4_1"].texts[0] == "1-3: bottleneck 128 × 3"


def test_headings_stand_in_front_of_arrows() -> None:
    """Graphviz draws arrows after clusters: the headings come last of all."""
    before = layout(dot(picture(resdsl.load("resnet18").ir, "block"))).decode()
    after = lift_headings(before)
    assert before.index(">conv3_x") < before.rindex('class="edge"')
    assert after.index(">conv3_x") > after.rindex('class="edge"')
    assert len(re.findall("<text", after)) == len(re.findall("<text", before))


def test_projections_are_dashed_and_training_is_dotted() -> None:
    text = dot(picture(resdsl.load("resnet34_B").ir, "layer"))
    assert text.count("style=dashed") == 9  # three arms of three arrows
    text = dot(picture(shared(), "stage"))
    dotted = {line.split("[")[0].strip() for line in text.splitlines() if "dotted" in line}
    assert dotted == {"b_3", "b_7", "b_2 -> b_3", "b_3 -> b_7"}


@pytest.mark.parametrize("text", HOSTILE)
def test_names_are_drawn_as_they_are(text: str) -> None:
    spec = hostile(text)
    for depth in ("model", "stage", "block", "layer"):
        shown = drawn(spec, depth)
        boxes = [box for box in picture(spec, depth).boxes() if box.id != "b"]
        for box in boxes:
            lines = [visible(line) for line in words(box)]
            found = shown.nodes[box.id].texts if box.id in shown.nodes else shown.texts
            assert set(lines) <= {line.strip() for line in found} | set(found)


def test_control_characters_are_shown() -> None:
    assert quoted("a\x00\nb\u202e") == "a\\\\x00\\\\nb\\\\u{202e}"

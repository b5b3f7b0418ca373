"""Graphviz DOT: the right graph, and nothing of a spec but text."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

import resdsl
from resdsl.report.dot import dot, quoted
from tests.analysis.nets import Draft, net, resnet50, shared

STRING = r'"(?:[^"\\\n]|\\.)*"'
NAMED = rf"(\w+) \[label=({STRING})(.*)\];"


def parse(text: str) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Nodes and edges with their labels; every line must be one that DOT's grammar takes."""
    first, *lines, last = text.splitlines()
    assert re.fullmatch(rf"digraph {STRING} {{", first)
    assert last == "}"
    nodes, edges = {}, {}
    for line in lines:
        if edge := re.fullmatch(rf"  (\w+) -> {NAMED}", line):
            edges[edge[1], edge[2]] = drawn(edge[3])
        elif node := re.fullmatch(rf"  {NAMED}", line):
            nodes[node[1]] = drawn(node[2])
        else:
            assert re.fullmatch(r"  (rankdir=TB|(node|edge) \[[^\]]*\]);", line), line
    return nodes, edges


def drawn(string: str) -> str:
    """What Graphviz draws for a quoted label."""
    meant = {"n": "\n", "\\": "\\", '"': '"'}
    text = re.sub(r"\\(.)", lambda escape: meant[escape[1]], string[1:-1])
    return text.replace("&amp;", "&")


def test_stages_are_boxes_with_repeats_folded() -> None:
    nodes, edges = parse(dot(resnet50()))
    assert nodes["s3"] == "conv3_x\nbottleneck × 4\n512x28x28"
    assert nodes["in0"] == "image\n3x224x224"
    assert nodes["out0"] == "logits\n1000"
    assert len(nodes) == 9
    assert edges["s2", "s3"] == "256x56x56"
    chain = ["in0", *(f"s{i}" for i in range(7)), "out0"]
    assert list(edges) == list(pairwise(chain))


def test_side_outputs_and_training_are_dashed() -> None:
    text = dot(shared())
    nodes, edges = parse(text)
    assert nodes["out1"] == "aux\n10"
    assert edges["s2", "out1"] == "10"
    dashed = {line.split("[")[0].strip() for line in text.splitlines() if "dashed" in line}
    assert dashed == {"s2", "out1", "s1 -> s2", "s2 -> out1"}


def test_branches_and_several_inputs_join() -> None:
    nodes, edges = parse(dot(resdsl.load("examples/siamese").ir))
    assert {edge for edge in edges if edge[1] == "s2"} == {("s0", "s2"), ("s1", "s2")}
    assert nodes["in1"] == "right\n3x64x128"


def test_an_input_may_be_an_output() -> None:
    root = Draft("root", "model", {"image": (3, 4, 4)})
    _, edges = parse(dot(net("empty", root.end(0))))
    assert edges == {("in0", "out0"): "3x4x4"}


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<b>bold</b>", "\\N \\G \\l", 'a"]; evil [label="', "\\",
        "&lt;b&gt; & é 漢", '"', "",
    ],
)  # fmt: skip
def test_labels_are_drawn_as_they_are(text: str) -> None:
    assert re.fullmatch(STRING, quoted(text))
    assert drawn(quoted(text)) == text
    root = Draft("root", "model", {text: (3, 4, 4)})
    x = root.op("relu1", "relu", 0)
    root.line(text, x)
    nodes, _ = parse(dot(net(text, root.end(x))))
    assert nodes == {
        "in0": f"{text}\n3x4x4", "s0": f"{text}\nrelu\n3x4x4", "out0": "out\n3x4x4",
    }  # fmt: skip


def test_control_characters_are_shown() -> None:
    assert quoted("a\x00\nb\u202e") == '"a\\\\x00\\\\nb\\\\u{202e}"'

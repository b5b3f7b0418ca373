"""The flat graph."""

from __future__ import annotations

import networkx

import resdsl
from resdsl.ir.dump import to_networkx
from tests.analysis.nets import resnet50, shared


def test_nodes_are_named_by_their_paths() -> None:
    graph = to_networkx(resnet50())
    assert graph.name == "resnet50"
    assert {"input:image", "conv1.conv1", "conv3_x.0.downsample.0", "output:logits"} <= set(graph)
    node = graph.nodes["conv3_x.0.conv2"]
    assert (node["kind"], node["shape"], node["path"]) == ("conv", (128, 28, 28), "conv3_x.0.conv2")
    assert node["op"].out == 128
    assert networkx.is_directed_acyclic_graph(graph)
    assert list(graph.predecessors("conv3_x.0.add1")) == [
        "conv3_x.0.bn3", "conv3_x.0.downsample.1",
    ]  # fmt: skip


def test_each_application_of_a_shared_instance_is_a_node() -> None:
    graph = to_networkx(shared())
    uses = [key for key, path in graph.nodes(data="path") if path == "c"]
    assert uses == ["c", "c#2", "c#3", "c#4", "c#5"]
    assert [key for key in graph if key.startswith("s.")] == ["s.conv1", "s.conv1#2"]
    assert [key for key, train in graph.nodes(data="train") if train] == [
        "aux.gap1", "aux.fc1", "output:aux",
    ]  # fmt: skip


def test_edges_know_the_input_that_they_feed() -> None:
    graph = resdsl.loads("""
        input image: 3x8x8
        x: conv(4)
        concat { | @x | @image | @x }
        output y
    """).to_networkx()
    (concat,) = (key for key, kind in graph.nodes(data="kind") if kind == "concat")
    edges = sorted(
        (edge["port"], a, edge["shape"]) for a, _, edge in graph.in_edges(concat, data=True)
    )
    assert edges == [
        (0, "x", (4, 8, 8)), (1, "input:image", (3, 8, 8)), (2, "x", (4, 8, 8)),
    ]  # fmt: skip

"""Model Explorer's format: the fields that its graph_builder.py declares, and a whole graph."""

from __future__ import annotations

import json
from typing import Any

import pytest

import resdsl
from resdsl.draw.explorer import explorer
from resdsl.draw.outline import picture
from tests.draw.test_dot import hostile
from tests.zoo.zoo import ONE_OF_EACH

NODE = {"id", "label", "namespace", "attrs", "incomingEdges", "outputsMetadata"}
EDGE = {"sourceNodeId", "sourceNodeOutputId", "targetNodeInputId"}


def graph(text: str) -> dict[str, Any]:
    collection = json.loads(text)
    assert collection.keys() == {"label", "graphs"}
    (found,) = collection["graphs"]
    assert found.keys() == {"id", "nodes", "groupNodeAttributes"}
    return dict(found)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_graph_is_whole(name: str) -> None:
    found = graph(explorer(picture(resdsl.load(name).ir, "layer")))
    ids = [node["id"] for node in found["nodes"]]
    assert len(set(ids)) == len(ids)
    for node in found["nodes"]:
        assert node.keys() == NODE
        assert all(isinstance(pair["value"], str) for pair in node["attrs"])
        for edge in node["incomingEdges"]:
            assert edge.keys() == EDGE
            assert edge["sourceNodeId"] in ids
    spaces = {node["namespace"] for node in found["nodes"] if node["namespace"]}
    assert spaces <= found["groupNodeAttributes"].keys()


def test_namespaces_are_the_labels() -> None:
    found = graph(explorer(picture(resdsl.load("resnet50").ir, "layer")))
    facts = [{pair["key"]: pair["value"] for pair in n["attrs"]} for n in found["nodes"]]
    by_path = {of["path"]: node for of, node in zip(facts, found["nodes"], strict=True)}
    inner = by_path["conv3_x.0.downsample.0"]
    assert inner["namespace"] == "conv3_x/0/downsample"
    assert inner["label"] == "conv 1×1, 512, /2"
    assert inner["outputsMetadata"][0]["attrs"] == [{"key": "shape", "value": "512×28×28"}]
    assert found["groupNodeAttributes"]["conv3_x/1-3"]["times"] == "3"


def test_a_slash_in_a_name_makes_no_level() -> None:
    found = graph(explorer(picture(hostile("a/b"), "layer")))
    assert {node["namespace"] for node in found["nodes"]} == {"", "a∕b"}

"""`stats`: exact on ResNet-50 built by hand, and the same as the flat graph on everything else."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from pydantic import ValidationError

import resdsl
from resdsl.analysis.rows import Row
from resdsl.analysis.stats import DTYPES, stats
from resdsl.ops.conv import Conv
from tests.analysis.flat import flat_counts
from tests.analysis.nets import resnet50, shared

SUMS = ("params", "params_training", "buffers", "macs", "activation_memory", "weight_memory")
SPECS = [
    "classics/googlenet",
    "classics/lenet5",
    "dense/fpn",
    "examples/exchange_net",
    "examples/shared_dilation",
    "examples/siamese",
    "examples/two_headed",
    "timm/seresnet50",
    "torchvision/shufflenet_v2_x1_0",
    "torchvision/vit_b_16",
    "resnet34",
]


def test_resnet_50_has_the_counts_of_the_paper() -> None:
    found = stats(resnet50())
    assert (found.params, found.params_training) == (25_557_032, 25_557_032)
    assert found.macs == 3_857_973_248
    assert found.buffers == 53_120
    assert found.depth == 50
    assert found.inputs == {"image": (3, 224, 224)}
    assert found.outputs == {"logits": (1000,)}


def test_every_statement_is_a_row() -> None:
    rows = stats(resnet50()).rows
    assert [row.name for row in rows] == [
        "conv1", "pool1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "head",
    ]  # fmt: skip
    assert [row.output for row in rows[2:]] == [
        (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7), (1000,),
    ]  # fmt: skip
    assert [row.stage for row in rows] == [False, False, True, True, True, True, False]
    assert [row.depth for row in rows] == [1, 1, 10, 22, 40, 49, 50]
    assert [row.kind for row in rows[:3]] == ["conv_bn_act", "maxpool", "bottleneck × 3"]
    assert rows[-1].kind == "gap, fc"


def test_rows_have_the_paths_of_their_weights() -> None:
    stage = stats(resnet50()).rows[3]
    assert [block.path for block in stage.children] == [f"conv3_x.{i}" for i in range(4)]
    layers = stage.children[0].children
    assert [layer.path for layer in layers][-3:] == [
        "conv3_x.0.downsample", "conv3_x.0.add1", "conv3_x.0.relu3",
    ]  # fmt: skip
    assert [layer.path for layer in layers[8].children] == [
        "conv3_x.0.downsample.0", "conv3_x.0.downsample.1",
    ]  # fmt: skip
    assert all(layer.children == () for layer in layers if layer.kind != "conv, bn")


@pytest.mark.parametrize("net", [resnet50(), resnet50(side=193), shared()], ids=lambda n: n.name)
def test_rows_sum_to_the_totals_at_every_level(net: Any) -> None:
    found = stats(net, batch=3, dtype="float16")
    assert_sums(found, found.rows)
    for row in found.rows:
        assert_children_sum(row)


def assert_children_sum(row: Row) -> None:
    if row.children:
        assert_sums(row, row.children)
    for child in row.children:
        assert_children_sum(child)


def assert_sums(whole: Any, parts: tuple[Row, ...]) -> None:
    for name in SUMS:
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name), name


@pytest.mark.parametrize("net", [resnet50(), shared()], ids=lambda n: n.name)
def test_regions_count_as_the_flat_graph(net: Any) -> None:
    assert_as_flat(net)


@pytest.mark.parametrize("spec", SPECS)
def test_shipped_nets_count_as_the_flat_graph(spec: str) -> None:
    net = resdsl.load(spec).ir
    assert_as_flat(net)
    found = stats(net)
    assert_sums(found, found.rows)
    for row in found.rows:
        assert_children_sum(row)


def assert_as_flat(net: Any) -> None:
    found, flat = stats(net), flat_counts(net)
    for name in ("params", "params_training", "buffers", "macs", "depth"):
        assert getattr(found, name) == flat[name], name
    assert found.activation_memory == 4 * flat["activations"]


def test_memory_is_that_of_a_batch_in_a_type() -> None:
    one, many = stats(resnet50()), stats(resnet50(), batch=32, dtype="bfloat16")
    assert many.activation_memory == 16 * one.activation_memory
    assert one.weight_memory == 4 * (25_557_032 + 53_120)
    assert many.weight_memory * 2 == one.weight_memory
    assert many.macs == one.macs


@pytest.mark.parametrize(("batch", "dtype"), [(0, "float32"), (1, "float31")])
def test_senseless_batches_and_types_are_refused(batch: int, dtype: str) -> None:
    with pytest.raises(ValueError, match=r"`batch` \(=0\)|`dtype` must be one of"):
        stats(shared(), batch=batch, dtype=dtype)


def test_a_type_is_as_wide_as_its_name_says() -> None:
    assert all(str(8 * width) in name for name, width in DTYPES.items())


def test_json_has_the_fields_that_scripts_read() -> None:
    data = json.loads(stats(resnet50(), suspended=["params == 3"]).to_json())
    assert data["name"] == "resnet50"
    assert data["inputs"] == {"image": [3, 224, 224]}
    assert data["outputs"] == {"logits": [1000]}
    assert data["suspended"] == ["params == 3"]
    assert data["receptive_field"] == [None, None]
    assert "multiply-adds" in data["convention"]
    assert set(data) >= {"params", "params_training", "buffers", "macs", "depth", "stages"}
    first = data["stages"][2]
    assert (first["name"], first["output"]) == ("conv2_x", [256, 56, 56])
    assert (first["params"], first["macs"]) == (215_808, 667_942_912)
    assert "children" not in first
    for name in ("params", "macs"):
        assert sum(stage[name] for stage in data["stages"]) == data[name]


def test_json_goes_as_deep_as_asked() -> None:
    found = stats(resnet50())
    block = found.to_data("block")["stages"][2]
    assert [child["path"] for child in block["children"]] == [f"conv2_x.{i}" for i in range(3)]
    assert "children" not in block["children"][0]
    assert "children" not in found.to_data("block")["stages"][0]  # conv1 is a block itself
    layer = found.to_data("layer")["stages"][2]["children"][0]["children"]
    assert [child["name"] for child in layer][:2] == ["conv1", "bn1"]


def test_stats_are_values() -> None:
    one, other = stats(shared()), stats(shared())
    assert one == other
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != stats(shared(), batch=2)
    with pytest.raises(ValidationError, match="frozen"):
        one.rows[0].params = 3  # type: ignore[misc]


def test_auxiliary_heads_count_in_training_alone() -> None:
    found = stats(shared())
    aux = next(row for row in found.rows if row.name == "aux")
    assert aux.train
    assert (aux.params, aux.macs, aux.activation_memory) == (0, 0, 0)
    assert found.params_training - found.params == aux.params_training == 90
    assert found.outputs == {"logits": (10,)}


def test_a_net_costs_what_is_distinct_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    macs = Conv.macs
    monkeypatch.setattr(
        Conv, "macs", lambda self, *shapes: asked.append(self) or macs(self, *shapes)
    )
    deep = stats(resnet50((3, 4000, 6, 3)))
    assert deep.depth == 2 + 3 * 4012
    assert len(asked) < 50
    assert len(deep.rows[3].children) == 4000
    assert len(asked) < 50

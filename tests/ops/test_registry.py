"""What holds for every op: documented, frozen, told apart, the same after a trip through JSON."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from resdsl.ir.graph import OpNode
from resdsl.ir.init import Normal
from resdsl.ir.op import Op
from tests.ops.torch_says import make

USES: dict[str, list[dict[str, object]]] = {
    "conv": [
        {"out": 8},
        {"out": 8, "k": (1, 7), "stride": 2, "pad": "same_upper", "bias": False},
        {"out": 8, "k": 5, "pad": (2, 1), "dilation": 3, "groups": 4, "init": Normal(std=0.1)},
    ],
    "conv_transpose": [
        {"out": 8, "k": 2, "stride": 2},
        {"out": 8, "k": 3, "stride": 3, "pad": 1, "output_pad": (0, 2), "groups": 2,
         "dilation": 2, "bias": False, "init": Normal()},
    ],
    "fc": [{"out": 8}, {"out": 8, "bias": False, "init": Normal(mean=1), "flatten": False}],
    "bn": [{}, {"eps": 1e-3, "momentum": 0.01, "affine": False}],
    "ln": [{}, {"eps": 1e-3, "affine": False}],
    "gn": [{}, {"groups": 3, "eps": 1e-3, "affine": False}],
    "instance_norm": [{}, {"eps": 1e-3, "affine": False}],
    "lrn": [{}, {"size": 3, "alpha": 0.1, "beta": 0.5, "k": 2}],
    "leaky_relu": [{}, {"slope": 0.2}],
    "prelu": [{}, {"shared": True, "slope": 0.1}],
    "gelu": [{}, {"approximate": "tanh"}],
    "maxpool": [{"k": 2}, {"k": (2, 3), "stride": 1, "pad": "same", "ceil": True, "dilation": 2}],
    "avgpool": [{"k": 2}, {"k": 3, "stride": 2, "pad": 1, "ceil": True, "include_pad": False}],
    "adaptive_avgpool": [{"size": 6}],
    "adaptive_maxpool": [{"size": (3, 4)}],
    "subsample": [{"stride": 2}],
    "pad_channels": [{"out": 9}],
    "zero_pad": [{"pad": 1}, {"pad": (1, 2)}, {"pad": (1, 2, 3, 4)}],
    "slice": [{"start": 1, "stop": 4}],
    "channel_shuffle": [{"groups": 2}],
    "dropout": [{}, {"p": 0.2}],
    "drop_path": [{"p": 0.2}],
    "layer_scale": [{}, {"value": 1}],
    "affine": [{}, {"scale": -1, "shift": 1}],
    "resize": [{}, {"size": 3}, {"factor": (1.5, 2), "mode": "bilinear", "align_corners": True}],
    "crop": [{}, {"size": 3}],
    "token": [{}, {"index": 3}],
    "attention": [{"heads": 3}, {"heads": 3, "qkv_bias": False, "proj_bias": False}],
}  # fmt: skip
OPS = [make(kind, **fields) for kind in Op.registry for fields in USES.get(kind, [{}])]


def test_every_field_is_used_here() -> None:
    for kind, op in Op.registry.items():
        used = {field for fields in USES.get(kind, [{}]) for field in fields}
        assert used == set(op.model_fields), kind


@pytest.mark.parametrize("op", OPS, ids=str)
def test_json_and_back(op: Op) -> None:
    node = OpNode(name="a", op=op, inputs=(0,), output=1)
    text = node.model_dump_json()
    again = OpNode.model_validate_json(text)
    assert again == node
    assert again.op == op
    assert type(again.op) is type(op)
    assert hash(again.op) == hash(op)
    assert again.model_dump_json() == text
    assert json.loads(text)["op"]["op"] == op.kind


def test_json_leaves_defaults_out() -> None:
    node = OpNode(name="a", op=make("conv", 8, init=Normal(std=0.1)), inputs=(0,), output=1)
    init = {"kind": "normal", "std": 0.1, "mean": 0.0}
    assert json.loads(node.model_dump_json())["op"] == {"op": "conv", "out": 8, "init": init}


@pytest.mark.parametrize(
    "op", [5, "relu", None, {}, {"op": "convv"}, {"op": []}, {"op": "relu", "x": 1}]
)
def test_json_that_is_no_op(op: object) -> None:
    with pytest.raises(ValidationError):
        OpNode.model_validate({"name": "a", "op": op, "inputs": [0], "output": 1})


@pytest.mark.parametrize("kind", Op.registry)
def test_each_is_documented_and_frozen(kind: str) -> None:
    rule = Op.registry[kind]
    assert rule.__doc__
    assert rule.kind == kind
    assert rule.model_config["frozen"]
    assert not rule.__abstractmethods__
    assert not set(rule.tensors) & set(rule.model_fields)


def test_a_bare_op_is_one_tensor_without_a_name() -> None:
    shapes = {"layer_scale": (4, 3, 3), "class_token": (7, 4), "position_embedding": (7, 4)}
    assert {kind for kind, op in Op.registry.items() if op.bare} == {*shapes}
    for kind, shape in shapes.items():
        assert [*make(kind).weights(shape)] == [""]


def test_weighted_layers() -> None:
    ops = Op.registry.items()
    counted = {kind: op.weighted_layers for kind, op in ops if op.weighted_layers}
    assert counted == {"conv": 1, "conv_transpose": 1, "fc": 1, "attention": 2}


def test_two_ops_of_one_kind_are_refused() -> None:
    with pytest.raises(TypeError, match="two ops are called `relu`"):
        type("Other", (Op,), {"kind": "relu", "__annotations__": {}, "infer": lambda self, x: x})
    assert Op.registry["relu"].__name__ == "Relu"


def test_the_ops_the_language_promises() -> None:
    promised = """conv conv_transpose fc bn ln gn instance_norm lrn
        relu relu6 leaky_relu prelu sigmoid hardsigmoid hardswish silu gelu tanh
        softmax maxpool avgpool gap adaptive_avgpool
        adaptive_maxpool channel_mean channel_max subsample pad_channels zero_pad flatten slice
        channel_shuffle dropout drop_path layer_scale affine resize crop tokens token
        class_token position_embedding attention add mul maximum concat"""
    assert set(promised.split()) <= set(Op.registry)

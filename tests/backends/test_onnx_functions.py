"""Stages as functions of a model: the same net, with the same names, in boxes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import onnx
import onnx_ir
import pytest
from onnx.reference import ReferenceEvaluator
from onnx_ir.passes.common import InlinePass
from resdsl_onnx.initial import initial
from resdsl_onnx.run import session

import resdsl
from resdsl.ir.weights import initialisers, weights
from tests.backends.nets import SMALL, WITH_AUX
from tests.backends.onnx_nets import emitted, inputs_for, named
from tests.backends.test_onnx_model import SEVERAL

TAPPED = """
model tapped
input x: 3x9x9
share c = conv(3)
stage one: {
  a: conv(3) -> c
  relu
}
c
stage two: {
  b: conv(3) -> relu
  c
}
add { | @one.a | @two.b | @one | @two }
hold: relu -> sigmoid
output y
"""
AGAIN = """
input x: 3x9x9
share c = conv(3)
c -> c
relu
c
relu
c -> c
m: relu -> sigmoid -> c -> tanh -> relu -> c
output y
"""
UNUSED = """
input x: 3x8x8
stage one: conv_relu(4)
aside: @one -> conv(4) -> relu
@one -> conv(3)
output y
"""

Load = Callable[[], resdsl.Network]


def shipped(name: str, **options: Any) -> Load:
    return lambda: resdsl.load(name, **options)


CASES: dict[str, tuple[Load, str]] = {
    "small": (lambda: resdsl.loads(SMALL), "stem one two head"),
    "aux": (lambda: resdsl.loads(WITH_AUX), "one two scores"),
    "several": (lambda: resdsl.loads(SEVERAL), "one c gate"),
    "tapped": (lambda: resdsl.loads(TAPPED), "one two hold"),
    "again": (lambda: resdsl.loads(AGAIN), "c c#2 m m#2"),
    "unused": (lambda: resdsl.loads(UNUSED), "one aside"),
    "resnet18": (
        shipped("resnet18", input="3x32x32"),
        "conv1 conv2_x conv3_x conv4_x conv5_x head",
    ),
    "googlenet": (
        shipped("classics/googlenet", input="3x80x80"),
        "conv1 pool1 conv2 pool2 inception3 inception4 inception5 head",
    ),
    "mobilenet_v2": (
        shipped("mobilenet_v2", input="3x33x49"),
        "features",
    ),
    "unet": (
        shipped("unet", input="1x32x32", params={"base": 4, "levels": 2}),
        "enc0 enc1 bottom dec1 dec0",
    ),
    "siamese": (shipped("siamese"), "net net#2 same"),
    "fpn": (shipped("fpn", input="3x64x64"), "body fpn"),
    "hrnet": (shipped("examples/exchange_net"), "fine coarse unit0 unit1 unit2 unit3"),
}


def both(network: resdsl.Network, **options: Any) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The flat model and the one of functions, with the same random weights."""
    rules = initialisers(network.ir)
    tree = {
        path: initial(path, weight.shape, rules[path], 0)
        for path, (_, weight) in weights(network.ir).items()
    }
    return (
        emitted(network, weights=tree, **options),
        emitted(network, weights=tree, functions=True, **options),
    )


def facts(node: onnx.NodeProto) -> tuple[Any, ...]:
    """All of a node but its name, which a function that is inlined may have to change."""
    attributes = [attribute.SerializeToString() for attribute in node.attribute]
    return node.op_type, list(node.input), list(node.output), sorted(attributes)


@pytest.mark.parametrize("name", CASES)
def test_the_same_net_in_boxes(name: str) -> None:
    load, functions = CASES[name]
    network = load()
    flat, boxed = both(network, features=True)
    onnx.shape_inference.infer_shapes(boxed, strict_mode=True)

    assert [function.name for function in boxed.functions] == functions.split()
    assert boxed.graph.initializer == flat.graph.initializer
    assert (boxed.graph.input, boxed.graph.output) == (flat.graph.input, flat.graph.output)
    assert boxed.doc_string == flat.doc_string.replace(" --features", " --features --functions")
    told = zip(boxed.metadata_props, flat.metadata_props, strict=True)
    assert [ours.key for ours, theirs in told if ours != theirs] == ["resdsl.command"]
    calls = [node.name for node in boxed.graph.node if node.domain == "resdsl"]
    assert calls == functions.split()
    inner = [node.name for function in boxed.functions for node in function.node]
    outer = [node.name for node in boxed.graph.node if node.domain != "resdsl"]
    assert sorted(inner + outer) == sorted(node.name for node in flat.graph.node)

    inlined = onnx_ir.to_proto(InlinePass()(onnx_ir.from_proto(boxed)).model)
    assert list(map(facts, inlined.graph.node)) == list(map(facts, flat.graph.node))

    inputs = {k: v.astype("f") for k, v in named(network, inputs_for(network, 2)).items()}
    ours, theirs = (session(m.SerializeToString()).run(None, inputs) for m in (boxed, flat))
    assert len(ours) == len(theirs)
    assert all(map(numpy.array_equal, ours, theirs))


def test_the_evaluator_of_onnx_runs_functions() -> None:
    network = resdsl.loads(SMALL)
    inputs = named(network, inputs_for(network, 2))
    flat, boxed = both(network, dtype="float64")
    ours, theirs = (ReferenceEvaluator(model).run(None, inputs) for model in (boxed, flat))
    assert numpy.array_equal(ours[0], theirs[0])


def test_the_bytes_are_the_same() -> None:
    first, second = (resdsl.loads(SMALL).source("onnx", functions=True) for _ in range(2))
    assert first == second != resdsl.loads(SMALL).source("onnx")


def test_a_net_of_single_nodes_is_flat() -> None:
    network = resdsl.loads("input x: 3x8x8\nconv(4)\nrelu\noutput y\n")
    flat, boxed = both(network)
    assert (boxed.graph, list(boxed.functions)) == (flat.graph, [])


def test_a_function_names_what_it_takes_and_gives_as_outside() -> None:
    proto = emitted(resdsl.load("resnet18", input="3x32x32"), functions=True)
    (call,) = (node for node in proto.graph.node if node.name == "conv3_x")
    (function,) = (f for f in proto.functions if f.name == "conv3_x")
    assert list(function.input) == list(call.input)
    assert list(function.output) == list(call.output) == ["conv3_x"]
    assert call.input[:2] == ["conv2_x", "conv3_x.0.conv1.weight"]
    nodes = {node.name: node for node in function.node}
    assert list(nodes["conv3_x/0/conv2"].input)[1:] == ["conv3_x.0.conv2.weight"]
    assert {p.key: p.value for p in call.metadata_props} == {"namespace": ""}


def test_a_function_gives_all_that_is_used_outside() -> None:
    """The stages' values and those of taps into them; `c` is lent to both and has one weight."""
    proto = emitted(resdsl.loads(TAPPED), functions=True)
    given = {node.name: list(node.output) for node in proto.graph.node}
    assert given["one"] == ["c", "one"]
    assert given["two"] == ["two.b.relu1", "two"]
    assert [f.name for f in proto.functions if "c.weight" in f.input] == ["one", "two"]

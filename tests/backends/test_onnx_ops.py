"""Every op with every attribute, at odd sizes: ONNX Runtime in float32, ONNX's own evaluator in
float64, against plain torch expressions.
"""

from __future__ import annotations

import numpy
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from resdsl_onnx import backend
from resdsl_onnx.reference import evaluator
from resdsl_onnx.table import EXACT, TABLE

import resdsl
from resdsl.ir.op import Op
from tests.backends.compare import randomise, tensor_of
from tests.backends.one_op import Case, inputs_of
from tests.backends.onnx_nets import Arrays, assert_close, emitted, named, tree
from tests.backends.test_equal_ops_others import CASES as OTHERS
from tests.backends.test_equal_ops_windows import CASES as WINDOWS

MORE = {
    "maxpool pads a whole window": Case(
        "t: maxpool(3, 1, pad=4, dilation=4)",
        lambda w, x: torch.nn.functional.max_pool2d(
            torch.nn.functional.pad(x, (4, 4, 4, 4), value=float("-inf")), 3, 1, dilation=4
        ),
    ),
    "avgpool ceil pad 2x1": Case(
        "t: avgpool(4x3, 3, pad=[2, 1], ceil=true)",
        lambda w, x: torch.nn.functional.avg_pool2d(x, (4, 3), 3, (2, 1), ceil_mode=True),
    ),
    "adaptive_avgpool 1": Case("t: adaptive_avgpool(1)", lambda w, x: x.mean((2, 3), True)),
    "adaptive_avgpool even": Case(
        "t: adaptive_avgpool([13, 1])", lambda w, x: x.mean(3, keepdim=True)
    ),
    "adaptive_maxpool 1": Case("t: adaptive_maxpool(1)", lambda w, x: x.amax((2, 3), True)),
    "adaptive_maxpool even": Case(
        "t: adaptive_maxpool([13, 1])", lambda w, x: x.amax(3, keepdim=True)
    ),
    "resize nearest to less": Case(
        "t: resize(5x4)",
        lambda w, x: x[:, :, [i * 13 // 5 for i in range(5)]][..., [i * 11 // 4 for i in range(4)]],
    ),
}
CASES = WINDOWS | OTHERS | MORE


def prepared(case: Case) -> tuple[resdsl.Network, Arrays, Arrays, Arrays]:
    """The net, random weights, inputs, and the outputs of the plain expression, all in float64."""
    network = resdsl.loads(case.text)
    model = network.build("torch", dtype=torch.float64)
    randomise(model)
    weights, inputs = tree(model), inputs_of(case)
    own = {name.removeprefix("t."): torch.from_numpy(value) for name, value in weights.items()}
    with torch.no_grad():
        plain = tensor_of(case.reference(own, *inputs))
    outputs = dict(zip(["out"], (t.numpy() for t in plain), strict=True))
    return network, weights, named(network, inputs), outputs


@pytest.mark.parametrize("name", CASES)
def test_it_equals_the_plain_expression(name: str) -> None:
    network, weights, inputs, expected = prepared(CASES[name])
    emitted(network, weights=weights)
    single = backend.runner(network.ir, "float32", weights).forward(inputs)
    assert_close(single, expected, 1e-5)
    emitted(network, weights=weights, dtype="float64")
    double = backend.runner(network.ir, "float64", weights).forward(inputs)
    assert_close(double, expected, 1e-12)


def test_every_op_has_a_row() -> None:
    assert set(TABLE) == set(Op.registry)
    assert set(EXACT) <= set(TABLE)


@pytest.mark.parametrize(
    "name", ["conv upper dilated", "conv_transpose pad 2x1", "maxpool ceil", "avgpool ceil pad"]
)
def test_our_quick_ops_are_those_of_the_evaluator(name: str) -> None:
    network, weights, inputs, expected = prepared(CASES[name])
    source = network.source("onnx", weights=weights, dtype="float64")
    own = evaluator(source).run(None, inputs)
    theirs = ReferenceEvaluator(onnx.load_from_string(source)).run(None, inputs)
    assert numpy.abs(own[0] - theirs[0]).max() <= 1e-12 * numpy.abs(expected["out"]).max()


@pytest.mark.parametrize("name", ["conv groups", "avgpool ceil", "fc image"])
def test_half_precision_runs(name: str) -> None:
    network, weights, inputs, expected = prepared(CASES[name])
    emitted(network, weights=weights, dtype="float16")
    half = backend.runner(network.ir, "float16", weights).forward(inputs)
    assert half["out"].dtype == numpy.float16
    assert_close(half, expected, 1e-2)

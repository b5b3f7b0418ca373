"""Every shipped net passes ONNX's checker, with shape inference that must agree with ours."""

from __future__ import annotations

import numpy
import onnx
import pytest

import resdsl
from resdsl.ir.weights import weights
from tests.backends.onnx_nets import emitted
from tests.zoo.zoo import FIGURES, ONE_OF_EACH

LARGE = 4_000_000  # parameters


def _marks(spec: str) -> list[pytest.MarkDecorator]:
    small = FIGURES["counts"].get(spec, {}).get("params", LARGE) < LARGE and "1202" not in spec
    return [] if small else [pytest.mark.proof]


@pytest.mark.parametrize("spec", [pytest.param(spec, marks=_marks(spec)) for spec in ONE_OF_EACH])
def test_the_checker_agrees(spec: str) -> None:
    network = resdsl.load(spec)
    tree = {path: numpy.zeros(w.shape, "f") for path, (_, w) in weights(network.ir).items()}
    graph = emitted(network, weights=tree, features=True).graph
    inferred = onnx.shape_inference.infer_shapes(
        onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 21)]),
        strict_mode=True,
    )
    main = network.ir.main
    for output in main.outputs:
        found = [v for v in inferred.graph.output if v.name == output.name]
        if not output.train:
            sides = found[0].type.tensor_type.shape.dim
            assert tuple(side.dim_value for side in sides[1:]) == main.shapes[output.value]
            assert sides[0].dim_param == "batch"

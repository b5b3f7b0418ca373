"""`net.build("onnx")`: its options, and what it takes as weights."""

from __future__ import annotations

from typing import Any

import numpy
import onnxruntime
import pytest
import torch

import resdsl
from resdsl.weights.tree import WeightsError
from tests.backends.nets import SMALL

X = {"image": numpy.ones((2, 3, 33, 35), "f")}


@pytest.fixture(scope="module")
def net() -> resdsl.Network:
    return resdsl.loads(SMALL)


@pytest.mark.parametrize("backend", ["onnx", "torch", "flax"])
def test_an_unknown_option_is_an_error(net: resdsl.Network, backend: str) -> None:
    with pytest.raises(TypeError, match="'weigths'"):
        net.build(backend, weigths="h.safetensors")


def test_the_options_of_a_session_are_handed_on(net: resdsl.Network) -> None:
    how = onnxruntime.SessionOptions()
    how.log_severity_level = 3
    made = net.build(
        "onnx", sess_options=how, providers=["CPUExecutionProvider"], provider_options=[{}]
    )
    assert made.get_session_options().log_severity_level == 3
    assert net.build("onnx").get_providers() == ["CPUExecutionProvider"]


def test_a_state_dict_and_lists_are_trees(net: resdsl.Network) -> None:
    model = net.build("torch").eval()
    expected = model(torch.ones(2, 3, 33, 35)).detach().numpy()
    state = model.state_dict()
    for tree in (state, {path: tensor.tolist() for path, tensor in state.items()}):
        found = net.build("onnx", weights=tree).run(["logits"], X)[0]
        assert numpy.allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"a": 1}, r"extra: a \(a scalar\)"),
        ({"head.fc1.bias": [1.0]}, "another shape: head.fc1.bias is 1, not 7"),
        ({"head.fc1.bias": [[1.0], [2.0, 3.0]]}, r"no array: head\.fc1\.bias \(.*inhomogeneous"),
        ({"head.fc1.bias": torch.ones(7, requires_grad=True)}, r"no array: .*requires grad"),
        ({"head.fc1.bias": ["a"] * 7}, "another type: head.fc1.bias is "),
    ],
)
def test_what_does_not_fit_is_told(net: resdsl.Network, change: Any, message: str) -> None:
    tree = {**net.weights(net.build("torch")), **change}
    with pytest.raises(WeightsError, match=message):
        net.build("onnx", weights=tree)


def test_nothing_of_it_fits(net: resdsl.Network) -> None:
    with pytest.raises(WeightsError, match=r"missing: head.fc1.weight \(7x16\)\n(.|\n)*extra: a"):
        net.build("onnx", weights={"a": 1})

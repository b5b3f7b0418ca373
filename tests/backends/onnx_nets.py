"""Weights from torch into ONNX models, for the tests of that backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from resdsl.network import Network
from tests.backends.compare import tensor_of

Arrays = dict[str, NDArray[Any]]

X: Arrays = {"image": numpy.ones((2, 3, 33, 35), "f")}
"""For `SMALL` of `nets`."""


def result(model: Path | bytes) -> NDArray[Any]:
    """The logits that ONNX Runtime makes of `X`."""
    source = model if isinstance(model, bytes) else str(model)
    session = onnxruntime.InferenceSession(source, providers=["CPUExecutionProvider"])
    return session.run(["logits"], X)[0]


def tree(model: nn.Module) -> Arrays:
    """The state dict, which is the canonical tree but for the counters."""
    state = model.state_dict().items()
    return {k: v.numpy() for k, v in state if not k.endswith("num_batches_tracked")}


def emitted(network: Network, **options: Any) -> onnx.ModelProto:
    """The model, checked with full shape inference."""
    proto = onnx.load_from_string(network.source("onnx", **options))
    onnx.checker.check_model(proto, full_check=True)
    return proto


def named(network: Network, values: object) -> Arrays:
    """Tensors in the order of the inputs by the inputs' names."""
    tensors = tensor_of(values)
    names = [tensor.name for tensor in network.ir.main.inputs]
    return {n: t.numpy() for n, t in zip(names, tensors, strict=True)}


def outputs(network: Network, values: object) -> Arrays:
    """What a torch model returns in inference, by the outputs' names."""
    names = [output.name for output in network.ir.main.outputs if not output.train]
    return {n: t.detach().numpy() for n, t in zip(names, tensor_of(values), strict=True)}


def inputs_for(network: Network, batch: int) -> list[Tensor]:
    made = torch.Generator().manual_seed(4)
    return [
        torch.randn(batch, *tensor.shape, generator=made, dtype=torch.float64)
        for tensor in network.ir.main.inputs
    ]


def assert_close(ours: Arrays, theirs: Arrays, tolerance: float) -> None:
    """Relative to the largest element."""
    assert ours.keys() == theirs.keys()
    for name, value in theirs.items():
        assert ours[name].shape == value.shape, name
        scale = max(float(numpy.abs(value).max()), 1e-4)
        error = float(numpy.abs(ours[name] - value).max())
        assert error <= tolerance * scale, f"{name} differs by {error:.3g} of {scale:.3g}"

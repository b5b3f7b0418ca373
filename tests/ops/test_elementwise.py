"""Activations, scales and regularisers: any shape in, the same out."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from resdsl.ir.init import Constant
from resdsl.ir.op import Op, Window
from resdsl.ops.act import Pointwise, PRelu
from resdsl.ops.scale import LayerScale
from tests.ops.torch_says import agree, make, refuses, rejects

VECTOR, SEQUENCE, IMAGE = (12,), (7, 12), (6, 13, 11)
PLAIN = {
    "relu": (make("relu"), nn.ReLU()),
    "relu6": (make("relu6"), nn.ReLU6()),
    "leaky_relu": (make("leaky_relu", 0.2), nn.LeakyReLU(0.2)),
    "prelu": (make("prelu", shared=True), nn.PReLU()),
    "sigmoid": (make("sigmoid"), nn.Sigmoid()),
    "hardsigmoid": (make("hardsigmoid"), nn.Hardsigmoid()),
    "hardswish": (make("hardswish"), nn.Hardswish()),
    "silu": (make("silu"), nn.SiLU()),
    "gelu": (make("gelu"), nn.GELU()),
    "gelu tanh": (make("gelu", "tanh"), nn.GELU("tanh")),
    "tanh": (make("tanh"), nn.Tanh()),
    "softmax": (make("softmax"), nn.Softmax(1)),
    "dropout": (make("dropout"), nn.Dropout()),
    "dropout p": (make("dropout", 0.2), nn.Dropout(0.2)),
    "drop_path": (make("drop_path", 0.2), lambda x: x * torch.ones_like(x[:, :1])),
    "affine": (make("affine", -1, 1), lambda x: -1 * x + 1),
}


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("shape", [VECTOR, SEQUENCE, IMAGE])
def test_the_shape_stays(name: str, shape: tuple[int, ...]) -> None:
    op, plain = PLAIN[name]
    agree(op, plain, shape)
    assert op.window((shape,)) == (Window(), Window())


def test_all_that_keep_the_shape_are_here() -> None:
    alike = {kind for kind, op in Op.registry.items() if issubclass(op, Pointwise)}
    assert alike == {op.kind for op, _ in PLAIN.values()} | {"layer_scale"}


def test_prelu() -> None:
    agree(PRelu(), nn.PReLU(6), IMAGE)
    agree(PRelu(), nn.PReLU(12), VECTOR)
    assert PRelu(slope=0.1).weights(IMAGE)["weight"].init == Constant(value=0.1)
    error = refuses(PRelu(), SEQUENCE, field="shared", says="an image or a vector, got 7x12")
    assert error.help == "`prelu(shared=true)` takes any shape"


class Scaled(nn.Module):
    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.ones(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


def test_layer_scale() -> None:
    agree(LayerScale(), Scaled(6, 1, 1), IMAGE)
    agree(LayerScale(), Scaled(12), SEQUENCE)
    agree(LayerScale(), Scaled(12), VECTOR)
    assert LayerScale().weights(IMAGE)[""].init == Constant(value=1e-6)
    assert make("layer_scale", 1).weights(IMAGE)[""].init == Constant(value=1.0)


def test_fields_are_bounded() -> None:
    for kind, field in [
        ("leaky_relu", "slope"), ("prelu", "slope"), ("affine", "scale"), ("affine", "shift"),
        ("layer_scale", "value"), ("dropout", "p"), ("drop_path", "p"),
    ]:  # fmt: skip
        for value in (float("nan"), float("inf"), True, "1", 10**400, None):
            rejects(kind, field, **{field: value})
    rejects("prelu", "shared", shared=1)
    rejects("gelu", "approximate", approximate="erf")
    for value in (-0.1, 1.1):
        rejects("dropout", "p", p=value)
        rejects("drop_path", "p", p=value)
    rejects("drop_path", "p", p=1)
    assert make("dropout", 1).p == 1

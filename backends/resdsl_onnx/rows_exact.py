"""Rows for float64: an attribute of ONNX is a float32, so numbers stand as constants here."""

from __future__ import annotations

from math import pi, sqrt
from typing import TYPE_CHECKING, Any

from resdsl.ir.shape import channel_axis
from resdsl.ops.act import Gelu, LeakyRelu
from resdsl.ops.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm
from resdsl_onnx.rows_layers import per_channel
from resdsl_onnx.writer import Scope

if TYPE_CHECKING:
    import onnx_ir as ir


def leaky_relu(op: LeakyRelu, s: Scope) -> Any:
    """`PRelu` with a constant slope."""
    return s.node("PRelu", s.x, s.numbers("slope", [op.slope]))


def hardsigmoid(op: object, s: Scope) -> Any:
    """min(max(x + 3, 0), 6) / 6."""
    return s.node("Div", _clipped(s), s.numbers("six", 6.0))


def hardswish(op: object, s: Scope) -> Any:
    """x min(max(x + 3, 0), 6) / 6."""
    return s.node("Mul", s.x, s.node("Div", _clipped(s), s.numbers("six", 6.0), part="gate"))


def _clipped(s: Scope) -> ir.Value:
    above = s.node("Add", s.x, s.numbers("three", 3.0), part="above")
    return s.node("Clip", above, s.numbers("low", 0.0), s.numbers("high", 6.0), part="clipped")


def gelu(op: Gelu, s: Scope) -> Any:
    """x (1 + erf(x / sqrt(2))) / 2, or with tanh(sqrt(2 / pi) (x + 0.044715 x^3)) for erf."""
    if op.approximate == "none":
        bent = s.node("Erf", _times(s, s.x, sqrt(0.5), "in"), part="erf")
    else:
        cube = s.node("Pow", s.x, s.numbers("three", 3.0), part="cube")
        total = s.node("Add", s.x, _times(s, cube, 0.044715, "share"), part="sum")
        bent = s.node("Tanh", _times(s, total, sqrt(2 / pi), "in"), part="tanh")
    above = s.node("Add", bent, s.numbers("one", 1.0), part="above")
    return s.node("Mul", s.x, _times(s, above, 0.5, "gate"))


def _times(s: Scope, x: ir.Value, factor: float, part: str) -> ir.Value:
    return s.node("Mul", x, s.numbers(f"{part}_factor", factor), part=part)


def bn(op: BatchNorm, s: Scope) -> Any:
    """With the running statistics."""
    mean = per_channel(s, s.weight("running_mean"), "mean")
    variance = per_channel(s, s.weight("running_var"), "variance")
    assert mean is not None and variance is not None
    centred = s.node("Sub", s.x, mean, part="centred")
    return _scaled(s, _divided(s, centred, variance, op.eps))


def ln(op: LayerNorm, s: Scope) -> Any:
    """Over the channels."""
    return _scaled(s, _normal(s, s.x, (1 + channel_axis(s.shape),), op.eps))


def gn(op: GroupNorm, s: Scope) -> Any:
    """Over all of a group."""
    grouped = s.node("Reshape", s.x, s.integers("groups", (0, op.groups, -1)), part="grouped")
    normal = _normal(s, grouped, (2,), op.eps)
    return _scaled(s, s.node("Reshape", normal, s.integers("shape", (0, *s.shape)), part="image"))


def instance_norm(op: InstanceNorm, s: Scope) -> Any:
    """Over the positions."""
    return _scaled(s, _normal(s, s.x, (2, 3), op.eps))


def _normal(s: Scope, x: ir.Value, axes: tuple[int, ...], eps: float) -> ir.Value:
    """(x - mean) / sqrt(variance + eps)."""
    over = s.integers("axes", axes)
    centred = s.node("Sub", x, s.node("ReduceMean", x, over, part="mean"), part="centred")
    square = s.node("Mul", centred, centred, part="square")
    return _divided(s, centred, s.node("ReduceMean", square, over, part="variance"), eps)


def _divided(s: Scope, centred: ir.Value, variance: ir.Value, eps: float) -> ir.Value:
    above = s.node("Add", variance, s.numbers("eps", eps), part="above")
    return s.node("Div", centred, s.node("Sqrt", above, part="deviation"), part="normal")


def _scaled(s: Scope, normal: ir.Value) -> ir.Value:
    weight, bias = (per_channel(s, s.weight(name), name) for name in ("weight", "bias"))
    if weight is None or bias is None:
        return s.node("Identity", normal)
    return s.node("Add", s.node("Mul", normal, weight, part="scaled"), bias)

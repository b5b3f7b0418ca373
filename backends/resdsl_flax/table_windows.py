"""Rows of the table: pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.codegen.dialect import Lowered
from resdsl.codegen.expr import Expr, code
from resdsl.ir.shape import Shape
from resdsl.ops.padding import Two
from resdsl.ops.pool import AdaptivePool, AvgPool, MaxPool
from resdsl_flax.rows import Inputs, Setting, function, number, pair
from resdsl_flax.table_layers import fixed_padding, sides


def _window(op: Any, fixed: Two | None, image: Shape, dilation: Two) -> dict[str, Setting]:
    """The settings that Flax's pools take."""
    settings: dict[str, Setting] = {
        "window_shape": pair(op.k, "kernel_size"),
        "strides": pair(op.stride, "stride"),
    }
    if fixed is None:
        settings["padding"] = sides(op, image, dilation)
    elif any(fixed):
        settings["padding"] = _both(fixed)
    return settings


def _both(pad: Two) -> Expr:
    """Both sides of the rows, and of the columns."""
    rows, columns = (number(side, "padding") for side in pad)
    return code("((", rows, ", ", rows, "), (", columns, ", ", columns, "))")


def _maxpool(op: MaxPool, inputs: Inputs, output: Shape) -> Lowered:
    fixed = fixed_padding(op.pad, op.k, op.stride, op.dilation)
    ceil = op.ceil and fixed is not None  # other windows cover everything
    is_dilated = op.dilation != (1, 1)
    settings = _window(op, fixed, inputs[0], op.dilation)
    if fixed is not None and (ceil or is_dilated):
        settings["padding"] = pair(fixed, "padding"), (0, 0)
    if is_dilated:
        settings["dilation"] = pair(op.dilation, "dilation")
        settings["ceil_mode"] = number(ceil, "ceil_mode"), False
        return function("max_pool_dilated", settings)
    return function("max_pool_ceil" if ceil else "nnx.max_pool", settings)


def _avgpool(op: AvgPool, inputs: Inputs, output: Shape) -> Lowered:
    fixed = fixed_padding(op.pad, op.k, op.stride, (1, 1))
    settings = _window(op, fixed, inputs[0], (1, 1))
    if op.ceil and fixed is not None:
        settings["padding"] = pair(fixed, "padding"), (0, 0)
        settings["count_include_pad"] = number(op.include_pad, "count_include_pad"), True
        return function("avg_pool_ceil", settings)
    if "padding" in settings:
        settings["count_include_pad"] = number(op.include_pad, "count_include_pad"), True
    return function("nnx.avg_pool", settings)


def _gap(op: object, inputs: Inputs, output: Shape) -> Lowered:
    return function("global_avg_pool")


def _adaptive(reduce: str) -> Callable[[Any, Inputs, Shape], Lowered]:
    def row(op: AdaptivePool, inputs: Inputs, output: Shape) -> Lowered:
        return function("adaptive_pool", {"size": pair(op.size, "size"), "reduce": code(reduce)})

    return row


ROWS: dict[str, Callable[[Any, Inputs, Shape], Lowered]] = {
    "maxpool": _maxpool,
    "avgpool": _avgpool,
    "gap": _gap,
    "adaptive_avgpool": _adaptive("jnp.mean"),
    "adaptive_maxpool": _adaptive("max_along"),
}

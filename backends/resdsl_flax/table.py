"""The table of ops: what each is in Flax NNX, as a member and as a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.codegen.dialect import Lowered
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape
from resdsl_flax import table_layers, table_tensors, table_windows

Row = Callable[[Any, tuple[Shape, ...], Shape], Lowered]

TABLE: dict[str, Row] = {**table_layers.ROWS, **table_windows.ROWS, **table_tensors.ROWS}


def lower(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Lowered:
    """One op in Flax NNX."""
    if op.kind not in TABLE:
        raise NotImplementedError(f"the flax backend has no row for the op `{op.kind}`")
    return TABLE[op.kind](op, inputs, output)

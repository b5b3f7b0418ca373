"""What a box says of an op or a block, as papers write it: `3×3, 64, /2`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from resdsl.ir.graph import Arg, Region
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape

_UNSAID = {
    "affine", "align_corners", "alpha", "approximate", "beta", "bias", "ceil", "eps", "flatten",
    "include_pad", "init", "momentum", "output_pad", "pad", "slope", "value",
}  # fmt: skip
"""Settings that no figure of a paper shows."""


FAMILIES = ("norm", "act", "pool", "merge")


def family(op: Op) -> str:
    """`layer` with a weighted layer; else the page of the manual that has the op, or `other`."""
    page = type(op).__module__.rpartition(".")[2]
    return "layer" if op.weighted_layers else page if page in FAMILIES else "other"


def op_words(op: Op, inputs: tuple[Shape, ...]) -> str:
    """The settings of an op that make a difference to a reader: `3×3, 64, /2, 32 groups`."""
    if op.kind == "drop_path":  # its rate grows from block to block, which look the same otherwise
        return ""
    return ", ".join(_settings(op, inputs))


def _settings(op: Op, inputs: tuple[Shape, ...]) -> Iterable[str]:
    fields = type(op).model_fields
    if "k" in fields and op.kind != "lrn":
        yield times(op.k)  # type: ignore[attr-defined]
    for name, field in fields.items():
        value: Any = getattr(op, name)
        if name in ("out", "size") and value is not None:
            yield times(value)
        elif name == "stride":
            if isinstance(value, tuple) and value != (1, 1):
                yield ("×" if op.kind == "conv_transpose" else "/") + short(value)
        elif name == "groups":
            alone = "out" in fields and inputs and value == inputs[0][0] > 1
            yield from ["depthwise"] if alone else [f"{value} groups"] if value != 1 else []
        elif name == "dilation":
            yield from [f"dilation {short(value)}"] if value != (1, 1) else []
        elif name == "factor" and value is not None:
            yield f"×{short(value)}"
        elif name != "k" and name not in _UNSAID and value != field.default:
            yield f"{name} {short(value)}"


def block_words(region: Region) -> str:
    """The whole numbers that a block's call begins with, and its stride: `64, /2`."""
    args = dict(region.args)
    first = takewhile(lambda pair: _is_number(pair[1]) and pair[0] != "stride", region.args)
    said = [str(value) for _, value in first]
    stride = args.get("stride", 1)
    return ", ".join([*said, f"/{short(stride)}"] if stride != 1 else said)


def times(value: object) -> str:
    """Rows × columns: `3×3`; of one number, the number."""
    if isinstance(value, tuple | list):
        return "×".join(map(str, value))
    return str(value)


def short(value: object) -> str:
    """`2` for (2, 2)."""
    if isinstance(value, tuple | list) and len(set(value)) == 1:
        return str(value[0])
    return times(value)


def _is_number(value: Arg) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)

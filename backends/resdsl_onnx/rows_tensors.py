"""Rows of the table: activations, merges, and ops that move elements about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.ir.shape import channel_axis
from resdsl.ops.act import Gelu, LeakyRelu
from resdsl.ops.resize import Crop
from resdsl.ops.scale import Affine
from resdsl.ops.tensor import ChannelShuffle, PadChannels, Slice, Subsample, ZeroPad
from resdsl.ops.tokens import Token
from resdsl_onnx.rows_layers import per_channel
from resdsl_onnx.writer import Scope

Row = Callable[[Any, Scope], Any]


def same(op_type: str, **attributes: Any) -> Row:
    """ONNX has the very op."""
    return lambda op, s: s.node(op_type, s.x, **attributes)


def nothing(op: object, s: Scope) -> Any:
    """In inference the op does nothing: no node."""
    return s.x


def relu6(op: object, s: Scope) -> Any:
    """`Clip`."""
    return s.node("Clip", s.x, s.numbers("low", 0.0), s.numbers("high", 6.0))


def leaky_relu(op: LeakyRelu, s: Scope) -> Any:
    """`LeakyRelu`."""
    return s.node("LeakyRelu", s.x, alpha=op.slope)


def prelu(op: object, s: Scope) -> Any:
    """`PRelu`."""
    weight = s.weight("weight")
    shared = weight is not None and weight.shape is not None and weight.shape[0] == 1
    return s.node("PRelu", s.x, weight if shared else per_channel(s, weight, "slopes"))


def silu(op: object, s: Scope) -> Any:
    """x sigmoid(x)."""
    return s.node("Mul", s.x, s.node("Sigmoid", s.x, part="sigmoid"))


def gelu(op: Gelu, s: Scope) -> Any:
    """`Gelu`."""
    return s.node("Gelu", s.x, approximate=op.approximate)


def softmax(op: object, s: Scope) -> Any:
    """`Softmax` over the channels."""
    return s.node("Softmax", s.x, axis=1 + channel_axis(s.shape))


def affine(op: Affine, s: Scope) -> Any:
    """`Mul`, `Add`, or either."""
    if op.scale == 1 and op.shift == 0:
        return s.x
    if op.shift == 0:
        return s.node("Mul", s.x, s.numbers("scale", op.scale))
    x = s.x
    if op.scale != 1:
        x = s.node("Mul", x, s.numbers("scale", op.scale), part="scaled")
    return s.node("Add", x, s.numbers("shift", op.shift))


# ---------------------------------------------------------------- merges


def merged(pair: str, many: str = "") -> Row:
    """Two tensors by `pair`; more by `many`, or one after the other where ONNX has no such op."""

    def row(op: object, s: Scope) -> Any:
        if len(s.inputs) == 1:
            return s.x
        if len(s.inputs) > 2 and many:
            return s.node(many, *s.inputs)
        so_far, *others, last = s.inputs
        for i, other in enumerate(others, 1):
            so_far = s.node(pair, so_far, other, part=f"first_{i + 1}")
        return s.node(pair, so_far, last)

    return row


def concat(op: object, s: Scope) -> Any:
    """`Concat` along the channels."""
    if len(s.inputs) == 1:
        return s.x
    return s.node("Concat", *s.inputs, axis=1 + channel_axis(s.output))


# ---------------------------------------------------------------- moving elements


def flatten(op: object, s: Scope) -> Any:
    """`Flatten`."""
    return s.node("Flatten", s.x, axis=1)


def slice_(op: Slice, s: Scope) -> Any:
    """`Slice` along the channels."""
    return _sliced(s, (op.start,), (op.stop,), (1 + channel_axis(s.shape),), (1,))


def subsample(op: Subsample, s: Scope) -> Any:
    """`Slice` with steps."""
    return _sliced(s, (0, 0), s.shape[1:], (2, 3), op.stride)


def crop(op: Crop, s: Scope) -> Any:
    """`Slice` of rows and columns."""
    starts = op.starts(*s.shapes)
    ends = [start + side for start, side in zip(starts, s.output[1:], strict=True)]
    return _sliced(s, starts, ends, (2, 3), (1, 1))


def _sliced(s: Scope, starts: Any, ends: Any, axes: Any, steps: Any) -> Any:
    bounds = {"starts": starts, "ends": ends, "axes": axes, "steps": steps}
    return s.node("Slice", s.x, *(s.integers(part, values) for part, values in bounds.items()))


def channel_shuffle(op: ChannelShuffle, s: Scope) -> Any:
    """Channels as a table of `groups` rows, turned."""
    channels, *area = s.shape
    table = s.integers("table", (0, op.groups, channels // op.groups, *area))
    split = s.node("Reshape", s.x, table, part="split")
    turned = s.node("Transpose", split, part="turned", perm=(0, 2, 1, 3, 4))
    return s.node("Reshape", turned, s.integers("shape", (0, *s.output)))


def pad_channels(op: PadChannels, s: Scope) -> Any:
    """`Pad` with zeros."""
    return _padded(s, (0, 0, 0, 0, 0, op.out - s.shape[0], 0, 0))


def zero_pad(op: ZeroPad, s: Scope) -> Any:
    """`Pad` with zeros."""
    top, bottom, left, right = op.pad
    return _padded(s, (0, 0, top, left, 0, 0, bottom, right))


def _padded(s: Scope, pads: tuple[int, ...]) -> Any:
    return s.node("Pad", s.x, s.integers("pads", pads))


def tokens(op: object, s: Scope) -> Any:
    """Positions as one axis, then the channels last."""
    channels, height, width = s.shape
    shape = s.integers("shape", (0, channels, height * width))
    return s.node("Transpose", s.node("Reshape", s.x, shape, part="flat"), perm=(0, 2, 1))


def token(op: Token, s: Scope) -> Any:
    """`Gather` of one index."""
    return s.node("Gather", s.x, s.integers("index", op.index), axis=1)


def reduced(op_type: str) -> Row:
    """Over the channels, which become one."""
    return lambda op, s: s.node(op_type, s.x, s.integers("axes", (1,)), keepdims=1)

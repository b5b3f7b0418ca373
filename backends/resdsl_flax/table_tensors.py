"""Rows of the table: activations, merges, and ops that move elements about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.codegen.dialect import Lowered
from resdsl.codegen.expr import (
    ATOM,
    PRODUCT,
    SIGN,
    SUM,
    Const,
    Expr,
    Me,
    Slot,
    Span,
    call,
    code,
)
from resdsl.ir.shape import Shape, channel_axis
from resdsl.ops.act import Gelu, LeakyRelu, PRelu
from resdsl.ops.regularise import Dropout, DropPath
from resdsl.ops.resize import Crop, Resize
from resdsl.ops.scale import Affine
from resdsl.ops.tensor import ChannelShuffle, PadChannels, Slice, Subsample, ZeroPad
from resdsl.ops.tokens import Token
from resdsl_flax.rows import Inputs, Setting, channels, construct, function, like, module, number

Row = Callable[[Any, Inputs, Shape], Lowered]


def _function(name: str) -> Row:
    return lambda op, inputs, output: function(name, style="wrap")


# ---------------------------------------------------------------- activations


def _leaky_relu(op: LeakyRelu, inputs: Inputs, output: Shape) -> Lowered:
    slope = number(op.slope, "slope"), 0.01
    return function("nnx.leaky_relu", {"negative_slope": slope}, "wrap")


def _prelu(op: PRelu, inputs: Inputs, output: Shape) -> Lowered:
    features = 1 if op.shared else inputs[0][channel_axis(inputs[0])]
    return module(construct("PReLU", channels(features, "features")), "wrap")


def _gelu(op: Gelu, inputs: Inputs, output: Shape) -> Lowered:
    approximate = number(op.approximate == "tanh", "approximate"), True
    return function("nnx.gelu", {"approximate": approximate}, "wrap")


def _dropped(p: float, axes: tuple[int, ...]) -> Lowered:
    """A member, because it holds the stream of its random numbers; it has no weights."""
    rate = number(p, "p")
    shared = Const(axes), ()
    made = call("nnx.Dropout", rate, broadcast_dims=shared, rngs=code("rngs"))
    return Lowered(
        call(Me(), Slot()), made, "wrap", (("", made),), like({"rate": rate}), nameless=True
    )


def _dropout(op: Dropout, inputs: Inputs, output: Shape) -> Lowered:
    return _dropped(op.p, ())


def _drop_path(op: DropPath, inputs: Inputs, output: Shape) -> Lowered:
    return _dropped(op.p, tuple(range(1, 1 + len(inputs[0]))))


def _affine(op: Affine, inputs: Inputs, output: Shape) -> Lowered:
    scale, shift = (
        _plain(value, name) for value, name in ((op.scale, "scale"), (op.shift, "shift"))
    )
    if op.scale == 1:
        expr = code(Slot(0, SUM), " + ", shift, level=SUM)
    elif op.scale == -1 and op.shift == 0:
        expr = code("-", Slot(0, ATOM), level=SIGN)
    elif op.scale == -1:
        expr = code(shift, " - ", Slot(0, PRODUCT), level=SUM)
    elif op.shift == 0:
        expr = code(scale, " * ", Slot(0, SIGN), level=PRODUCT)
    else:
        expr = code(scale, " * ", Slot(0, SIGN), " + ", shift, level=SUM)
    return Lowered(expr, style="wrap")


def _plain(value: float, name: str) -> Const:
    """A whole number without its `.0`."""
    whole = value.is_integer() and abs(value) < 2**31
    return Const(int(value) if whole else value, name)


# ---------------------------------------------------------------- merges


def _joined(sign: str, level: int) -> Row:
    def row(op: object, inputs: Inputs, output: Shape) -> Lowered:
        if len(inputs) == 1:
            return Lowered(Slot(), style="wrap", layers=())
        parts: list[Expr | str] = [Slot(0, level)]
        for index in range(1, len(inputs)):
            parts += [sign, Slot(index, level)]
        return Lowered(code(*parts, level=level), style="merge")

    return row


def _maximum(op: object, inputs: Inputs, output: Shape) -> Lowered:
    largest: Expr = Slot()
    for index in range(1, len(inputs)):
        largest = call("jnp.maximum", largest, Slot(index))
    return Lowered(largest, style="merge" if len(inputs) > 1 else "wrap")


def _concat(op: object, inputs: Inputs, output: Shape) -> Lowered:
    if len(inputs) == 1:
        return Lowered(Slot(), style="wrap", layers=())
    parts: list[Expr | str] = ["jnp.concatenate([", Slot()]
    for index in range(1, len(inputs)):
        parts += [", ", Slot(index)]
    return Lowered(code(*parts, "], -1)"), style="merge")


# ---------------------------------------------------------------- moving elements


def _flatten(op: object, inputs: Inputs, output: Shape) -> Lowered:
    return function("flatten", style="lead")


def _slice(op: Slice, inputs: Inputs, output: Shape) -> Lowered:
    whole = inputs[0][channel_axis(inputs[0])]
    start = channels(op.start, "split") if op.start else None
    stop = channels(op.stop, "split") if op.stop < whole else None
    return Lowered(code(Slot(0, ATOM), "[..., ", Span(start, stop), "]"), style="lead")


def _channel_shuffle(op: ChannelShuffle, inputs: Inputs, output: Shape) -> Lowered:
    return function("channel_shuffle", {"groups": number(op.groups, "groups")})


def _subsample(op: Subsample, inputs: Inputs, output: Shape) -> Lowered:
    rows, columns = (Const(stride, "stride", "size") for stride in op.stride)
    return Lowered(code(Slot(0, ATOM), "[:, ::", rows, ", ::", columns, "]"), style="lead")


def _pad_channels(op: PadChannels, inputs: Inputs, output: Shape) -> Lowered:
    new = channels(op.out - inputs[0][0], "new_channels")
    width = code("((0, 0), (0, 0), (0, 0), (0, ", new, "))")
    return Lowered(call("jnp.pad", Slot(), width), style="wrap")


def _zero_pad(op: ZeroPad, inputs: Inputs, output: Shape) -> Lowered:
    top, bottom, left, right = (number(side, "padding") for side in op.pad)
    rows, columns = ("(", top, ", ", bottom, ")"), ("(", left, ", ", right, ")")
    width = code("((0, 0), ", *rows, ", ", *columns, ", (0, 0))")
    layer = call("partial", code("jnp.pad"), pad_width=width)
    return Lowered(call("jnp.pad", Slot(), width), layers=(("", layer),))


def _resize(op: Resize, inputs: Inputs, output: Shape) -> Lowered:
    settings: dict[str, Setting] = {}
    if op.factor is not None:
        rows, columns = (_plain(factor, "factor") for factor in op.factor)
        settings["factor"] = code("(", rows, ", ", columns, ")")
    elif op.size is not None:
        rows, columns = (Const(size, "size", "size") for size in op.size)
        settings["size"] = code("(", rows, ", ", columns, ")")
    else:
        settings["size"] = code(Slot(1, ATOM), ".shape[1:3]")
    settings["mode"] = number(op.mode, "mode"), "nearest"
    settings["align_corners"] = number(op.align_corners, "align_corners"), False
    row = function("resize", settings)
    return Lowered(row.call, layers=None if len(inputs) > 1 else row.layers)


def _crop(op: Crop, inputs: Inputs, output: Shape) -> Lowered:
    size = Const(op.size, "size", "size") if op.size else code(Slot(1, ATOM), ".shape[1:3]")
    return Lowered(call("center_crop", Slot(), size))


def _token(op: Token, inputs: Inputs, output: Shape) -> Lowered:
    return Lowered(code(Slot(0, ATOM), "[:, ", number(op.index, "index"), "]"), style="wrap")


def _channel_mean(op: object, inputs: Inputs, output: Shape) -> Lowered:
    return Lowered(code(Slot(0, ATOM), ".mean(-1, keepdims=True)"))


def _channel_max(op: object, inputs: Inputs, output: Shape) -> Lowered:
    return Lowered(code("max_along(", Slot(), ", -1, keepdims=True)"))


ROWS: dict[str, Row] = {
    "relu": _function("nnx.relu"),
    "relu6": _function("nnx.relu6"),
    "leaky_relu": _leaky_relu,
    "prelu": _prelu,
    "sigmoid": _function("nnx.sigmoid"),
    "hardsigmoid": _function("nnx.hard_sigmoid"),
    "hardswish": _function("nnx.hard_swish"),
    "silu": _function("nnx.silu"),
    "gelu": _gelu,
    "tanh": _function("nnx.tanh"),
    "softmax": _function("nnx.softmax"),
    "dropout": _dropout,
    "drop_path": _drop_path,
    "affine": _affine,
    "add": _joined(" + ", SUM),
    "mul": _joined(" * ", PRODUCT),
    "maximum": _maximum,
    "concat": _concat,
    "flatten": _flatten,
    "slice": _slice,
    "channel_shuffle": _channel_shuffle,
    "subsample": _subsample,
    "pad_channels": _pad_channels,
    "zero_pad": _zero_pad,
    "resize": _resize,
    "crop": _crop,
    "tokens": _function("to_tokens"),
    "token": _token,
    "channel_mean": _channel_mean,
    "channel_max": _channel_max,
}

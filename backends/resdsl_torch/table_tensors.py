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
    Value,
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
from resdsl_torch.table_layers import Inputs, channels, number

Row = Callable[[Any, Inputs, Shape], Lowered]


def _function(function: str, layer: str = "") -> Row:
    """`function(x)`, and the layer of the same effect."""

    def row(op: object, inputs: Inputs, output: Shape) -> Lowered:
        layers = (("", call(f"nn.{layer}")),) if layer else None
        return Lowered(call(function, Slot()), style="wrap", layers=layers)

    return row


# ---------------------------------------------------------------- activations


def _leaky_relu(op: LeakyRelu, inputs: Inputs, output: Shape) -> Lowered:
    slope = {"negative_slope": (number(op.slope, "slope"), 0.01)}
    layers = (("", call("nn.LeakyReLU", **slope)),)
    return Lowered(call("F.leaky_relu", Slot(), **slope), style="wrap", layers=layers)


def _prelu(op: PRelu, inputs: Inputs, output: Shape) -> Lowered:
    construct = call("nn.PReLU", channels(1 if op.shared else inputs[0][0], "features"))
    return Lowered(call(Me(), Slot()), construct, "wrap", (("", construct),))


def _gelu(op: Gelu, inputs: Inputs, output: Shape) -> Lowered:
    how = {"approximate": (number(op.approximate, "approximate"), "none")}
    layers = (("", call("nn.GELU", **how)),)
    return Lowered(call("F.gelu", Slot(), **how), style="wrap", layers=layers)


def _softmax(op: object, inputs: Inputs, output: Shape) -> Lowered:
    axis = str(1 + channel_axis(inputs[0]))
    layers = (("", call("nn.Softmax", code(axis))),)
    return Lowered(call("torch.softmax", Slot(), code(axis)), style="wrap", layers=layers)


def _dropout(op: Dropout, inputs: Inputs, output: Shape) -> Lowered:
    p = number(op.p, "p")
    layers = (("", call("nn.Dropout", p)),)
    return Lowered(call("F.dropout", Slot(), p, code("self.training")), style="wrap", layers=layers)


def _drop_path(op: DropPath, inputs: Inputs, output: Shape) -> Lowered:
    return Lowered(
        call("drop_path", Slot(), number(op.p, "p"), code("self.training")), style="wrap"
    )


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
        largest = call("torch.maximum", largest, Slot(index))
    return Lowered(largest, style="merge" if len(inputs) > 1 else "wrap")


def _concat(op: object, inputs: Inputs, output: Shape) -> Lowered:
    if len(inputs) == 1:
        return Lowered(Slot(), style="wrap", layers=())
    parts: list[Expr | str] = ["torch.cat([", Slot()]
    for index in range(1, len(inputs)):
        parts += [", ", Slot(index)]
    return Lowered(code(*parts, f"], {1 + channel_axis(output)})"), style="merge")


# ---------------------------------------------------------------- moving elements


def _flatten(op: object, inputs: Inputs, output: Shape) -> Lowered:
    layers = (("", call("nn.Flatten")),)
    return Lowered(code(Slot(0, ATOM), ".flatten(1)"), style="lead", layers=layers)


def _slice(op: Slice, inputs: Inputs, output: Shape) -> Lowered:
    before = "[:, " + ":, " * channel_axis(inputs[0])
    whole = inputs[0][channel_axis(inputs[0])]
    start = channels(op.start, "split") if op.start else None
    stop = channels(op.stop, "split") if op.stop < whole else None
    return Lowered(code(Slot(0, ATOM), before, Span(start, stop), "]"), style="lead")


def _channel_shuffle(op: ChannelShuffle, inputs: Inputs, output: Shape) -> Lowered:
    groups = number(op.groups, "groups")
    layers = (("", call("nn.ChannelShuffle", groups)),)
    shuffled = code(
        Slot(0, ATOM), ".unflatten(1, (", groups, ", -1)).transpose(1, 2).flatten(1, 2)"
    )
    return Lowered(shuffled, layers=layers)


def _subsample(op: Subsample, inputs: Inputs, output: Shape) -> Lowered:
    down, across = op.stride
    rows, columns = Const(down, "stride", "size"), Const(across, "stride", "size")
    return Lowered(code(Slot(0, ATOM), "[:, :, ::", rows, ", ::", columns, "]"), style="lead")


def _pad_channels(op: PadChannels, inputs: Inputs, output: Shape) -> Lowered:
    new = channels(op.out - inputs[0][0], "new_channels")
    return Lowered(code("F.pad(", Slot(), ", (0, 0, 0, 0, 0, ", new, "))"), style="wrap")


def _zero_pad(op: ZeroPad, inputs: Inputs, output: Shape) -> Lowered:
    top, bottom, left, right = op.pad
    sides = Const((left, right, top, bottom), "padding")
    layers = (("", call("nn.ZeroPad2d", sides)),)
    return Lowered(call("F.pad", Slot(), sides), layers=layers)


def _resize(op: Resize, inputs: Inputs, output: Shape) -> Lowered:
    settings: dict[str, Expr | tuple[Expr, Value]] = {}
    if op.factor is not None:
        factors = tuple(int(f) if f.is_integer() else f for f in op.factor)
        settings["scale_factor"] = number(factors, "factor")
        if any(isinstance(f, float) for f in factors):
            settings["recompute_scale_factor"] = code("True")
    elif op.size is not None:
        settings["size"] = number(op.size, "size")
    else:
        settings["size"] = code(Slot(1, ATOM), ".shape[2:]")
    settings["mode"] = number(op.mode, "mode"), "nearest"
    settings["align_corners"] = number(op.align_corners, "align_corners"), False
    layers = None if len(inputs) > 1 else (("", call("nn.Upsample", **settings)),)
    return Lowered(call("F.interpolate", Slot(), **settings), layers=layers)


def _crop(op: Crop, inputs: Inputs, output: Shape) -> Lowered:
    size = Const(op.size, "size", "size") if op.size else code(Slot(1, ATOM), ".shape[2:]")
    return Lowered(call("center_crop", Slot(), size))


def _tokens(op: object, inputs: Inputs, output: Shape) -> Lowered:
    return Lowered(code(Slot(0, ATOM), ".flatten(2).transpose(1, 2)"), style="wrap")


def _token(op: Token, inputs: Inputs, output: Shape) -> Lowered:
    return Lowered(code(Slot(0, ATOM), "[:, ", number(op.index, "index"), "]"), style="wrap")


def _reduced(method: str) -> Row:
    def row(op: object, inputs: Inputs, output: Shape) -> Lowered:
        return Lowered(code(Slot(0, ATOM), f".{method}(1, keepdim=True)"))

    return row


ROWS: dict[str, Row] = {
    "relu": _function("F.relu", "ReLU"),
    "relu6": _function("F.relu6", "ReLU6"),
    "leaky_relu": _leaky_relu,
    "prelu": _prelu,
    "sigmoid": _function("torch.sigmoid", "Sigmoid"),
    "hardsigmoid": _function("F.hardsigmoid", "Hardsigmoid"),
    "hardswish": _function("F.hardswish", "Hardswish"),
    "silu": _function("F.silu", "SiLU"),
    "gelu": _gelu,
    "tanh": _function("torch.tanh", "Tanh"),
    "softmax": _softmax,
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
    "tokens": _tokens,
    "token": _token,
    "channel_mean": _reduced("mean"),
    "channel_max": _reduced("amax"),
}

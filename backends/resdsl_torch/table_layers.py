"""Rows of the table: ops with weights, and pooling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.codegen.dialect import Lowered, Style
from resdsl.codegen.expr import (
    ATOM,
    PRODUCT,
    SUM,
    Apply,
    Const,
    Expr,
    Keyword,
    Me,
    Slot,
    Value,
    call,
    code,
)
from resdsl.ir.shape import Shape, channel_axis
from resdsl.ops.conv import Conv, ConvTranspose
from resdsl.ops.dense import Fc
from resdsl.ops.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm
from resdsl.ops.padding import Padding, Two, reach
from resdsl.ops.pool import AvgPool, MaxPool
from resdsl.ops.scale import LayerScale
from resdsl.ops.tokens import Attention, ClassToken, PositionEmbedding

Inputs = tuple[Shape, ...]


def channels(value: int, name: str) -> Const:
    """A number of channels."""
    return Const(value, name, "channels")


def number(value: Value, name: str) -> Const:
    """A size or a setting; a pair of equal numbers is one number."""
    if isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]:
        value = value[0]
    whole = isinstance(value, int | tuple) and not isinstance(value, bool)
    return Const(value, name, "size" if whole else "other")


def module(construct: Apply, style: Style = "step", functional: Expr | None = None) -> Lowered:
    """A row for an op that is a member, and a layer as it stands."""
    return Lowered(call(Me(), Slot()), construct, style, (("", construct),), functional)


def _window(op: Any, padding: Value) -> tuple[Const, dict[str, tuple[Expr, Value]]]:
    return number(op.k, "kernel_size"), {
        "stride": (number(op.stride, "stride"), 1),
        "padding": (number(padding, "padding"), 0),
        "dilation": (number(op.dilation, "dilation"), 1),
    }


def _fixed(pad: Padding, kernel: Two, stride: Two, dilation: Two) -> Two | None:
    """Padding that is alike on both sides at any size of the image; None where it is not."""
    spans = [reach(k, d) for k, d in zip(kernel, dilation, strict=True)]
    if isinstance(pad, tuple):
        return pad
    if pad == "valid":
        return 0, 0
    if pad == "same" or (set(stride) == {1} and all(span % 2 for span in spans)):
        return (spans[0] - 1) // 2, (spans[1] - 1) // 2
    return None


# ---------------------------------------------------------------- convolutions, linear layers


def _conv(op: Conv, inputs: Inputs, output: Shape) -> Lowered:
    fixed = _fixed(op.pad, op.k, op.stride, op.dilation)
    kernel, settings = _window(op, fixed or 0)
    if fixed is None:
        del settings["padding"]
    settings["groups"] = channels(op.groups, "groups"), 1
    construct = call(
        "nn.Conv2d" if fixed else "Conv2dSame",
        channels(inputs[0][0], "in_channels"),
        channels(op.out, "out_channels"),
        kernel,
        **settings,
        bias=(number(op.bias, "bias"), True),
    )
    x: Expr = Slot() if fixed else _padded(op, op.dilation)
    functional = call("F.conv2d", x, code(Me(), ".weight"), code(Me(), ".bias"), **settings)
    return module(construct, functional=functional)


def _conv_transpose(op: ConvTranspose, inputs: Inputs, output: Shape) -> Lowered:
    kernel, settings = _window(op, op.pad)
    extra = {
        "output_padding": (number(op.output_pad, "output_padding"), 0),
        "groups": (channels(op.groups, "groups"), 1),
    }
    construct = call(
        "nn.ConvTranspose2d",
        channels(inputs[0][0], "in_channels"),
        channels(op.out, "out_channels"),
        kernel,
        **settings,
        **extra,
        bias=(number(op.bias, "bias"), True),
    )
    weights = code(Me(), ".weight"), code(Me(), ".bias")
    functional = call("F.conv_transpose2d", Slot(), *weights, **settings, **extra)
    return module(construct, functional=functional)


def _fc(op: Fc, inputs: Inputs, output: Shape) -> Lowered:
    x = inputs[0]
    construct = call(
        "Linear2d" if op.is_pointwise(x) else "nn.Linear",
        channels(op.width(x), "in_features"),
        channels(op.out, "out_features"),
        bias=(number(op.bias, "bias"), True),
    )
    if len(x) < 3 or op.is_pointwise(x):
        return module(construct)
    layers = (("flatten", call("nn.Flatten")), ("", construct))
    flat = code(Slot(0, ATOM), ".flatten(1)")
    return Lowered(call(Me(), flat), construct, "step", layers, enter=flat)


# ---------------------------------------------------------------- norms


def _bn(op: BatchNorm, inputs: Inputs, output: Shape) -> Lowered:
    eps, momentum = (number(op.eps, "eps"), 1e-5), (number(op.momentum, "momentum"), 0.1)
    construct = call(
        "nn.BatchNorm2d" if len(inputs[0]) == 3 else "nn.BatchNorm1d",
        channels(inputs[0][0], "features"),
        eps=eps,
        momentum=momentum,
        affine=(number(op.affine, "affine"), True),
    )
    tensors = ("running_mean", "running_var", "weight", "bias")
    functional = call(
        "F.batch_norm",
        Slot(),
        *(code(Me(), f".{tensor}") for tensor in tensors),
        training=code("self.training"),
        momentum=momentum,
        eps=eps,
    )
    return module(construct, "wrap", functional)


def _ln(op: LayerNorm, inputs: Inputs, output: Shape) -> Lowered:
    x = inputs[0]
    is_image, width = len(x) == 3, str(x[channel_axis(x)])
    eps = number(op.eps, "eps"), 1e-5
    construct = call(
        "LayerNorm2d" if is_image else "nn.LayerNorm",
        channels(x[channel_axis(x)], "features"),
        eps=eps,
        elementwise_affine=(number(op.affine, "affine"), True),
    )
    tensors = code(Me(), ".weight"), code(Me(), ".bias")
    last = code(Slot(0, ATOM), ".permute(0, 2, 3, 1)") if is_image else Slot()
    functional: Expr = call("F.layer_norm", last, code(f"({width},)"), *tensors, eps=eps)
    if is_image:
        functional = code(functional, ".permute(0, 3, 1, 2)")
    return module(construct, "wrap", functional)


def _gn(op: GroupNorm, inputs: Inputs, output: Shape) -> Lowered:
    construct = call(
        "nn.GroupNorm",
        channels(op.groups, "groups"),
        channels(inputs[0][0], "features"),
        eps=(number(op.eps, "eps"), 1e-5),
        affine=(number(op.affine, "affine"), True),
    )
    functional = call(
        "F.group_norm",
        Slot(),
        channels(op.groups, "groups"),
        code(Me(), ".weight"),
        code(Me(), ".bias"),
        eps=(number(op.eps, "eps"), 1e-5),
    )
    return module(construct, "wrap", functional)


def _instance_norm(op: InstanceNorm, inputs: Inputs, output: Shape) -> Lowered:
    eps = number(op.eps, "eps"), 1e-5
    construct = call(
        "nn.InstanceNorm2d",
        channels(inputs[0][0], "features"),
        eps=eps,
        affine=(number(op.affine, "affine"), False),
    )
    tensors = {"weight": code(Me(), ".weight"), "bias": code(Me(), ".bias")}
    return module(construct, "wrap", call("F.instance_norm", Slot(), **tensors, eps=eps))


def _lrn(op: LocalResponseNorm, inputs: Inputs, output: Shape) -> Lowered:
    settings = {
        "alpha": (number(op.alpha, "alpha"), 1e-4),
        "beta": (number(op.beta, "beta"), 0.75),
        "k": (number(op.k, "k"), 1.0),
    }
    width = number(op.size, "size")
    layer = call("nn.LocalResponseNorm", width, **settings)
    functional = call("F.local_response_norm", Slot(), width, **settings)
    return Lowered(functional, style="wrap", layers=(("", layer),))


# ---------------------------------------------------------------- scales, tokens


def _layer_scale(op: LayerScale, inputs: Inputs, output: Shape) -> Lowered:
    x = inputs[0]
    shape = code("(", channels(x[channel_axis(x)], "features"), ", 1, 1)" if len(x) == 3 else ",)")
    began = call("torch.full", shape, number(op.value, "value"))
    scaled = code(Slot(0, PRODUCT), " * ", Me(), level=PRODUCT)
    return Lowered(scaled, _parameter(began), "wrap", functional=scaled)  # the value is a beginning


def _class_token(op: ClassToken, inputs: Inputs, output: Shape) -> Lowered:
    token = call("torch.zeros", code("1"), code("1"), channels(inputs[0][1], "dim"))
    joined = code("torch.cat([", Me(), ".expand(", Slot(0, ATOM), ".shape[0], -1, -1), ", Slot())
    return Lowered(code(joined, "], 1)"), _parameter(token), "merge")


def _position_embedding(op: PositionEmbedding, inputs: Inputs, output: Shape) -> Lowered:
    tokens, dim = inputs[0]
    empty = call("torch.empty", code("1"), number(tokens, "tokens"), channels(dim, "dim"))
    added = code(Slot(0, SUM), " + ", Me(), level=SUM)
    return Lowered(added, _parameter(code(empty, ".normal_(std=0.02)")), "wrap")


def _parameter(began: Expr) -> Expr:
    """A bare tensor."""
    return call("nn.Parameter", began)


def _attention(op: Attention, inputs: Inputs, output: Shape) -> Lowered:
    construct = call(
        "Attention",
        channels(inputs[0][1], "dim"),
        number(op.heads, "heads"),
        qkv_bias=(number(op.qkv_bias, "qkv_bias"), True),
        proj_bias=(number(op.proj_bias, "proj_bias"), True),
    )
    return module(construct)


# ---------------------------------------------------------------- pooling


def _padded(op: Any, dilation: Two, value: str = "") -> Expr:
    """The input, padded as its size asks for."""
    settings = (
        number(op.k, "kernel_size"),
        number(op.stride, "stride"),
        number(dilation, "dilation"),
    )
    padded = call("pad_same", Slot(), *settings)
    if not value:
        return padded
    return Apply("pad_same", padded.args, (Keyword("value", code(value)),))


def _maxpool(op: MaxPool, inputs: Inputs, output: Shape) -> Lowered:
    fixed = _fixed(op.pad, op.k, op.stride, op.dilation)
    kernel, settings = _window(op, fixed or 0)
    settings["stride"] = settings["stride"][0], number(op.k, "").value
    settings["ceil_mode"] = number(op.ceil, "ceil_mode"), False
    if fixed is None:
        del settings["padding"]
        padded = _padded(op, op.dilation, 'float("-inf")')
        return Lowered(call("F.max_pool2d", padded, kernel, **settings))
    if any(2 * pad > k for pad, k in zip(fixed, op.k, strict=True)):  # F.max_pool2d refuses it
        given = {name: value for name, (value, _) in settings.items()}
        return Lowered(call("max_pool2d_padded", Slot(), kernel, **given))
    return _pool("max_pool2d", "MaxPool2d", kernel, settings)


def _avgpool(op: AvgPool, inputs: Inputs, output: Shape) -> Lowered:
    fixed = _fixed(op.pad, op.k, op.stride, (1, 1))
    kernel = number(op.k, "kernel_size")
    settings: dict[str, tuple[Expr, Value]] = {
        "stride": (number(op.stride, "stride"), kernel.value),
        "padding": (number(fixed or 0, "padding"), 0),
        "ceil_mode": (number(op.ceil, "ceil_mode"), False),
        "count_include_pad": (number(op.include_pad, "count_include_pad"), True),
    }
    if fixed is not None:
        return _pool("avg_pool2d", "AvgPool2d", kernel, settings)
    del settings["padding"], settings["count_include_pad"]
    if op.include_pad:
        return Lowered(call("F.avg_pool2d", _padded(op, (1, 1)), kernel, **settings))
    return Lowered(call("avg_pool2d_same", Slot(), kernel, number(op.stride, "stride")))


def _pool(
    function: str, layer: str, kernel: Const, settings: dict[str, tuple[Expr, Value]]
) -> Lowered:
    layers = (("", call(f"nn.{layer}", kernel, **settings)),)
    return Lowered(call(f"F.{function}", Slot(), kernel, **settings), layers=layers)


def _gap(op: object, inputs: Inputs, output: Shape) -> Lowered:
    layers = (("", call("nn.AdaptiveAvgPool2d", Const(1, "size"))),)
    return Lowered(code("F.adaptive_avg_pool2d(", Slot(), ", 1)"), layers=layers)


def _adaptive(function: str, layer: str) -> Callable[[Any, Inputs, Shape], Lowered]:
    def row(op: Any, inputs: Inputs, output: Shape) -> Lowered:
        extent = number(op.size, "size")
        layers = (("", call(f"nn.{layer}", extent)),)
        return Lowered(call(f"F.{function}", Slot(), extent), layers=layers)

    return row


ROWS: dict[str, Callable[[Any, Inputs, Shape], Lowered]] = {
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "fc": _fc,
    "bn": _bn,
    "ln": _ln,
    "gn": _gn,
    "instance_norm": _instance_norm,
    "lrn": _lrn,
    "layer_scale": _layer_scale,
    "class_token": _class_token,
    "position_embedding": _position_embedding,
    "attention": _attention,
    "maxpool": _maxpool,
    "avgpool": _avgpool,
    "gap": _gap,
    "adaptive_avgpool": _adaptive("adaptive_avg_pool2d", "AdaptiveAvgPool2d"),
    "adaptive_maxpool": _adaptive("adaptive_max_pool2d", "AdaptiveMaxPool2d"),
}

"""Rows of the table: ops with weights, and norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.codegen.dialect import Lowered
from resdsl.codegen.expr import PRODUCT, SUM, Const, Expr, Me, Slot, call, code
from resdsl.ir.shape import Shape, channel_axis
from resdsl.ops.conv import Conv, ConvTranspose
from resdsl.ops.dense import Fc
from resdsl.ops.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm
from resdsl.ops.padding import Two, pads, reach
from resdsl.ops.scale import LayerScale
from resdsl.ops.tokens import Attention, ClassToken, PositionEmbedding
from resdsl_flax.rows import (
    Inputs,
    Setting,
    channels,
    construct,
    function,
    like,
    module,
    number,
    pair,
)


def fixed_padding(pad: Any, kernel: Two, stride: Two, dilation: Two) -> Two | None:
    """Padding that is alike on both sides at any size of the image. None where it is not: then
    there is `sides`.
    """
    spans = [reach(k, d) for k, d in zip(kernel, dilation, strict=True)]
    if isinstance(pad, tuple):
        return pad[0], pad[1]
    if pad == "valid":
        return 0, 0
    if pad == "same" or (set(stride) == {1} and all(span % 2 for span in spans)):
        return (spans[0] - 1) // 2, (spans[1] - 1) // 2
    return None


def sides(op: Any, image: Shape, dilation: Two) -> Const:
    """The padding ((top, bottom), (left, right)) of an image of this size."""
    return Const(pads(op.pad, image, op.k, op.stride, dilation), "padding", "size")


def _conv(op: Conv, inputs: Inputs, output: Shape) -> Lowered:
    fixed = fixed_padding(op.pad, op.k, op.stride, op.dilation)
    settings: dict[str, Setting] = {
        "strides": (number(op.stride, "stride"), 1),
        "padding": sides(op, inputs[0], op.dilation) if fixed is None else number(fixed, "padding"),
        "kernel_dilation": (number(op.dilation, "dilation"), 1),
        "feature_group_count": (channels(op.groups, "groups"), 1),
    }
    made = construct(
        "nnx.Conv",
        channels(inputs[0][0], "in_channels"),
        channels(op.out, "out_channels"),
        pair(op.k, "kernel_size"),
        **settings,
        use_bias=(number(op.bias, "bias"), True),
    )
    return module(made, functional=like(settings))


def _conv_transpose(op: ConvTranspose, inputs: Inputs, output: Shape) -> Lowered:
    settings: dict[str, Setting] = {
        "strides": (number(op.stride, "stride"), 1),
        "padding": (number(op.pad, "padding"), 0),
        "output_padding": (number(op.output_pad, "output_padding"), 0),
        "kernel_dilation": (number(op.dilation, "dilation"), 1),
    }
    made = construct(
        "ConvTranspose",
        channels(inputs[0][0], "in_channels"),
        channels(op.out, "out_channels"),
        pair(op.k, "kernel_size"),
        **settings,
        feature_group_count=(channels(op.groups, "groups"), 1),
        use_bias=(number(op.bias, "bias"), True),
    )
    return module(made, functional=like(settings))


def _fc(op: Fc, inputs: Inputs, output: Shape) -> Lowered:
    x = inputs[0]
    made = construct(
        "nnx.Linear",
        channels(op.width(x), "in_features"),
        channels(op.out, "out_features"),
        use_bias=(number(op.bias, "bias"), True),
    )
    if len(x) < 3 or op.is_pointwise(x):  # channels are last
        return module(made)
    flat = call("flatten", Slot())
    layers = (("flatten", code("flatten")), ("", made))
    return Lowered(call(Me(), flat), made, "step", layers, enter=flat)


# ---------------------------------------------------------------- norms


def _bn(op: BatchNorm, inputs: Inputs, output: Shape) -> Lowered:
    settings: dict[str, Setting] = {
        "momentum": (number(_kept(op.momentum), "momentum"), 0.9),
        "epsilon": (number(op.eps, "epsilon"), 1e-5),
    }
    features = channels(inputs[0][0], "features")
    made = construct("BatchNorm", features, **settings, affine=(number(op.affine, "affine"), True))
    return module(made, "wrap", like(settings))


def _kept(momentum: float) -> float:
    """Flax's momentum is what stays, torch's what changes: 0.9 for 0.1."""
    return round(1 - momentum, 15)


def _norm(name: str, op: Any, features: int, **settings: Setting) -> Lowered:
    epsilon = number(op.eps, "epsilon")
    made = construct(
        name,
        channels(features, "features"),
        **settings,
        epsilon=epsilon,
        use_fast_variance=code("False"),
        use_bias=(number(op.affine, "affine"), True),
        use_scale=(number(op.affine, "affine"), True),
    )
    given = {**settings, "epsilon": epsilon}
    if isinstance(op, GroupNorm):
        given["group_size"] = channels(features // op.groups, "group_size")
    return module(made, "wrap", like(given))


def _ln(op: LayerNorm, inputs: Inputs, output: Shape) -> Lowered:
    return _norm("nnx.LayerNorm", op, inputs[0][channel_axis(inputs[0])])


def _gn(op: GroupNorm, inputs: Inputs, output: Shape) -> Lowered:
    groups = channels(op.groups, "groups")
    return _norm("nnx.GroupNorm", op, inputs[0][0], num_groups=groups)


def _instance_norm(op: InstanceNorm, inputs: Inputs, output: Shape) -> Lowered:
    return _norm("nnx.InstanceNorm", op, inputs[0][0])


def _lrn(op: LocalResponseNorm, inputs: Inputs, output: Shape) -> Lowered:
    settings: dict[str, Setting] = {
        "size": (number(op.size, "size"), 5),
        "alpha": (number(op.alpha, "alpha"), 1e-4),
        "beta": (number(op.beta, "beta"), 0.75),
        "k": (number(op.k, "k"), 1.0),
    }
    return function("local_response_norm", settings, "wrap")


# ---------------------------------------------------------------- scales, tokens


def _layer_scale(op: LayerScale, inputs: Inputs, output: Shape) -> Lowered:
    x = inputs[0]
    features = channels(x[channel_axis(x)], "features")
    shape = code("(1, 1, " if len(x) == 3 else "(", features, ")" if len(x) == 3 else ",)")
    made = _parameter(call("jnp.full", shape, number(op.value, "value"), code("param_dtype")))
    scaled = code(Slot(), " * ", _LIKE_X, level=PRODUCT)
    return Lowered(scaled, made, "merge", functional=scaled)  # the value is where it begins


def _class_token(op: ClassToken, inputs: Inputs, output: Shape) -> Lowered:
    shape = code("(1, ", channels(inputs[0][1], "dim"), ")")
    made = _parameter(call("jnp.zeros", shape, code("param_dtype")))
    return Lowered(call("prepend", code(Me(), "[...]"), Slot()), made, "wrap")


def _position_embedding(op: PositionEmbedding, inputs: Inputs, output: Shape) -> Lowered:
    tokens, dim = inputs[0]
    shape = code("(", number(tokens, "tokens"), ", ", channels(dim, "dim"), ")")
    drawn = call("jax.random.normal", code("rngs.params()"), shape, code("param_dtype"))
    made = _parameter(code("0.02 * ", drawn, level=PRODUCT))
    return Lowered(code(Slot(), " + ", _LIKE_X, level=SUM), made, "merge")


_LIKE_X = code(Me(), "[...].astype(", Slot(), ".dtype)")
"""A bare tensor in the dtype of the input, which is therefore said twice: it needs a name."""


def _parameter(began: Expr) -> Expr:
    return call("nnx.Param", began)


def _attention(op: Attention, inputs: Inputs, output: Shape) -> Lowered:
    made = construct(
        "Attention",
        channels(inputs[0][1], "dim"),
        number(op.heads, "heads"),
        qkv_bias=(number(op.qkv_bias, "qkv_bias"), True),
        proj_bias=(number(op.proj_bias, "proj_bias"), True),
    )
    return module(made)


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
}

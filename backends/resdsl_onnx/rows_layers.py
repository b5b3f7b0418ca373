"""Rows of the table: ops with weights."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from resdsl.ir.shape import channel_axis
from resdsl.ops.conv import Conv, ConvTranspose
from resdsl.ops.dense import Fc
from resdsl.ops.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm
from resdsl.ops.tokens import Attention
from resdsl_onnx.writer import Scope

if TYPE_CHECKING:
    import onnx_ir as ir


def conv(op: Conv, s: Scope) -> Any:
    """`Conv`, its padding in numbers."""
    (top, bottom), (left, right) = op.pads(s.shape)
    return s.node(
        "Conv", s.x, s.weight("weight"), s.weight("bias"), kernel_shape=op.k, strides=op.stride,
        pads=(top, left, bottom, right), dilations=op.dilation, group=op.groups,
    )  # fmt: skip


def conv_transpose(op: ConvTranspose, s: Scope) -> Any:
    """`ConvTranspose`."""
    return s.node(
        "ConvTranspose", s.x, s.weight("weight"), s.weight("bias"), kernel_shape=op.k,
        strides=op.stride, pads=op.pad * 2, dilations=op.dilation, group=op.groups,
        output_padding=op.output_pad,
    )  # fmt: skip


def fc(op: Fc, s: Scope) -> Any:
    """`Gemm` with the weight as it is, (out, in); of a sequence a product for each token. Of an
    image whose positions are alone it is a 1x1 convolution."""
    if op.is_pointwise(s.shape):
        kernel = s.node("Unsqueeze", s.weight("weight"), s.integers("axes", (2, 3)), part="kernel")
        return s.node("Conv", s.x, kernel, s.weight("bias"), kernel_shape=(1, 1))
    if len(s.shape) == 2:
        return linear(s, s.x, "", "")
    x = s.node("Flatten", s.x, part="flatten", axis=1) if len(s.shape) == 3 else s.x
    return s.node("Gemm", x, s.weight("weight"), s.weight("bias"), transB=1)


def linear(s: Scope, x: ir.Value, own: str, part: str) -> ir.Value:
    """x W^T + b for each token. `own` begins the names of the weights, `part` names the result."""
    weight, bias = s.weight(f"{own}weight"), s.weight(f"{own}bias")
    turned = s.node("Transpose", weight, part=f"{own}transpose", perm=(1, 0))
    if bias is None:
        return s.node("MatMul", x, turned, part=part)
    product = s.node("MatMul", x, turned, part=f"{own}matmul")
    return s.node("Add", product, bias, part=part)


# ---------------------------------------------------------------- norms


def scale_and_shift(s: Scope, channels: int) -> tuple[ir.Value, ir.Value]:
    """The op's weight and bias; 1 and 0 where it has none."""
    weight, bias = s.weight("weight"), s.weight("bias")
    if weight is None or bias is None:
        return s.numbers("ones", [1.0] * channels), s.numbers("zeros", [0.0] * channels)
    return weight, bias


def bn(op: BatchNorm, s: Scope) -> Any:
    """`BatchNormalization`, whose momentum is what stays of the old average."""
    statistics = s.weight("running_mean"), s.weight("running_var")
    scale, shift = scale_and_shift(s, s.shape[0])
    return s.node(
        "BatchNormalization", s.x, scale, shift, *statistics,
        epsilon=op.eps, momentum=1 - op.momentum,
    )  # fmt: skip


def ln(op: LayerNorm, s: Scope) -> Any:
    """`LayerNormalization` over the last axis, to which an image's channels move."""
    scale, shift = scale_and_shift(s, s.shape[channel_axis(s.shape)])
    if len(s.shape) < 3:
        return s.node("LayerNormalization", s.x, scale, shift, axis=-1, epsilon=op.eps)
    last = s.node("Transpose", s.x, part="channels_last", perm=(0, 2, 3, 1))
    normal = s.node("LayerNormalization", last, scale, shift, part="norm", axis=-1, epsilon=op.eps)
    return s.node("Transpose", normal, perm=(0, 3, 1, 2))


def gn(op: GroupNorm, s: Scope) -> Any:
    """`GroupNormalization`."""
    scale, shift = scale_and_shift(s, s.shape[0])
    return s.node("GroupNormalization", s.x, scale, shift, epsilon=op.eps, num_groups=op.groups)


def instance_norm(op: InstanceNorm, s: Scope) -> Any:
    """`InstanceNormalization`."""
    scale, shift = scale_and_shift(s, s.shape[0])
    return s.node("InstanceNormalization", s.x, scale, shift, epsilon=op.eps)


def lrn(op: LocalResponseNorm, s: Scope) -> Any:
    """`LRN`; of an even number of channels ONNX has the odd one on the other side."""
    if op.size % 2 == 0:
        return lrn_by_matrix(op, s)
    return s.node("LRN", s.x, size=op.size, alpha=op.alpha, beta=op.beta, bias=op.k)


def lrn_by_matrix(op: LocalResponseNorm, s: Scope) -> Any:
    """x / (k + B x^2)^beta, the band matrix B holding alpha / size for each near channel."""
    channels = s.shape[0]
    band = [
        [op.alpha / op.size * (c - op.size // 2 <= d <= c + (op.size - 1) // 2)
         for d in range(channels)]
        for c in range(channels)
    ]  # fmt: skip
    square = s.node("Mul", s.x, s.x, part="square")
    flat_shape = s.integers("flat_shape", (0, channels, -1))
    flat = s.node("Reshape", square, flat_shape, part="flat")
    summed = s.node("MatMul", s.numbers("band", band), flat, part="sum")
    image = s.node("Reshape", summed, s.integers("shape", (0, *s.shape)), part="image")
    base = s.node("Add", image, s.numbers("k", op.k), part="base")
    power = s.node("Pow", base, s.numbers("beta", op.beta), part="power")
    return s.node("Div", s.x, power)


# ---------------------------------------------------------------- scales, tokens


def per_channel(s: Scope, weight: ir.Value | None, part: str) -> ir.Value | None:
    """A vector such that it goes along the channels of what the op takes."""
    if weight is None or len(s.shape) < 3:
        return weight
    return s.node("Unsqueeze", weight, s.integers(f"{part}_axes", (1, 2)), part=part)


def layer_scale(op: object, s: Scope) -> Any:
    """`Mul`."""
    return s.node("Mul", s.x, s.weight())


def class_token(op: object, s: Scope) -> Any:
    """The token, as often as the batch has samples, before the others."""
    batch = s.node("Shape", s.x, part="batch", start=0, end=1)
    rest = s.integers("one_token", (1, s.shape[1]))
    shape = s.node("Concat", batch, rest, part="shape", axis=0)
    token = s.node("Expand", s.weight(), shape, part="expand")
    return s.node("Concat", token, s.x, axis=1)


def position_embedding(op: object, s: Scope) -> Any:
    """`Add`."""
    return s.node("Add", s.x, s.weight())


def attention(op: Attention, s: Scope) -> Any:
    """Softmax(q k^T / sqrt(d)) v for each head, between two linear layers."""
    _, dim = s.shape
    width = dim // op.heads
    qkv = linear(s, s.x, "in_proj_", "qkv")
    by_head = s.integers("by_head", (0, 0, 3, op.heads, width))
    heads = s.node("Reshape", qkv, by_head, part="heads")
    first = s.node("Transpose", heads, part="heads_first", perm=(2, 0, 3, 1, 4))
    q, k, v = (
        s.node("Gather", first, s.integers(f"index_{name}", index), part=name, axis=0)
        for index, name in enumerate("qkv")
    )
    scaled = s.node("Mul", q, s.numbers("scale", width**-0.5), part="scaled_q")
    turned = s.node("Transpose", k, part="k_transpose", perm=(0, 1, 3, 2))
    scores = s.node("MatMul", scaled, turned, part="scores")
    shares = s.node("Softmax", scores, part="softmax", axis=-1)
    mixed = s.node("MatMul", shares, v, part="mix")
    back = s.node("Transpose", mixed, part="tokens_first", perm=(0, 2, 1, 3))
    joined = s.node("Reshape", back, s.integers("joined", (0, 0, prod(s.shape[1:]))), part="join")
    return linear(s, joined, "out_proj.", "")

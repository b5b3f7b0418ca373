"""Convolutions and pools with every attribute, at odd sizes, against plain torch expressions."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.backends.one_op import Case, Weights, check


def pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def tf_same(
    x: Tensor, k: tuple[int, int], s: tuple[int, int], d: tuple[int, int], value: float = 0.0
) -> Tensor:
    """TensorFlow's SAME: ceil(n / s) windows, the odd row of padding at the end."""
    sides = []
    for axis in (1, 0):
        n = x.shape[2 + axis]
        out = (n + s[axis] - 1) // s[axis]
        total = max(0, (out - 1) * s[axis] + (k[axis] - 1) * d[axis] + 1 - n)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides, value=value)


def convolution(k=3, stride=1, pad=0, dilation=1, groups=1, upper=False):
    k, stride, dilation = pair(k), pair(stride), pair(dilation)

    def plain(w: Weights, x: Tensor) -> Tensor:
        x = tf_same(x, k, stride, dilation) if upper else x
        return F.conv2d(x, w["weight"], w.get("bias"), stride, pad, dilation, groups)

    return plain


def transposed(stride=1, pad=0, output_pad=0, groups=1, dilation=1):
    def plain(w: Weights, x: Tensor) -> Tensor:
        return F.conv_transpose2d(
            x, w["weight"], w.get("bias"), stride, pad, output_pad, groups, dilation
        )

    return plain


def max_upper(k, s, d=1):
    k, s, d = pair(k), pair(s), pair(d)
    return lambda w, x: F.max_pool2d(tf_same(x, k, s, d, float("-inf")), k, s, dilation=d)


def mean_upper(k, s, include_pad):
    """SAME averages; TensorFlow leaves the padding out of the count, `include_pad` counts it."""
    k, s = pair(k), pair(s)

    def plain(w: Weights, x: Tensor) -> Tensor:
        sums = F.avg_pool2d(tf_same(x, k, s, (1, 1)), k, s, divisor_override=1)
        counts = F.avg_pool2d(tf_same(torch.ones_like(x), k, s, (1, 1)), k, s, divisor_override=1)
        return sums / (k[0] * k[1] if include_pad else counts)

    return plain


CASES = {
    "conv": Case("t: conv(7)", convolution(3, pad=1)),
    "conv 1x1": Case("t: conv(7, 1)", convolution(1)),
    "conv 5x5 stride 2": Case("t: conv(7, 5, 2)", convolution(5, 2, pad=2)),
    "conv 3x5 by list": Case("t: conv(7, [3, 5])", convolution((3, 5), pad=(1, 2))),
    "conv 1x7 by shape": Case(
        "t: conv(7, 1x7, stride=[1, 2])", convolution((1, 7), (1, 2), pad=(0, 3))
    ),
    "conv stride 2x1": Case("t: conv(7, stride=2x1)", convolution(3, (2, 1), pad=1)),
    "conv valid": Case("t: conv(7, 3, pad=valid)", convolution(3)),
    "conv pad 2": Case("t: conv(7, 3, pad=2)", convolution(3, pad=2)),
    "conv pad 0x3": Case("t: conv(7, 3, pad=[0, 3])", convolution(3, pad=(0, 3))),
    "conv dilation": Case("t: conv(7, 3, dilation=2)", convolution(3, pad=2, dilation=2)),
    "conv dilation 1x3": Case(
        "t: conv(7, 3, dilation=[1, 3])", convolution(3, pad=(1, 3), dilation=(1, 3))
    ),
    "conv groups": Case("t: conv(8, 3, groups=2)", convolution(3, pad=1, groups=2)),
    "conv depthwise": Case(
        "t: conv(12, 3, groups=6, stride=2)", convolution(3, 2, pad=1, groups=6)
    ),
    "conv no bias": Case("t: conv(7, bias=false)", convolution(3, pad=1)),
    "conv even kernel same": Case("t: conv(7, 4)", convolution(4, pad=1)),
    "conv even kernel, stride": Case("t: conv(7, 2, stride=2)", convolution(2, 2)),
    "conv upper": Case("t: conv(7, 3, pad=same_upper)", convolution(3, upper=True)),
    "conv upper stride 2": Case(
        "t: conv(7, 3, 2, pad=same_upper)", convolution(3, 2, upper=True), ((6, 12, 11),)
    ),
    "conv upper even": Case("t: conv(7, 4, 3, pad=same_upper)", convolution(4, 3, upper=True)),
    "conv upper 2x5": Case(
        "t: conv(7, 2x5, 1x2, pad=same_upper)", convolution((2, 5), (1, 2), upper=True)
    ),
    "conv upper dilated": Case(
        "t: conv(8, 3, 2, pad=same_upper, dilation=2, groups=2)",
        convolution(3, 2, dilation=2, groups=2, upper=True),
        ((6, 12, 15),),
    ),
    "conv upper kernel below stride": Case(
        "t: conv(7, 1, 3, pad=same_upper)", convolution(1, 3, upper=True)
    ),
    "conv_transpose": Case("t: conv_transpose(5, 3)", transposed()),
    "conv_transpose doubles": Case("t: conv_transpose(5, 2, stride=2)", transposed(2)),
    "conv_transpose 3x4": Case("t: conv_transpose(5, 3x4, stride=[3, 2])", transposed((3, 2))),
    "conv_transpose pad": Case("t: conv_transpose(5, 4, stride=2, pad=1)", transposed(2, 1)),
    "conv_transpose pad 2x1": Case(
        "t: conv_transpose(5, 5, stride=2, pad=[2, 1])", transposed(2, (2, 1))
    ),
    "conv_transpose output_pad": Case(
        "t: conv_transpose(5, 3, stride=2, pad=1, output_pad=1)", transposed(2, 1, 1)
    ),
    "conv_transpose output_pad 0x2": Case(
        "t: conv_transpose(5, 3, stride=3, output_pad=[0, 2])", transposed(3, 0, (0, 2))
    ),
    "conv_transpose groups": Case(
        "t: conv_transpose(8, 3, groups=2, bias=false)", transposed(groups=2)
    ),
    "conv_transpose dilation": Case(
        "t: conv_transpose(5, 3, dilation=2x1, pad=1)", transposed(1, 1, dilation=(2, 1))
    ),
    "maxpool": Case("t: maxpool(2)", lambda w, x: F.max_pool2d(x, 2)),
    "maxpool stride": Case("t: maxpool(3, 2)", lambda w, x: F.max_pool2d(x, 3, 2)),
    "maxpool pad": Case("t: maxpool(3, 2, pad=1)", lambda w, x: F.max_pool2d(x, 3, 2, 1)),
    "maxpool same": Case("t: maxpool(5, 1, pad=same)", lambda w, x: F.max_pool2d(x, 5, 1, 2)),
    "maxpool valid": Case("t: maxpool(3, 1, pad=valid)", lambda w, x: F.max_pool2d(x, 3, 1)),
    "maxpool 2x3": Case("t: maxpool(2x3)", lambda w, x: F.max_pool2d(x, (2, 3))),
    "maxpool 2x3 stride 1x2 pad 1x0": Case(
        "t: maxpool(2x3, [1, 2], pad=[1, 0])", lambda w, x: F.max_pool2d(x, (2, 3), (1, 2), (1, 0))
    ),
    "maxpool ceil": Case(
        "t: maxpool(3, 2, ceil=true)",
        lambda w, x: F.max_pool2d(x, 3, 2, ceil_mode=True),
        ((6, 12, 14),),
    ),
    "maxpool ceil drops the last window": Case(
        "t: maxpool(2, 2, pad=1, ceil=true)", lambda w, x: F.max_pool2d(x, 2, 2, 1, ceil_mode=True)
    ),
    "maxpool dilation": Case(
        "t: maxpool(3, 2, dilation=[2, 1])", lambda w, x: F.max_pool2d(x, 3, 2, dilation=(2, 1))
    ),
    "maxpool upper": Case("t: maxpool(3, 2, pad=same_upper)", max_upper(3, 2), ((6, 12, 11),)),
    "maxpool upper even": Case("t: maxpool(2, 2, pad=same_upper)", max_upper(2, 2)),
    "maxpool upper dilation": Case(
        "t: maxpool(2x3, 2, pad=same_upper, dilation=2)", max_upper((2, 3), 2, 2)
    ),
    "avgpool": Case("t: avgpool(2)", lambda w, x: F.avg_pool2d(x, 2)),
    "avgpool 3x2 stride": Case(
        "t: avgpool(3x2, [2, 1])", lambda w, x: F.avg_pool2d(x, (3, 2), (2, 1))
    ),
    "avgpool pad": Case("t: avgpool(3, 2, pad=1)", lambda w, x: F.avg_pool2d(x, 3, 2, 1)),
    "avgpool same": Case("t: avgpool(3, 1, pad=same)", lambda w, x: F.avg_pool2d(x, 3, 1, 1)),
    "avgpool without padding": Case(
        "t: avgpool(3, 2, pad=1, include_pad=false)",
        lambda w, x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    ),
    "avgpool ceil": Case(
        "t: avgpool(3, 2, ceil=true)",
        lambda w, x: F.avg_pool2d(x, 3, 2, ceil_mode=True),
        ((6, 12, 14),),
    ),
    "avgpool ceil pad": Case(
        "t: avgpool(3, 2, pad=1, ceil=true)",
        lambda w, x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True),
        ((6, 12, 14),),
    ),
    "avgpool ceil without padding": Case(
        "t: avgpool(3, 2, pad=1, ceil=true, include_pad=false)",
        lambda w, x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False),
        ((6, 12, 14),),
    ),
    "avgpool upper": Case(
        "t: avgpool(3, 2, pad=same_upper, include_pad=false)",
        mean_upper(3, 2, False),
        ((6, 12, 11),),
    ),
    "avgpool upper counting": Case(
        "t: avgpool(3, 2, pad=same_upper)", mean_upper(3, 2, True), ((6, 12, 11),)
    ),
    "avgpool upper even": Case(
        "t: avgpool(2, 2, pad=same_upper, include_pad=false)", mean_upper(2, 2, False)
    ),
    "gap": Case("t: gap", lambda w, x: x.mean((2, 3), keepdim=True)),
    "adaptive_avgpool": Case("t: adaptive_avgpool(5)", lambda w, x: F.adaptive_avg_pool2d(x, 5)),
    "adaptive_avgpool 3x7": Case(
        "t: adaptive_avgpool(3x7)", lambda w, x: F.adaptive_avg_pool2d(x, (3, 7))
    ),
    "adaptive_avgpool enlarges": Case(
        "t: adaptive_avgpool([20, 3])", lambda w, x: F.adaptive_avg_pool2d(x, (20, 3))
    ),
    "adaptive_maxpool": Case(
        "t: adaptive_maxpool(4x5)", lambda w, x: F.adaptive_max_pool2d(x, (4, 5))
    ),
    "subsample": Case("t: subsample(2)", lambda w, x: x[:, :, ::2, ::2]),
    "subsample 3x1": Case("t: subsample(3x1)", lambda w, x: x[:, :, ::3]),
}


@pytest.mark.parametrize("name", CASES)
def test_it_equals_the_plain_expression(name: str) -> None:
    check(CASES[name])

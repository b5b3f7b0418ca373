"""Pools: geometry is torch's, ceil and dilation included."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from resdsl.diagnostics import RuleError
from resdsl.ir.op import Op, Window
from resdsl.ops.pool import (
    AdaptiveAvgPool,
    AdaptiveMaxPool,
    AvgPool,
    ChannelMax,
    ChannelMean,
    GlobalAvgPool,
    MaxPool,
)
from tests.ops.torch_says import agree, make, output_of, refuses, rejects

X = (6, 13, 12)
INF = float("inf")
POOLS = {
    "max": (MaxPool(k=2), nn.MaxPool2d(2)),
    "max by position": (make("maxpool", 3, 2, pad=1), nn.MaxPool2d(3, 2, 1)),
    "max stride": (MaxPool(k=2, stride=3), nn.MaxPool2d(2, 3)),
    "max pairs": (
        MaxPool(k=(2, 5), stride=[1, 2], pad=(1, 2)),
        nn.MaxPool2d((2, 5), (1, 2), (1, 2)),
    ),
    "max ceil": (MaxPool(k=3, stride=2, ceil=True), nn.MaxPool2d(3, 2, ceil_mode=True)),
    "max ceil, last window in the padding": (
        MaxPool(k=2, stride=2, pad=1, ceil=True),
        nn.MaxPool2d(2, 2, 1, ceil_mode=True),
    ),
    "max dilation": (MaxPool(k=3, stride=1, dilation=2), nn.MaxPool2d(3, 1, dilation=2)),
    "max same": (MaxPool(k=5, stride=1, pad="same"), nn.MaxPool2d(5, 1, 2)),
    "max same, dilated": (
        MaxPool(k=3, stride=1, pad="same", dilation=(1, 3)),
        lambda x: F.max_pool2d(F.pad(x, (3, 3, 1, 1), value=-INF), 3, 1, dilation=(1, 3)),
    ),
    "max valid": (MaxPool(k=3, stride=2, pad="valid"), nn.MaxPool2d(3, 2)),
    "avg": (AvgPool(k=2), nn.AvgPool2d(2)),
    "avg by position": (make("avgpool", 5, 3), nn.AvgPool2d(5, 3)),
    "avg pairs": (AvgPool(k=(2, 5), stride=(1, 2)), nn.AvgPool2d((2, 5), (1, 2))),
    "avg pad": (AvgPool(k=3, stride=1, pad=1), nn.AvgPool2d(3, 1, 1)),
    "avg ceil": (AvgPool(k=3, stride=2, ceil=True), nn.AvgPool2d(3, 2, ceil_mode=True)),
    "avg without padding": (
        AvgPool(k=3, stride=1, pad=1, include_pad=False),
        nn.AvgPool2d(3, 1, 1, count_include_pad=False),
    ),
    "avg same": (AvgPool(k=3, stride=2, pad="same"), nn.AvgPool2d(3, 2, 1)),
    "gap": (GlobalAvgPool(), nn.AdaptiveAvgPool2d(1)),
    "adaptive avg": (make("adaptive_avgpool", 6), nn.AdaptiveAvgPool2d(6)),
    "adaptive avg pair": (AdaptiveAvgPool(size=(3, 20)), nn.AdaptiveAvgPool2d((3, 20))),
    "adaptive max": (AdaptiveMaxPool(size=[5, 7]), nn.AdaptiveMaxPool2d((5, 7))),
    "channel mean": (ChannelMean(), lambda x: x.mean(1, keepdim=True)),
    "channel max": (ChannelMax(), lambda x: x.amax(1, keepdim=True)),
}


@pytest.mark.parametrize("name", POOLS)
def test_pool(name: str) -> None:
    op, plain = POOLS[name]
    agree(op, plain, X)


def test_gap_then_fc_is_torch_s_head() -> None:
    gap, fc = make("gap"), make("fc", 10)
    plain = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 10))
    assert gap.infer(X) == (6, 1, 1)
    assert fc.infer(gap.infer(X)) == output_of(plain.to("meta"), X) == (10,)
    state = {k.removeprefix("2."): tuple(v.shape) for k, v in plain.state_dict().items()}
    assert {k: w.shape for k, w in fc.weights(gap.infer(X)).items()} == state


small = st.integers(1, 5)
pairs = st.tuples(small, small)
pads = st.tuples(st.integers(0, 4), st.integers(0, 4))
images = st.tuples(st.just(3), st.integers(1, 20), st.integers(1, 20))


def same_or_both_refuse(op: Op, plain: nn.Module, x: tuple[int, ...]) -> None:
    try:
        op.infer(x)
    except RuleError:
        with pytest.raises(RuntimeError):
            plain(torch.zeros(2, *x))
        return
    agree(op, plain, x)


@given(images, pairs, pairs, pads, pairs, st.booleans())
def test_any_max_pool(x, k, stride, pad, dilation, ceil) -> None:
    op = MaxPool(k=k, stride=stride, pad=pad, ceil=ceil, dilation=dilation)
    if all(2 * p <= size for p, size in zip(pad, k, strict=True)):
        same_or_both_refuse(op, nn.MaxPool2d(k, stride, pad, dilation, ceil_mode=ceil), x)


@given(images, pairs, pairs, pads, pairs)
def test_a_dilated_max_pool_may_pad_half_of_what_it_spans(x, k, stride, pad, dilation) -> None:
    """Torch pads half of `k` at most, whatever the dilation."""
    op = MaxPool(k=k, stride=stride, pad=pad, dilation=dilation)
    padding = nn.ConstantPad2d((pad[1], pad[1], pad[0], pad[0]), -INF)
    if any(2 * pad[a] > dilation[a] * (k[a] - 1) + 1 for a in (0, 1)):
        refuses(op, x, field="pad", says="must be at most half of the window")
        return
    same_or_both_refuse(op, nn.Sequential(padding, nn.MaxPool2d(k, stride, 0, dilation)), x)


@given(images, pairs, pairs, pads, st.booleans(), st.booleans())
def test_any_avg_pool(x, k, stride, pad, ceil, include_pad) -> None:
    op = AvgPool(k=k, stride=stride, pad=pad, ceil=ceil, include_pad=include_pad)
    same_or_both_refuse(op, nn.AvgPool2d(k, stride, pad, ceil, include_pad), x)


@given(images, pairs, pairs, pairs, st.booleans())
def test_same_upper_is_the_ceiling_whatever_the_kernel(x, k, stride, dilation, ceil) -> None:
    op = MaxPool(k=k, stride=stride, pad="same_upper", dilation=dilation, ceil=ceil)
    (top, bottom), (left, right) = op.pads(x)
    assert op.infer(x)[1:] == (-(-x[1] // stride[0]), -(-x[2] // stride[1]))

    def plain(t: Tensor) -> Tensor:
        padded = F.pad(t, (left, right, top, bottom))
        return F.max_pool2d(padded, k, stride, dilation=dilation)

    assert op.infer(x) == output_of(plain, x)


def test_the_stride_is_the_kernel_unless_given() -> None:
    assert MaxPool(k=(2, 3)).stride == (2, 3)
    assert MaxPool(k=2) == MaxPool(k=2, stride=2) == MaxPool(k=2, stride=None)
    assert AvgPool(k=2, stride=1).stride == (1, 1)


def test_windows() -> None:
    assert MaxPool(k=(2, 3), stride=1, dilation=(1, 2)).window((X,)) == (Window(2), Window(5))
    assert AvgPool(k=3, stride=2).window((X,)) == (Window(3, 2), Window(3, 2))
    assert GlobalAvgPool().window((X,)) == (Window(0), Window(0))
    assert AdaptiveAvgPool(size=1).window((X,)) == (Window(0), Window(0))
    assert AdaptiveAvgPool(size=(13, 4)).window((X,)) == (Window(1, 1), Window(3, 3))
    assert ChannelMax().window((X,)) == (Window(), Window())


@given(st.integers(1, 40), st.integers(2, 40))
def test_adaptive_windows_are_the_largest(size, out) -> None:
    tall, _ = AdaptiveMaxPool(size=(out, 1)).window(((1, size, 1),))
    sizes = [-(-(i + 1) * size // out) - i * size // out for i in range(out)]
    assert tall.size == max(sizes)
    assert tall.stride / tall.up == size / out


def test_refusals() -> None:
    refuses(MaxPool(k=14), X, field="k", says="spans 14 in height, got 13 of 6x13x12")
    refuses(MaxPool(k=3, pad=2), X, field="pad", says="`pad` (=2) must be at most half of the")
    refuses(AvgPool(k=(4, 3), pad=(1, 2)), X, field="pad", says="(=2)")
    for kind, fields in {
        "maxpool": {"k": 2}, "avgpool": {"k": 2}, "gap": {}, "adaptive_avgpool": {"size": 2},
        "adaptive_maxpool": {"size": 2}, "channel_mean": {}, "channel_max": {},
    }.items():  # fmt: skip
        says = f"`{kind}` takes an image (CxHxW), got 7x12"
        refuses(make(kind, **fields), (7, 12), field=None, says=says)


@pytest.mark.parametrize("kind", ["maxpool", "avgpool"])
def test_fields_are_bounded(kind: str) -> None:
    for field, value in [
        ("k", 0), ("k", 10**7), ("k", 2.0), ("stride", 0), ("stride", [1, 2, 3]), ("pad", -1),
        ("pad", "full"), ("ceil", 1),
    ]:  # fmt: skip
        rejects(kind, field, **({"k": 2} | {field: value}))
    rejects("maxpool", "dilation", k=2, dilation=0)
    rejects("avgpool", "include_pad", k=2, include_pad="no")
    rejects("adaptive_avgpool", "size", size=0)
    rejects("adaptive_maxpool", "size", size=10**9)

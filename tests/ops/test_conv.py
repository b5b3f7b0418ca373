"""Convolutions: geometry, weights and multiply-adds are torch's."""

from __future__ import annotations

import contextlib

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from resdsl.diagnostics import RuleError
from resdsl.ir.init import Constant, HeNormal, Normal
from resdsl.ir.op import Op, Window
from resdsl.ops.conv import Conv, ConvTranspose
from tests.ops.torch_says import agree, make, output_of, refuses, rejects

X = (6, 13, 11)
CONVS = {
    "alone": (Conv(out=7), nn.Conv2d(6, 7, 3, padding=1)),
    "by position": (make("conv", 7, 5, 2), nn.Conv2d(6, 7, 5, 2, 2)),
    "pair": (Conv(out=7, k=[1, 7], stride=(2, 1)), nn.Conv2d(6, 7, (1, 7), (2, 1), (0, 3))),
    "no bias": (Conv(out=7, bias=False), nn.Conv2d(6, 7, 3, padding=1, bias=False)),
    "groups": (Conv(out=9, groups=3), nn.Conv2d(6, 9, 3, padding=1, groups=3)),
    "depthwise": (Conv(out=12, groups=6), nn.Conv2d(6, 12, 3, padding=1, groups=6)),
    "dilation": (Conv(out=7, dilation=2), nn.Conv2d(6, 7, 3, padding=2, dilation=2)),
    "dilation pair": (
        Conv(out=7, k=(3, 5), dilation=(1, 2)),
        nn.Conv2d(6, 7, (3, 5), padding=(1, 4), dilation=(1, 2)),
    ),
    "valid": (Conv(out=7, k=5, pad="valid"), nn.Conv2d(6, 7, 5)),
    "pad": (Conv(out=7, pad=3), nn.Conv2d(6, 7, 3, padding=3)),
    "pad pair": (Conv(out=7, pad=(0, 4)), nn.Conv2d(6, 7, 3, padding=(0, 4))),
    "even kernel": (Conv(out=7, k=4), nn.Conv2d(6, 7, 4, padding=1)),
}


@pytest.mark.parametrize("name", CONVS)
def test_conv(name: str) -> None:
    op, plain = CONVS[name]
    agree(op, plain, X)


TRANSPOSED = {
    "doubles": (make("conv_transpose", 5, 2, stride=2), nn.ConvTranspose2d(6, 5, 2, 2)),
    "alone": (ConvTranspose(out=5, k=3), nn.ConvTranspose2d(6, 5, 3)),
    "pad": (ConvTranspose(out=5, k=4, stride=2, pad=1), nn.ConvTranspose2d(6, 5, 4, 2, 1)),
    "pairs": (
        ConvTranspose(out=5, k=(3, 4), stride=(3, 2), pad=(1, 0)),
        nn.ConvTranspose2d(6, 5, (3, 4), (3, 2), (1, 0)),
    ),
    "output_pad": (
        ConvTranspose(out=5, k=3, stride=3, output_pad=[0, 2]),
        nn.ConvTranspose2d(6, 5, 3, 3, 0, (0, 2)),
    ),
    "output_pad below dilation": (
        ConvTranspose(out=5, k=3, output_pad=1, dilation=2),
        nn.ConvTranspose2d(6, 5, 3, output_padding=1, dilation=2),
    ),
    "groups": (ConvTranspose(out=9, k=3, groups=3), nn.ConvTranspose2d(6, 9, 3, groups=3)),
    "dilation": (ConvTranspose(out=5, k=3, dilation=2), nn.ConvTranspose2d(6, 5, 3, dilation=2)),
    "no bias": (ConvTranspose(out=5, k=3, bias=False), nn.ConvTranspose2d(6, 5, 3, bias=False)),
}


@pytest.mark.parametrize("name", TRANSPOSED)
def test_conv_transpose(name: str) -> None:
    op, plain = TRANSPOSED[name]
    agree(op, plain, X)


small = st.integers(1, 5)
pairs = st.tuples(small, small)
pads = st.tuples(st.integers(0, 4), st.integers(0, 4))
images = st.tuples(st.just(4), st.integers(1, 20), st.integers(1, 20))


def same_or_both_refuse(op: Op, plain: nn.Module, x: tuple[int, ...]) -> None:
    """What we refuse, torch refuses too, or makes an image of no pixels of."""
    try:
        op.infer(x)
    except RuleError:
        # Not on the meta device, where torch does not check `output_pad`.
        with contextlib.suppress(RuntimeError):
            assert plain(torch.empty(2, *x)).numel() == 0
        return
    agree(op, plain, x)


@given(images, pairs, pairs, pads, pairs, st.sampled_from([1, 2, 4]), st.booleans())
def test_any_geometry(x, k, stride, pad, dilation, groups, bias) -> None:
    op = Conv(out=8, k=k, stride=stride, pad=pad, dilation=dilation, groups=groups, bias=bias)
    same_or_both_refuse(op, nn.Conv2d(4, 8, k, stride, pad, dilation, groups, bias), x)


@given(images, pairs, pairs, pads, pads, pairs, st.sampled_from([1, 2, 4]))
def test_any_transposed_geometry(x, k, stride, pad, more, dilation, groups) -> None:
    op = ConvTranspose(
        out=8, k=k, stride=stride, pad=pad, output_pad=more, groups=groups, dilation=dilation
    )
    plain = nn.ConvTranspose2d(4, 8, k, stride, pad, more, groups, dilation=dilation)
    same_or_both_refuse(op, plain, x)


@given(images, pairs, pairs)
def test_a_transposed_convolution_undoes_the_shape_of_a_convolution(x, k, stride) -> None:
    conv = Conv(out=8, k=k, stride=stride, pad="valid")
    if x[1] < k[0] or x[2] < k[1]:
        return
    small = conv.infer(x)
    lost = tuple((x[1 + a] - k[a]) % stride[a] for a in (0, 1))
    assert ConvTranspose(out=4, k=k, stride=stride, output_pad=lost).infer(small) == x


@given(images, pairs, pairs, pairs)
def test_same_upper_is_the_ceiling_whatever_the_kernel(x, k, stride, dilation) -> None:
    op = Conv(out=8, k=k, stride=stride, dilation=dilation, pad="same_upper")
    (top, bottom), (left, right) = op.pads(x)
    assert op.infer(x)[1:] == (-(-x[1] // stride[0]), -(-x[2] // stride[1]))
    assert 0 <= bottom - top <= 1
    assert 0 <= right - left <= 1

    def plain(t: Tensor) -> Tensor:
        weight = torch.empty(8, 4, *k, device="meta")
        return F.conv2d(F.pad(t, (left, right, top, bottom)), weight, None, stride, 0, dilation)

    assert op.infer(x) == output_of(plain, x)


@given(images, st.sampled_from([1, 3, 5, 7]), small, small)
def test_same_with_an_odd_kernel_is_the_ceiling_too(x, k, stride, dilation) -> None:
    op = Conv(out=8, k=k, stride=stride, dilation=dilation)
    assert op.infer(x)[1:] == (-(-x[1] // stride), -(-x[2] // stride))


def test_inits() -> None:
    weights = Conv(out=7).weights(X)
    assert [w.init for w in weights.values()] == [HeNormal(), Constant(value=0.0)]
    given_ = Normal(std=0.01)
    assert Conv(out=7, init=given_).weights(X)["weight"].init == given_
    assert ConvTranspose(out=7, k=2, init=given_).weights(X)["weight"].init == given_


def test_windows() -> None:
    assert Conv(out=7, k=(3, 5), stride=(2, 1), dilation=(1, 2)).window((X,)) == (
        Window(3, 2),
        Window(9, 1),
    )
    assert ConvTranspose(out=7, k=2, stride=2).window((X,)) == (Window(1, 1, 2), Window(1, 1, 2))
    assert ConvTranspose(out=7, k=(3, 4), stride=(1, 2)).window((X,)) == (
        Window(3, 1, 1),
        Window(2, 1, 2),
    )


def test_refusals() -> None:
    op = Conv(out=64, groups=5)
    refuses(op, (10, 9, 9), field="out", says="`out` (=64) must be divisible by `groups` (=5)")
    refuses(op, X, field="groups", says="input channels (=6) must be divisible by `groups` (=5)")
    refuses(Conv(out=8, k=7, pad="valid"), (3, 9, 5), field="k", says="7 in width, got 5 of 3x9x5")
    refuses(Conv(out=8, k=9, pad=1), (3, 5, 9), field="k", says="9 in height, got 5 + 2 of padding")
    refuses(Conv(out=8), (5, 5), field=None, says="`conv` takes an image (CxHxW), got 5x5")
    refuses(ConvTranspose(out=8, k=3), (5,), field=None, says="takes an image (CxHxW), got 5")
    refuses(ConvTranspose(out=8, k=3, groups=4), X, field="groups", says="(=6)")
    refuses(ConvTranspose(out=8, k=1, pad=7), X, field="pad", says="`pad` (=7)")
    refuses(
        ConvTranspose(out=8, k=3, stride=2, output_pad=2), X, field="output_pad",
        says="`output_pad` (=2) must be below `stride` (=2) or `dilation` (=1)",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["conv", "conv_transpose"])
def test_fields_are_bounded(kind: str) -> None:
    fine = {"out": 8, "k": 3}
    for field, value in [
        ("out", 0), ("out", 10**7), ("out", 8.0), ("out", True), ("out", "8"), ("k", 0), ("k", -3),
        ("k", [1, 2, 3]), ("k", [3, 0]), ("stride", 0), ("stride", [1]), ("pad", -1),
        ("pad", "smae"), ("pad", True), ("dilation", 0), ("groups", 0), ("groups", 10**30),
        ("bias", 1), ("bias", "yes"), ("init", "he"), ("init", {"kind": "he"}),
    ]:  # fmt: skip
        rejects(kind, field, **(fine | {field: value}))


def test_absurd_values_end_quickly() -> None:
    huge = 1_000_000
    Conv(out=huge, k=huge, stride=huge, pad=huge, dilation=huge).window((X,))
    op = Conv(out=huge, k=huge, pad="same", dilation=huge)
    assert op.infer((huge, huge, huge))[0] == huge
    assert op.macs(((huge, huge, huge),), op.infer((huge, huge, huge))) > 10**24
    refuses(Conv(out=1, k=huge, pad=0), X, field="k", says="spans 1000000 in height, got 13")

"""Ops that move elements, and resizing: shapes are torch's."""

from __future__ import annotations

import pytest
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from resdsl.ir.op import Window
from resdsl.ops.resize import Crop, Resize
from resdsl.ops.tensor import ChannelShuffle, PadChannels, Slice, Subsample, ZeroPad
from tests.ops.torch_says import agree, make, output_of, refuses, rejects

VECTOR, SEQUENCE, IMAGE = (12,), (7, 12), (6, 13, 11)


def resized(**options: object) -> object:
    return lambda x: F.interpolate(x, recompute_scale_factor=None, **options)


CASES = {
    "flatten vector": (make("flatten"), nn.Flatten(), VECTOR),
    "flatten sequence": (make("flatten"), nn.Flatten(), SEQUENCE),
    "flatten image": (make("flatten"), nn.Flatten(), IMAGE),
    "slice vector": (make("slice", 3, 5), lambda x: x[:, 3:5], VECTOR),
    "slice sequence": (make("slice", 3, 5), lambda x: x[:, :, 3:5], SEQUENCE),
    "slice image": (make("slice", 0, 6), lambda x: x[:, 0:6], IMAGE),
    "shuffle": (make("channel_shuffle", 3), nn.ChannelShuffle(3), IMAGE),
    "subsample": (make("subsample", 2), lambda x: x[:, :, ::2, ::2], IMAGE),
    "subsample pair": (make("subsample", [3, 1]), lambda x: x[:, :, ::3], IMAGE),
    "pad_channels": (make("pad_channels", 9), lambda x: F.pad(x, (0, 0, 0, 0, 0, 3)), IMAGE),
    "pad_channels by none": (make("pad_channels", 6), nn.Identity(), IMAGE),
    "zero_pad": (make("zero_pad", 2), nn.ZeroPad2d(2), IMAGE),
    "zero_pad pair": (make("zero_pad", [1, 2]), nn.ZeroPad2d((2, 2, 1, 1)), IMAGE),
    "zero_pad four": (make("zero_pad", (1, 2, 3, 4)), nn.ZeroPad2d((3, 4, 1, 2)), IMAGE),
    "resize size": (Resize(size=[5, 20]), resized(size=(5, 20)), IMAGE),
    "resize size 9": (Resize(size=9), resized(size=9), IMAGE),
    "resize factor": (Resize(factor=2), resized(scale_factor=2), IMAGE),
    "resize factors": (Resize(factor=[1.5, 0.3]), resized(scale_factor=(1.5, 0.3)), IMAGE),
    "resize bilinear": (
        Resize(factor=1.7, mode="bilinear", align_corners=True),
        resized(scale_factor=1.7, mode="bilinear", align_corners=True),
        IMAGE,
    ),
    "crop": (Crop(size=[13, 4]), lambda x: x[:, :, :, 3:7], IMAGE),
    "crop of 2 and 1 less": (Crop(size=[11, 10]), lambda x: x[:, :, 1:12, :10], IMAGE),
    "crop to one": (Crop(size=1), lambda x: x[:, :, 6:7, 5:6], IMAGE),
}


@pytest.mark.parametrize("name", CASES)
def test_shape(name: str) -> None:
    op, plain, x = CASES[name]
    agree(op, plain, x)


@given(st.integers(1, 300), st.one_of(st.integers(1, 9), st.floats(0.01, 9)))
def test_a_factor_rounds_as_torch_rounds(side, factor) -> None:
    op, x = Resize(factor=factor), (3, side, 300)
    if int(side * factor) < 1:
        refuses(op, x, field="factor", says=f"leaves nothing of height {side}")
        return
    assert op.infer(x) == output_of(lambda t: F.interpolate(t, scale_factor=factor), x)


def test_resize_like() -> None:
    def plain(x: Tensor, like: Tensor) -> Tensor:
        return F.interpolate(x, like.shape[2:])

    assert Resize.tensors == ("like",)
    agree(Resize(), plain, IMAGE, (2, 17, 9))
    refuses(Resize(), IMAGE, SEQUENCE, field=None, says="takes an image (CxHxW), got 7x12")


def test_resize_has_exactly_one_target() -> None:
    says = "exactly one of `like`, `size` and `factor`, got "
    refuses(Resize(), IMAGE, field=None, says=says + "none")
    refuses(Resize(size=3, factor=2), IMAGE, field="factor", says=says + "`size` and `factor`")
    refuses(Resize(size=3), IMAGE, IMAGE, field="size", says=says + "`like` and `size`")
    refuses(Resize(factor=3), IMAGE, IMAGE, field="factor", says=says + "`like` and `factor`")


def test_crop_like() -> None:
    def plain(x: Tensor, like: Tensor) -> Tensor:
        return x[:, :, 2:11, 3:8]

    assert Crop.tensors == ("like",)
    agree(Crop(), plain, IMAGE, (2, 9, 5))
    assert Crop().window((IMAGE, (2, 9, 5))) == (Window(), Window())
    refuses(Crop(), IMAGE, SEQUENCE, field=None, says="takes an image (CxHxW), got 7x12")
    says = "`like` (=2x13x12) must be at most as high and as wide as 6x13x11"
    refuses(Crop(), IMAGE, (2, 13, 12), field="like", says=says)
    says = "`crop` takes exactly one of `like` and `size`, got "
    refuses(Crop(), IMAGE, field=None, says=says + "none")
    refuses(Crop(size=3), IMAGE, IMAGE, field="size", says=says + "`like` and `size`")


def test_windows() -> None:
    assert Subsample(stride=(2, 3)).window((IMAGE,)) == (Window(1, 2), Window(1, 3))
    assert Resize(factor=2).window((IMAGE,)) == (Window(1, 1, 2), Window(1, 1, 2))
    assert Resize(size=(13, 22), mode="bilinear").window((IMAGE,)) == (Window(), Window(2, 1, 2))
    assert Resize(size=(6, 11)).window(((3, 9, 11),)) == (Window(1, 3, 2), Window())
    assert Resize().window((IMAGE, (2, 26, 11))) == (Window(1, 1, 2), Window())
    assert ZeroPad(pad=3).window((IMAGE,)) == (Window(), Window())


def test_refusals() -> None:
    refuses(Slice(start=3, stop=3), IMAGE, field="start", says="`start` (=3) must be below `stop`")
    refuses(Slice(start=3, stop=7), IMAGE, field="stop", says="`stop` (=7) must be at most the")
    refuses(Slice(start=0, stop=13), SEQUENCE, field="stop", says="channels (=12) of 7x12")
    says = "channels (=6) must be divisible by `groups` (=4)"
    refuses(ChannelShuffle(groups=4), IMAGE, field="groups", says=says)
    says = "`out` (=5) must be at least the channels (=6) of 6x13x11"
    refuses(PadChannels(out=5), IMAGE, field="out", says=says)
    says = "`align_corners` has a meaning with `mode=bilinear` only"
    refuses(Resize(size=3, align_corners=True), IMAGE, field="align_corners", says=says)
    says = "`factor` (=0.05) leaves nothing of height 13"
    refuses(Resize(factor=0.05), IMAGE, field="factor", says=says)
    refuses(Resize(factor=2), (3, 10**400, 1), field=None, says="sides up to")
    for kind, fields in {
        "channel_shuffle": {"groups": 2}, "subsample": {"stride": 2}, "pad_channels": {"out": 9},
        "zero_pad": {"pad": 1}, "resize": {"size": 3}, "crop": {"size": 3},
    }.items():  # fmt: skip
        refuses(make(kind, **fields), SEQUENCE, field=None, says=f"`{kind}` takes an image")


def test_fields_are_bounded() -> None:
    rejects("slice", "start", start=-1, stop=3)
    rejects("slice", "stop", start=0, stop=0)
    rejects("channel_shuffle", "groups", groups=0)
    rejects("subsample", "stride", stride=0)
    rejects("pad_channels", "out", out=10**9)
    for value in (-1, True, [1, 2, 3], [1, 2, 3, 4, 5], [], "same", 10**9, 1.5):
        rejects("zero_pad", "pad", pad=value)
    for value in (0, -1, 1001, 10**400, float("inf"), True, "2", [1, 2, 3]):
        rejects("resize", "factor", factor=value)
    rejects("resize", "size", size=0)
    rejects("resize", "size", size=[1, 10**9])
    for value in (0, -1, 2.0, [1, 2, 3], 10**9, "same"):
        rejects("crop", "size", size=value)
    rejects("resize", "mode", size=3, mode="bicubic")
    rejects("resize", "align_corners", size=3, align_corners=1)

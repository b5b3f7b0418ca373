"""The references themselves, against torchvision and published counts. Nothing is generated."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.backends.compare import assert_equal_models, by_position
from tests.backends.references.residual import CifarNet, ImageNetNet
from tests.torchvision_shim import import_torchvision

torchvision = import_torchvision()

# parameters and multiply-adds, counted by two independent counters
COUNTS = {
    "plain-18": (ImageNetNet, (18, "A", True), 11_515_688, 1_794_805_760),
    "resnet-18A": (ImageNetNet, (18, "A"), 11_515_688, 1_794_805_760),
    "resnet-18B": (ImageNetNet, (18, "B"), 11_689_512, 1_814_073_344),
    "resnet-18C": (ImageNetNet, (18, "C"), 12_043_816, 1_878_298_624),
    "plain-34": (ImageNetNet, (34, "A", True), 21_623_848, 3_644_493_824),
    "resnet-34A": (ImageNetNet, (34, "A"), 21_623_848, 3_644_493_824),
    "resnet-34B": (ImageNetNet, (34, "B"), 21_797_672, 3_663_761_408),
    "resnet-34C": (ImageNetNet, (34, "C"), 22_716_840, 3_830_747_136),
    "resnet-50-v1": (ImageNetNet, (50,), 25_557_032, 3_857_973_248),
    "resnet-101-v1": (ImageNetNet, (101,), 44_549_160, 7_570_194_432),
    "resnet-152-v1": (ImageNetNet, (152,), 60_192_808, 11_282_415_616),
    "plain-20-cifar": (CifarNet, (20, "A", True), 269_722, 40_551_040),
    "resnet-20-cifar": (CifarNet, (20, "A"), 269_722, 40_551_040),
    "resnet-20-cifar-B": (CifarNet, (20, "B"), 272_474, 40_813_184),
    "resnet-20-cifar-C": (CifarNet, (20, "C"), 283_962, 42_648_192),
    "resnet-110-cifar": (CifarNet, (110, "A"), 1_727_962, 252_887_680),
}


def counts(model: nn.Module, side: int) -> tuple[int, int]:
    with FlopCounterMode(display=False) as counter:
        model.eval()(torch.zeros(1, 3, side, side, device="meta"))
    return sum(p.numel() for p in model.parameters()), counter.get_total_flops() // 2


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_the_published_ones(name: str) -> None:
    make, args, params, macs = COUNTS[name]
    with torch.device("meta"):
        model = make(*args)
    assert counts(model, 32 if make is CifarNet else 224) == (params, macs)


@pytest.mark.parametrize("depth", [18, 50])
def test_with_torchvision_s_choices_they_are_torchvision_s(depth: int) -> None:
    ours = ImageNetNet(depth, stride_at=2, pool_pad=1).double()
    theirs = getattr(torchvision.models, f"resnet{depth}")().double()
    x = torch.randn(2, 3, 51, 47, dtype=torch.float64)
    assert_equal_models(ours, theirs, [x], names=by_position(ours, theirs))


def test_the_comparison_sees_another_stride() -> None:
    ours = ImageNetNet(50, stride_at=1, pool_pad=1).double()
    theirs = ImageNetNet(50, stride_at=2, pool_pad=1).double()
    x = torch.randn(2, 3, 51, 47, dtype=torch.float64)
    with pytest.raises(AssertionError, match="output"):
        assert_equal_models(ours, theirs, [x])

"""The paper's nets at every size that it tests them at, and at an odd one: they count what a plain
module written from the paper does, and their stages have its shapes. Those for CIFAR give its
answers, too.
"""

from __future__ import annotations

import re
from functools import partial

import pytest
import torch

import resdsl
from tests.backends.compare import assert_same, randomise
from tests.backends.references.residual import CifarNet, ImageNetNet
from tests.zoo.reference import counted

# section 3.4: "images are resized such that the shorter side is in {224, 256, 384, 480, 640}"
SIDES = (193, 224, 256, 384, 480, 640)
NETS = {
    "resnet18": partial(ImageNetNet, 18, "A"),
    "resnet34": partial(ImageNetNet, 34, "A"),
    "resnet34_B": partial(ImageNetNet, 34, "B"),
    "resnet34_C": partial(ImageNetNet, 34, "C"),
    "resnet50": partial(ImageNetNet, 50),
    "resnet101": partial(ImageNetNet, 101),
    "resnet152": partial(ImageNetNet, 152),
    "plain18": partial(ImageNetNet, 18, plain=True),
    "plain34": partial(ImageNetNet, 34, plain=True),
}
# the largest nets are the smallest ones' code with other numbers
CIFAR = [
    *(f"cifar/plain{depth}" for depth in (20, 32, 44, 56, 110)),
    *(f"cifar/resnet{depth}" for depth in (20, 32, 44, 56, 110)),
    pytest.param("cifar/resnet1202", marks=pytest.mark.proof),
]
CASES = [(n, s) for n in NETS for s in (SIDES if n in ("resnet34", "resnet50") else SIDES[:2])]


@pytest.mark.parametrize(("spec", "side"), CASES)
def test_an_imagenet_net_at_any_size(spec: str, side: int) -> None:
    with torch.device("meta"):
        theirs = NETS[spec]()
    _holds(resdsl.load(spec, input=(3, side, side)), theirs, side)


@pytest.mark.parametrize("side", [32, 33])
@pytest.mark.parametrize("spec", CIFAR)
def test_a_cifar_net_at_any_size(spec: str, side: int) -> None:
    with torch.device("meta"):
        theirs = _cifar(spec)
    _holds(resdsl.load(spec, input=(3, side, side)), theirs, side)


@pytest.mark.parametrize("spec", CIFAR)
def test_a_cifar_net_s_outputs(spec: str) -> None:
    with torch.device("meta"):
        theirs = _cifar(spec)
    theirs = theirs.double().to_empty(device="cpu")
    randomise(theirs)
    net = resdsl.load(spec, input="3x9x9")
    ours = net.build("torch", device="meta", dtype=torch.float64)
    ours.load_state_dict(theirs.state_dict(), assign=True)
    image = torch.randn(1, 3, 9, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        assert_same(ours.eval()(image), theirs.eval()(image), "output")


def _cifar(spec: str) -> CifarNet:
    kind, depth = re.fullmatch(r"cifar/(resnet|plain)(\d+)", spec).groups()
    stages = ("conv2_x", "conv3_x", "conv4_x")
    return CifarNet(int(depth), "A", plain=kind == "plain", stages=stages)


def _holds(net: resdsl.Network, theirs: torch.nn.Module, side: int) -> None:
    stats = net.stats()
    macs, shapes = counted(theirs, side)
    assert stats.params == sum(p.numel() for p in theirs.parameters())
    assert stats.macs == macs
    stages = [row for row in stats.rows if row.stage]
    assert len(stages) >= 3
    for row in stages:
        assert shapes[row.name] == [row.output], row.name

"""The paper's nets at every size that it tests them at, and at an odd one: they count what a plain
module written from the paper does, and their stages have its shapes.
"""

from __future__ import annotations

from functools import partial

import pytest
import torch

import resdsl
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
CASES = [(n, s) for n in NETS for s in (SIDES if n in ("resnet34", "resnet50") else SIDES[:2])]


@pytest.mark.parametrize(("spec", "side"), CASES)
def test_an_imagenet_net_at_any_size(spec: str, side: int) -> None:
    with torch.device("meta"):
        theirs = NETS[spec]()
    _holds(resdsl.load(spec, input=(3, side, side)), theirs, side)


@pytest.mark.parametrize("side", [32, 33])
@pytest.mark.parametrize("spec", ["cifar/resnet20", "cifar/plain20", "cifar/resnet110"])
def test_a_cifar_net_at_any_size(spec: str, side: int) -> None:
    depth, plain = resdsl.load(spec).stats().depth, "plain" in spec
    with torch.device("meta"):
        theirs = CifarNet(depth, "A", plain=plain, stages=("conv2_x", "conv3_x", "conv4_x"))
    _holds(resdsl.load(spec, input=(3, side, side)), theirs, side)


def _holds(net: resdsl.Network, theirs: torch.nn.Module, side: int) -> None:
    stats = net.stats()
    macs, shapes = counted(theirs, side)
    assert stats.params == sum(p.numel() for p in theirs.parameters())
    assert stats.macs == macs
    stages = [row for row in stats.rows if row.stage]
    assert len(stages) >= 3
    for row in stages:
        assert shapes[row.name] == [row.output], row.name

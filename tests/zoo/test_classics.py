"""The nets of specs/classics/ are those of their papers, as plain modules have them."""

from __future__ import annotations

from functools import partial
from math import prod

import pytest
import torch
from torch import Tensor

import resdsl
from resdsl.ir.init import Uniform
from resdsl.ir.weights import initialisers, weights
from tests.zoo.plain import cifar, inception, lenet, preact, towers
from tests.zoo.plain.compare import Plain, assert_outputs
from tests.zoo.zoo import NETS

VGG = {
    "classics/vgg11": "A", "classics/vgg11_lrn": "A-LRN", "classics/vgg13": "B",
    "classics/vgg16_c": "C", "classics/vgg16": "D", "classics/vgg19": "E",
    "vgg16": "D", "vgg19": "E",
}  # fmt: skip
PRELU = {"a": (5, (256, 512, 512)), "b": (6, (256, 512, 512)), "c": (6, (384, 768, 896))}

PLAIN = {
    "classics/lenet5": Plain(lenet.lenet5),
    "classics/lenet5_dense": Plain(lenet.lenet5_dense),
    "classics/alexnet": Plain(towers.alexnet, odd=224, side=67),
    "classics/alexnet_ungrouped": Plain(towers.alexnet, {"towers": 1}, odd=224, side=67),
    **{
        spec: Plain(
            partial(towers.vgg, configuration=column),
            odd=225,
            side=33,
            slow=spec not in ("classics/vgg11_lrn", "classics/vgg16_c"),
        )
        for spec, column in VGG.items()
    },
    "classics/googlenet": Plain(inception.GoogLeNet, odd=193, side=97),
    "classics/googlenet_separable": Plain(
        partial(inception.GoogLeNet, separable_conv1=True), odd=193, side=97
    ),
    "classics/bn_inception": Plain(inception.bn_inception, odd=193, side=65),
    "classics/bn_inception_figure5": Plain(
        partial(inception.bn_inception, proj=96, bias=False, depthwise=True), odd=193, side=65
    ),
    **{
        f"classics/prelu_net_{letter}": Plain(
            partial(towers.prelu_net, n=n),
            {"widths": widths},
            odd=193,
            side=65,
            thin={"widths": [width // 64 for width in widths]},
        )
        for letter, (n, widths) in PRELU.items()
    },
    "classics/nin": Plain(cifar.nin_imagenet, odd=193, side=67),
    **{
        f"classics/preact_resnet{depth}": Plain(
            partial(preact.imagenet, depth=depth), odd=193, side=33, slow=depth > 50
        )
        for depth in preact.BLOCKS
    },
}


def test_no_net_is_left_out() -> None:
    assert {spec for spec in NETS if spec.startswith(("classics/", "vgg"))} == set(PLAIN)


def test_the_auxiliary_heads_of_googlenet(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(x: Tensor, *args: object, **more: object) -> Tensor:
        return x

    monkeypatch.setattr(torch.nn.functional, "dropout", nothing)
    assert_outputs("classics/googlenet", PLAIN["classics/googlenet"], training=True)
    outputs = resdsl.load("classics/googlenet").ir.main.outputs
    assert [(o.name, o.train, o.loss_weight) for o in outputs if o.train] == [
        ("aux1", True, 0.3), ("aux2", True, 0.3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("separable", "proj", "bias", "params", "macs"),
    [
        (False, 128, False, 11_285_224, 2_032_600_064),
        (True, 128, False, 11_278_528, 1_948_605_440),
        (False, 96, False, 11_194_984, 2_018_851_840),
    ],
)
def test_other_readings_of_figure_5(
    separable: bool, proj: int, bias: bool, params: int, macs: int
) -> None:
    net = resdsl.load("classics/bn_inception", separable=separable, proj=proj, bias=bias)
    assert (net.stats().params, net.stats().macs) == (params, macs)


def test_vgg_takes_a_norm() -> None:
    assert resdsl.load("classics/vgg16", norm="bn").stats().params == 138_365_992


def test_lenet_begins_within_2_4_over_the_fan_in() -> None:
    net = resdsl.load("classics/lenet5").ir
    rules = initialisers(net)
    for path, (_, weight) in weights(net).items():
        if path.endswith(".weight") and path != "head.weight":
            fan_in = 4 if path.startswith("s") else prod(weight.shape[1:])
            assert rules[path] == Uniform(bound=2.4 / fan_in), path

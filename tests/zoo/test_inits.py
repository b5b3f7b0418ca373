"""How the shipped nets begin: as their papers, or torchvision, have it."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.ir.init import Constant, FanInUniform, HeNormal, Init, Normal, XavierUniform
from resdsl.ir.weights import initialisers, weights
from tests.zoo.zoo import NETS

NORMS = {"bn", "ln", "gn", "instance_norm"}


def begins(spec: str) -> dict[tuple[str, str], set[str]]:
    """(kind of op, last word of the path) -> the rules in use, as text."""
    net = resdsl.load(spec).ir
    rules: dict[str, Init] = initialisers(net)
    found: dict[tuple[str, str], set[str]] = {}
    for path, (op, _) in weights(net).items():
        found.setdefault((op.kind, path.rpartition(".")[2]), set()).add(repr(rules[path]))
    return found


PAPER = [
    "resnet18",
    "resnet34:resnet34_C",
    "resnet50",
    "plain34",
    "cifar/resnet20",
    "cifar/plain56",
]


@pytest.mark.parametrize("spec", PAPER)
def test_the_paper_s_begin_as_he_et_al_2015_have_it(spec: str) -> None:
    found = begins(spec)
    assert found["conv", "weight"] == {repr(HeNormal(mode="fan_in"))}
    assert found["fc", "weight"] == {repr(FanInUniform())}
    assert found["fc", "bias"] == {repr(Constant(value=0.0))}
    assert found["bn", "weight"] == {repr(Constant(value=1.0))}


def test_torchvision_s_begin_as_its_do() -> None:
    assert begins("torchvision/resnet50")["conv", "weight"] == {repr(HeNormal(mode="fan_out"))}
    vgg = begins("torchvision/vgg16")
    assert vgg["conv", "weight"] == {repr(HeNormal(mode="fan_out"))}
    assert vgg["fc", "weight"] == {repr(Normal(std=0.01))}


def test_vgg_begins_as_glorot_and_bengio_have_it() -> None:
    vgg = begins("vgg16")
    assert vgg["conv", "weight"] == vgg["fc", "weight"] == {repr(XavierUniform())}
    assert vgg["conv", "bias"] == {repr(Constant(value=0.0))}


def test_alexnet_begins_with_ones_where_its_paper_says() -> None:
    rules = initialisers(resdsl.load("classics/alexnet").ir)
    ones = [path for path, rule in rules.items() if rule == Constant(value=1.0)]
    assert ones == [
        "conv2.conv1.bias", "conv4.conv1.bias", "conv5.conv1.bias", "fc6.fc1.bias", "fc7.fc1.bias",
    ]  # fmt: skip


@pytest.mark.parametrize("spec", NETS)
def test_a_norm_begins_as_one_number_everywhere(spec: str) -> None:
    """No selector for what surrounds a norm means its tensors, too."""
    net = resdsl.load(spec).ir
    rules = initialisers(net)
    for path, (op, _) in weights(net).items():
        if op.kind in NORMS:
            scale = path.endswith((".weight", ".running_var"))
            allowed = {0, 1} if path.endswith(".weight") else {int(scale)}
            assert rules[path] in [Constant(value=value) for value in allowed], path

"""The specs of `specs/torchvision/`: their state dicts are torchvision's and load both ways."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import resdsl
from tests.torchvision_shim import import_torchvision
from tests.zoo.zoo import FILES

torchvision = import_torchvision()
SPECS = [name for name in FILES if name.startswith("torchvision/")]


def pair(spec: str, device: str) -> tuple[nn.Module, nn.Module]:
    ours = resdsl.load(spec).build("torch", device=device)
    with torch.device(device):
        theirs = getattr(torchvision.models, spec.split("/")[1])()
    return ours, theirs


@pytest.mark.parametrize("spec", SPECS)
def test_names_order_and_shapes_are_torchvision_s(spec: str) -> None:
    ours, theirs = pair(spec, "meta")
    shapes = [
        [(name, tuple(tensor.shape)) for name, tensor in model.state_dict().items()]
        for model in (ours, theirs)
    ]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("spec", SPECS)
def test_checkpoints_load_strictly_both_ways(spec: str) -> None:
    ours, theirs = pair(spec, "meta")
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    theirs.load_state_dict(ours.state_dict(), strict=True, assign=True)


@pytest.mark.parametrize("spec", ["torchvision/resnet18", "torchvision/resnet50"])
def test_its_weights_give_its_answers(spec: str) -> None:
    ours, theirs = pair(spec, "cpu")
    ours.load_state_dict(theirs.state_dict(), strict=True)
    image = torch.randn(2, 3, 97, 65, dtype=torch.float64)
    with torch.no_grad():
        a, b = (model.double().eval()(image) for model in (ours, theirs))
    assert (a - b).abs().max() <= 1e-10

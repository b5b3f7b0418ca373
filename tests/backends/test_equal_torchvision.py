"""specs/torchvision/* against torchvision itself, its weights loaded strictly, both ways."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import resdsl
from tests.backends.compare import assert_equal_models, assert_same
from tests.torchvision_shim import import_torchvision

torchvision = import_torchvision()
NAMES = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "vgg16", "vgg19"]
LARGE = NAMES[3:]


def theirs(name: str) -> nn.Module:
    options = {"init_weights": False} if name.startswith("vgg") else {}
    with torch.device("meta"):
        return getattr(torchvision.models, name)(weights=None, **options)


def on_cpu(model: nn.Module) -> nn.Module:
    """Its storage allocated, not initialised: `randomise` follows."""
    return model.double().to_empty(device="cpu")


@pytest.mark.parametrize("name", NAMES)
def test_its_state_dict_loads_strictly_both_ways(name: str) -> None:
    ours = resdsl.load(f"torchvision/{name}").build("torch", device="meta")
    here, there = ours.state_dict(), theirs(name).state_dict()
    assert list(here) == list(there)
    assert {k: v.shape for k, v in here.items()} == {k: v.shape for k, v in there.items()}
    assert {k: v.dtype for k, v in here.items()} == {k: v.dtype for k, v in there.items()}
    ours.load_state_dict(there, strict=True, assign=True)
    theirs(name).load_state_dict(here, strict=True, assign=True)


def seeded(model: nn.Module, x: Tensor) -> Tensor:
    torch.manual_seed(5)
    return model(x)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.proof] if n in LARGE else []) for n in NAMES]
)
def test_outputs_gradients_and_statistics(name: str) -> None:
    ours = on_cpu(
        resdsl.load(f"torchvision/{name}").build("torch", device="meta", dtype=torch.float64)
    )
    other = on_cpu(theirs(name))
    for module in other.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.num_batches_tracked.zero_()
    side = (64, 71) if name.startswith("vgg") else (51, 47)
    x = torch.randn(2, 3, *side, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    is_vgg = name.startswith("vgg")
    assert_equal_models(ours, other, [x], train=not is_vgg)
    if is_vgg:  # no statistics; where dropout stands, one seed tells
        with torch.no_grad():
            assert_same(*(seeded(model.train(), x) for model in (ours, other)), "dropped output")
    batches = [b for n, b in ours.named_buffers() if n.endswith("num_batches_tracked")]
    assert {int(b) for b in batches} <= {1}

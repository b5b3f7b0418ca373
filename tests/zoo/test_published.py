"""The other nets are their authors': with torchvision's or timm's weights they answer alike.

Weights go over in the order of the state dicts, after `place` has put theirs in the order of our
text. In float64, in eval mode, to 1e-10.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import nn

import resdsl
from tests.backends.compare import assert_same, randomise
from tests.torchvision_shim import import_timm, import_torchvision

models = import_torchvision().models
timm = import_timm()


class Published(NamedTuple):
    make: Callable[[], nn.Module]
    side: int = 40
    late: str = "^$"
    """The tensors that our text has last in each block (or in the net)."""
    blocks: str = ""
    """What names a block; without it, the net is one."""
    device: str = "meta"


NETS = {
    "torchvision/resnext50_32x4d": Published(models.resnext50_32x4d),
    "torchvision/wide_resnet50_2": Published(models.wide_resnet50_2),
    "classics/alexnet:alexnet_owt": Published(models.alexnet, side=96),
    "classics/densenet": Published(models.densenet121),
    "classics/googlenet:googlenet_torchvision": Published(
        lambda: models.googlenet(init_weights=False), side=224, late="^aux"
    ),
    "modern/mobilenet_v2": Published(models.mobilenet_v2),
    "modern/shufflenet_v2": Published(models.shufflenet_v2_x1_0),
    "modern/efficientnet": Published(models.efficientnet_b0),
    "modern/regnet": Published(
        models.regnet_y_400mf, late=r"\.proj\.", blocks=r"block\d+-\d+", device="cpu"
    ),
    "modern/convnext_tiny": Published(
        lambda: timm.create_model("convnext_tiny", conv_mlp=True),
        late="gamma$",
        blocks=r"stages\.\d+\.blocks\.\d+",
    ),
    "modern/vit_b16": Published(
        lambda: timm.create_model("vit_base_patch16_224"), side=224, late="^(?!patch_embed)"
    ),
    "modern/se_resnet50": Published(lambda: timm.create_model("seresnet50")),
    "modern/resnet50_d": Published(lambda: timm.create_model("resnet50d")),
}


def place(names: list[str], net: Published) -> list[str]:
    """Their names in our order: of each block, what is `late` after the rest."""
    first: dict[str, int] = {}

    def key(name: str) -> tuple[int, bool]:
        found = re.search(net.blocks, name) if net.blocks else None
        block = found[0] if found else name if net.blocks else ""
        return first.setdefault(block, len(first)), re.search(net.late, name) is not None

    return sorted(names, key=key)


def carry(theirs: nn.Module, ours: nn.Module, net: Published) -> None:
    state = theirs.state_dict()
    names = place(list(state), net)
    here = ours.state_dict()
    assert len(names) == len(here)
    for name, (own, tensor) in zip(names, here.items(), strict=True):
        assert state[name].numel() == tensor.numel(), (name, own)
    ours.load_state_dict(
        {own: state[n].reshape(here[own].shape) for n, own in zip(names, here, strict=True)}
    )


def made(net: Published) -> nn.Module:
    """Theirs; on the meta device first, which spares its initialisation."""
    with torch.device(net.device):
        model = net.make()
    return model.double().to_empty(device="cpu")


@pytest.mark.parametrize("spec", NETS)
def test_its_weights_give_its_answers(spec: str) -> None:
    net = NETS[spec]
    theirs = made(net)
    randomise(theirs)
    loaded = resdsl.load(spec, input=(3, net.side, net.side))
    ours = loaded.build("torch", device="meta", dtype=torch.float64).to_empty(device="cpu")
    carry(theirs, ours, net)
    noise = torch.Generator().manual_seed(3)
    image = torch.randn(1, 3, net.side, net.side, dtype=torch.float64, generator=noise)
    with torch.no_grad():
        out, expected = (model.eval()(image) for model in (ours, theirs))
    assert_same(out, expected, "output")

"""What published nets give in training alone: their auxiliary heads, beside the main one.

In float64 on a batch of two with its own statistics; nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

import resdsl
from tests.backends.compare import assert_same, randomise
from tests.torchvision_shim import import_torchvision

models = import_torchvision().models


class Trained(NamedTuple):
    make: Callable[[], nn.Module]
    outputs: tuple[str, ...]
    """Theirs, in the order of ours: the main one, then those of the heads."""
    side: int = 65


def _segmenting(name: str) -> nn.Module:
    make = getattr(models.segmentation, name)
    return make(weights=None, weights_backbone=None, aux_loss=True)


NETS = {
    "torchvision/googlenet": Trained(
        partial(models.googlenet, init_weights=False), ("logits", "aux_logits1", "aux_logits2")
    ),
    "torchvision/inception_v3": Trained(
        partial(models.inception_v3, init_weights=False), ("logits", "aux_logits"), side=299
    ),
    "dense/deeplabv3_resnet50": Trained(partial(_segmenting, "deeplabv3_resnet50"), ("out", "aux")),
    "dense/fcn_resnet50": Trained(partial(_segmenting, "fcn_resnet50"), ("out", "aux")),
}


@pytest.mark.parametrize("spec", NETS)
def test_its_heads_in_training(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def kept(x: Tensor, *given: object, **more: object) -> Tensor:
        return x

    monkeypatch.setattr(torch.nn.functional, "dropout", kept)
    net = NETS[spec]
    with torch.device("meta"):
        theirs = net.make()
    theirs = theirs.double().to_empty(device="cpu")
    randomise(theirs)
    ours = resdsl.load(spec, input=(3, net.side, net.side))
    model = ours.build("torch", device="meta", dtype=torch.float64)
    model.load_state_dict({name: t.clone() for name, t in theirs.state_dict().items()}, assign=True)
    noise = torch.Generator().manual_seed(3)
    image = torch.randn(2, 3, net.side, net.side, dtype=torch.float64, generator=noise)
    with torch.no_grad():
        out, found = model.train()(image), theirs.train()(image)
    named = found if isinstance(found, dict) else found._asdict()
    assert_same(out, [named[name] for name in net.outputs], "output")

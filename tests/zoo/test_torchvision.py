"""Every spec in `specs/torchvision/` has the names of torchvision's state dict, in its order."""

from __future__ import annotations

import pytest
import torch

import resdsl
from resdsl.ir.weights import weights
from tests.torchvision_shim import import_torchvision
from tests.zoo.zoo import FILES

models = import_torchvision().models


@pytest.mark.parametrize("spec", [name for name in FILES if name.startswith("torchvision/")])
def test_names_order_and_shapes_are_torchvision_s(spec: str) -> None:
    with torch.device("meta"):
        theirs = getattr(models, spec.split("/")[1])().state_dict()
    ours = {path: weight.shape for path, (_, weight) in weights(resdsl.load(spec).ir).items()}
    counted = {name: t for name, t in theirs.items() if not name.endswith("num_batches_tracked")}
    assert list(ours.items()) == [(name, tuple(t.shape)) for name, t in counted.items()]

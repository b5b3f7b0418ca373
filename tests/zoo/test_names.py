"""The names of weights are a promise: a checkpoint of today loads tomorrow. `golden/` holds them.

Those of specs/torchvision/ and specs/timm/ are held to their originals' by test_published.py.

`pytest tests/zoo/test_names.py --rewrite-golden` writes them anew: then read the diff.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

import resdsl
from resdsl.ir.shape import show
from resdsl.ir.weights import weights

NETS = [
    "resnet18", "resnet50", "plain18", "vgg16", "cifar/resnet20", "classics/googlenet",
    "classics/preact_resnet18", "dense/unet", "examples/siamese", "examples/exchange_net",
]  # fmt: skip


def names(spec: str) -> str:
    """One line a tensor: its path and its shape, in the order of the text."""
    owned = weights(resdsl.load(spec).ir)
    return "".join(f"{path} {show(weight.shape)}\n" for path, (_, weight) in owned.items())


@pytest.mark.parametrize("spec", NETS)
def test_names_stay_what_they_are(spec: str, golden: Callable[[str, str], str]) -> None:
    text = names(spec)
    assert text == golden(spec, text)

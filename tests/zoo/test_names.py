"""The names of weights are a promise: a checkpoint of today loads tomorrow. `golden/` holds them.

`pytest tests/zoo/test_names.py --rewrite-golden` writes them anew: then read the diff.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

import resdsl
from resdsl.ir.shape import show
from resdsl.ir.weights import weights

NETS = [
    "resnet18", "resnet50", "plain18", "vgg16", "cifar/resnet20", "torchvision/resnet50",
    "classics/googlenet", "classics/densenet", "classics/preact_resnet:preact_resnet18",
    "modern/mobilenet_v2", "modern/efficientnet", "modern/shufflenet_v2", "modern/se_resnet50",
    "modern/resnet50_d", "modern/convnext_tiny", "modern/vit_b16", "modern/unet",
    "examples/siamese", "examples/fpn", "examples/hrnet",
]  # fmt: skip


def names(spec: str) -> str:
    """One line a tensor: its path and its shape, in the order of the text."""
    owned = weights(resdsl.load(spec).ir)
    return "".join(f"{path} {show(weight.shape)}\n" for path, (_, weight) in owned.items())


@pytest.mark.parametrize("spec", NETS)
def test_names_stay_what_they_are(spec: str, golden: Callable[[str, str], str]) -> None:
    text = names(spec)
    assert text == golden(spec, text)

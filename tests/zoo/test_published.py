"""Every net of specs/torchvision/ and specs/timm/ is the one that is published under its name:
the same names, counts, shapes and outputs.
"""

from __future__ import annotations

from functools import partial

import pytest

import resdsl
from tests.torchvision_shim import import_timm, import_torchvision
from tests.zoo.reference import (
    Reference,
    assert_counts,
    assert_names,
    assert_outputs,
    side_of,
)
from tests.zoo.zoo import NETS

models = import_torchvision().models
timm = import_timm()

OTHERS: dict[str, Reference] = {
    "torchvision/googlenet": Reference(lambda side: models.googlenet(init_weights=False)),
    "torchvision/inception_v3": Reference(  # 299: the least that its auxiliary head takes
        lambda side: models.inception_v3(init_weights=False), odd=323, side=299
    ),
    "torchvision/vit_b_16": Reference(
        lambda side: models.vit_b_16(image_size=side), odd=0, side=64, device="cpu"
    ),
}
"""The nets that want more than a name."""


def reference(spec: str) -> Reference:
    """The constructor of that name, of the package that the folder is named after."""
    if spec in OTHERS:
        return OTHERS[spec]
    package, name = spec.split("/")
    if package == "torchvision":
        # a dense layer of theirs gives its new channels, ours all of them
        return Reference(lambda side: getattr(models, name)(), elsewhere=r"\.denselayer\d+$")
    return Reference(partial(_timm, name))


def _timm(name: str, side: int) -> object:
    return timm.create_model(name)


UNLABELLED = [
    "timm/resnet50d", "timm/seresnet50", "torchvision/convnext_tiny",
    "torchvision/regnet_y_400mf", "torchvision/vit_b_16",
]  # fmt: skip

PUBLISHED = [
    spec for spec in NETS if spec.startswith(("torchvision/", "timm/")) and spec not in UNLABELLED
]


@pytest.mark.parametrize("spec", PUBLISHED)
def test_its_checkpoints_load_and_ours_load_there(spec: str) -> None:
    assert_names(spec, reference(spec))


@pytest.mark.parametrize("spec", PUBLISHED)
def test_its_counts_and_shapes_at_its_own_size(spec: str) -> None:
    assert_counts(spec, reference(spec), side_of(resdsl.load(spec)))


@pytest.mark.parametrize("spec", [spec for spec in PUBLISHED if reference(spec).odd])
def test_its_counts_and_shapes_at_an_odd_size(spec: str) -> None:
    assert_counts(spec, reference(spec), reference(spec).odd)


@pytest.mark.parametrize("spec", PUBLISHED)
def test_its_weights_give_its_answers(spec: str) -> None:
    assert_outputs(spec, reference(spec))

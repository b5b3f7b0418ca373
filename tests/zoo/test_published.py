"""Every net of specs/torchvision/ and specs/timm/ is the one that is published under its name:
the same names, counts, shapes, first weights and outputs.
"""

from __future__ import annotations

from functools import partial

import pytest

import resdsl
from tests.torchvision_shim import import_timm, import_torchvision
from tests.zoo.reference import (
    Reference,
    assert_begins,
    assert_counts,
    assert_names,
    assert_outputs,
    side_of,
)
from tests.zoo.zoo import NETS, ONE_OF_EACH

models = import_torchvision().models
timm = import_timm()


def _timm(name: str, side: int) -> object:
    return timm.create_model(name)


def _torchvision(name: str, side: int) -> object:
    return getattr(models, name)()


def _vit(name: str, side: int) -> object:
    return getattr(models, name)(image_size=side)


OTHERS: dict[str, Reference] = {
    "timm/hrnet_w18": Reference(  # it doubles what it has halved: 32 divides the side
        partial(_timm, "hrnet_w18"), odd=160, side=64
    ),
    "torchvision/googlenet": Reference(lambda side: models.googlenet(init_weights=False)),
    "torchvision/inception_v3": Reference(  # 299: the least that its auxiliary head takes
        lambda side: models.inception_v3(init_weights=False), odd=323, side=299
    ),
    **{  # an image is of whole patches; torch's attention gives a pair, and runs no out_proj
        spec: Reference(
            partial(_vit, spec.split("/")[1]), odd=288, side=64, elsewhere=r"\.self_attention"
        )
        for spec in NETS
        if spec.startswith("torchvision/vit_")
    },
    **{  # it draws widths from tensors
        spec: Reference(partial(_torchvision, spec.split("/")[1]), device="cpu")
        for spec in NETS
        if spec.startswith("torchvision/regnet_")
    },
    **{  # inside a block its channels are last
        spec: Reference(partial(_torchvision, spec.split("/")[1]), elsewhere=r"\.block\.[1-5]$")
        for spec in NETS
        if spec.startswith("torchvision/convnext_")
    },
}
"""The nets that want more than a name."""


def reference(spec: str) -> Reference:
    """The constructor of that name, of the package that the folder is named after."""
    if spec in OTHERS:
        return OTHERS[spec]
    package, name = spec.split("/")
    if package == "torchvision":
        # a dense layer of theirs gives its new channels, ours all of them
        return Reference(partial(_torchvision, name), elsewhere=r"\.denselayer\d+$")
    return Reference(partial(_timm, name))


DRAWN = {
    "torchvision/googlenet": lambda side: models.googlenet(init_weights=True),
    "torchvision/inception_v3": lambda side: models.inception_v3(init_weights=True),
}
"""The nets that draw their first weights only if asked."""

LARGE = {"torchvision/alexnet", "torchvision/vgg11", "torchvision/vit_b_16"}
"""Nets whose first weights would take long to draw; a proof does."""

PUBLISHED = [spec for spec in NETS if spec.startswith(("torchvision/", "timm/"))]


@pytest.mark.parametrize("spec", PUBLISHED)
def test_its_checkpoints_load_and_ours_load_there(spec: str) -> None:
    assert_names(spec, reference(spec))


@pytest.mark.parametrize("spec", PUBLISHED)
def test_its_counts_and_shapes_at_its_own_size(spec: str) -> None:
    assert_counts(spec, reference(spec), side_of(resdsl.load(spec)))


@pytest.mark.parametrize("spec", [spec for spec in PUBLISHED if reference(spec).odd])
def test_its_counts_and_shapes_at_an_odd_size(spec: str) -> None:
    assert_counts(spec, reference(spec), reference(spec).odd)


BRANCHES = {
    *ONE_OF_EACH,
    "timm/res2net50_48w_2s",
    "timm/resnet50d",
    "torchvision/mobilenet_v3_small",
    "torchvision/regnet_y_400mf",
    "torchvision/resnet50",
    "torchvision/resnext50_32x4d",
    "torchvision/squeezenet1_1",
    "torchvision/vgg11_bn",
}
"""Nets that between them take every branch of every file. (The epsilon of the larger EfficientNets
is among what assert_names compares.)
"""


@pytest.mark.parametrize(
    "spec",
    [pytest.param(spec, marks=() if spec in BRANCHES else pytest.mark.proof) for spec in PUBLISHED],
)
def test_its_weights_give_its_answers(spec: str) -> None:
    assert_outputs(spec, reference(spec))


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(spec, marks=pytest.mark.proof if spec in LARGE else ())
        for spec in PUBLISHED
        if spec in ONE_OF_EACH
    ],
)
def test_its_weights_begin_as_ours(spec: str) -> None:
    assert_begins(spec, DRAWN.get(spec, reference(spec).make))

"""The nets of specs/dense/: torchvision's, by their names, and U-Net as its paper has it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

import resdsl
from tests.backends.compare import assert_same, randomise
from tests.torchvision_shim import import_torchvision
from tests.zoo.plain import compare
from tests.zoo.plain.compare import Plain
from tests.zoo.plain.unet import UNet
from tests.zoo.reference import (
    Reference,
    assert_counts,
    assert_names,
    assert_outputs,
    made,
    side_of,
)
from tests.zoo.zoo import NETS

models = import_torchvision().models

UNETS = {
    # padded, it takes multiples of 16 alone: what is copied is not cropped
    "dense/unet": Plain(partial(UNet, pad=1, dropout=0.0), odd=208, side=48, thin={"base": 8}),
    "dense/unet_valid": Plain(UNet, odd=221, side=197, thin={"base": 4}),
}


def pyramid(side: int, norm: type[nn.Module] = nn.BatchNorm2d) -> nn.Module:
    make = models.detection.backbone_utils.resnet_fpn_backbone
    return make(backbone_name="resnet50", weights=None, norm_layer=norm)


def segmenting(name: str, side: int) -> nn.Module:
    """In inference without its auxiliary head, as `when=train` has it."""
    make = getattr(models.segmentation, name)
    model = make(weights=None, weights_backbone=None, aux_loss=True)
    return forwards(model, lambda x: as_large(model.classifier(model.backbone(x)["out"]), x))


def as_large(maps: Tensor, image: Tensor) -> Tensor:
    return F.interpolate(maps, size=image.shape[-2:], mode="bilinear")


def retinanet(side: int) -> nn.Module:
    """From the image to the maps of the heads, level by level: without boxes."""
    model = models.detection.retinanet_resnet50_fpn(weights=None, weights_backbone=None)

    def maps(image: Tensor) -> list[Tensor]:
        levels = model.backbone(image).values()
        heads = (model.head.classification_head, model.head.regression_head)
        return [as_map(head([level]), level) for head in heads for level in levels]

    return forwards(model, maps)


def as_map(rows: Tensor, level: Tensor) -> Tensor:
    """N x (H W A) x K as N x (A K) x H x W: an anchor's K numbers are channels again."""
    (count, *_), (height, width) = rows.shape, level.shape[-2:]
    return rows.reshape(count, height, width, -1).permute(0, 3, 1, 2)


def forwards(model: nn.Module, forward: Callable[[Tensor], object]) -> nn.Module:
    model.forward = forward
    return model


PUBLISHED = {
    "dense/deeplabv3_resnet50": Reference(partial(segmenting, "deeplabv3_resnet50")),
    "dense/fcn_resnet50": Reference(partial(segmenting, "fcn_resnet50")),
    "dense/fpn": Reference(pyramid),
    "dense/retinanet": Reference(  # a head of theirs gives rows, ours maps
        retinanet, elsewhere=r"^head\.\w+_head$"
    ),
}


def test_no_net_is_left_out() -> None:
    assert {spec for spec in NETS if spec.startswith("dense/")} == {*UNETS, *PUBLISHED}


@pytest.mark.parametrize("spec", PUBLISHED)
def test_its_checkpoints_load_and_ours_load_there(spec: str) -> None:
    assert_names(spec, PUBLISHED[spec])


@pytest.mark.parametrize("spec", PUBLISHED)
def test_its_counts_and_shapes_at_its_own_size(spec: str) -> None:
    assert_counts(spec, PUBLISHED[spec], side_of(resdsl.load(spec)))


@pytest.mark.parametrize("spec", PUBLISHED)
def test_its_counts_and_shapes_at_an_odd_size(spec: str) -> None:
    assert_counts(spec, PUBLISHED[spec], PUBLISHED[spec].odd)


@pytest.mark.parametrize("spec", PUBLISHED)
def test_its_weights_give_its_answers(spec: str) -> None:
    assert_outputs(spec, PUBLISHED[spec])


def test_norms_that_are_frozen_are_ours_in_inference() -> None:
    """torchvision's default for detection: its norms have the same four tensors, all of them
    buffers, and no count of batches.
    """
    from torchvision.ops import FrozenBatchNorm2d

    theirs = made(Reference(partial(pyramid, norm=FrozenBatchNorm2d)), 0).to_empty(device="cpu")
    randomise(theirs.double())
    ours = resdsl.load("dense/fpn", input="3x65x65").build("torch", dtype=torch.float64)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    image = torch.randn(1, 3, 65, 65, dtype=torch.float64)
    with torch.no_grad():
        assert_same(ours.eval()(image), theirs(image), "level")


@pytest.mark.parametrize("spec", UNETS)
def test_unet_counts_what_its_paper_s_does(spec: str) -> None:
    compare.assert_counts(spec, UNETS[spec], 0)
    compare.assert_counts(spec, UNETS[spec], UNETS[spec].odd)


@pytest.mark.parametrize("spec", UNETS)
def test_unet_gives_what_its_paper_s_does(spec: str) -> None:
    compare.assert_outputs(spec, UNETS[spec])


def test_unet_has_the_sizes_of_figure_1() -> None:
    rows = {row.name: row for row in resdsl.load("dense/unet_valid").stats().rows}
    stages = {name: row.output[1] for name, row in rows.items() if row.stage}
    assert stages == {
        "enc0": 568, "enc1": 280, "enc2": 136, "enc3": 64, "bottom": 28,
        "dec3": 52, "dec2": 100, "dec1": 196, "dec0": 388,
    }  # fmt: skip
    assert [rows[f"up{i}"].output for i in range(4)] == [
        (64, 392, 392), (128, 200, 200), (256, 104, 104), (512, 56, 56)
    ]  # fmt: skip
    assert rows["head"].output == (2, 388, 388)


def test_padded_unet_takes_multiples_of_16() -> None:
    with pytest.raises(resdsl.ResdslError, match="concat"):
        resdsl.load("dense/unet", input="1x200x200")

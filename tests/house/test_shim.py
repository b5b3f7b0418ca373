"""The references that the zoo is compared with can be imported, under warnings as errors."""

from __future__ import annotations

from tests.torchvision_shim import import_timm, import_torchvision


def test_torchvision_builds_its_nets() -> None:
    import torch

    models = import_torchvision().models
    with torch.device("meta"):
        net = models.resnet18()
    assert sum(p.numel() for p in net.parameters()) == 11_689_512


def test_timm_knows_its_nets() -> None:
    assert "resnet50" in import_timm().list_models()

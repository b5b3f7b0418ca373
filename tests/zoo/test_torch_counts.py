"""torch counts what we count: the emitted module of every shipped model, on the meta device.

The nets of test_published.py are held there to their originals.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import resdsl
from tests.zoo.zoo import OWN


def results(value: object) -> list[torch.Tensor]:
    return [value] if isinstance(value, torch.Tensor) else list(value)  # type: ignore[call-overload]


def run(model: nn.Module, shapes: list[tuple[int, ...]]) -> tuple[int, list[tuple[int, ...]]]:
    """Multiply-adds of one image, and the shapes of what comes out."""
    images = [torch.zeros(1, *shape, device="meta") for shape in shapes]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        made = results(model.eval()(*images))
    return counter.get_total_flops() // 2, [tuple(tensor.shape[1:]) for tensor in made]


@pytest.mark.parametrize("spec", OWN)
def test_torch_s_own_counters_agree(spec: str) -> None:
    net = resdsl.load(spec)
    stats = net.stats()
    model = net.build("torch", device="meta")
    macs, shapes = run(model, list(stats.inputs.values()))
    assert macs == stats.macs
    assert shapes == list(stats.outputs.values())
    assert sum(p.numel() for p in model.parameters()) == stats.params_training
    if stats.params == stats.params_training:  # else the auxiliary heads have statistics, too
        buffers = [b for n, b in model.named_buffers() if not n.endswith("num_batches_tracked")]
        assert sum(b.numel() for b in buffers) == stats.buffers


@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        ("resnet50", "3x193x160"),
        ("plain18", "3x193x160"),
        ("cifar/resnet20", "3x33x47"),
        ("torchvision/vgg16", "3x193x160"),
        ("dense/unet", "1x192x160"),
    ],
)
def test_at_another_size_too(spec: str, shape: str) -> None:
    net = resdsl.load(spec, input=shape)
    macs, _ = run(net.build("torch", device="meta"), list(net.stats().inputs.values()))
    assert macs == net.stats().macs

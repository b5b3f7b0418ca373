"""A foreign model, and what holds it against the net that it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

import resdsl

TEXT = """\
model tiny
input image: 3x12x12
conv1: conv(12, 3, pad=1, bias=false)
bn
relu
maxpool(3, 2, pad=1)
conv2: conv(20, 1, bias=true)
relu
flatten
fc1: fc(16)
relu
fc2: fc(5)
output logits
"""
NET = resdsl.loads(TEXT, name="tiny")


class Foreign(nn.Module):
    """The same in other words: padding apart, channels last, rows before channels in `flatten`,
    weights in other layouts, and a convolution at the end.
    """

    def __init__(self, eps: float = 1e-5) -> None:
        super().__init__()
        self.data = nn.Conv2d(3, 12, 3, bias=False)
        self.scale = nn.BatchNorm2d(12, eps=eps)
        self.mix = nn.Linear(12, 20)
        self.inner = nn.Parameter(torch.randn(6 * 6 * 20, 16) / 20)
        self.shift = nn.Parameter(torch.randn(1, 16))
        self.score = nn.Conv2d(16, 5, 1)
        self.unused = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.scale(self.data(F.pad(x, (1, 1, 1, 1)))).clamp(min=0)
        x = F.max_pool2d(x, 3, 2, 1).permute(0, 2, 3, 1).contiguous()
        x = F.dropout(F.relu_(self.mix(x)), 0.5, self.training).reshape(len(x), -1)
        x = torch.relu(self.shift + x @ self.inner)
        return {"logits": self.score(x[:, :, None, None]).flatten(1)}


def randomised(model: nn.Module) -> nn.Module:
    """In float64, with no weight that is a constant."""
    generator = torch.Generator().manual_seed(1)
    model = model.to_empty(device="cpu").double().eval()
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            fan_in = tensor[0].numel() if tensor.dim() > 1 else 0
            tensor.uniform_(-1, 1, generator=generator).mul_((3 / fan_in) ** 0.5 if fan_in else 0.5)
            tensor.add_(0 if fan_in else 1)
    return model


def agree(model: nn.Module, net: Any, folder: Path, keys: Any = None) -> float:
    """Write the foreign weights, load them into the net's module: how far the outputs are apart."""
    keys = keys or net.adopt(model)
    save_file({k: t.contiguous() for k, t in model.state_dict().items()}, folder / "foreign")
    ours = net.build("torch", device="meta", dtype=torch.float64).to_empty(device="cpu").eval()
    net.load_weights(ours, folder / "foreign", map=keys)
    generator = torch.Generator().manual_seed(2)
    shapes = [entry.shape for entry in net.ir.main.inputs]
    images = [torch.rand(2, *shape, generator=generator, dtype=torch.float64) for shape in shapes]
    with torch.no_grad():
        wanted, found = model(*images), ours(*images)
    wanted = next(iter(wanted.values())) if isinstance(wanted, dict) else wanted
    return float((wanted - found).abs().max() / wanted.abs().max())

"""U-Net (Ronneberger, Fischer, Brox 2015, Figure 1): as there without padding, or with it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests.zoo.plain.parts import conv_relu


def twice(inputs: int, outputs: int, pad: int, dropout: float = 0.0) -> nn.Sequential:
    convs = [conv_relu(inputs, outputs, 3, pad=pad), conv_relu(outputs, outputs, 3, pad=pad)]
    return nn.Sequential(*convs, *([nn.Dropout(dropout)] if dropout else []))


class UNet(nn.Module):
    """`dropout` is the rate at the last two sizes of the path down (the release's d3c and d4c)."""

    def __init__(
        self, side: int, base: int = 64, levels: int = 4, pad: int = 0, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.levels = levels
        inputs = 1
        for i in range(levels):
            rate = dropout if i == levels - 1 else 0.0
            self.add_module(f"enc{i}", twice(inputs, base * 2**i, pad, rate))
            inputs = base * 2**i
        self.bottom = twice(inputs, 2 * inputs, pad, dropout)
        for i in reversed(range(levels)):
            width = base * 2**i
            self.add_module(f"up{i}", nn.ConvTranspose2d(2 * width, width, 2, 2))
            self.add_module(f"dec{i}", twice(2 * width, width, pad))
        self.head = nn.Conv2d(base, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for i in range(self.levels):
            x = self.get_submodule(f"enc{i}")(x)
            kept.append(x)
            x = nn.functional.max_pool2d(x, 2)
        x = self.bottom(x)
        for i in reversed(range(self.levels)):
            x = self.get_submodule(f"up{i}")(x)
            x = self.get_submodule(f"dec{i}")(torch.cat([middle(kept[i], x), x], 1))
        return self.head(x)


def middle(x: Tensor, like: Tensor) -> Tensor:
    """As much of an image's middle as another has: the figure's "copy and crop"."""
    top, left = ((a - b) // 2 for a, b in zip(x.shape[2:], like.shape[2:], strict=True))
    return x[:, :, top : top + like.shape[2], left : left + like.shape[3]]

"""U-Net (Ronneberger, Fischer, Brox 2015, Figure 1), with convolutions that keep the size."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests.zoo.plain.parts import conv_relu


def twice(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(conv_relu(inputs, outputs, 3), conv_relu(outputs, outputs, 3))


class UNet(nn.Module):
    def __init__(self, side: int, base: int = 64, levels: int = 4) -> None:
        super().__init__()
        widths = [base * 2**i for i in range(levels + 1)]
        self.down = nn.ModuleList(
            twice(inputs, outputs) for inputs, outputs in zip([1, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(
            nn.ModuleList([nn.ConvTranspose2d(2 * width, width, 2, 2), twice(2 * width, width)])
            for width in reversed(widths[:-1])
        )
        self.head = nn.Conv2d(base, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = []
        for i, unit in enumerate(self.down):
            x = unit(x if i == 0 else nn.functional.max_pool2d(x, 2))
            kept.append(x)
        kept.pop()
        for larger, unit in self.up:  # type: ignore[misc]  # a ModuleList's items are modules
            x = unit(torch.cat([kept.pop(), larger(x)], 1))
        return self.head(x)

"""U-Net (Ronneberger, Fischer, Brox 2015, Figure 1): with padding or, as there, without."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests.zoo.plain.parts import conv_relu


def twice(inputs: int, outputs: int, pad: int) -> nn.Sequential:
    return nn.Sequential(
        conv_relu(inputs, outputs, 3, pad=pad), conv_relu(outputs, outputs, 3, pad=pad)
    )


class UNet(nn.Module):
    def __init__(self, side: int, base: int = 64, levels: int = 4, pad: int = 1) -> None:
        super().__init__()
        widths = [base * 2**i for i in range(levels + 1)]
        self.down = nn.ModuleList(
            twice(inputs, outputs, pad)
            for inputs, outputs in zip([1, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(
            nn.ModuleList(
                [nn.ConvTranspose2d(2 * width, width, 2, 2), twice(2 * width, width, pad)]
            )
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
            x = larger(x)
            x = unit(torch.cat([middle(kept.pop(), x), x], 1))
        return self.head(x)


def middle(x: Tensor, like: Tensor) -> Tensor:
    """As much of an image's middle as another has: the figure's "copy and crop"."""
    top, left = ((a - b) // 2 for a, b in zip(x.shape[2:], like.shape[2:], strict=True))
    return x[:, :, top : top + like.shape[2], left : left + like.shape[3]]

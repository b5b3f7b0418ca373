"""What several of the nets are made of."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def conv_relu(inputs: int, outputs: int, kernel: int, stride: int = 1, pad: int | None = None,
              groups: int = 1) -> nn.Sequential:  # fmt: skip
    """A convolution with bias that keeps the size unless told otherwise, and a ReLU."""
    pad = kernel // 2 if pad is None else pad
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, pad, groups=groups), nn.ReLU(inplace=True)
    )


def bare_conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """A convolution without bias."""
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


def caffe_pool() -> nn.MaxPool2d:
    """3x3 of stride 2, rounded up: Caffe's and cuda-convnet's."""
    return nn.MaxPool2d(3, 2, ceil_mode=True)


class Concat(nn.Module):
    """Branches beside each other; their channels are joined."""

    def __init__(self, branches: Sequence[nn.Module]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], 1)


class Mean(nn.Module):
    """The mean of each channel."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))

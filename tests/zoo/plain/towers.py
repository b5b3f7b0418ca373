"""AlexNet (Krizhevsky et al. 2012), VGG (Simonyan and Zisserman 2015, Table 1) and the PReLU-nets
(He et al. 2015, Table 3): convolutions, then three linear layers.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

from tests.zoo.plain.parts import caffe_pool, conv_relu


class PrintedLRN(nn.Module):
    """b = a / (k + alpha sum of a^2 over n near maps)^beta (AlexNet, section 3.3)."""

    def forward(self, x: Tensor) -> Tensor:
        near = nn.functional.pad(x.square(), (0, 0, 0, 0, 2, 2)).unfold(1, 5, 1).sum(-1)
        return x / (2 + 1e-4 * near) ** 0.75


def linear_layers(features: int, act: Callable[[], nn.Module]) -> nn.Sequential:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(features, 4096), act(), nn.Dropout(0.5),
        nn.Linear(4096, 4096), act(), nn.Dropout(0.5), nn.Linear(4096, 1000),
    )  # fmt: skip


def alexnet(side: int, towers: int = 2) -> nn.Sequential:
    stages = [
        nn.Sequential(conv_relu(3, 96, 11, 4, pad=0), PrintedLRN(), caffe_pool()),
        nn.Sequential(conv_relu(96, 256, 5, groups=towers), PrintedLRN(), caffe_pool()),
        conv_relu(256, 384, 3),
        conv_relu(384, 384, 3, groups=towers),
        nn.Sequential(conv_relu(384, 256, 3, groups=towers), caffe_pool()),
    ]
    size = (side - 11) // 4 + 1
    for _ in range(3):
        size = -(-(size - 3) // 2) + 1
    net = nn.Sequential()
    for i, stage in enumerate(stages):
        net.add_module(f"conv{i + 1}", stage)
    net.add_module("head", linear_layers(256 * size**2, lambda: nn.ReLU(inplace=True)))
    return net


TABLE_1 = {
    "A": "64 M 128 M 256 256 M 512 512 M 512 512 M",
    "A-LRN": "64 LRN M 128 M 256 256 M 512 512 M 512 512 M",
    "B": "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M",
    "C": "64 64 M 128 128 M 256 256 256/1 M 512 512 512/1 M 512 512 512/1 M",
    "D": "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M",
    "E": "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M",
}


def vgg(side: int, configuration: str) -> nn.Sequential:
    net, channels = nn.Sequential(), 3
    for i, column in enumerate(TABLE_1[configuration].split("M")[:5]):
        stage = nn.Sequential()
        for entry in column.split():
            if entry == "LRN":
                stage.append(PrintedLRN())
                continue
            width, _, kernel = entry.partition("/")
            stage.append(conv_relu(channels, int(width), int(kernel or 3)))
            channels = int(width)
        net.add_module(f"conv{i + 1}", stage.append(nn.MaxPool2d(2)))
    net.add_module("head", linear_layers(512 * (side // 32) ** 2, lambda: nn.ReLU(inplace=True)))
    return net


class SpatialPyramid(nn.Module):
    """The largest element of each of 7x7, 3x3, 2x2 and 1 bins, as in SPP-net: bin i of n begins at
    floor(i size / n) and ends at ceil((i + 1) size / n).
    """

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = x.shape[2:]
        found = []
        for n in (7, 3, 2, 1):
            for up, down in self.bins(rows, n):
                for left, right in self.bins(columns, n):
                    found.append(x[:, :, up:down, left:right].amax((2, 3)))
        sizes = [49, 9, 4, 1]  # of each level all bins of the first channel, then of the second
        levels = torch.stack(found, 2).split(sizes, 2)
        return torch.cat([level.flatten(1) for level in levels], 1)

    @staticmethod
    def bins(size: int, n: int) -> list[tuple[int, int]]:
        return [(i * size // n, -(-(i + 1) * size // n)) for i in range(n)]


def prelu_net(side: int, n: int, widths: tuple[int, int, int]) -> nn.Sequential:
    net = nn.Sequential()
    net.add_module(
        "conv1",
        nn.Sequential(nn.Conv2d(3, 96, 7, 2, 3), nn.PReLU(96), nn.MaxPool2d(2)),
    )
    for i, (inputs, width) in enumerate(pairwise([96, *widths])):
        stage = nn.Sequential()
        for j in range(n):
            stage.append(nn.Conv2d(width if j else inputs, width, 3, padding=1))
            stage.append(nn.PReLU(width))
        if i < 2:
            stage.append(nn.MaxPool2d(2))
        net.add_module(f"conv{i + 2}", stage)
    net.add_module("spp", SpatialPyramid())
    net.add_module("head", linear_layers(63 * widths[2], lambda: nn.PReLU(4096)))
    return net

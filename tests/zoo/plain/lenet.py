"""LeNet-5 (LeCun et al. 1998, section II-B and Table I), and its dense form of today."""

from __future__ import annotations

import torch
from torch import Tensor, nn

TABLE_I = [
    "o...ooo..oooo.oo",
    "oo...ooo..oooo.o",
    "ooo...ooo..o.ooo",
    ".ooo..oooo..o.oo",
    "..ooo..oooo.oo.o",
    "...ooo..oooo.ooo",
]
"""The maps of S2, a row each, that the maps of C3, a column each, are connected to."""


class Squash(nn.Module):
    """f(a) = A tanh(S a), with A = 1.7159 and S = 2/3 (Appendix A)."""

    def forward(self, x: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(2 / 3 * x)


class Subsampling(nn.Module):
    """Four inputs are added, multiplied by a coefficient of the map; its bias is added."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(maps, 1, 1, 1))
        self.bias = nn.Parameter(torch.empty(maps))

    def forward(self, x: Tensor) -> Tensor:
        added = x[:, :, ::2, ::2] + x[:, :, 1::2, ::2] + x[:, :, ::2, 1::2] + x[:, :, 1::2, 1::2]
        # a multiplication for each output: so that the counter of multiply-adds sees it too
        return nn.functional.conv2d(added, self.weight, self.bias, groups=len(self.bias))


class C3(nn.Module):
    """Each of the 16 maps sees the maps of its column."""

    def __init__(self) -> None:
        super().__init__()
        columns = list(zip(*TABLE_I, strict=True))
        self.seen = [[row for row, cross in enumerate(c) if cross == "o"] for c in columns]
        self.seen[14] = [2, 3, 0, 5]  # the order in which our text has these four
        self.maps = nn.ModuleList(nn.Conv2d(len(seen), 1, 5) for seen in self.seen)

    def forward(self, x: Tensor) -> Tensor:
        made = [conv(x[:, seen]) for conv, seen in zip(self.maps, self.seen, strict=True)]
        return torch.cat(made, 1)


def in_order(**layers: nn.Module) -> nn.Sequential:
    """The layers, by the names that the paper gives them."""
    net = nn.Sequential()
    for name, layer in layers.items():
        net.add_module(name, layer)
    return net


def lenet5(side: int) -> nn.Sequential:
    """As printed, up to the products of the last layer with its bitmaps."""
    return in_order(
        c1=nn.Sequential(nn.Conv2d(1, 6, 5), Squash()),
        s2=nn.Sequential(Subsampling(6), Squash()),
        c3=nn.Sequential(C3(), Squash()),
        s4=nn.Sequential(Subsampling(16), Squash()),
        c5=nn.Sequential(nn.Conv2d(16, 120, 5), Squash()),
        f6=nn.Sequential(nn.Flatten(), nn.Linear(120, 84), Squash()),
        head=nn.Linear(84, 10, bias=False),
    )


def lenet5_dense(side: int) -> nn.Sequential:
    """Each map of C3 sees all; means for subsampling, a linear layer for the bitmaps."""
    return in_order(
        c1=nn.Sequential(nn.Conv2d(1, 6, 5), nn.Tanh()),
        s2=nn.AvgPool2d(2),
        c3=nn.Sequential(nn.Conv2d(6, 16, 5), nn.Tanh()),
        s4=nn.AvgPool2d(2),
        c5=nn.Sequential(nn.Conv2d(16, 120, 5), nn.Tanh()),
        f6=nn.Sequential(nn.Flatten(), nn.Linear(120, 84), nn.Tanh()),
        head=nn.Linear(84, 10),
    )

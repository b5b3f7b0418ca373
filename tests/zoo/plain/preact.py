"""Pre-activation ResNets (He et al., ECCV 2016) and Wide ResNets (Zagoruyko and Komodakis 2016)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests.zoo.plain.parts import Mean, bare_conv


def norm_relu(channels: int) -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU())


class Unit(nn.Module):
    """x + F(f(x)); where the shape changes, h(f(x)) + F(f(x)); with `first`, f was applied."""

    def __init__(self, inputs: int, outputs: int, stride: int, bottleneck: bool, project: bool,
                 first: bool) -> None:  # fmt: skip
        super().__init__()
        self.first, self.stride, self.outputs = first, stride, outputs
        self.changes = inputs != outputs or stride > 1
        self.act = nn.Identity() if first else norm_relu(inputs)
        width = outputs // 4 if bottleneck else outputs
        if bottleneck:  # the stride on the first 1x1: the authors' code
            self.body = nn.Sequential(
                bare_conv(inputs, width, 1, stride), norm_relu(width),
                bare_conv(width, width, 3), norm_relu(width),
                bare_conv(width, outputs, 1),
            )  # fmt: skip
        else:
            self.body = nn.Sequential(
                bare_conv(inputs, width, 3, stride), norm_relu(width), bare_conv(width, outputs, 3)
            )
        self.project = bare_conv(inputs, outputs, 1, stride) if project and self.changes else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.act(x)
        if self.project is not None:
            x = self.project(y)
        elif self.changes:
            x = y[:, :, :: self.stride, :: self.stride]
            missing = self.outputs - x.shape[1]
            x = torch.cat([x, x.new_zeros(len(x), missing, *x.shape[2:])], 1)
        return x + self.body(y)


def stages(net: nn.Sequential, names: list[str], channels: int, outputs: list[int],
           counts: list[int], **unit: bool) -> None:  # fmt: skip
    """Adds the stages, the last activation and the classifier."""
    follows = unit.pop("follows_activation")
    for i, (name, width, count) in enumerate(zip(names, outputs, counts, strict=True)):
        stage = nn.Sequential()
        for j in range(count):
            stride = 2 if i and not j else 1
            first = follows and i == j == 0
            stage.append(Unit(channels, width, stride, first=first, **unit))
            channels = width
        net.add_module(name, stage)
    net.add_module("post", norm_relu(channels))
    net.add_module("mean", Mean())


def cifar(side: int, depth: int, bottleneck: bool) -> nn.Sequential:
    """6n+2 layers with identities of option A, or 9n+2 with projections."""
    net = nn.Sequential()
    net.add_module("conv1", nn.Sequential(bare_conv(3, 16, 3), norm_relu(16)))
    n, rest = divmod(depth - 2, 9 if bottleneck else 6)
    assert rest == 0
    times = 4 if bottleneck else 1
    names = ["conv2_x", "conv3_x", "conv4_x"]
    widths = [16 * times, 32 * times, 64 * times]
    stages(net, names, 16, widths, [n] * 3, bottleneck=bottleneck, project=bottleneck,
           follows_activation=True)  # fmt: skip
    net.add_module("fc", nn.Linear(64 * times, 10))
    return net


BLOCKS = {
    18: [2, 2, 2, 2],
    34: [3, 4, 6, 3],
    50: [3, 4, 6, 3],
    101: [3, 4, 23, 3],
    152: [3, 8, 36, 3],
    200: [3, 8 + 16, 36, 3],
}


def imagenet(side: int, depth: int) -> nn.Sequential:
    net, bottleneck = nn.Sequential(), depth >= 50
    net.add_module("conv1", nn.Sequential(bare_conv(3, 64, 7, 2), norm_relu(64)))
    net.add_module("pool1", nn.MaxPool2d(3, 2, 1))
    names = [f"conv{i}_x" for i in range(2, 6)]
    widths = [(256 if bottleneck else 64) * 2**i for i in range(4)]
    stages(net, names, 64, widths, BLOCKS[depth], bottleneck=bottleneck, project=True,
           follows_activation=True)  # fmt: skip
    net.add_module("fc", nn.Linear(widths[-1], 1000))
    return net


def wide_resnet(side: int, depth: int, k: int) -> nn.Sequential:
    """WRN-depth-k of Table 1: basic units, which project where the shape changes."""
    net = nn.Sequential()
    net.add_module("conv1", bare_conv(3, 16, 3))
    n, rest = divmod(depth - 4, 6)
    assert rest == 0
    names, widths = ["conv2", "conv3", "conv4"], [16 * k, 32 * k, 64 * k]
    stages(net, names, 16, widths, [n] * 3, bottleneck=False, project=True,
           follows_activation=False)  # fmt: skip
    net.add_module("fc", nn.Linear(64 * k, 10))
    return net

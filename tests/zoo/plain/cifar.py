"""ResNeXt-29 (Xie et al. 2017), DenseNet (Huang et al. 2017), Highway nets (Srivastava et al.
2015) and FitNet-19 (Romero et al. 2015) for CIFAR-10, and Network In Network (Lin et al. 2014).
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from tests.zoo.plain.parts import Mean, bare_conv, caffe_pool, conv_relu


class ResNeXtUnit(nn.Module):
    """Figure 3 (c): 1x1, grouped 3x3, which has the stride, 1x1; shortcuts of option B."""

    def __init__(self, inputs: int, width: int, outputs: int, groups: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            bare_conv(inputs, width, 1), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, 1, groups=groups, bias=False),
            nn.BatchNorm2d(width), nn.ReLU(),
            bare_conv(width, outputs, 1), nn.BatchNorm2d(outputs),
        )  # fmt: skip
        self.shortcut = nn.Sequential()
        if inputs != outputs:
            self.shortcut.append(bare_conv(inputs, outputs, 1, stride))
            self.shortcut.append(nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def resnext29(side: int, groups: int, width: int = 64) -> nn.Sequential:
    net, channels = nn.Sequential(), 64
    net.add_module("conv1", nn.Sequential(bare_conv(3, 64, 3), nn.BatchNorm2d(64), nn.ReLU()))
    for i in range(3):
        stage, outputs = nn.Sequential(), 256 * 2**i
        for j in range(3):
            stride = 2 if i and not j else 1
            stage.append(ResNeXtUnit(channels, groups * width * 2**i, outputs, groups, stride))
            channels = outputs
        net.add_module(f"conv{i + 2}", stage)
    net.add_module("head", nn.Sequential(Mean(), nn.Linear(1024, 10)))
    return net


class DenseLayer(nn.Module):
    """H of the input, beside the input: BN, ReLU, 3x3, with a 1x1 of 4k before it in the B form."""

    def __init__(self, inputs: int, growth: int, bottleneck: bool) -> None:
        super().__init__()
        self.new = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU())
        if bottleneck:
            self.new.append(bare_conv(inputs, 4 * growth, 1))
            self.new.append(nn.BatchNorm2d(4 * growth)).append(nn.ReLU())
            inputs = 4 * growth
        self.new.append(bare_conv(inputs, growth, 3))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.new(x)], 1)


def densenet(side: int, depth: int, growth: int, bc: bool = False) -> nn.Sequential:
    layers, rest = divmod(depth - 4, 6 if bc else 3)
    assert rest == 0
    channels = 2 * growth if bc else 16
    net = nn.Sequential(bare_conv(3, channels, 3))
    for i in range(3):
        block = nn.Sequential()
        for _ in range(layers):
            block.append(DenseLayer(channels, growth, bc))
            channels += growth
        net.add_module(f"dense{i + 1}", block)
        net.append(nn.BatchNorm2d(channels)).append(nn.ReLU())
        if i < 2:
            kept = channels // 2 if bc else channels
            net.append(bare_conv(channels, kept, 1)).append(nn.AvgPool2d(2))
            channels = kept
    return net.append(Mean()).append(nn.Linear(channels, 10))


class HighwayLayer(nn.Module):
    """y = H(x) T(x) + x (1 - T(x)) (equation 3)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gate = nn.Conv2d(channels, channels, 3, padding=1)
        self.transform = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        t = torch.sigmoid(self.gate(x))
        return torch.relu(self.transform(x)) * t + x * (1 - t)


def highway(side: int, widths: tuple[int, ...], gated: tuple[int, ...], features: int
            ) -> nn.Sequential:  # fmt: skip
    net = nn.Sequential()
    for i, ((inputs, width), layers) in enumerate(zip(pairwise([3, *widths]), gated, strict=True)):
        net.append(nn.Dropout(0.2))
        stage = nn.Sequential(conv_relu(inputs, width, 3))
        net.add_module(f"stage{i + 1}", stage.extend(HighwayLayer(width) for _ in range(layers)))
        if i < len(widths) - 1:
            net.append(nn.MaxPool2d(2))
    return net.extend([
        conv_relu(widths[-1], features, 1), Mean(), nn.Dropout(0.2), nn.Linear(features, 10)
    ])  # fmt: skip


class Maxout(nn.Module):
    """The largest of the `pieces` linear maps of a unit."""

    def __init__(self, linear: nn.Module, pieces: int) -> None:
        super().__init__()
        self.linear, self.pieces = linear, pieces

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack(self.linear(x).chunk(self.pieces, 1)).amax(0)


def fitnet19(side: int, fc_pieces: int = 5) -> nn.Sequential:
    net, channels = nn.Sequential(), 3
    for i, widths in enumerate([[32] * 3 + [48] * 2, [80] * 6, [128] * 6]):
        stage = nn.Sequential()
        for width in widths:
            stage.append(Maxout(nn.Conv2d(channels, 2 * width, 3, padding=1), 2))
            channels = width
        pool = nn.MaxPool2d(2) if i < 2 else nn.AdaptiveMaxPool2d(1)
        net.add_module(f"stage{i + 1}", stage.append(pool))
    hidden = Maxout(nn.Linear(128, 500 * fc_pieces), fc_pieces)
    return net.extend([nn.Flatten(), hidden, nn.Linear(500, 10)])


def mlpconv(inputs: int, widths: list[int], kernel: int, stride: int = 1, pad: int | None = None
            ) -> nn.Sequential:  # fmt: skip
    first, second, third = widths
    return nn.Sequential(
        conv_relu(inputs, first, kernel, stride, pad),
        conv_relu(first, second, 1),
        conv_relu(second, third, 1),
    )


def nin(side: int) -> nn.Sequential:
    """The authors' definition for cuda-convnet, whose pools round up."""
    net = nn.Sequential()
    net.add_module("mlpconv1", mlpconv(3, [192, 160, 96], 5).append(caffe_pool()))
    net.append(nn.Dropout())
    net.add_module("mlpconv2", mlpconv(96, [192, 192, 192], 5).append(caffe_pool()))
    net.append(nn.Dropout())
    net.add_module("mlpconv3", mlpconv(192, [192, 192, 10], 3))
    return net.append(Mean())


def nin_imagenet(side: int) -> nn.Sequential:
    """The authors' definition for Caffe."""
    net = nn.Sequential()
    net.add_module("mlpconv1", mlpconv(3, [96, 96, 96], 11, 4, 0).append(caffe_pool()))
    net.add_module("mlpconv2", mlpconv(96, [256, 256, 256], 5).append(caffe_pool()))
    net.add_module("mlpconv3", mlpconv(256, [384, 384, 384], 3).append(caffe_pool()))
    net.append(nn.Dropout())
    net.add_module("mlpconv4", mlpconv(384, [1024, 1024, 1000], 3))
    return net.append(Mean())

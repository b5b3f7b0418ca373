"""ResNets and plain nets for ImageNet (He et al., CVPR 2016, table 1), with the authors' choices.

Written from the paper and the released prototxts, not from resdsl: batch norm after every
convolution, projections included; the stride of a bottleneck on its first 1x1; a max pool without
padding that rounds up. Attribute names are the canonical paths, so that a state dict moves by name.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STAGES = ("conv2_x", "conv3_x", "conv4_x", "conv5_x")
REPEATS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}


def conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)


def zero_padded(x: Tensor, outputs: int, stride: int) -> Tensor:
    """Option A: every `stride`-th row and column, new channels zero."""
    x = x[:, :, ::stride, ::stride]
    batch, channels, height, width = x.shape
    return torch.cat([x, x.new_zeros(batch, outputs - channels, height, width)], dim=1)


class Shortcut:
    """What a block with these channels, stride and option has beside its layers."""

    def __init__(self, inputs: int, outputs: int, stride: int, option: str) -> None:
        self.same = inputs == outputs and stride == 1
        self.projects = option == "C" or (option == "B" and not self.same)
        self.outputs, self.stride, self.inputs = outputs, stride, inputs

    def layers(self) -> nn.Sequential:
        return nn.Sequential(
            conv(self.inputs, self.outputs, 1, self.stride), nn.BatchNorm2d(self.outputs)
        )


class Basic(nn.Module):
    """Two 3x3 convolutions."""

    def __init__(self, inputs: int, width: int, stride: int, option: str) -> None:
        super().__init__()
        self.shortcut = Shortcut(inputs, width, stride, option)
        self.conv1, self.bn1 = conv(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3), nn.BatchNorm2d(width)
        if self.shortcut.projects:
            self.downsample = self.shortcut.layers()
        self.outputs = width

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.shortcut.projects:
            x = self.downsample(x)
        elif not self.shortcut.same:
            x = zero_padded(x, self.outputs, self.shortcut.stride)
        return F.relu(y + x)


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1. `stride_at` 1 is the paper's net as released, 2 is v1.5."""

    def __init__(
        self, inputs: int, width: int, stride: int, option: str, stride_at: int = 1
    ) -> None:
        super().__init__()
        first, second = (stride, 1) if stride_at == 1 else (1, stride)
        self.shortcut = Shortcut(inputs, 4 * width, stride, option)
        self.conv1, self.bn1 = conv(inputs, width, 1, first), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3, second), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = conv(width, 4 * width, 1), nn.BatchNorm2d(4 * width)
        if self.shortcut.projects:
            self.downsample = self.shortcut.layers()
        self.outputs = 4 * width

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        if self.shortcut.projects:
            x = self.downsample(x)
        elif not self.shortcut.same:
            x = zero_padded(x, self.outputs, self.shortcut.stride)
        return F.relu(y + x)


class Plain(nn.Module):
    """Two 3x3 convolutions with no shortcut."""

    def __init__(self, inputs: int, width: int, stride: int, option: str) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = conv(width, width, 3), nn.BatchNorm2d(width)
        self.outputs = width

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(x)))


class ConvUnit(nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, outputs, kernel, stride), nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn1(self.conv1(x)))


class Head(nn.Module):
    """Global average pool and the classifier."""

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc1(x.mean(dim=(2, 3)))


def stage(
    block: type, inputs: int, width: int, repeats: int, stride: int, option: str, **more: int
) -> nn.Sequential:
    """`repeats` blocks, of which the first has the stride."""
    blocks: list[nn.Module] = []
    for i in range(repeats):
        blocks.append(block(inputs, width, stride if i == 0 else 1, option, **more))
        inputs = blocks[-1].outputs
    return nn.Sequential(*blocks)


class ImageNetNet(nn.Module):
    """Table 1. `stride_at` and `pool_pad` make torchvision's variant of it."""

    def __init__(self, depth: int, option: str = "B", plain: bool = False, classes: int = 1000,
                 stride_at: int = 1, pool_pad: int | None = None) -> None:  # fmt: skip
        super().__init__()
        block, more = (Bottleneck, {"stride_at": stride_at}) if depth >= 50 else (Basic, {})
        if plain:
            block, more = Plain, {}
        self.pool_pad = pool_pad
        self.conv1 = ConvUnit(3, 64, 7, 2)
        channels = 64
        for i, (name, repeats) in enumerate(zip(STAGES, REPEATS[depth], strict=True)):
            layers = stage(block, channels, 64 * 2**i, repeats, 1 if i == 0 else 2, option, **more)
            self.add_module(name, layers)
            channels = layers[-1].outputs
        self.head = Head(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        if self.pool_pad is None:
            x = F.max_pool2d(x, 3, 2, ceil_mode=True)
        else:
            x = F.max_pool2d(x, 3, 2, padding=self.pool_pad)
        x = self.conv5_x(self.conv4_x(self.conv3_x(self.conv2_x(x))))
        return self.head(x)


class CifarNet(nn.Module):
    """Section 4.2: 6n+2 layers, three stages of 16, 32 and 64 filters, option A unless asked."""

    def __init__(self, depth: int, option: str = "A", plain: bool = False,
                 stages: tuple[str, str, str] = ("res1", "res2", "res3")) -> None:  # fmt: skip
        super().__init__()
        repeats, rest = divmod(depth - 2, 6)
        assert rest == 0
        block = Plain if plain else Basic
        self.conv1 = ConvUnit(3, 16, 3, 1)
        self.stages, channels = stages, 16
        for i, name in enumerate(stages):
            self.add_module(
                name, stage(block, channels, 16 * 2**i, repeats, 1 if i == 0 else 2, option)
            )
            channels = 16 * 2**i
        self.head = Head(channels, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        for name in self.stages:
            x = getattr(self, name)(x)
        return self.head(x)

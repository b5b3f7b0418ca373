"""Nets with shared weights, several inputs and several outputs: plain torch, by hand."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.backends.references.residual import Basic, ConvUnit, ImageNetNet, conv, stage


class Trunk(ImageNetNet):
    """ResNet-18 without its head; gives the four stages."""

    def __init__(self) -> None:
        super().__init__(18, "A")
        del self.head

    def stages(self, x: Tensor) -> list[Tensor]:
        x = F.max_pool2d(self.conv1(x), 3, 2, ceil_mode=True)
        seen = []
        for layers in (self.conv2_x, self.conv3_x, self.conv4_x, self.conv5_x):
            x = layers(x)
            seen.append(x)
        return seen


class Siamese(nn.Module):
    """Two images of different sizes through one trunk; features multiplied, then one score."""

    def __init__(self) -> None:
        super().__init__()
        self.net = Trunk()
        self.score = nn.Linear(512, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        a = self.net.stages(left)[-1].mean((2, 3))
        b = self.net.stages(right)[-1].mean((2, 3))
        return self.score(a * b)


class TwoView(nn.Module):
    """One embedding for two views, scored together; the left one is an output, too."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = ConvUnit(3, 32, 3, 1)
        self.score = nn.Linear(64, 1)

    def forward(self, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
        a = self.tower(left).mean((2, 3), keepdim=True)
        b = self.tower(right).mean((2, 3), keepdim=True)
        return self.score(torch.cat([a, b], 1).flatten(1)), a


class Pyramid(nn.Module):
    """A feature pyramid on C3 to C5 with one head for all levels (Lin et al., CVPR 2017)."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Trunk()
        self.lateral5, self.lateral4, self.lateral3 = (nn.Conv2d(c, 64, 1) for c in (512, 256, 128))
        self.head = nn.Conv2d(64, 64, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        _, c3, c4, c5 = self.body.stages(x)
        top = self.lateral5(c5)
        mid = self.lateral4(c4)
        mid = mid + F.interpolate(top, size=mid.shape[2:], mode="nearest")
        low = self.lateral3(c3)
        low = low + F.interpolate(mid, size=low.shape[2:], mode="nearest")
        p5, p4, p3 = (F.relu(self.head(level)) for level in (top, mid, low))
        return p5, p4, p3


class Projection(nn.Module):
    """Convolution and batch norm, named as one unit."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1, self.bn1 = conv(inputs, outputs, kernel, stride), nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn1(self.conv1(x))


class Exchange(nn.Module):
    """HRNet's module on two resolutions: two blocks each, then every one to every one."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.h0 = nn.Sequential(*[Basic(width, width, 1, "B") for _ in range(2)])
        self.h1 = nn.Sequential(*[Basic(2 * width, 2 * width, 1, "B") for _ in range(2)])
        self.up = Projection(2 * width, width, 1)
        self.down = Projection(width, 2 * width, 3, 2)

    def forward(self, fine: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor]:
        fine, coarse = self.h0(fine), self.h1(coarse)
        raised = F.interpolate(self.up(coarse), scale_factor=2, mode="nearest")
        return F.relu(fine + raised), F.relu(self.down(fine) + coarse)


class HighResolution(nn.Module):
    """Two resolutions through four exchange modules; both come out."""

    def __init__(self, width: int = 18, modules: int = 4) -> None:
        super().__init__()
        self.b0 = ConvUnit(3, width, 3, 2)
        self.b1 = ConvUnit(width, 2 * width, 3, 2)
        self.modules_ = nn.ModuleList([Exchange(width) for _ in range(modules)])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        fine = self.b0(x)
        coarse = self.b1(fine)
        for module in self.modules_:
            fine, coarse = module(fine, coarse)
        return fine, coarse


class Trident(nn.Module):
    """One convolution at three dilations, a norm of its own for each (Li et al., ICCV 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.c = nn.Conv2d(3, 16, 3)
        self.norms = nn.ModuleList([nn.BatchNorm2d(16) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        return sum(
            norm(F.conv2d(x, self.c.weight, self.c.bias, padding=d, dilation=d))
            for d, norm in zip((1, 2, 3), self.norms, strict=True)
        )


class Recurrent(nn.Module):
    """A unit applied three times with one set of weights (Liang and Hu, CVPR 2015, unrolled)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.u = ConvUnit(8, 8, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.u(self.u(self.u(self.stem(x))))


class TwoHeads(nn.Module):
    """One trunk; a label from its end, and a box through layers of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvUnit(3, 16, 3, 1)
        self.conv2_x = stage(Basic, 16, 32, 2, 2, "B")
        self.conv3_x = stage(Basic, 32, 64, 2, 2, "B")
        self.what = nn.Linear(64, 10)
        self.where = ConvUnit(64, 32, 3, 2)
        self.box = nn.Linear(32 * 8 * 8, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.conv3_x(self.conv2_x(self.conv1(x)))
        return self.what(x.mean((2, 3))), self.box(self.where(x).flatten(1))

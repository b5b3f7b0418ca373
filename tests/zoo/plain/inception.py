"""GoogLeNet (Szegedy et al. 2015, Table 1) and BN-Inception (Ioffe and Szegedy 2015, Figure 5)."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from tests.zoo.plain.parts import Concat, Mean, caffe_pool, conv_relu

GOOGLENET = """
3a  64  96 128 16  32  32
3b 128 128 192 32  96  64
4a 192  96 208 16  48  64
4b 160 112 224 24  64  64
4c 128 128 256 24  64  64
4d 112 144 288 32  64  64
4e 256 160 320 32 128 128
5a 256 160 320 32 128 128
5b 384 192 384 48 128 128
"""
BN_INCEPTION = """
3a  64  64  64  64  96 avg  32
3b  64  64  96  64  96 avg  64
3c   0 128 160  64  96 max   0
4a 224  64  96  96 128 avg 128
4b 192  96 128  96 128 avg 128
4c 160 128 160 128 160 avg 128
4d  96 128 192 160 192 avg 128
4e   0 128 192 192 256 max   0
5a 352 192 320 160 224 avg 128
5b 352 192 320 192 224 max 128
"""


def separable(outputs: int, bias: bool = True) -> list[nn.Module]:
    """A 7x7 of depth multiplier 8, which has no bias, then a 1x1."""
    return [nn.Conv2d(3, 24, 7, 2, 3, groups=3, bias=False), nn.Conv2d(24, outputs, 1, bias=bias)]


def module(inputs: int, row: list[int]) -> Concat:
    one, reduce3, three, reduce5, five, pool = row
    return Concat([
        conv_relu(inputs, one, 1),
        nn.Sequential(conv_relu(inputs, reduce3, 1), conv_relu(reduce3, three, 3)),
        nn.Sequential(conv_relu(inputs, reduce5, 1), conv_relu(reduce5, five, 5)),
        nn.Sequential(nn.MaxPool2d(3, 1, 1), conv_relu(inputs, pool, 1)),
    ])  # fmt: skip


class Auxiliary(nn.Sequential):
    def __init__(self, inputs: int, size: int) -> None:
        size = -(-(size - 5) // 3) + 1
        super().__init__(
            nn.AvgPool2d(5, 3, ceil_mode=True), conv_relu(inputs, 128, 1), nn.Flatten(),
            nn.Linear(128 * size**2, 1024), nn.ReLU(), nn.Dropout(0.7), nn.Linear(1024, 1000),
        )  # fmt: skip


class Stage(nn.Sequential):
    """Modules in a row, whose outputs can be asked for."""

    def forward(self, x: Tensor) -> Tensor:
        self.made = []
        for one in self:
            x = one(x)
            self.made.append(x)
        return x


class GoogLeNet(nn.Module):
    def __init__(self, side: int, separable_conv1: bool = False) -> None:
        super().__init__()
        first = nn.Sequential(*separable(64), nn.ReLU()) if separable_conv1 else None
        self.conv1 = first or conv_relu(3, 64, 7, 2)
        self.pool1 = nn.Sequential(caffe_pool(), nn.LocalResponseNorm(5, 1e-4, 0.75, 1.0))
        self.conv2 = nn.Sequential(conv_relu(64, 64, 1), conv_relu(64, 192, 3))
        self.pool2 = nn.Sequential(nn.LocalResponseNorm(5, 1e-4, 0.75, 1.0), caffe_pool())
        self.inception3, self.pool3 = Stage(), caffe_pool()
        self.inception4, self.pool4 = Stage(), caffe_pool()
        self.inception5 = Stage()
        channels = 192
        for line in GOOGLENET.split("\n")[1:-1]:
            name, *row = line.split()
            widths = [int(width) for width in row]
            getattr(self, f"inception{name[0]}").append(module(channels, widths))
            channels = widths[0] + widths[2] + widths[4] + widths[5]
        self.head = nn.Sequential(Mean(), nn.Dropout(0.4), nn.Linear(1024, 1000))
        size = (side - 1) // 2 + 1
        for _ in range(3):
            size = -(-(size - 3) // 2) + 1
        self.aux1, self.aux2 = Auxiliary(512, size), Auxiliary(528, size)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        x = self.pool2(self.conv2(self.pool1(self.conv1(x))))
        x = self.inception4(self.pool3(self.inception3(x)))
        logits = self.head(self.inception5(self.pool4(x)))
        if not self.training:
            return logits
        return logits, self.aux1(self.inception4.made[0]), self.aux2(self.inception4.made[3])


def bn_inception(side: int, proj: int = 128, bias: bool = True, depthwise: bool = False
                 ) -> nn.Sequential:  # fmt: skip
    """`proj` is what 4c and 4d have behind their pools."""

    def unit(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=bias)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())

    net = nn.Sequential()
    first = unit(3, 64, 7, 2)
    if depthwise:
        first = nn.Sequential(*separable(64, bias), *first[1:])
    net.add_module("conv1", first)
    net.add_module("pool1", caffe_pool())
    net.add_module("conv2", nn.Sequential(unit(64, 64, 1), unit(64, 192, 3)))
    net.add_module("pool2", caffe_pool())
    stages: dict[str, nn.Sequential] = {}
    channels = 192
    for line in BN_INCEPTION.split("\n")[1:-1]:
        name, *row = line.split()
        if name in ("4c", "4d"):
            row[-1] = str(proj)
        made, channels = _bn_module(unit, channels, row)
        stages.setdefault(name[0], nn.Sequential()).append(made)
    for name, stage in stages.items():
        net.add_module(f"inception{name}", stage)
    net.add_module("head", nn.Sequential(Mean(), nn.Linear(channels, 1000)))
    return net


def _bn_module(unit: Callable[..., nn.Sequential], inputs: int, row: list[str]
               ) -> tuple[Concat, int]:  # fmt: skip
    kind = row.pop(5)
    one, reduce3, three, reduce5, five, proj = (int(width) for width in row)
    stride = 1 if one else 2
    branches = [
        nn.Sequential(unit(inputs, reduce3, 1), unit(reduce3, three, 3, stride)),
        nn.Sequential(
            unit(inputs, reduce5, 1), unit(reduce5, five, 3), unit(five, five, 3, stride)
        ),
    ]
    if not one:  # 3c and 4e: what was pooled passes through
        branches.append(caffe_pool())
        return Concat(branches), three + five + inputs
    pool = nn.AvgPool2d(3, 1, 1) if kind == "avg" else nn.MaxPool2d(3, 1, 1)
    branches.append(nn.Sequential(pool, unit(inputs, proj, 1)))
    return Concat([unit(inputs, one, 1), *branches]), one + three + five + proj

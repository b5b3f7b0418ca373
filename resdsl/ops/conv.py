"""Convolution."""

from __future__ import annotations

from typing import ClassVar

from resdsl.diagnostics import RuleError
from resdsl.ir.init import ZEROS, HeNormal, Init
from resdsl.ir.op import Op, Pair, PositiveInt, Weight, Window, need_rank
from resdsl.ir.shape import Shape
from resdsl.ops.padding import Padding, Sides, sides, slide


class Conv(Op):
    """2-d cross-correlation, y[o] = b[o] + sum over i, u, v of w[o, i, u, v] x[i, s h + d u, s w + d v].

    In: C x H x W. Out: `out` x H' x W'. With `groups` = g, each of g slices of the input channels makes out / g of
    the output channels. (LeCun et al. 1998, section II-A; groups: Krizhevsky et al. 2012; dilation: Yu and Koltun 2016.)
    """

    kind: ClassVar[str] = "conv"
    weighted_layers: ClassVar[int] = 1

    out: PositiveInt
    k: Pair = (3, 3)
    stride: Pair = (1, 1)
    pad: Padding = "same"
    dilation: Pair = (1, 1)
    groups: PositiveInt = 1
    bias: bool = True
    init: Init | None = None

    def pads(self, shape: Shape) -> tuple[Sides, Sides]:
        """Padding (top, bottom), (left, right) on an input of this shape."""
        top = sides(self.pad, shape[1], self.k[0], self.stride[0], self.dilation[0], 0)
        left = sides(self.pad, shape[2], self.k[1], self.stride[1], self.dilation[1], 1)
        return top, left

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        for name, channels in (("input channels", x[0]), ("`out`", self.out)):
            if channels % self.groups:
                raise RuleError(
                    f"{name} (={channels}) must be divisible by `groups` (={self.groups})", field="groups"
                )
        return self.out, *slide(self, x, self.k, self.stride, self.dilation, self.pads(x))

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        weight = Weight((self.out, inputs[0][0] // self.groups, *self.k), self.init or HeNormal())
        return {"weight": weight} | ({"bias": Weight((self.out,), ZEROS)} if self.bias else {})

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return output[0] * output[1] * output[2] * (inputs[0][0] // self.groups) * self.k[0] * self.k[1]

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        tall, wide = (Window(self.dilation[a] * (self.k[a] - 1) + 1, self.stride[a]) for a in (0, 1))
        return tall, wide

"""Convolutions."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.diagnostics import RuleError
from resdsl.ir.init import ZEROS, HeNormal, Init
from resdsl.ir.op import Flag, NaturalPair, Op, Pair, PositiveInt, Weight, Window, need_rank
from resdsl.ir.shape import Shape, show
from resdsl.ops.groups import multiples, ways_to_divide
from resdsl.ops.padding import Padding, Sides, pads, reach, slide, uneven, windows


class Conv(Op):
    """2-d cross-correlation: y[o, h, w] = b[o] + sum of w[o, i, u, v] x[i, s h + d u, s w + d v].

    In: C x H x W. Out: `out` x H' x W'. The sum runs over input channels i and kernel positions
    u, v, on x padded with zeros. With `groups` = g, each of g slices of the input channels makes
    out / g of the output channels.
    (LeCun et al. 1998, section II-A; groups: Krizhevsky et al. 2012; dilation: Yu and Koltun 2016.)
    """

    kind = "conv"
    weighted_layers = 1

    out: PositiveInt
    k: Pair = (3, 3)
    stride: Pair = (1, 1)
    pad: Padding = "same"
    dilation: Pair = (1, 1)
    groups: PositiveInt = 1
    bias: Flag = True
    init: Init | None = None

    def pads(self, shape: Shape) -> tuple[Sides, Sides]:
        """Padding (top, bottom), (left, right) on an input of this shape."""
        return pads(self.pad, shape, self.k, self.stride, self.dilation)

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        _need_groups(x[0], self.out, self.groups)
        return self.out, *slide(self, x, self.k, self.stride, self.dilation, self.pads(x))

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = (self.out, inputs[0][0] // self.groups, *self.k)
        return _weights(shape, self.out, self.bias, self.init)

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        channels, height, width = output
        return channels * height * width * (inputs[0][0] // self.groups) * self.k[0] * self.k[1]

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        return windows(self.k, self.stride, self.dilation)

    def advise(self, inputs: tuple[Shape, ...], before: Op | None) -> Iterable[RuleError]:
        return uneven(self.pad, inputs[0], self.k, self.stride, self.dilation)


class ConvTranspose(Op):
    """Transposed convolution, the adjoint of `conv`: each x[i, h, w] adds w[i, o, u, v] x[i, h, w]
    to y[o, s h + d u - p, s w + d v - p].

    In: C x H x W. Out: `out` x H' x W' with H' = (H - 1) s - 2 p + d (k - 1) + output_pad + 1, so
    that `k=2, stride=2` doubles. `pad` p is what the convolution that it inverts would pad;
    `output_pad` adds rows and columns at the end. The weight is C x out/groups x k x k.
    (Zeiler et al. 2010; Long et al. 2015.)
    """

    kind = "conv_transpose"
    weighted_layers = 1

    out: PositiveInt
    k: Pair
    stride: Pair = (1, 1)
    pad: NaturalPair = (0, 0)
    output_pad: NaturalPair = (0, 0)
    groups: PositiveInt = 1
    dilation: Pair = (1, 1)
    bias: Flag = True
    init: Init | None = None

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        _need_groups(x[0], self.out, self.groups)
        return self.out, self._grow(x, 0), self._grow(x, 1)

    def _grow(self, x: Shape, axis: int) -> int:
        """Output height (axis 0) or width (axis 1)."""
        stride, dilation, extra = self.stride[axis], self.dilation[axis], self.output_pad[axis]
        if extra >= max(stride, dilation):
            raise RuleError(
                f"`output_pad` (={extra}) must be below `stride` (={stride}) or"
                f" `dilation` (={dilation})",
                field="output_pad",
            )
        full = (x[1 + axis] - 1) * stride + reach(self.k[axis], dilation) + extra
        if full <= 2 * self.pad[axis]:
            raise RuleError(
                f"`pad` (={self.pad[axis]}) on both sides leaves nothing of the"
                f" {'width' if axis else 'height'} {full} that {show(x)} grows to",
                field="pad",
            )
        return full - 2 * self.pad[axis]

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = (inputs[0][0], self.out // self.groups, *self.k)
        return _weights(shape, self.out, self.bias, self.init)

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        channels, height, width = inputs[0]
        return channels * height * width * (self.out // self.groups) * self.k[0] * self.k[1]

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        tall, wide = (
            Window(
                (reach(self.k[a], self.dilation[a]) - 1) // self.stride[a] + 1, 1, self.stride[a]
            )
            for a in (0, 1)
        )
        return tall, wide


def _need_groups(channels: int, out: int, groups: int) -> None:
    if channels % groups:
        raise RuleError(
            f"input channels (={channels}) must be divisible by `groups` (={groups})",
            field="groups",
            help=ways_to_divide(channels, groups),
        )
    if out % groups:
        raise RuleError(
            f"`out` (={out}) must be divisible by `groups` (={groups})",
            field="out",
            help=f"the nearest channels that are: {multiples(out, groups)}",
        )


def _weights(shape: Shape, out: int, bias: bool, init: Init | None) -> dict[str, Weight]:
    weight = {"weight": Weight(shape, init or HeNormal())}
    return weight | {"bias": Weight((out,), ZEROS)} if bias else weight

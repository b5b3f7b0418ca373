"""Ops that move elements about: nothing is learnt, and nothing is summed."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from resdsl.diagnostics import RuleError
from resdsl.ir.op import Natural, Op, Pair, PositiveInt, Window, need_rank
from resdsl.ir.shape import Shape, channel_axis, show, size


def _four(value: object) -> tuple[object, ...]:
    """`1` -> 1 on every side; `[1, 2]` -> 1 above and below, 2 left and right."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value, value, value, value
    if isinstance(value, list | tuple) and len(value) == 2:
        return value[0], value[0], value[1], value[1]
    if isinstance(value, list | tuple) and len(value) == 4:
        return tuple(value)
    raise ValueError("should be one number, [rows, columns] or [top, bottom, left, right]")


FourSides = Annotated[tuple[Natural, Natural, Natural, Natural], BeforeValidator(_four)]


class Flatten(Op):
    """All elements in the order C, H, W (or N, D). In: any shape. Out: a vector."""

    kind = "flatten"

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        return (size(x),)


class Slice(Op):
    """Channels `start` (from 0) to `stop`, which is not in it. In: any shape. Out: the same with
    stop - start channels.
    """

    kind = "slice"

    start: Natural
    stop: PositiveInt

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        axis = channel_axis(x)
        if self.start >= self.stop:
            raise RuleError(
                f"`start` (={self.start}) must be below `stop` (={self.stop})", field="start"
            )
        if self.stop > x[axis]:
            raise RuleError(
                f"`stop` (={self.stop}) must be at most the channels (={x[axis]}) of {show(x)}",
                field="stop",
            )
        return *x[:axis], self.stop - self.start, *x[axis + 1 :]


class ChannelShuffle(Op):
    """Channel g n + i goes to i groups + g, for n = C / `groups`: groups take turns.

    In and out: C x H x W. (Zhang et al. 2018, ShuffleNet.)
    """

    kind = "channel_shuffle"

    groups: PositiveInt

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        if x[0] % self.groups:
            raise RuleError(
                f"channels (={x[0]}) must be divisible by `groups` (={self.groups})", field="groups"
            )
        return x


class Subsample(Op):
    """Every `stride`-th row and column, the first included: x[:, ::s, ::s].

    In: C x H x W. Out: C x ceil(H / s) x ceil(W / s). (He et al. 2016, shortcut option A.)
    """

    kind = "subsample"

    stride: Pair

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        return x[0], -(-x[1] // self.stride[0]), -(-x[2] // self.stride[1])

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        return Window(1, self.stride[0]), Window(1, self.stride[1])


class PadChannels(Op):
    """Channels of zeros after those of the input, `out` in all.

    In: C x H x W. Out: `out` x H x W. (He et al. 2016, shortcut option A.)
    """

    kind = "pad_channels"

    out: PositiveInt

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        if self.out < x[0]:
            raise RuleError(
                f"`out` (={self.out}) must be at least the channels (={x[0]}) of {show(x)}",
                field="out",
            )
        return self.out, *x[1:]


class ZeroPad(Op):
    """Rows and columns of zeros: `pad` on every side, or (rows, columns), or (top, bottom, left,
    right).

    In: C x H x W. Out: C x (top + H + bottom) x (left + W + right).
    """

    kind = "zero_pad"

    pad: FourSides

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        top, bottom, left, right = self.pad
        return x[0], top + x[1] + bottom, left + x[2] + right

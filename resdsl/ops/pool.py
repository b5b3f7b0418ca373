"""Pooling, in windows and over everything."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from resdsl.diagnostics import RuleError
from resdsl.ir.op import Flag, Op, Pair, Window, need_rank
from resdsl.ir.shape import Shape
from resdsl.ops.padding import Padding, Sides, Two, pads, reach, slide, uneven, windows


def _kernel_if_none(stride: Any, info: ValidationInfo) -> Any:
    """A stride that is not given is the kernel; where that is wrong itself, one error is enough."""
    return info.data.get("k", 1) if stride is None else stride


Stride = Annotated[Pair, BeforeValidator(_kernel_if_none), Field(validate_default=True)]
THE_KERNEL: Any = None


class WindowPool(Op):
    """A window that slides over each channel alone. In: C x H x W. Out: C x H' x W'.

    `stride` defaults to `k`. H' = floor((H + pads - dilation (k - 1) - 1) / stride) + 1, or with
    `ceil` the ceiling, less a last window that would start in the padding below.
    """

    k: Pair
    stride: Stride = THE_KERNEL
    pad: Padding = (0, 0)
    ceil: Flag = False

    def spread(self) -> Two:
        """The dilation, of those that have one."""
        return 1, 1

    def pads(self, shape: Shape) -> tuple[Sides, Sides]:
        """Padding (top, bottom), (left, right) on an input of this shape."""
        return pads(self.pad, shape, self.k, self.stride, self.spread())

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        padding = self.pads(x)
        if isinstance(self.pad, tuple):
            self._need_overlap(self.pad)
        return x[0], *slide(self, x, self.k, self.stride, self.spread(), padding, self.ceil)

    def _need_overlap(self, pad: Two) -> None:
        """No window may lie in the padding alone: nothing would be in it."""
        for axis in (0, 1):
            span = reach(self.k[axis], self.spread()[axis])
            if 2 * pad[axis] > span:
                raise RuleError(
                    f"`pad` (={pad[axis]}) must be at most half of the window (={span})",
                    field="pad",
                )

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        return windows(self.k, self.stride, self.spread())

    def advise(self, inputs: tuple[Shape, ...], before: Op | None) -> Iterable[RuleError]:
        return uneven(self.pad, inputs[0], self.k, self.stride, self.spread())


class MaxPool(WindowPool):
    """The largest element of each window; padding never wins.

    In: C x H x W. Out: C x H' x W', as `WindowPool` has it.
    (Overlapping windows: Krizhevsky et al. 2012, section 3.4.)
    """

    kind = "maxpool"

    dilation: Pair = (1, 1)

    def spread(self) -> Two:
        return self.dilation


class AvgPool(WindowPool):
    """The mean of each window. With `include_pad` zeros of the padding count as elements, but not
    what `ceil` adds beyond it; without, the mean is over the elements of the input alone.

    In: C x H x W. Out: C x H' x W', as `WindowPool` has it. (LeCun et al. 1998.)
    """

    kind = "avgpool"

    include_pad: Flag = True


class GlobalAvgPool(Op):
    """The mean of each channel. In: C x H x W. Out: C x 1 x 1. (Lin et al. 2014.)"""

    kind = "gap"

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        return x[0], 1, 1

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        return Window(size=0), Window(size=0)


class AdaptivePool(Op):
    """Pools to `size`, H' x W', whatever comes in: row i is of rows floor(i H / H') to
    ceil((i + 1) H / H'), and columns alike. In: C x H x W. Out: C x H' x W'.
    """

    size: Pair

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        return x[0], *self.size

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        (x,) = inputs
        tall, wide = (_adaptive_window(x[1 + axis], self.size[axis]) for axis in (0, 1))
        return tall, wide


class AdaptiveAvgPool(AdaptivePool):
    """The mean of windows that fit `size`. In: C x H x W. Out: C x `size`. (He et al. 2014.)"""

    kind = "adaptive_avgpool"


class AdaptiveMaxPool(AdaptivePool):
    """The largest of windows that fit `size`. In: C x H x W. Out: C x `size`. (He et al. 2014.)"""

    kind = "adaptive_maxpool"


class ChannelMean(Op):
    """The mean over channels. In: C x H x W. Out: 1 x H x W. (Woo et al. 2018.)"""

    kind = "channel_mean"

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        return 1, *x[1:]


class ChannelMax(Op):
    """The maximum over channels. In: C x H x W. Out: 1 x H x W. (Woo et al. 2018.)"""

    kind = "channel_max"

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        return 1, *x[1:]


def _adaptive_window(size: int, out: int) -> Window:
    """The largest window of `out` over `size` elements, and the mean step between them."""
    if out == 1:
        return Window(size=0)
    common = gcd(size, out)
    return Window(1 - (common - size) // out, size // common, out // common)

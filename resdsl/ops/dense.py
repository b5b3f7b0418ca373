"""Linear layers."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.diagnostics import RuleError
from resdsl.ir.init import ZEROS, FanInUniform, Init
from resdsl.ir.op import Flag, Op, PositiveInt, Weight, Window, need_rank
from resdsl.ir.shape import Shape, channel_axis, show, size


class Fc(Op):
    """Fully connected layer, y = W x + b with W of `out` x D.

    In: D, or N x D (each token alone), or C x H x W, which it flattens in the order C, H, W, so
    that D = C H W; with `flatten=false` it takes each position of the image alone, D = C.
    Out: `out`, or N x `out`, or `out` x H x W.
    """

    kind = "fc"
    weighted_layers = 1

    out: PositiveInt
    bias: Flag = True
    init: Init | None = None
    flatten: Flag = True

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 1, 2, 3)
        if self.is_pointwise(x):
            return (self.out, *x[1:])
        return (x[0], self.out) if len(x) == 2 else (self.out,)

    def is_pointwise(self, x: Shape) -> bool:
        """Each position of an image alone."""
        return len(x) == 3 and not self.flatten

    def width(self, x: Shape) -> int:
        """D: of a token or a position its width, of anything else all elements."""
        return x[channel_axis(x)] if len(x) == 2 or self.is_pointwise(x) else size(x)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        shape = self.out, self.width(inputs[0])
        weight = {"weight": Weight(shape, self.init or FanInUniform())}
        return weight | {"bias": Weight((self.out,), ZEROS)} if self.bias else weight

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return size(output) * self.width(inputs[0])

    def advise(self, inputs: tuple[Shape, ...], before: Op | None) -> Iterable[RuleError]:
        (x,) = inputs
        if len(x) == 3 and self.flatten and x[1] * x[2] > 1:
            yield RuleError(
                f"`fc` flattens {show(x)} into {size(x):,} features",
                code="W303",
                help="`flatten -> fc(...)` says that it is meant; `gap -> fc(...)` takes the mean "
                "of each channel",
            )

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        (x,) = inputs
        seen = Window() if len(x) == 2 or self.is_pointwise(x) else Window(size=0)
        return seen, seen

"""Linear layers."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.diagnostics import RuleError
from resdsl.ir.init import ZEROS, FanInUniform, Init
from resdsl.ir.op import Flag, Op, PositiveInt, Weight, Window, need_rank
from resdsl.ir.shape import Shape, show, size


class Fc(Op):
    """Fully connected layer, y = W x + b with W of `out` x D.

    In: D, or N x D (each token alone), or C x H x W, which it flattens in the order C, H, W, so
    that D = C H W. Out: `out`, or N x `out`.
    """

    kind = "fc"
    weighted_layers = 1

    out: PositiveInt
    bias: Flag = True
    init: Init | None = None

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 1, 2, 3)
        return (x[0], self.out) if len(x) == 2 else (self.out,)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        weight = {"weight": Weight((self.out, _width(inputs[0])), self.init or FanInUniform())}
        return weight | {"bias": Weight((self.out,), ZEROS)} if self.bias else weight

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return size(output) * _width(inputs[0])

    def advise(self, inputs: tuple[Shape, ...], before: Op | None) -> Iterable[RuleError]:
        (x,) = inputs
        if len(x) == 3 and x[1] * x[2] > 1:
            yield RuleError(
                f"`fc` flattens {show(x)} into {size(x):,} features",
                code="W303",
                help="`flatten -> fc(...)` says that it is meant; `gap -> fc(...)` takes the mean "
                "of each channel",
            )

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        seen = Window() if len(inputs[0]) == 2 else Window(size=0)
        return seen, seen


def _width(x: Shape) -> int:
    """D: the width of a token, or all elements of anything else."""
    return x[1] if len(x) == 2 else size(x)

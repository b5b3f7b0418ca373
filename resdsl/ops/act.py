"""Activations: functions of each element, which leave the shape as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from resdsl.diagnostics import RuleError
from resdsl.ir.init import Constant
from resdsl.ir.op import Flag, Number, Op, Weight
from resdsl.ir.shape import Shape, show


class Pointwise(Op):
    """An op whose output has the shape of its input, whatever that is."""

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        return x


class Relu(Pointwise):
    """Rectified linear unit, max(x, 0). (Nair and Hinton 2010.)"""

    kind = "relu"

    def advise(self, inputs: tuple[Shape, ...], before: Op | None) -> Iterable[RuleError]:
        if isinstance(before, Relu | Relu6 | Sigmoid | HardSigmoid | Softmax):
            yield idle(self, before, "nothing is below 0")


class Relu6(Pointwise):
    """min(max(x, 0), 6). (Krizhevsky 2010; in MobileNets: Howard et al. 2017.)"""

    kind = "relu6"

    def advise(self, inputs: tuple[Shape, ...], before: Op | None) -> Iterable[RuleError]:
        if isinstance(before, Relu6 | Sigmoid | HardSigmoid | Softmax):
            yield idle(self, before, "nothing is below 0 or above 6")


class LeakyRelu(Pointwise):
    """x where x > 0, else slope x. (Maas et al. 2013.)"""

    kind = "leaky_relu"

    slope: Number = 0.01


class PRelu(Pointwise):
    """x where x > 0, else a x with a learnt `weight` a, one a channel, or one in all if `shared`.

    `slope` is where a begins. One a channel needs an image or a vector. (He et al. 2015.)
    """

    kind = "prelu"

    shared: Flag = False
    slope: Number = 0.25

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        if len(x) == 2 and not self.shared:
            raise RuleError(
                f"`prelu` with one slope a channel takes an image or a vector, got {show(x)}",
                field="shared",
                help="`prelu(shared=true)` takes any shape",
            )
        return x

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        count = 1 if self.shared else inputs[0][0]
        return {"weight": Weight((count,), Constant(value=self.slope))}


class Sigmoid(Pointwise):
    """1 / (1 + exp(-x))."""

    kind = "sigmoid"


class HardSigmoid(Pointwise):
    """min(max(x + 3, 0), 6) / 6. (Howard et al. 2019, MobileNetV3.)"""

    kind = "hardsigmoid"


class HardSwish(Pointwise):
    """x hardsigmoid(x). (Howard et al. 2019, MobileNetV3.)"""

    kind = "hardswish"


class Silu(Pointwise):
    """x sigmoid(x), also known as swish. (Elfwing et al. 2018; Ramachandran et al. 2017.)"""

    kind = "silu"


class Gelu(Pointwise):
    """x Phi(x), Phi the normal distribution's function, or with `tanh` the approximation
    x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). (Hendrycks and Gimpel 2016.)
    """

    kind = "gelu"

    approximate: Literal["none", "tanh"] = "none"


class Tanh(Pointwise):
    """Hyperbolic tangent."""

    kind = "tanh"


class Softmax(Pointwise):
    """exp(x) / sum of exp(x) over the channels: C at each position of C x H x W, else D."""

    kind = "softmax"


def idle(op: Op, before: Op, why: str) -> RuleError:
    """W313: the advice to leave out an op that does nothing to what `before` makes."""
    message = f"`{op.kind}` does nothing here: after `{before.kind}` {why}"
    return RuleError(message, code="W313", help="leave it out")

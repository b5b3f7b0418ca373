"""Merges: what may stand before `{ | branch | branch }`."""

from __future__ import annotations

from resdsl.diagnostics import RuleError
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape, channel_axis, show


class Merge(Op):
    """Takes one or more tensors."""

    merges = True


class Add(Merge):
    """The sum of tensors of one shape. (As a shortcut: He et al. 2016.)"""

    kind = "add"

    def infer(self, *inputs: Shape) -> Shape:
        return _equal(self, inputs)


class Maximum(Merge):
    """The largest, element by element, of tensors of one shape. (Goodfellow et al. 2013.)"""

    kind = "maximum"

    def infer(self, *inputs: Shape) -> Shape:
        return _equal(self, inputs)


class Mul(Merge):
    """The product, element by element. Dimensions are equal, or 1, which is repeated.

    So C x H x W times C x 1 x 1 weights channels (Hu et al. 2018), and times 1 x H x W positions.
    """

    kind = "mul"

    def infer(self, *inputs: Shape) -> Shape:
        _need_some(self, inputs)
        if len({len(shape) for shape in inputs}) > 1:
            raise _disagreement(self, inputs)
        out = tuple(max(sides) for sides in zip(*inputs, strict=True))
        if any(side not in (1, out[axis]) for shape in inputs for axis, side in enumerate(shape)):
            raise _disagreement(self, inputs, help="a dimension of 1 is repeated, no other is")
        return out


class Concat(Merge):
    """Channels of the first tensor, then of the second, and so on.

    In: C_i x H x W with equal H and W, or N x D_i with equal N, or D_i. Out: the channels summed.
    """

    kind = "concat"

    def infer(self, *inputs: Shape) -> Shape:
        _need_some(self, inputs)
        axis = channel_axis(inputs[0])
        if len({(len(shape), *shape[:axis], *shape[axis + 1 :]) for shape in inputs}) > 1:
            raise _disagreement(self, inputs, help="only the channels may differ")
        channels = sum(shape[axis] for shape in inputs)
        return *inputs[0][:axis], channels, *inputs[0][axis + 1 :]


def _need_some(op: Op, inputs: tuple[Shape, ...]) -> None:
    if not inputs:
        raise RuleError(f"`{op.kind}` needs at least one branch")


def _equal(op: Op, inputs: tuple[Shape, ...]) -> Shape:
    _need_some(op, inputs)
    if len(set(inputs)) > 1:
        raise _disagreement(op, inputs)
    return inputs[0]


def _disagreement(op: Op, inputs: tuple[Shape, ...], help: str | None = None) -> RuleError:
    return RuleError(
        f"the branches of `{op.kind}` end in different shapes",
        code="E310",
        help=help,
        notes=tuple(f"branch {i} ends in {show(shape)}" for i, shape in enumerate(inputs, 1)),
    )

"""Normalisations: (x - mean) / sqrt(variance + eps) * weight + bias, over different sets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from resdsl.diagnostics import RuleError
from resdsl.ir.init import ONES, ZEROS
from resdsl.ir.op import Flag, Number, Op, PositiveInt, Probability, Weight, Window, need_rank
from resdsl.ir.shape import Shape, channel_axis, show, size
from resdsl.ops.act import idle
from resdsl.ops.groups import ways_to_divide

Eps = Annotated[Number, Field(ge=0, le=1)]


class BatchNorm(Op):
    """Batch normalisation: mean and variance of each channel over the batch and all positions.

    In and out: C x H x W, or D. In inference the running averages serve, which training moves by
    `momentum` towards the batch's mean and its unbiased variance. (Ioffe and Szegedy 2015.)
    """

    kind = "bn"

    eps: Eps = 1e-5
    momentum: Probability = 0.1
    affine: Flag = True

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 1, 3)
        return x

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        each = inputs[0][:1]
        return _scale_and_shift(each, self.affine) | {
            "running_mean": Weight(each, ZEROS, "buffer"),
            "running_var": Weight(each, ONES, "buffer"),
        }

    def advise(self, inputs: tuple[Shape, ...], before: Op | None) -> Iterable[RuleError]:
        if isinstance(before, BatchNorm):
            yield idle(self, before, "each channel is normalised")


class LayerNorm(Op):
    """Layer normalisation over the channels, at each position alone.

    In and out: C x H x W (over C at each of the H W positions, as in ConvNeXt), or N x D (over D
    for each token), or D. (Ba et al. 2016.)
    """

    kind = "ln"

    eps: Eps = 1e-5
    affine: Flag = True

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 1, 2, 3)
        return x

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return _scale_and_shift((inputs[0][channel_axis(inputs[0])],), self.affine)


class GroupNorm(Op):
    """Group normalisation: over the channels of each of `groups` slices and all positions.

    In and out: C x H x W, or D, with more than one element in each slice. (Wu and He 2018.)
    """

    kind = "gn"

    groups: PositiveInt = 32
    eps: Eps = 1e-5
    affine: Flag = True

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 1, 3)
        if x[0] % self.groups:
            raise RuleError(
                f"channels (={x[0]}) must be divisible by `groups` (={self.groups})",
                field="groups",
                help=ways_to_divide(x[0], self.groups),
            )
        if size(x) == self.groups:
            raise RuleError(
                f"`gn` needs more than one element in a group, got {show(x)} in {self.groups}",
                field="groups",
            )
        return x

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return _scale_and_shift(inputs[0][:1], self.affine)

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        return Window(size=0), Window(size=0)


class InstanceNorm(Op):
    """Instance normalisation: over the positions of each channel, in training and in inference.

    In and out: C x H x W with more than one position. (Ulyanov et al. 2016.)
    """

    kind = "instance_norm"

    eps: Eps = 1e-5
    affine: Flag = True

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        if x[1] * x[2] == 1:
            raise RuleError(f"`{self.kind}` needs more than one position, got {show(x)}")
        return x

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return _scale_and_shift(inputs[0][:1], self.affine)

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        return Window(size=0), Window(size=0)


class LocalResponseNorm(Op):
    """Local response normalisation, x / (k + alpha / size * sum of x^2 over near channels)^beta.

    In and out: C x H x W. The sum at channel c runs from c - size // 2 to c + (size - 1) // 2.
    (Krizhevsky et al. 2012, section 3.3, where alpha is not divided; here as in Caffe and torch.)
    """

    kind = "lrn"

    size: PositiveInt = 5
    alpha: Number = 1e-4
    beta: Number = 0.75
    k: Number = 1.0

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        return x


def _scale_and_shift(each: Shape, affine: bool) -> dict[str, Weight]:
    return {"weight": Weight(each, ONES), "bias": Weight(each, ZEROS)} if affine else {}

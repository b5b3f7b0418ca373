"""Scaling by constants and by learnt factors."""

from __future__ import annotations

from resdsl.ir.init import Constant
from resdsl.ir.op import Number, Weight
from resdsl.ir.shape import Shape, channel_axis
from resdsl.ops.act import Pointwise


class Affine(Pointwise):
    """scale x + shift, with constants that are not learnt."""

    kind = "affine"

    scale: Number = 1.0
    shift: Number = 0.0


class LayerScale(Pointwise):
    """x times a learnt factor a channel, which begins at `value`. (Touvron et al. 2021.)

    The factors are C x 1 x 1 for an image, and one vector for what else there is.
    """

    kind = "layer_scale"
    bare = True

    value: Number = 1e-6

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        channels = inputs[0][channel_axis(inputs[0])]
        shape = (channels, 1, 1) if len(inputs[0]) == 3 else (channels,)
        return {"": Weight(shape, Constant(value=self.value))}

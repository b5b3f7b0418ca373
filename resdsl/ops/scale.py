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
    """`gamma` x with a learnt factor a channel, which begins at `value`. (Touvron et al. 2021.)"""

    kind = "layer_scale"

    value: Number = 1e-6

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        channels = inputs[0][channel_axis(inputs[0])]
        return {"gamma": Weight((channels,), Constant(value=self.value))}

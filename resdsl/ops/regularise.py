"""Regularisers: noise in training, the identity in inference."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from resdsl.ir.op import Number, Probability
from resdsl.ops.act import Pointwise


class Dropout(Pointwise):
    """An element is 0 with probability `p`, else divided by 1 - p. (Srivastava et al. 2014.)"""

    kind = "dropout"

    p: Probability = 0.5


class DropPath(Pointwise):
    """Each sample of the batch is 0 with probability `p`, else divided by 1 - p: stochastic
    depth, at the end of a residual branch. (Huang et al. 2016.)
    """

    kind = "drop_path"

    p: Annotated[Number, Field(ge=0, lt=1)]

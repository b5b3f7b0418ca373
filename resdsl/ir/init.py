"""How a weight begins: one frozen class a rule, named as the language names it.

Fans are torch's: of a weight of shape (out, in, *kernel), fan_in is in x kernel, fan_out is out x
kernel.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from resdsl.ir.shape import Shape


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Constant(_Rule):
    """Every element is `value`."""

    kind: Literal["constant"] = "constant"
    value: float


class Normal(_Rule):
    """N(mean, std^2)."""

    kind: Literal["normal"] = "normal"
    std: Annotated[float, Field(ge=0)] = 0.01
    mean: float = 0.0


class TruncNormal(_Rule):
    """N(0, std^2), redrawn outside two absolute units (torch's `trunc_normal_` with its default
    bounds).
    """

    kind: Literal["trunc_normal"] = "trunc_normal"
    std: Annotated[float, Field(ge=0)] = 0.02


class Uniform(_Rule):
    """U(-bound, bound)."""

    kind: Literal["uniform"] = "uniform"
    bound: Annotated[float, Field(ge=0)] = 0.05


class FanInUniform(_Rule):
    """U(-1/sqrt(fan_in), 1/sqrt(fan_in)): the default of linear weights."""

    kind: Literal["fan_in_uniform"] = "fan_in_uniform"


class HeNormal(_Rule):
    """N(0, 2/fan) (He et al. 2015, eq. 10): the default of convolutions, with fan_out."""

    kind: Literal["he_normal"] = "he_normal"
    mode: Literal["fan_in", "fan_out"] = "fan_out"


class HeUniform(_Rule):
    """U(-b, b) with b = sqrt(6/fan)."""

    kind: Literal["he_uniform"] = "he_uniform"
    mode: Literal["fan_in", "fan_out"] = "fan_out"


class XavierNormal(_Rule):
    """N(0, 2/(fan_in + fan_out)) (Glorot and Bengio 2010)."""

    kind: Literal["xavier_normal"] = "xavier_normal"


class XavierUniform(_Rule):
    """U(-b, b) with b = sqrt(6/(fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16)."""

    kind: Literal["xavier_uniform"] = "xavier_uniform"


def _constant(value: object) -> object:
    """A number stands for itself: `init=0`."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"kind": "constant", "value": value} if number else value


Init = Annotated[
    Constant
    | Normal
    | TruncNormal
    | Uniform
    | FanInUniform
    | HeNormal
    | HeUniform
    | XavierNormal
    | XavierUniform,
    Field(discriminator="kind"),
    BeforeValidator(_constant),
]

INITS: dict[str, type[_Rule]] = {
    rule.model_fields["kind"].default: rule
    for rule in (
        Constant,
        Normal,
        TruncNormal,
        Uniform,
        FanInUniform,
        HeNormal,
        HeUniform,
        XavierNormal,
        XavierUniform,
    )
}

ZEROS, ONES = Constant(value=0.0), Constant(value=1.0)


def fans(shape: Shape) -> tuple[int, int]:
    """fan_in and fan_out of a weight (out, in, *kernel). Raises ValueError for a vector."""
    if len(shape) < 2:
        raise ValueError("an `init` that asks for the fan of a vector has no meaning")
    return prod(shape[1:]), shape[0] * prod(shape[2:])

"""Random weights by the net's initialisers, each tensor from a seed and its own path: what is
added to a net or dropped from it changes no other.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any
from zlib import crc32

from resdsl.ir.init import Constant, HeNormal, HeUniform, Init, Normal, TruncNormal, Uniform, fans
from resdsl.ir.shape import Shape

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray


def initial(path: str, shape: Shape, init: Init, seed: int) -> NDArray[Any]:
    """A new tensor in float32."""
    import numpy

    drawn = _draw(numpy.random.default_rng((seed, crc32(path.encode()))), shape, init)
    return drawn.astype(numpy.float32)


def _draw(generator: Generator, shape: Shape, init: Init) -> NDArray[Any]:
    import numpy

    if isinstance(init, Constant):
        return numpy.full(shape, init.value)
    if isinstance(init, Normal):
        return generator.normal(init.mean, init.std, shape)
    if isinstance(init, TruncNormal):
        return _truncated(generator, shape, init.std)
    if isinstance(init, Uniform):
        return generator.uniform(-init.bound, init.bound, shape)
    fan_in, fan_out = fans(shape)
    if init.kind == "fan_in_uniform":
        return _uniform(generator, shape, 1 / sqrt(fan_in))
    if isinstance(init, HeNormal | HeUniform):
        deviation = sqrt(2 / (fan_in if init.mode == "fan_in" else fan_out))
    else:
        deviation = sqrt(2 / (fan_in + fan_out))
    if init.kind in ("he_normal", "xavier_normal"):
        return generator.normal(0.0, deviation, shape)
    return _uniform(generator, shape, sqrt(3) * deviation)


def _uniform(generator: Generator, shape: Shape, bound: float) -> NDArray[Any]:
    return generator.uniform(-bound, bound, shape)


def _truncated(generator: Generator, shape: Shape, std: float) -> NDArray[Any]:
    """N(0, std^2) inside (-2, 2): drawn again outside, or, where that would be most of them, from
    the uniform distribution and kept in proportion to the density."""
    import numpy

    found = numpy.full(shape, numpy.inf)
    while (wrong := abs(found) > 2).any():
        count = int(wrong.sum())
        if std <= 1:
            found[wrong] = generator.normal(0.0, std, count)
            continue
        drawn = generator.uniform(-2, 2, count)
        kept = generator.uniform(size=count) < numpy.exp(-((drawn / std) ** 2) / 2)
        found[wrong] = numpy.where(kept, drawn, numpy.inf)
    return found

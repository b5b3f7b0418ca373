"""Weights and inputs on which a comparison says something: nothing overflows, nothing is zero, and
batch norms divide by what they see.

All are float32 numbers, so that a net in float64 and one in float32 get the same.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING, Any

from resdsl.ir.graph import Net
from resdsl.ir.init import Constant
from resdsl.ir.shape import Shape
from resdsl.ir.weights import initialisers, weights
from resdsl.ops.norm import BatchNorm
from resdsl.verify.runner import Arrays, Reference

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

SPREAD = 0.1
"""What is added to weights that begin as a constant: a zero would hide what follows it."""

SHIFT = 1.0
"""Where the biases of batch norms lie. Around zero, a rectifier behind each makes differences grow
by a fifth in every layer that has no shortcut ("A Mean Field Theory of Batch Normalization", Yang
et al. 2019): after the 110 of a plain net, float64 has eight digits left. A sixth of what comes
to the rectifier is below zero still."""


def draw_weights(net: Net, random: Generator) -> Arrays:
    """Matrices and kernels of He's variance; vectors and bare tensors near the constant that they
    begin with, the biases of batch norms near `SHIFT`."""
    rules = initialisers(net)
    found = {}
    for path, (op, weight) in weights(net).items():
        rule = rules[path]
        start = rule.value if isinstance(rule, Constant) else 0.0
        if weight.role == "buffer":
            mean, std = start, 0.0
        elif len(weight.shape) > 1 and not op.bare:
            mean, std = 0.0, sqrt(2 / prod(weight.shape[1:]))
        else:
            shift = SHIFT if isinstance(op, BatchNorm) and path.endswith("bias") else 0.0
            mean, std = start + shift, SPREAD
        found[path] = _normal(random, weight.shape, mean, std)
    return found


def draw_inputs(net: Net, batch: int, random: Generator) -> Arrays:
    """Standard normal, for every input."""
    return {i.name: _normal(random, (batch, *i.shape)) for i in net.main.inputs}


def draw_cotangents(net: Net, batch: int, random: Generator) -> Arrays:
    """Standard normal, for every output, those of training included."""
    region = net.main
    return {o.name: _normal(random, (batch, *region.shapes[o.value])) for o in region.outputs}


def calibrated(tree: Arrays, of: Reference, inputs: Arrays, random: Generator) -> Arrays:
    """The tree with batch norms' statistics near those of the inputs.

    Near and not equal: a step then moves them, so that a wrong momentum shows.
    """
    import numpy

    seen = of.statistics(inputs)
    found = dict(tree)
    for path, value in seen.items():
        level, _, name = path.rpartition(".")
        noise = SPREAD * random.standard_normal(value.shape)
        if name == "running_mean":
            moved = value + noise * numpy.sqrt(seen[f"{level}.running_var"])
        else:
            moved = value * numpy.exp(noise)
        found[path] = _float32(moved)
    return found


def _normal(random: Generator, shape: Shape, mean: float = 0.0, std: float = 1.0) -> NDArray[Any]:
    return _float32(mean + std * random.standard_normal(shape))


def _float32(array: NDArray[Any]) -> NDArray[Any]:
    import numpy

    return numpy.asarray(array, numpy.float32).astype(numpy.float64)

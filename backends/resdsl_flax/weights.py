"""The weights of a model by their canonical paths: the attributes that lead to them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from resdsl.ir.shape import Shape
from resdsl.weights.layout import Layout
from resdsl.weights.tree import Tree
from resdsl_flax.repeat import members

_KERNEL_OF_CONV = Layout("weight", (3, 2, 0, 1))
_NORM = {"scale": Layout("weight"), "bias": Layout("bias")}
LAYOUTS: dict[str, dict[str, Layout]] = {
    "Conv": {"kernel": _KERNEL_OF_CONV, "bias": Layout("bias")},
    "ConvTranspose": {"kernel": Layout("weight", (2, 3, 0, 1)), "bias": Layout("bias")},
    "Linear": {"kernel": Layout("weight", (1, 0)), "bias": Layout("bias")},
    "BatchNorm": {**_NORM, "mean": Layout("running_mean"), "var": Layout("running_var")},
    "LayerNorm": _NORM,
    "GroupNorm": _NORM,
    "InstanceNorm": _NORM,
    "PReLU": {"slope": Layout("weight")},
    "LayerScale": {"gamma": Layout("gamma")},
    "ClassToken": {"token": Layout("token")},
    "PositionEmbedding": {"embedding": Layout("embedding")},
}
"""A module's class -> its attribute -> what the tensor is canonically."""


def owns(model: object) -> bool:
    """Whether it is a model of Flax NNX."""
    nnx = sys.modules.get("flax.nnx")
    return nnx is not None and isinstance(model, nnx.Module)


def shapes(model: Any) -> dict[str, Shape]:
    """Canonical path -> shape, of an abstract model too."""
    return {
        path: layout.canonical_shape(tuple(variable.shape[axes:]))
        for paths, axes, variable, layout in variables(model)
        for path in paths
    }


def read(model: Any) -> Tree:
    """A copy of the weights."""
    import numpy

    tree: Tree = {}
    for paths, axes, variable, layout in variables(model):
        stack = numpy.asarray(variable[...]).reshape(-1, *variable.shape[axes:])
        tree |= {p: numpy.array(layout.canonical(x)) for p, x in zip(paths, stack, strict=True)}
    return tree


def write(model: Any, tree: Tree) -> None:
    """Set the weights, in the model's own dtypes."""
    import jax.numpy as jnp
    import numpy

    for paths, _, variable, layout in variables(model):
        stack = numpy.stack([layout.native(tree[path]) for path in paths])
        variable.set_value(jnp.asarray(stack.reshape(variable.shape), variable.dtype))


def variables(model: Any) -> Iterator[tuple[list[str], int, Any, Layout]]:
    """(canonical paths, number of the axes that count them, variable, layout) of every weight."""
    for paths, axes, module in members(model):
        for name, layout in LAYOUTS.get(type(module).__name__, {}).items():
            variable = getattr(module, name)
            if variable is not None:
                yield [f"{path}.{layout.name}" for path in paths], axes, variable, layout

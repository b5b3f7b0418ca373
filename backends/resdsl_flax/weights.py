"""The weights of a model by their canonical paths: the attributes that lead to them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from resdsl.codegen.names import label
from resdsl.ir.op import path_of
from resdsl.ir.shape import Shape
from resdsl.weights.layout import Layout
from resdsl.weights.tree import Tree
from resdsl_flax.repeat import members
from resdsl_flax.reserved import RESERVED

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
    "Attention": {"kernel": Layout("in_proj_weight", (1, 0)), "bias": Layout("in_proj_bias")},
}
"""A module's class -> its attribute -> what the tensor is canonically."""

BARE = {1: Layout(""), 2: Layout("", (None, 0, 1)), 3: Layout("", (2, 0, 1))}
"""How many axes a bare tensor has here -> its layout: a vector, one for each token without the
batch's axis, one for each position of an image."""


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
        for name, variable, layout in _own(module, axes):
            yield [_joined(path, name) for path in paths], axes, variable, layout


def _own(module: Any, axes: int) -> Iterator[tuple[str, Any, Layout]]:
    """Canonical name, variable and layout of what a module holds itself: the tensors of a layer, or
    bare ones of a block."""
    from flax import nnx

    table = LAYOUTS.get(type(module).__name__)
    for name, variable in vars(module).items():
        if table and name in table and variable is not None:
            yield table[name].name, variable, table[name]
        elif not table and isinstance(variable, nnx.Param):
            yield label(name, RESERVED), variable, BARE[len(variable.shape) - axes]


def _joined(path: str, name: str) -> str:
    return path_of(path, name) if path else name

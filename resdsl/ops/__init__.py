"""The primitive ops, one class each. Importing this package fills `Op.registry`."""

from resdsl.ops import (
    act,
    conv,
    dense,
    merge,
    norm,
    padding,
    pool,
    regularise,
    resize,
    scale,
    tensor,
    tokens,
)

__all__ = [
    "act",
    "conv",
    "dense",
    "merge",
    "norm",
    "padding",
    "pool",
    "regularise",
    "resize",
    "scale",
    "tensor",
    "tokens",
]

"""Shapes of tensors without their batch dimension.

`(C, H, W)` an image, `(N, D)` a sequence of N tokens of width D, `(D,)` a vector.
"""

from __future__ import annotations

from math import prod

Shape = tuple[int, ...]


def size(shape: Shape) -> int:
    """How many elements."""
    return prod(shape)


def show(shape: Shape) -> str:
    """As the language writes it: `64x56x56`."""
    return "x".join(map(str, shape))


def channel_axis(shape: Shape) -> int:
    """Where the channels are: first in an image and a vector, last in a sequence."""
    return 1 if len(shape) == 2 else 0

"""What the drawing of nets stands on: choices, and the shapes that follow from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from pydantic import ValidationError

import resdsl.ops
from resdsl.diagnostics import RuleError
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape, channel_axis, size

T = TypeVar("T")
MOST_ELEMENTS, MOST_CHANNELS, MOST_SIDE, MOST_TOKENS = 4_000, 32, 32, 64
_BELOW = {n: st.integers(0, n - 1) for n in range(1, 101)}


class Pick:
    """Choices that Hypothesis makes: of several, it shrinks towards the first."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def one(self, options: Sequence[T]) -> T:
        return options[self.draw(_BELOW[len(options)])]

    def some(self, chance: float) -> bool:
        """Shrinks towards no."""
        return self.draw(_BELOW[100]) >= 100 - round(100 * chance)

    def number(self, low: int, high: int) -> int:
        return low + self.draw(_BELOW[high - low + 1])

    def part(self, function: Callable[..., T], *arguments: object) -> T:
        """What `function` draws, as one part that Hypothesis may copy or remove as a whole."""
        return self.draw(st.just(arguments).map(lambda given: function(*given)))

    def another(self, chance: float, function: Callable[..., T], *arguments: object) -> T | None:
        """Perhaps what `function` draws; the choice belongs to the part."""
        return self.part(lambda: function(*arguments) if self.some(chance) else None)


def fits(shape: Shape) -> bool:
    """Small enough to run in a moment."""
    if len(shape) == 3 and (shape[0] > MOST_CHANNELS or max(shape[1:]) > MOST_SIDE):
        return False
    if len(shape) == 2 and (shape[0] > MOST_TOKENS or shape[1] > MOST_CHANNELS):
        return False
    return size(shape) <= MOST_ELEMENTS


def channels(shape: Shape) -> int:
    return shape[channel_axis(shape)]


def inferred(kind: str, fields: dict[str, Any], *inputs: Shape) -> Shape | None:
    """The output of an op, or None where it cannot be, or is too large."""
    try:
        shape = Op.registry[kind](**fields).infer(*inputs)
    except (ValidationError, RuleError):
        return None
    return shape if fits(shape) else None


def text(value: object) -> str:
    """A value as the language writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(text, value))}]"
    return str(value)


def call(kind: str, fields: dict[str, str], positional: int) -> str:
    """A step with its arguments: the first ones, while they are given in order, without names."""
    parts = []
    for i, name in enumerate(Op.registry[kind].model_fields):
        bare = len(parts) == i < positional
        if name in fields:
            parts.append(fields[name] if bare else f"{name}={fields[name]}")
    return f"{kind}({', '.join(parts)})" if parts else kind


Made = tuple[Shape, tuple[tuple[str, Shape], ...]]
"""A shape, and those of the weights by path."""


@lru_cache(maxsize=4096)
def made(definitions: str, lines: str, shape: Shape) -> Made | None:
    """What `lines` make of a tensor of this shape; None where they cannot be used on it."""
    spec = f"model m {{\ninput image: {text(shape)}\n{lines}\noutput out\n}}\n{definitions}"
    try:
        net = resdsl.loads(spec, name="m").ir
    except resdsl.ResdslError:
        return None
    from resdsl.ir.weights import weights

    out = net.main.shapes[net.main.outputs[0].value]
    if not all(fits(s) for region in net.regions.values() for s in region.shapes):
        return None
    return out, tuple((path, weight.shape) for path, (_, weight) in weights(net).items())

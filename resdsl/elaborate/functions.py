"""The functions of expressions. All are pure, and none can run for long."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from resdsl import limits


def divisible(value: float, divisor: int, slack: float = 0.9) -> int:
    """`value` rounded to the nearest multiple of `divisor`, at least one, and not below `slack` of
    it.

    MobileNet's `make_divisible` (Sandler et al. 2018); RegNet rounds with slack 0.
    """
    near = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return near + divisor if near < slack * value else near


def _range(*bounds: int) -> list[int]:
    span = range(*bounds)
    if len(span) > limits.MAX_REPEAT:
        raise OverflowError(f"a range of {len(span)} items; the limit is {limits.MAX_REPEAT}")
    return list(span)


def _unique(items: list[Any]) -> list[Any]:
    return list(dict.fromkeys(items))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": math.ceil,
    "count": lambda items, item: items.count(item),
    "divisible": divisible,
    "exp": math.exp,
    "floor": math.floor,
    "len": len,
    "log": math.log,
    "max": max,
    "min": min,
    "range": _range,
    "reversed": lambda items: items[::-1],
    "round": round,
    "sqrt": math.sqrt,
    "sum": sum,
    "unique": _unique,
}

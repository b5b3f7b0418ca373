"""Arithmetic that cannot run away: exact on ints, bounded in size, with a diagnostic where there is
no result.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from resdsl.elaborate.values import Value, fail, text
from resdsl.source import Span

MAX_MAGNITUDE = 10**18
"""Integers beyond it are no sizes of anything; bounded, arithmetic is quick."""


def bounded(value: Value, span: Span) -> Value:
    """Refuse numbers that are no size of anything."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > MAX_MAGNITUDE:
        raise fail("E224", f"the result is beyond {MAX_MAGNITUDE:.0e}", span)
    if isinstance(value, float) and not abs(value) < float("inf"):
        raise fail("E224", "the result is not a finite number", span)
    return value


def _divide(a: float, b: float) -> float:
    """Exact on ints."""
    return a // b if isinstance(a, int) and isinstance(b, int) and a % b == 0 else a / b


def _power(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int) and abs(a) > 1 and b * abs(a).bit_length() > 128:
        raise OverflowError("it is too large")
    result = a**b
    if isinstance(result, complex):
        raise ValueError("it is not a real number")
    return result


ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": _power,
}


def calculate(op: str, left: float, right: float, span: Span) -> Value:
    """The result of one operation on numbers."""
    try:
        return bounded(_ARITHMETIC[op](left, right), span)
    except (ZeroDivisionError, OverflowError, ValueError) as error:
        reason = "division by zero" if isinstance(error, ZeroDivisionError) else error
        shown = f"{text(left)} {op} {text(right)}"
        raise fail("E224", f"`{shown}` has no result: {reason}", span) from None

"""What to say beside an error about numbers and shapes: the arithmetic, and what would work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from resdsl.diagnostics import Label, ResdslError, did_you_mean
from resdsl.elaborate.evaluate import evaluate
from resdsl.elaborate.hints import listed
from resdsl.elaborate.values import Binding, Env, Given, Value, text
from resdsl.source import Span
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.elaborate.context import Context

REACH = 1_000
"""How far from a parameter's value another is looked for that would work."""


def of_fraction(expr: tree.Expr, ctx: Context) -> dict[str, Any]:
    """The arithmetic behind a value that is not whole, at the place where it is written, and the
    nearest values of the parameter behind it that would make it whole.
    """
    while isinstance(expr, tree.Name) and (binding := ctx.env.find(expr.text)) and binding.expr:
        expr = binding.expr
    if not isinstance(expr, tree.Binary):
        return {}
    return {"labels": (Label(expr.span, _reckoned(expr, ctx)),), "help": _nearest(expr, ctx)}


def of_argument(error: ResdslError, given: Given, call: Span, ctx: Context) -> ResdslError:
    """The error of an argument that is not whole, with the arithmetic behind it. `call` is where
    `ctx` holds: what came in from elsewhere is left alone.
    """
    found = error.diagnostics[0] if error.diagnostics else None
    if found is None or found.code != "E221" or given.expr is None or given.span not in call:
        return error
    labels = of_fraction(given.expr, ctx).get("labels", ())
    notes = tuple(label.message for label in labels if label.span == found.span)
    others = tuple(label for label in labels if label.span != found.span)
    return ResdslError(
        replace(found, labels=(*others, *found.labels), notes=(*notes, *found.notes))
    )


def of_condition(expr: tree.Expr, ctx: Context) -> tuple[str, set[Span]]:
    """`depth = 111` for the variables of a condition, and where those values were given."""
    found = {n.text: b.value for n in _names(expr) if (b := ctx.env.find(n.text))}
    found |= {at.span.text: evaluate(at, ctx) for at in _extents(expr)}
    given = {b.origin for b in _behind(expr, ctx) if b.origin}
    return ", ".join(f"{k} = {text(value)}" for k, value in found.items()), given


def _extents(expr: object) -> list[tree.Attribute]:
    """`@image.height`: what a condition asks of tensors."""
    if isinstance(expr, tree.Attribute):
        return [expr]
    if isinstance(expr, tree.Binary):
        return _extents(expr.left) + _extents(expr.right)
    return _extents(expr.operand) if isinstance(expr, tree.Unary) else []


def _behind(expr: tree.Expr, ctx: Context) -> Iterator[Binding]:
    """The bindings that an expression depends on, through the `let`s between."""
    for name in _names(expr):
        binding = ctx.env.find(name.text)
        if binding is not None and binding.expr is not None:
            yield from _behind(binding.expr, ctx)
        elif binding is not None:
            yield binding


def _reckoned(expr: tree.Binary, ctx: Context) -> str:
    """`109 / 6 = 18.17 with depth = 111`."""
    names = {n.text: b.value for n in _names(expr) if (b := ctx.env.find(n.text))}
    known = ", ".join(f"{k} = {text(v)}" for k, v in names.items())
    left, right, value = (evaluate(e, ctx) for e in (expr.left, expr.right, expr))
    shown = f"{value:.4g}" if isinstance(value, float) else text(value)
    if not known:
        return f"this is {shown}"
    return f"{text(left)} {expr.op} {text(right)} = {shown} with {known}"


def _names(expr: object) -> list[tree.Name]:
    if isinstance(expr, tree.Name):
        return [expr]
    if isinstance(expr, tree.Binary):
        return _names(expr.left) + _names(expr.right)
    return _names(expr.operand) if isinstance(expr, tree.Unary) else []


def _nearest(expr: tree.Expr, ctx: Context) -> str | None:
    """`depth must be 6n+2; nearest: 110, 116`, where one whole number decides."""
    roots = dict(_roots(expr, ctx))
    if len(roots) != 1:
        return None
    ((name, now),) = roots.items()
    tried = range(max(1, now - REACH), now + REACH)
    good = [value for value in tried if _is_whole(_with(expr, name, value, ctx))]
    below, above = [v for v in good if v < now][-1:], [v for v in good if v > now][:1]
    if not good:
        return None
    steps = {b - a for a, b in pairwise(good)}
    near = f"nearest: {', '.join(map(str, below + above))}"
    if len(steps) != 1:
        return f"of `{name}`, {near}"
    step = steps.pop()
    rest = good[0] % step
    return f"`{name}` must be {step}n{f'+{rest}' if rest else ''}; {near}"


def _roots(expr: tree.Expr, ctx: Context) -> Iterator[tuple[str, int]]:
    """The whole numbers that an expression comes from, through the `let`s between."""
    for name in _names(expr):
        binding = ctx.env.find(name.text)
        if binding is not None and binding.expr is not None:
            yield from _roots(binding.expr, ctx)
        elif binding is not None and type(binding.value) is int:
            yield name.text, binding.value


def _with(expr: tree.Expr, name: str, value: int, ctx: Context) -> Any:
    """The value of `expr` if `name` were `value`."""
    env = Env(ctx.env.scope, ctx.env, {name: Binding(value)})
    for other in _names(expr):
        binding = ctx.env.find(other.text)
        if binding is not None and binding.expr is not None:
            env.bindings[other.text] = Binding(_with(binding.expr, name, value, ctx))
    try:
        return evaluate(expr, replace(ctx, env=env))
    except ResdslError:
        return None


def _is_whole(value: Any) -> bool:
    return type(value) in (int, float) and value == int(value) and value > 0


def of_shape(name: str, expr: tree.Expr, value: Value) -> str:
    """An input's line as it is written here: without the batch, with `x` between the sizes."""
    sizes = value if isinstance(value, list) else []
    if re.fullmatch(r"\d+(\s*\*\s*\d+){1,3}", expr.span.text):
        sizes = [int(size) for size in re.findall(r"\d+", expr.span.text)]
    said = "a batch is not told: " if len(sizes) == 4 else ""
    if 2 <= len(sizes) <= 4 and all(type(size) is int and size > 0 for size in sizes):
        return f"{said}`input {name}: {'x'.join(map(str, sizes[-3:]))}`"
    return "as in `input image: 3x224x224`, or a list: `[3, size, size]`"


def of_case(subject: Value, arms: Iterable[tree.MatchArm]) -> str | None:
    """What a value was meant to be that no case of a `match` is for."""
    cases = [pattern.span.text for arm in arms for pattern in arm.patterns]
    near = did_you_mean(text(subject), cases) if isinstance(subject, str) else None
    return near or listed("its cases are", cases)


def of_difference(op: str, value: Value, wanted: Value) -> str:
    """` (1,000 more)`: how far a figure is from the one that was expected."""
    if op not in ("==", "~=") or type(value) is not int or type(wanted) not in (int, float):
        return ""
    far = round(value - wanted)
    return f" ({abs(far):,} {'more' if far > 0 else 'fewer'})"

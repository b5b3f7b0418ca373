"""Expressions: syntax tree -> values. Total: every expression gives a value or a diagnostic, within
a budget.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from resdsl.diagnostics import ResdslError
from resdsl.elaborate import advice, hints
from resdsl.elaborate.arithmetic import ORDER, calculate
from resdsl.elaborate.blame import Gathered, lost
from resdsl.elaborate.context import Context
from resdsl.elaborate.functions import FUNCTIONS
from resdsl.elaborate.types import owner, unknown_member
from resdsl.elaborate.values import (
    LOST,
    UNKNOWN,
    Binding,
    Given,
    Lost,
    Member,
    OpValue,
    Symbol,
    Value,
    fail,
    text,
    what,
)
from resdsl.ir.builder import Tensor
from resdsl.ir.init import INITS
from resdsl.source import Span
from resdsl.syntax import tree

Names = tuple[str, ...]


def evaluate(expr: tree.Expr, ctx: Context, members: Names = ()) -> Value:
    """The value of `expr`. `members` are the bare names that the receiving parameter enumerates."""
    ctx.build.tick(expr.span)
    return _rules()[type(expr)](expr, ctx, members)


def whole(expr: tree.Expr, ctx: Context, what_: str, low: int, high: int) -> int:
    """An expression that must be a whole number in a range."""
    value = evaluate(expr, ctx)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fail("E210", f"{what_} must be a number, got {what(value)}: {text(value)}", expr.span)
    if value != int(value):
        from resdsl.elaborate import repairs

        message = f"`{expr.span.text}` is not a whole number"
        raise fail("E221", message, expr.span, **repairs.of_fraction(expr, ctx))
    if not low <= value <= high:
        raise fail(
            "E222", f"{what_} must be from {low:,} to {high:,}, got {int(value):,}", expr.span
        )
    return int(value)


# ---------------------------------------------------------------- leaves


def _number(expr: tree.Number, ctx: Context, members: Names) -> Value:
    return expr.value


def _shape(expr: tree.ShapeLiteral, ctx: Context, members: Names) -> Value:
    return list(expr.dims)


def _string(expr: tree.String, ctx: Context, members: Names) -> Value:
    return interpolate(expr, ctx)


def interpolate(string: tree.String, ctx: Context) -> str:
    """`"conv{i+1}"` with its braces filled in."""
    parts = []
    for part in string.parts:
        value = part if isinstance(part, str) else evaluate(part, ctx)
        if isinstance(value, float) and value == int(value):
            value = int(value)
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise fail("E210", f"a label takes numbers and text, got {what(value)}", string.span)
        parts.append(str(value))
        ctx.build.weigh(parts[-1], string.span)
    joined = "".join(parts)
    ctx.build.weigh(joined, string.span)
    return joined


def _name(expr: tree.Name, ctx: Context, members: Names) -> Value:
    if expr.text in members:
        if binding := ctx.env.find(expr.text):
            symbol = Symbol(expr.text, binding.value, binding.span)
            advice.of_member(Given(symbol, expr.span), members, ctx)
        return Member(expr.text, members)
    value = lookup(expr.text, ctx)
    if value is not UNKNOWN:
        return value
    if members:
        error = unknown_member(owner(members), expr.text, members, expr.span)
    else:
        error = unknown_name(expr.text, expr.span, ctx)
    raise ctx.unknown(expr.text, error)


def lookup(name: str, ctx: Context) -> Value:
    """A variable, a constant, the block, op or model of that name, or how weights begin; or
    UNKNOWN.
    """
    binding = ctx.env.find(name)
    if binding is not None:
        if binding.value is LOST:
            raise Lost
        return binding.value
    if name in ("true", "false"):
        return name == "true"
    callee = ctx.env.scope.callee(name)
    if callee is not None:
        return OpValue(callee)
    return INITS[name]() if name in INITS and name != "constant" else UNKNOWN


def unknown_name(name: str, span: Span, ctx: Context) -> ResdslError:
    """The diagnostic for a name that has no value."""
    hint = hints.of_name(name, span, known_names(ctx), ctx)
    return fail("E200", f"unknown name `{name}`", span, **hint)


def known_names(ctx: Context) -> set[str]:
    """Every word that has a value here, for `did you mean`."""
    return {*ctx.env.visible(), "true", "false", *FUNCTIONS, *INITS, *ctx.env.scope.names()}


def _tensor(expr: tree.TensorRef, ctx: Context, members: Names) -> Value:
    name = expr.name.text if isinstance(expr.name, tree.Ident) else interpolate(expr.name, ctx)
    if name == "in":
        if ctx.frame.inside is None:
            message = "there is no `@in` here: no tensor has come in yet"
            raise fail("E312", message, expr.span, help=hints.of_in(ctx))
        if ctx.frame.inside is LOST:
            raise Lost
        return ctx.frame.inside
    found = ctx.frame.tap(name)
    if found is None:
        binding = ctx.env.find(name)
        found = binding.value if binding else None
        if isinstance(found, list) and found and all(isinstance(t, Tensor) for t in found):
            return found  # `@xs[0]`: the index follows
        if not isinstance(found, Tensor):
            message = f"no tensor is named `{name}` here"
            error = fail("E204", message, expr.span, **hints.of_tensor(name, ctx))
            raise ctx.unknown(name, error, ctx.frame)
    if found is LOST:
        raise Lost
    return found


# ---------------------------------------------------------------- operators


def _binary(expr: tree.Binary, ctx: Context, members: Names) -> Value:
    op = expr.op
    if op in ("and", "or"):
        left = truth(expr.left, ctx)
        return left if left == (op == "or") else truth(expr.right, ctx)
    if op in ("==", "!=", "in", "~="):
        return _equality(expr, ctx)
    left, right = _both(expr.left, expr.right, ctx)
    for value, side in ((left, expr.left), (right, expr.right)):
        if isinstance(value, bool) or not isinstance(value, int | float):
            message = f"`{op}` takes numbers, got {what(value)}: {text(value)}"
            raise fail("E210", message, side.span, help=hints.of_operands(expr, left, right))
    if op in ORDER:
        return ORDER[op](left, right)
    return calculate(op, left, right, expr.span)


def _both(first: tree.Expr, second: tree.Expr, ctx: Context) -> tuple[Value, Value]:
    """The values of two expressions; what is wrong with either, where something is."""
    try:
        left = evaluate(first, ctx)
    except ResdslError as error:
        gathered = Gathered()
        gathered.add(error)
        with gathered:
            evaluate(second, ctx)
        raise lost(gathered.found) from None
    return left, evaluate(second, ctx)


def _equality(expr: tree.Binary, ctx: Context) -> bool:
    """`==`: a name beside an enumerated value is one of its members, so that a slip is caught."""
    left_first = not isinstance(expr.left, tree.Name) or lookup(expr.left.text, ctx) is not UNKNOWN
    first, second = (expr.left, expr.right) if left_first else (expr.right, expr.left)
    a = evaluate(first, ctx)
    if type(a) is str and isinstance(second, tree.Name) and not ctx.env.find(second.text):
        raise fail(
            "E210",
            f"`{first.span.text}` is text, and `{second.text}` is not",
            second.span,
            help=f'text wears quotes: "{second.text}"',
        )
    b = evaluate(second, ctx, a.members if isinstance(a, Member) else ())
    if isinstance(b, Member) and not isinstance(a, Member) and isinstance(first, tree.Name):
        a = evaluate(first, ctx, b.members)
    for value in (a, b):
        ctx.build.weigh(value, expr.span)
    if expr.op == "in":
        items = b if left_first else a
        if not isinstance(items, list):
            raise fail("E210", f"`in` takes a list, got {what(items)}", expr.right.span)
        return (a if left_first else b) in items
    if expr.op == "~=":
        raise fail("E210", "`~=` has a meaning in `expect` only", expr.span)
    if _kind(a) != _kind(b):
        message = f"`{expr.op}` compares values of one kind, got {what(a)} and {what(b)}"
        raise fail("E210", message, expr.span)
    same = a.callee is b.callee if isinstance(a, OpValue) and isinstance(b, OpValue) else a == b
    return bool(same) == (expr.op == "==")


def _kind(value: Value) -> type:
    """Kinds between which `==` has a meaning: numbers, texts and members, and each other type."""
    if isinstance(value, bool):
        return bool
    if isinstance(value, int | float):
        return float
    return str if isinstance(value, str) else type(value)


def truth(expr: tree.Expr, ctx: Context) -> bool:
    """The value of a condition."""
    value = evaluate(expr, ctx)
    if not isinstance(value, bool):
        raise fail(
            "E210",
            f"a condition must be true or false, got {what(value)}: {text(value)}",
            expr.span,
        )
    return value


def _unary(expr: tree.Unary, ctx: Context, members: Names) -> Value:
    if expr.op == "not":
        return not truth(expr.operand, ctx)
    value = evaluate(expr.operand, ctx)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fail("E210", f"`-` takes a number, got {what(value)}", expr.operand.span)
    return -value


def _ternary(expr: tree.Ternary, ctx: Context, members: Names) -> Value:
    gathered = Gathered()
    with gathered:
        chosen = expr.value if truth(expr.condition, ctx) else expr.otherwise
        return evaluate(chosen, ctx, members)
    for arm in (expr.value, expr.otherwise):
        with gathered:
            evaluate(arm, ctx, members)
    raise lost(gathered.found)


# ---------------------------------------------------------------- lists and match


def _list(expr: tree.ListExpr, ctx: Context, members: Names) -> Value:
    value = [evaluate(item, ctx, members) for item in expr.items]
    ctx.build.weigh(value, expr.span)
    return value


def each(names: tuple[tree.Ident, ...], items: tree.Expr, ctx: Context) -> list[Context]:
    """One inner context an item: `for x in ...`, `for x, i in ...` (i counts from 0)."""
    values = evaluate(items, ctx)
    if not isinstance(values, list):
        raise fail(
            "E210",
            f"`for` goes over a list, got {what(values)}: {text(values)}",
            items.span,
            help=f"`range({items.span.text})` counts up to it" if type(values) is int else None,
        )
    if len(names) > 2:
        message = "`for` takes one name, or an item's name and its number's"
        raise fail("E207", message, names[2].span)
    contexts = []
    for number, value in enumerate(values):
        ctx.build.tick(items.span)
        inner = ctx.inner()
        for name, bound in zip(names, (value, number), strict=False):
            inner.env.bindings[name.text] = Binding(bound, name.span)
        contexts.append(inner)
    return contexts


def _comprehension(expr: tree.Comprehension, ctx: Context, members: Names) -> Value:
    value = [
        evaluate(expr.value, inner, members)
        for inner in each(expr.names, expr.items, ctx)
        if expr.condition is None or truth(expr.condition, inner)
    ]
    ctx.build.weigh(value, expr.span)
    return value


def _match(expr: tree.Match, ctx: Context, members: Names) -> Value:
    subject = evaluate(expr.subject, ctx)
    ctx.build.weigh(subject, expr.subject.span)
    known = subject.members if isinstance(subject, Member) else ()
    chosen: tree.MatchArm | None = None
    for arm in expr.arms:
        # every pattern is looked at, so that a misspelt one is found whatever the subject is
        hits = [evaluate(pattern, ctx, known) == subject for pattern in arm.patterns]
        if chosen is None and (any(hits) or not arm.patterns):
            chosen = arm
    if chosen is None:
        from resdsl.elaborate import repairs

        message = f"no case of this `match` is for `{text(subject)}`"
        help = repairs.of_case(subject, expr.arms)
        raise fail("E226", message, expr.subject.span, help=help)
    return evaluate(chosen.value, ctx, members)


@cache
def _rules() -> dict[type, Callable[[Any, Context, Names], Value]]:
    """One rule a class; made at the first use: application and evaluation need each other."""
    from resdsl.elaborate.access import attribute, index
    from resdsl.elaborate.application import application

    return {
        tree.Number: _number,
        tree.ShapeLiteral: _shape,
        tree.String: _string,
        tree.Name: _name,
        tree.TensorRef: _tensor,
        tree.Attribute: attribute,
        tree.Index: index,
        tree.Apply: application,
        tree.Unary: _unary,
        tree.Binary: _binary,
        tree.Ternary: _ternary,
        tree.ListExpr: _list,
        tree.Comprehension: _comprehension,
        tree.Match: _match,
    }

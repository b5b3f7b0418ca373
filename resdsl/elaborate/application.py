"""Calls in expressions: functions, and blocks and ops with some of their arguments bound."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from resdsl.diagnostics import Label, ResdslError, did_you_mean
from resdsl.elaborate import hints
from resdsl.elaborate.arithmetic import bounded
from resdsl.elaborate.blame import Gathered
from resdsl.elaborate.context import Context
from resdsl.elaborate.evaluate import Names, evaluate, known_names, lookup, unknown_name
from resdsl.elaborate.functions import FUNCTIONS
from resdsl.elaborate.values import (
    LOST,
    UNKNOWN,
    Binding,
    Block,
    Env,
    Function,
    Given,
    Lost,
    OpValue,
    Shared,
    Symbol,
    Value,
    fail,
    text,
    what,
)
from resdsl.ir.init import INITS
from resdsl.ir.op import Op
from resdsl.source import Span
from resdsl.syntax import tree


def arguments(
    args: tuple[tree.Argument, ...], ctx: Context
) -> tuple[list[Given], list[tuple[str, Given]]]:
    """Positional and named arguments; `...` is filled in from the block's own call."""
    positional: list[Given] = []
    named: list[tuple[str, Given]] = []
    gathered = Gathered()
    for arg in args:
        if arg.value is None:
            rest = ctx.frame.rest
            if rest is None:
                raise fail(
                    "E206", "`...` has no meaning here: the block does not take `...`", arg.span
                )
            positional += rest.args
            named += rest.named
            continue
        value = LOST
        with gathered:
            value = argument(arg.value, ctx)
        name_span = arg.name.span if arg.name else None
        given = Given(value, arg.value.span, name_span, _origin(arg.value, ctx), arg.value)
        if arg.name is None:
            positional.append(given)
        else:
            named.append((arg.name.text, given))
    if gathered.found:
        raise ResdslError(*gathered.found)
    seen: dict[str, Given] = {}
    for name, given in named:
        if name in seen:
            labels = (Label(seen[name].name_span or seen[name].span, "first given here"),)
            at = given.name_span or given.span
            raise fail("E208", f"`{name}` is given twice", at, labels=labels)
        seen[name] = given
    return positional, named


def argument(expr: tree.Expr, ctx: Context) -> Value:
    """An argument's value; of a bare name both readings: only the receiver knows its type."""
    if isinstance(expr, tree.Name):
        value = lookup(expr.text, ctx)
        hidden = value is UNKNOWN and ctx.env.scope.hides(expr.text)
        binding = ctx.env.find(expr.text)
        return Symbol(expr.text, LOST if hidden else value, binding.span if binding else None)
    return evaluate(expr, ctx)


def _origin(expr: tree.Expr, ctx: Context) -> Span | None:
    """Where the value of a parameter that is handed on was first written."""
    binding = ctx.env.find(expr.text) if isinstance(expr, tree.Name) else None
    return binding.origin if binding else None


def _plain(given: Given, ctx: Context) -> Value:
    value = given.value
    if value is LOST:
        raise Lost
    if isinstance(value, Symbol):
        if value.value is UNKNOWN:
            raise ctx.unknown(value.name, unknown_name(value.name, given.span, ctx))
        return value.value
    return value


def application(expr: tree.Apply, ctx: Context, members: Names) -> Value:
    """`f(a, k=v)`: what a function gives, or a callee with these arguments bound."""
    if not isinstance(expr.function, tree.Name):
        raise fail("E209", "only a function, a block or an op can be called", expr.function.span)
    name = expr.function.text
    binding = ctx.env.find(name)
    if binding is None and name in INITS:
        return _init(name, expr, ctx)
    if binding is None and name in FUNCTIONS:
        return _builtin(name, expr, ctx)
    value = lookup(name, ctx)
    if isinstance(value, Function):
        return _call(value, expr, ctx)
    if isinstance(value, OpValue):
        positional, named = arguments(expr.args, ctx)
        applied = bind(value, positional, named)
        ctx.build.weigh(applied, expr.span)
        return applied
    if value is UNKNOWN:
        hint = hints.of_step(name, known_names(ctx), ctx)
        message = f"unknown function, block or op `{name}`"
        raise ctx.unknown(name, fail("E200", message, expr.function.span, **hint))
    raise fail("E209", f"`{name}` is {what(value)}, which cannot be called", expr.function.span)


def bind(
    value: OpValue, positional: Iterable[Given], named: Iterable[tuple[str, Given]]
) -> OpValue:
    """Partial application: positional arguments follow, named ones win over those that are there,
    however these were given.
    """
    there = list(value.args)
    places = parameters(value.callee)[: len(there)] if there else []
    merged = dict(value.named)
    for name, given in named:
        if name in places:
            there[places.index(name)] = given
        else:
            merged[name] = given
    return OpValue(value.callee, (*there, *positional), tuple(merged.items()))


def parameters(callee: Any) -> list[str]:
    """The names that the positional arguments of a block, op or shared instance have."""
    if isinstance(callee, Shared):
        return parameters(callee.callee.callee)
    if isinstance(callee, Block):
        leading = takewhile(lambda param: param.name, callee.definition.params)
        return [param.name.text for param in leading if param.name]
    fields = callee.model_fields if isinstance(callee, type) and issubclass(callee, Op) else {}
    return [name for name, info in fields.items() if name != "init" or info.is_required()]


def _builtin(name: str, expr: tree.Apply, ctx: Context) -> Value:
    positional, named = arguments(expr.args, ctx)
    if named:
        raise fail("E203", f"`{name}` takes no named arguments", named[0][1].name_span)
    values = [_plain(g, ctx) for g in positional]
    for value in values:
        ctx.build.weigh(value, expr.span)
    try:
        return bounded(FUNCTIONS[name](*values), expr.span)
    except (TypeError, AttributeError):
        shown = ", ".join(map(text, values))
        raise fail("E210", f"`{name}({shown})`: these are not its arguments", expr.span) from None
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        reason = "division by zero" if isinstance(error, ZeroDivisionError) else error
        shown = ", ".join(map(text, values))
        raise fail("E224", f"`{name}({shown})` has no result: {reason}", expr.span) from None


def _init(name: str, expr: tree.Apply, ctx: Context) -> Value:
    from pydantic import ValidationError

    positional, named = arguments(expr.args, ctx)
    if any(given.value is LOST for given in (*positional, *dict(named).values())):
        raise Lost
    rule = INITS[name]
    fields = [f for f in rule.model_fields if f != "kind"]
    if len(positional) > len(fields):
        raise fail("E207", f"`{name}` takes {len(fields)} arguments", positional[len(fields)].span)
    given = dict(zip(fields, positional, strict=False)) | dict(named)
    values = {}
    for key, g in given.items():
        if key not in fields:
            hint = did_you_mean(key, fields)
            raise fail(
                "E203", f"`{name}` has no argument `{key}`", g.name_span or g.span, help=hint
            )
        values[key] = g.value.name if isinstance(g.value, Symbol) else g.value
    try:
        return rule(**values)
    except ValidationError as error:
        first = error.errors()[0]
        at = (
            given[str(first["loc"][0])].span
            if first["loc"] and first["loc"][0] in given
            else expr.span
        )
        if first["type"] == "literal_error":
            words = typing.get_args(rule.model_fields[str(first["loc"][0])].annotation)
            got = first["input"]
            raise fail(
                "E223",
                f"`{first['loc'][0]}` must be one of {' | '.join(words)}, got `{got}`",
                at,
                help=did_you_mean(str(got), words),
            ) from None
        raise fail("E210", f"`{name}`: {first['msg']}", at) from None


def _call(function: Function, expr: tree.Apply, ctx: Context) -> Value:
    definition = function.definition
    positional, named = arguments(expr.args, ctx)
    if named or len(positional) != len(definition.params):
        names = ", ".join(p.text for p in definition.params)
        few = len(positional) + len(named) < len(definition.params)
        labels = (Label(definition.name.span, "defined here"),)
        message = f"`{definition.name.text}` takes exactly ({names})"
        raise fail("E206" if few else "E207", message, expr.span, labels=labels)
    if any(a is function for a in ctx.build.active):
        raise fail("E213", f"the function `{definition.name.text}` calls itself", expr.span)
    env = Env(function.env.scope, function.env)
    for param, given in zip(definition.params, positional, strict=True):
        env.bindings[param.text] = Binding(_plain(given, ctx), given.span)
    ctx.build.active.append(function)
    try:
        return evaluate(definition.value, _with(ctx, env))
    finally:
        ctx.build.active.pop()


def _with(ctx: Context, env: Env) -> Context:
    return Context(ctx.build, env, ctx.frame, ctx.train)

"""Statements that name values, demand them, or give what calls leave out."""

from __future__ import annotations

from resdsl.diagnostics import Label
from resdsl.elaborate import steps
from resdsl.elaborate.application import arguments
from resdsl.elaborate.bind import check_default
from resdsl.elaborate.context import Context, Defaults
from resdsl.elaborate.evaluate import evaluate, interpolate, truth
from resdsl.elaborate.values import Binding, Function, OpValue, Shared, fail, what
from resdsl.ir.builder import Handle, Tensor
from resdsl.syntax import tree

Flow = Tensor | None


def let(node: tree.Let, ctx: Context, current: Flow) -> Flow:
    """`let n = (depth - 2) / 6`."""
    ctx.env.bindings[node.name.text] = Binding(
        evaluate(node.value, ctx), node.name.span, node.value
    )
    return current


def let_function(node: tree.LetFunction, ctx: Context, current: Flow) -> Flow:
    """`let ch(c) = divisible(c * width, 8)`."""
    ctx.env.bindings[node.name.text] = Binding(Function(node, ctx.env), node.name.span)
    return current


def share(node: tree.Share, ctx: Context, current: Flow) -> Flow:
    """`share tower = conv_bn_act(64)`: every use is the one instance."""
    value = evaluate(node.value, ctx)
    if not isinstance(value, OpValue):
        raise fail("E209", f"`share` takes a block or op, got {what(value)}", node.value.span)
    name = node.name.text
    handle = Handle(ctx.draft, steps.member(name, node.name.span, ctx))
    shared = Shared(name, value, handle, node.name.span)
    ctx.env.bindings[name] = Binding(OpValue(shared), node.name.span)
    return current


def require(node: tree.Require, ctx: Context, current: Flow) -> Flow:
    """`require depth in [18, 34], "..."`."""
    if truth(node.condition, ctx):
        return current
    from resdsl.elaborate import repairs

    condition = node.condition
    said = f": {interpolate(node.message, ctx)}" if node.message else ""
    values, origins = repairs.of_condition(condition, ctx)
    place, labels = condition.span, list[Label]()
    if len(origins) == 1:  # whoever gave the one value it depends on can mend it
        place = origins.pop()
        labels.append(Label(condition.span, "required here"))
    notes = (f"with {values}",) if values else ()
    message = f"`{condition.span.text}` does not hold{said}"
    raise fail("E401", message, place, labels=tuple(labels), notes=notes)


def default(node: tree.Default, ctx: Context, current: Flow) -> Flow:
    """`default bn(eps=1e-3), conv(bias=false)`: to the end of these braces."""
    for call in node.calls:
        value = steps.callee(call, ctx)
        positional, named = arguments(call.args or (), ctx)
        check_default(value.callee, positional, named, ctx)
        entry = OpValue(value.callee, tuple(positional), tuple(named))
        ctx.frame.defaults = Defaults(entry, ctx.frame.defaults)
    return current

"""Statements of a model's top level alone: parameters, inputs, promises, how weights begin."""

from __future__ import annotations

from resdsl.diagnostics import Label
from resdsl.elaborate import statements
from resdsl.elaborate.context import Context, ModelState
from resdsl.elaborate.evaluate import evaluate
from resdsl.elaborate.types import coerce, infer, members, no_type
from resdsl.elaborate.values import Binding, fail, text, what
from resdsl.ir.builder import Tensor
from resdsl.ir.init import Constant, _Rule
from resdsl.ir.shape import show
from resdsl.source import Span
from resdsl.syntax import tree

Flow = Tensor | None


def _state(ctx: Context, span: Span) -> ModelState:
    if ctx.frame.model is None:
        raise fail("E123", "this statement has a meaning only at the top of a model", span)
    return ctx.frame.model


def param(node: tree.Param, ctx: Context, current: Flow) -> Flow:
    """`param depth: 18|34 = 34`: set from outside, by an alias, or by default."""
    state = _state(ctx, node.span)
    assert node.name is not None
    name, type_ = node.name.text, node.type or infer(node.default)
    if wrong := no_type(type_):
        raise wrong
    if name in state.params:
        there = ctx.env.bindings[name].span
        labels = (Label(there, "first defined here"),) if there else ()
        message = f"the parameter `{name}` is defined twice"
        raise fail("E205", message, node.name.span, labels=labels)
    given = state.settings.get(name)
    if given is not None:
        value = coerce(given.value, type_, name, given.span, declared=node.span)
    elif node.default is not None:
        value = evaluate(node.default, ctx, members(type_, name))
        value = coerce(value, type_, name, node.default.span)
    else:
        raise fail(
            "E214",
            f"the parameter `{name}` has no value",
            node.name.span,
            help=f"give one: `--set {name}=...`",
        )
    state.params[name] = value
    origin = given.written if given is not None else None
    ctx.env.bindings[name] = Binding(value, node.name.span, origin=origin)
    return current


def input(node: tree.InputStatement, ctx: Context, current: Flow) -> Flow:
    """`input image: 3x224x224`: a tensor to start from; one input is the current tensor."""
    state = _state(ctx, node.span)
    name = node.name.text
    if node.settings:
        raise fail(
            "E203",
            f"`input` has no argument `{node.settings[0].name.text}`",
            node.settings[0].name.span,
        )
    statements.define(name, node.name.span, ctx)
    value = state.shapes.get(name) or evaluate(node.shape, ctx)
    if isinstance(value, list):
        value = [int(v) if isinstance(v, float) and v == int(v) else v for v in value]
    if (
        not isinstance(value, list)
        or not 1 <= len(value) <= 3
        or not all(type(v) is int and 0 < v <= 10**6 for v in value)
    ):
        from resdsl.elaborate import repairs

        raise fail(
            "E210",
            f"an input's shape is one to three whole numbers up to a million, got {text(value)}",
            node.shape.span,
            help=repairs.of_shape(name, node.shape, value),
        )
    if state.given is None:
        tensor = ctx.draft.add_input(name, tuple(value))
    else:
        tensor = state.given[name]
        free = len(value) == 3
        if len(tensor.shape) != len(value) or (
            tensor.shape[0] != value[0] if free else tensor.shape != tuple(value)
        ):
            raise fail(
                "E320",
                f"the input `{name}` is {show(tuple(value))}, got {show(tensor.shape)}",
                state.call,
                labels=(Label(node.shape.span, "declared here"),),
                notes=("rank and channels must agree; height and width are free",),
            )
    state.inputs[name] = tensor
    ctx.frame.labels[name] = tensor
    return tensor if len(state.inputs) == 1 else None


def init(node: tree.InitStatement, ctx: Context, current: Flow) -> Flow:
    """`init conv = he_normal(fan_out)`."""
    state = _state(ctx, node.span)
    value = evaluate(node.value, ctx)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = Constant(value=float(value))
    if not isinstance(value, _Rule):
        raise fail(
            "E210",
            f"`init` takes a number or a rule such as he_normal(fan_out), got {what(value)}",
            node.value.span,
        )
    state.inits.append((node.selector.text, value, node.selector.span))
    return current


def note(node: tree.Note, ctx: Context, current: Flow) -> Flow:
    """`note paper = "..."`: kept as text."""
    value = evaluate(node.value, ctx)
    _state(ctx, node.span).notes[node.name.text] = value if isinstance(value, str) else text(value)
    return current


def expect(node: tree.Expect, ctx: Context, current: Flow) -> Flow:
    """`expect params == 25_557_032`: looked at when the net is counted."""
    _state(ctx, node.span).expects.append((node, ctx.env))
    return current


def drop(node: tree.Drop, ctx: Context, current: Flow) -> Flow:
    """Only the braces of a derived model take it; elsewhere it is refused."""
    raise fail(
        "E123",
        "`drop` belongs in the braces of a derived model",
        node.span,
        help="model b = a { drop head }",
    )

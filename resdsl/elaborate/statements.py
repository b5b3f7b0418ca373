"""Bodies and their statements. Every line maps the current tensor to the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

from resdsl.diagnostics import Label, ResdslError, did_you_mean
from resdsl.elaborate import declarations, definitions, hints, steps
from resdsl.elaborate.application import argument
from resdsl.elaborate.blame import Gathered, lost, no_tensor, turn
from resdsl.elaborate.context import Context
from resdsl.elaborate.derive import Derived
from resdsl.elaborate.evaluate import each, evaluate, interpolate, truth
from resdsl.elaborate.types import named
from resdsl.elaborate.values import (
    LOST,
    Binding,
    Env,
    Given,
    Lost,
    fail,
    text,
)
from resdsl.ir.builder import Tensor
from resdsl.ir.graph import Output, Statement
from resdsl.source import Span
from resdsl.syntax import tree

Flow = Tensor | None
_LEVEL = re.compile(r"[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*(\.[0-9]+)?")
"""What a label may be in quotes: a level of a path, or an item of a list, `convs.0`."""


def run(body: tuple[tree.Statement, ...], ctx: Context, current: Flow) -> Flow:
    """The current tensor after the body; an empty body is the identity. Raises all its errors."""
    rules, gathered = _rules(), Gathered()
    for statement_ in body:
        try:
            current = rules[type(statement_)](statement_, ctx, current)
        except ResdslError as error:
            gathered.add(error)
            if isinstance(statement_, tree.Require):
                break  # it guards what follows
            _lose(statement_, ctx)
            current = LOST
    return gathered.result(current)


def _lose(node: tree.Statement, ctx: Context) -> None:
    """What a statement that failed would have defined is there, and nothing is known of it."""
    state = ctx.frame.model
    if isinstance(node, tree.Let | tree.LetFunction | tree.Share | tree.Param) and node.name:
        ctx.env.bindings[node.name.text] = Binding(LOST, node.name.span)
        if state is not None and isinstance(node, tree.Param):
            state.params.setdefault(node.name.text, LOST)
    elif isinstance(node, tree.OutputStatement | tree.InputStatement):
        ctx.frame.labels.setdefault(node.name.text, LOST)
        if state is not None and isinstance(node, tree.InputStatement):
            state.inputs.setdefault(node.name.text, LOST)
    elif isinstance(node, tree.Chain) and isinstance(node.steps[0], tree.CallStep):
        for setting in node.steps[0].modifiers:  # of `paramm classes = 10`
            if isinstance(setting, tree.Setting) and node.steps[0].args is None:
                ctx.env.bindings[setting.name.text] = Binding(LOST, setting.name.span)
    elif isinstance(node, tree.Labelled):
        with Gathered():
            ctx.frame.labels.setdefault(_label(node.label, ctx), LOST)
    elif isinstance(node, tree.If | tree.For) or (
        isinstance(node, tree.Broken) and '"' in node.span.text
    ):
        ctx.frame.torn = True


def run_model(body: tuple[tree.Statement, ...], ctx: Context) -> Tensor:
    """A model's body, its overrides in place; complains of settings and overrides that nothing
    took.
    """
    state = ctx.frame.model
    assert state is not None
    gathered = Gathered()
    current: Flow = LOST
    with gathered:
        current = run(body, ctx, None)
    for name, given in state.settings.items():
        if name not in state.params and not ctx.env.scope.hides(name):
            hint = did_you_mean(name, state.params)
            hint = hint or hints.listed("its parameters are", state.params)
            hint = hint or "it has none: `param NAME` declares one"
            with gathered:
                message = f"the model has no parameter `{name}`"
                raise fail("E211", message, given.name_span, help=hint)
    labels = [name for name in (*ctx.frame.labels, *state.used) if name not in state.inputs]
    replaced = {name: _label_span(node) for name, node in state.overrides.items()}
    for name, span in (replaced | state.drops).items():
        if name not in state.used:
            what_ = "drop" if name in state.drops else "override"
            with gathered:
                message, hint = f"there is no `{name}` to {what_}", did_you_mean(name, labels)
                hint = hint or hints.listed("its labels are", labels)
                raise ctx.unknown(name, fail("E212", message, span, help=hint), ctx.frame)
    gathered.result(current)
    if current is None:
        outs = state.outputs
        if not outs and ctx.env.scope.is_torn:
            raise Lost
        if not outs:
            model = next(d for d in reversed(ctx.build.active) if isinstance(d, tree.ModelDef))
            raise fail(
                "E312",
                "this model has no step",
                body[0].span if body else model.name.span if model.name.span.text else None,
                help="begin with `input image: 3x224x224`",
            )
        value = outs[0].value
        return Tensor(ctx.draft, (value,), ctx.draft.shapes[value])
    return current


def _label_span(node: tree.Labelled | tree.OutputStatement) -> Span:
    return node.name.span if isinstance(node, tree.OutputStatement) else node.label.span


def settings_of(derived: Derived, ctx: Context) -> dict[str, Given]:
    """What the aliases set, the outermost winning."""
    found: dict[str, Given] = {}
    for setting, scope in derived.settings:
        outer = Context(ctx.build, Env(scope), ctx.frame)
        found[setting.name.text] = Given(
            argument(setting.value, outer), setting.value.span, setting.name.span
        )
    return found


@contextmanager
def statement(
    ctx: Context, name: str, span: Span, stage: bool = False
) -> Iterator[Callable[[Flow], None]]:
    """Record which nodes of the draft one line made, where this body's lines are the draft's
    statements.
    """
    draft, start = ctx.draft, len(ctx.draft.nodes)
    ends: list[Flow] = []
    yield ends.append
    if not ctx.record or len(draft.nodes) == start:
        return
    end = ends[-1] if ends else None
    value = (
        end.ref[0] if end and end.draft is draft and len(end.ref) == 1 else draft.nodes[-1].output
    )
    draft.statements.append(
        Statement(
            name=name,
            start=start,
            stop=len(draft.nodes),
            value=value,
            stage=stage,
            line=span.source.position(span.start)[0],
            source=span.source.name,
        )
    )


def title(steps_: tuple[tree.Step, ...]) -> str:
    """What an unlabelled line is called in tables: its steps."""
    names = {tree.CallStep: lambda s: s.name, tree.MergeStep: lambda s: s.call.name}
    shown = [
        names[type(s)](s) if type(s) in names else "{}"
        for s in steps_
        if not isinstance(s, tree.TapStep)
    ]
    return " -> ".join(shown)


# ---------------------------------------------------------------- dataflow


def _chain(node: tree.Chain, ctx: Context, current: Flow) -> Flow:
    with statement(ctx, title(node.steps), node.span) as done:
        current = steps.chain(node.steps, ctx, current)
        done(current)
    return current


def _labelled(node: tree.Labelled, ctx: Context, current: Flow) -> Flow:
    gathered = Gathered()
    with gathered:
        label = _label(node.label, ctx)
    if gathered.lost:
        with gathered:
            steps.chain(node.chain.steps, ctx, LOST)
        raise lost(gathered.found)
    state = ctx.frame.model
    if state is not None:
        if label in state.drops:
            state.used.add(label)
            return current
        override = state.overrides.get(label)
        if override is not None and override is not node:
            state.used.add(label)
            if isinstance(override, tree.Labelled) and node.stage:
                override = replace(override, stage=True)  # what stands in for a stage is one
                state.overrides[label] = override
            return run((override,), ctx, current)
    return _put(label, node, ctx, current)


def _put(label: str, node: tree.Labelled, ctx: Context, current: Flow) -> Tensor:
    """The chain of a labelled line that is neither replaced nor dropped, under its label."""
    define(label, node.label.span, ctx)
    with statement(ctx, label, node.span, node.stage) as done:
        result = steps.labelled(
            label, node.chain.steps, node.label.span, ctx, current, "stage " * node.stage + label
        )
        if result is None:
            raise no_tensor(node.span, ctx)
        done(result)
    ctx.frame.labels[label] = result
    return result


def _label(label: tree.LabelText, ctx: Context) -> str:
    if isinstance(label, tree.Ident):
        return label.text
    name = interpolate(label, ctx)
    if not _LEVEL.fullmatch(name):
        said = f"a label has letters, digits, `_` and, inside, `-` or a last `.0`, got `{name}`"
        raise fail("E101", said, label.span)
    return name


def define(label: str, span: Span, ctx: Context) -> None:
    """A label is new in its body."""
    if label == "in":
        raise fail("E114", "`in` is not a label: `@in` is what a block was called on", span)
    spans = ctx.frame.spans
    if label in spans:
        there = (Label(spans[label], "first defined here"),) if spans[label] != span else ()
        raise fail(
            "E205",
            f"`{label}` is defined twice",
            span,
            labels=there,
            help=hints.of_label(label, span, spans[label], ctx),
        )
    spans[label] = span


def _output(node: tree.OutputStatement, ctx: Context, current: Flow) -> Flow:
    """`output logits` publishes; `output aux: chain` is a side branch, and the current tensor
    stays.
    """
    name, state = node.name.text, ctx.frame.model
    if state is not None:
        override = state.overrides.get(name)
        if override is not None and override is not node:
            state.used.add(name)
            return run((override,), ctx, current)
        if name in state.drops:
            state.used.add(name)
            return current
    train, weight = _output_settings(node, ctx)
    if train and (state is None or not state.root):
        return current  # a part of another net trains by that net's outputs
    inner = Context(ctx.build, ctx.env, ctx.frame, ctx.train or train, ctx.record)
    result = current
    if node.chain is not None:
        result = _put(name, tree.Labelled(node.span, node.name, node.chain), inner, current)
    if result is None:
        raise no_tensor(node.name.span, ctx)
    if result is LOST:
        raise Lost
    ctx.frame.labels.setdefault(name, result)
    if state is not None and state.root:
        if name in state.output_spans:
            raise fail(
                "E205",
                f"the output `{name}` is defined twice",
                node.name.span,
                labels=(Label(state.output_spans[name], "first defined here"),),
            )
        state.output_spans[name] = node.name.span
        value = ctx.draft.use(result)
        state.outputs.append(Output(name=name, value=value, train=train, loss_weight=weight))
    return current


def _output_settings(node: tree.OutputStatement, ctx: Context) -> tuple[bool, float | None]:
    train, weight = False, None
    for setting in node.settings:
        if setting.name.text == "when":
            train = evaluate(setting.value, ctx, named(("train", "always"), "when")) == "train"
        elif setting.name.text == "loss_weight":
            weight = evaluate(setting.value, ctx)
            if isinstance(weight, bool) or not isinstance(weight, int | float):
                raise fail(
                    "E210", f"`loss_weight` takes a number, got {text(weight)}", setting.value.span
                )
            weight = float(weight)
        else:
            raise fail(
                "E203",
                f"`output` has no argument `{setting.name.text}`",
                setting.name.span,
                help=hints.of_argument(setting.name.text, ("loss_weight", "when")),
            )
    return train, weight


def _if(node: tree.If, ctx: Context, current: Flow) -> Flow:
    gathered = Gathered()
    with gathered:
        body = node.then if truth(node.condition, ctx) else node.otherwise
    if not gathered.lost:
        return run(body, ctx.inner(), current)
    for body in (node.then, node.otherwise):
        with gathered, ctx.apart():
            run(body, ctx.inner(), LOST)
    return gathered.result(LOST)


def _for(node: tree.For, ctx: Context, current: Flow) -> Flow:
    gathered, contexts = Gathered(), list[Context]()
    with gathered:
        contexts = each(node.names, node.items, ctx)
    if gathered.lost:
        with gathered, ctx.apart():
            run(node.body, ctx.unknowing(node.names), LOST)
    for inner in contexts:
        with ctx.braces(), turn(node.names, inner):
            current = run(node.body, inner, current)
    return gathered.result(current)


def _broken(node: tree.Broken, ctx: Context, current: Flow) -> Flow:
    raise Lost  # the parser has told


@cache
def _rules() -> dict[type, Callable[[Any, Context, Flow], Flow]]:
    """One rule a class of statement."""
    return {
        tree.Chain: _chain,
        tree.Labelled: _labelled,
        tree.OutputStatement: _output,
        tree.If: _if,
        tree.For: _for,
        tree.Let: definitions.let,
        tree.LetFunction: definitions.let_function,
        tree.Share: definitions.share,
        tree.Require: definitions.require,
        tree.Default: definitions.default,
        tree.Param: declarations.param,
        tree.InputStatement: declarations.input,
        tree.InitStatement: declarations.init,
        tree.Note: declarations.note,
        tree.Expect: declarations.expect,
        tree.Drop: declarations.drop,
        tree.Broken: _broken,
    }

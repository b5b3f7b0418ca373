"""Chains and their steps: calls, repeats, merges, groups and taps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from resdsl import limits
from resdsl.diagnostics import Label
from resdsl.elaborate import advice, hints, merge, statements
from resdsl.elaborate.application import argument, arguments, bind
from resdsl.elaborate.blame import Gathered, instance, no_tensor
from resdsl.elaborate.context import Context, Frame
from resdsl.elaborate.evaluate import evaluate, whole
from resdsl.elaborate.expand import Applied, apply, attach, region
from resdsl.elaborate.library import Model
from resdsl.elaborate.values import (
    LOST,
    Block,
    Env,
    Given,
    Lost,
    OpValue,
    Shared,
    fail,
    what,
)
from resdsl.ir.builder import Draft, Tensor
from resdsl.source import Span
from resdsl.syntax import tree

Flow = Tensor | None


def chain(steps: tuple[tree.Step, ...], ctx: Context, current: Flow) -> Flow:
    """The tensor at the end of a chain."""
    gathered = Gathered()
    for step in steps:
        before, current = current, LOST
        with gathered:
            current = run_step(step, ctx, before)
    return gathered.result(current)


def run_step(step: tree.Step, ctx: Context, current: Flow) -> Flow:
    """One unlabelled step, in the scope of its body."""
    if isinstance(step, tree.TapStep):
        return tapped(step, ctx)
    if isinstance(step, tree.MergeStep):
        return merge.merge(step, ctx, current)
    repeat, first, settings = modifiers(step)
    if isinstance(step, tree.GroupStep):
        if first or settings:
            raise fail("E203", "a group has no arguments", (first or settings[0]).span)
        if repeat is None:
            with ctx.braces():
                return statements.run(step.body, replace(ctx.inner(), record=False), current)
        return repeated(
            whole_count(repeat, ctx),
            ctx,
            current,
            lambda _, x, name: group(step.body, ctx, x, name, step.span),
        )
    use = call(step, settings, ctx)
    if repeat is None:
        return apply(with_stride(use, first, ctx) if first else use, current, ctx)
    n = whole_count(repeat, ctx)
    result = repeated_call(use, n, first, ctx, current)
    advice.of_repeat(use, n, current, result, ctx)
    return result


def labelled(
    label: str,
    steps: tuple[tree.Step, ...],
    span: Span,
    ctx: Context,
    current: Flow,
    title: str = "",
) -> Flow:
    """A chain whose output has a name: one op or call wears it itself, anything longer opens a
    scope of that name.
    """
    (step, *more) = steps
    if isinstance(step, tree.TapStep):  # where a chain starts is no part of what it does
        current = tapped(step, ctx)
        if not more:
            return current
        steps = steps[1:]
        (step, *more) = steps
    if not more and isinstance(step, tree.CallStep):
        repeat, first, settings = modifiers(step)
        if repeat is None:
            use = call(step, settings, ctx)
            use = with_stride(use, first, ctx) if first else use
            if isinstance(use.callee, Shared) or current is LOST:
                return apply(use, current, ctx)
            return apply(use, current, ctx, name=member(label, span, ctx))
    ctx.build.tick(span, 20)
    draft = Draft("scope", parent=ctx.draft)
    inner = _scope(draft, ctx)
    inner.frame.title = title
    if not more and isinstance(step, tree.GroupStep) and not step.modifiers:
        result = statements.run(step.body, inner, current)
    else:
        gathered, result = Gathered(), current
        for step in steps:
            before, result = result, LOST
            with (
                gathered,
                statements.statement(inner, statements.title((step,)), step.span) as done,
            ):
                result = run_step(step, inner, before)
                done(result)
        gathered.result(result)
    if result is None:
        raise no_tensor(span, ctx)
    draft.close(result, dict(inner.frame.labels))
    return attach(draft, [], member(label, span, ctx), span, ctx)


def group(
    body: tuple[tree.Statement, ...], ctx: Context, current: Flow, name: str, span: Span
) -> Tensor:
    """One instance of a repeated group: a scope of its own."""
    ctx.build.tick(span, 20)
    draft = Draft("scope", parent=ctx.draft)
    inner = _scope(draft, ctx)
    result = statements.run(body, inner, current)
    if result is None:
        raise no_tensor(span, ctx)
    draft.close(result, dict(inner.frame.labels))
    return attach(draft, [], name, span, ctx)


def _scope(draft: Draft, ctx: Context) -> Context:
    frame = Frame(
        draft, ctx.frame.defaults, parent=ctx.frame, inside=ctx.frame.inside, rest=ctx.frame.rest
    )
    return Context(ctx.build, Env(ctx.env.scope, ctx.env), frame, record=True)


def member(label: str, span: Span, ctx: Context) -> str:
    """Take `label` in the draft's names. A label of an inlined block gives way, with a number; of
    the body's own, it must be new.
    """
    names = ctx.draft.names
    if "." in label:
        return _item(label, span, ctx)
    if not ctx.frame.inlined:
        ctx.draft.give_way(label)
    if label not in names:
        names[label] = span
        if ctx.frame.inlined:
            ctx.draft.yielding.add(label)
        return label
    if not ctx.frame.inlined:
        there = names[label]
        labels = (Label(there, "first defined here"),) if isinstance(there, Span) else ()
        raise fail(
            "E205",
            f"`{label}` is defined twice",
            span,
            labels=labels,
            help=hints.of_label(label, span, there, ctx),
        )
    n = 2
    while f"{label}{n}" in names:
        n += 1
    names[f"{label}{n}"] = span
    ctx.draft.yielding.add(f"{label}{n}")
    return f"{label}{n}"


def _item(label: str, span: Span, ctx: Context) -> str:
    """Take the next number of a list, whose items may stand anywhere in a body: `convs.0`. Inlined
    blocks go on where the one before stopped.
    """
    names = ctx.draft.names
    head, _, number = label.rpartition(".")
    holder, n = head, 2
    while holder in names and f"{holder}.0" not in names and ctx.frame.inlined:
        holder, n = f"{head}{n}", n + 1
    if f"{holder}.0" not in names:
        holder = member(holder, span, ctx)
    count = sum(name.startswith(f"{holder}.") for name in names)
    if number != str(count) and not ctx.frame.inlined:
        raise fail("E101", f"the next item of the list `{head}` is `{head}.{count}`", span)
    names[f"{holder}.{count}"] = span
    return f"{holder}.{count}"


# ---------------------------------------------------------------- calls


def modifiers(
    step: tree.CallStep | tree.GroupStep,
) -> tuple[tree.Repeat | None, tree.FirstStride | None, list[tree.Setting]]:
    """The repeat, the stride word and the key=values of a step; each word once."""
    repeat: tree.Repeat | None = None
    first: tree.FirstStride | None = None
    settings: list[tree.Setting] = []
    for modifier in step.modifiers:
        if isinstance(modifier, tree.Setting):
            settings.append(modifier)
            continue
        earlier = repeat if isinstance(modifier, tree.Repeat) else first
        if earlier is not None:
            said = "repeats" if isinstance(modifier, tree.Repeat) else "strides"
            raise fail(
                "E119",
                f"two {said} on one step",
                modifier.span,
                labels=(Label(earlier.span, "the first"),),
            )
        if isinstance(modifier, tree.Repeat):
            repeat = modifier
        else:
            first = modifier
    return repeat, first, settings


def whole_count(repeat: tree.Repeat, ctx: Context) -> int:
    """N of `xN`."""
    return whole(repeat.count, ctx, "a repeat", 1, limits.MAX_REPEAT)


def callee(step: tree.CallStep, ctx: Context) -> OpValue:
    """What a step's name means: an op-typed variable, then a block, then a primitive op."""
    name, span = step.name, step.path[0].span
    if len(step.path) == 1:
        binding = ctx.env.find(name)
        if binding is not None and binding.value is LOST:
            raise Lost
        if binding is not None and isinstance(binding.value, OpValue):
            return binding.value
        found = ctx.env.scope.callee(name)
        if found is not None:
            return OpValue(found)
        if binding is not None:
            raise fail(
                "E209",
                f"`{name}` is {what(binding.value)}, not a step",
                span,
                labels=(Label(binding.span, "defined here"),) if binding.span else (),
                help=hints.of_no_step(name, binding.value),
            )
    if ctx.frame.tap(name) is not None:
        raise fail("E209", f"`{name}` is a tensor, not a step", span, help=f"write `@{name}`")
    known = ctx.env.scope.names() | {
        n for n in ctx.env.visible() if isinstance(_value(n, ctx), OpValue)
    }
    if step.args is None and step.modifiers:  # `paramm classes = 10` reads as a step
        known |= hints.STATEMENTS
    at = step.path[0].span.to(step.path[-1].span)
    hint = hints.of_step(name, known, ctx)
    raise ctx.unknown(name, fail("E201", f"unknown block or op `{name}`", at, **hint))


def _value(name: str, ctx: Context) -> Any:
    binding = ctx.env.find(name)
    return binding.value if binding else None


def call(step: tree.CallStep, settings: list[tree.Setting], ctx: Context) -> Applied:
    """A step with its callee and arguments read."""
    value = callee(step, ctx)
    positional, named = arguments(step.args or (), ctx)
    seen = dict(named)
    for setting in settings:
        key = setting.name.text
        if key in seen:
            raise fail(
                "E208",
                f"`{key}` is given twice",
                setting.name.span,
                labels=(Label(seen[key].name_span or seen[key].span, "first given here"),),
            )
        seen[key] = Given(argument(setting.value, ctx), setting.value.span, setting.name.span)
    bound = bind(value, positional, seen.items())
    span = step.path[0].span if step.args is None and not step.modifiers else step.span
    rest = any(arg.is_rest for arg in step.args or ())
    return Applied(bound.callee, [*bound.args], [*bound.named], span, rest)


def with_stride(use: Applied, first: tree.FirstStride, ctx: Context) -> Applied:
    """The word `stride S`: an argument of the first instance alone."""
    for name, given in use.named:
        if name == "stride":
            raise fail(
                "E208",
                "`stride` is given twice",
                first.span,
                labels=(Label(given.name_span or given.span, "and here, for every instance"),),
            )
    given = Given(evaluate(first.value, ctx), first.value.span, first.span)
    return replace(use, named=[*use.named, ("stride", given)])


# ---------------------------------------------------------------- repeats


def repeated(n: int, ctx: Context, current: Flow, one: Callable[[int, Flow, str], Tensor]) -> Flow:
    """Instances named 0, 1, ... in the scope, each on the output of the one before."""
    ctx.build.repeats.append(n)
    try:
        for i in range(n if current is not LOST else 1):
            name = str(ctx.draft.next_index)
            while name in ctx.draft.names:
                ctx.draft.next_index += 1
                name = str(ctx.draft.next_index)
            ctx.draft.names[name] = None
            ctx.draft.next_index += 1
            current = one(i, current, name)
            ctx.frame.labels.setdefault(name, current)
    finally:
        ctx.build.repeats.pop()
    return current


def repeated_call(
    use: Applied, n: int, first: tree.FirstStride | None, ctx: Context, current: Flow
) -> Flow:
    """`f(...) xN stride S`."""
    strided = with_stride(use, first, ctx) if first else use
    if isinstance(use.callee, Shared):
        for i in range(n if current is not LOST else 1):
            current = apply(strided if i == 0 else use, current, ctx)
        return current
    if current is LOST:
        return apply(strided, current, ctx)
    if not isinstance(use.callee, Block | Model):
        return repeated(
            n, ctx, current, lambda i, x, name: apply(strided if i == 0 else use, x, ctx, name)
        )
    last: tuple[Any, Draft, list[Tensor]] | None = None

    def one(i: int, x: Flow, name: str) -> Tensor:
        # equal instances are one definition; finding that out for each would be the whole cost
        nonlocal last
        ctx.build.tick(use.span)
        shape = x.shape if x else None
        if i > 1 and last is not None and last[0] == shape and x is not None:
            return attach(last[1], [x, *last[2][1:]], name, use.span, ctx)
        with instance(use, i, ctx):
            draft, args = region(strided if i == 0 else use, x, ctx)
        last = (shape, draft, args) if x is not None and args and args[0] is x else None
        return attach(draft, args, name, use.span, ctx)

    return repeated(n, ctx, current, one)


def tapped(step: tree.TapStep, ctx: Context) -> Tensor:
    """The tensor that a chain begins with."""
    value = evaluate(step.tensor, ctx)
    if not isinstance(value, Tensor):
        raise fail("E209", f"a chain begins with a tensor, got {what(value)}", step.span)
    return value

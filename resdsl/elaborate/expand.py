"""A callee applied to a tensor: an op is appended, a block or a model is expanded, in place or as a
region of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from resdsl.diagnostics import Label, ResdslError
from resdsl.elaborate import advice, statements
from resdsl.elaborate.application import bind
from resdsl.elaborate.bind import bind_block, make_op
from resdsl.elaborate.blame import Gathered, expanding, lost, no_tensor, places
from resdsl.elaborate.context import Context, Defaults, Frame, ModelState, Rest
from resdsl.elaborate.derive import derive
from resdsl.elaborate.formals import args_of, each_tensor, plain, replace_tensors
from resdsl.elaborate.library import Model
from resdsl.elaborate.values import (
    LOST,
    UNKNOWN,
    Block,
    Env,
    Given,
    Lost,
    OpValue,
    Shared,
    fail,
    freeze,
)
from resdsl.ir.builder import Draft, Tensor
from resdsl.ir.graph import Arg
from resdsl.ir.op import Op
from resdsl.source import Span
from resdsl.syntax import tree


@dataclass(slots=True)
class Applied:
    """A callee with its arguments, ready to be applied: what a step comes to once its words are
    read.
    """

    callee: Any
    positional: list[Given]
    named: list[tuple[str, Given]]
    span: Span
    rest: bool = False  # `...` is among its arguments

    @property
    def name(self) -> str:
        return OpValue(self.callee).name


def apply(
    use: Applied,
    current: Tensor | None,
    ctx: Context,
    name: str | None = None,
    shared: Shared | None = None,
    branches: list[Tensor] | None = None,
) -> Tensor:
    """The output of `use` on `current`. With a `name` a block becomes a region called so; without,
    it is inlined.
    """
    callee = use.callee
    ctx.build.tick(use.span, 8)
    if isinstance(callee, Shared):
        bound = bind(callee.callee, use.positional, use.named)
        use = Applied(bound.callee, [*bound.args], [*bound.named], use.span)
        return apply(use, current, ctx, callee.name, callee)
    if isinstance(callee, type):
        return _append(callee, use, current, ctx, name, shared, branches)
    if branches is not None:
        raise fail(
            "E209",
            f"`{use.name}` does not merge branches",
            use.span,
            help="add, concat, mul and maximum do",
        )
    if current is LOST:
        raise _probed(use, ctx)
    try:
        if name is None:
            return _inline(use, current, ctx)
        draft, args = region(use, current, ctx)
        if use.rest:
            hand(draft.args, ctx)
        return attach(draft, args, name, use.span, ctx, shared)
    except ResdslError as error:
        if current is None and [d.code for d in error.diagnostics[:1]] == ["E312"]:
            raise no_tensor(use.span, ctx) from None  # here, not somewhere inside the block
        raise


def attach(
    draft: Draft,
    args: list[Tensor],
    name: str,
    span: Span,
    ctx: Context,
    shared: Shared | None = None,
) -> Tensor:
    """A closed draft as a node here; one that owns no weights is no scope: its nodes come in
    directly.
    """
    ctx.build.grow(span)
    handle = shared.handle if shared else None
    if not draft.stateful:
        return ctx.draft.splice(draft, args, name, ctx.train)
    with places(span, {}, ctx, shared):
        output = ctx.draft.append_call(draft, args, name, ctx.train, handle)
    ctx.draft.nodes[-1].span = span
    return output


# ---------------------------------------------------------------- ops


def _append(
    op: type[Op],
    use: Applied,
    current: Tensor | None,
    ctx: Context,
    name: str | None,
    shared: Shared | None,
    branches: list[Tensor] | None,
) -> Tensor:
    ctx.build.grow(use.span)
    made, tensors, given = make_op(op, (use.positional, use.named), use.span, ctx)
    if branches is not None and not op.merges:
        raise fail(
            "E209",
            f"`{op.kind}` does not merge branches",
            use.span,
            help="add, concat, mul and maximum do",
        )
    if branches is None and current is None and not (op.merges and tensors):
        raise no_tensor(use.span, ctx)
    if current is LOST and branches is None:
        raise Lost
    if use.rest:
        hand(((k, plain(getattr(made, k))) for k in given), ctx)
    inputs = branches if branches is not None else [t for t in (current, *tensors) if t is not None]
    handle = shared.handle if shared else None
    with places(use.span, given, ctx, shared, made, inputs):
        output = ctx.draft.append(made, inputs, name, ctx.train, handle)
    ctx.draft.nodes[-1].span = use.span
    advice.of_op(made, inputs, use.span, given, ctx)
    return output


# ---------------------------------------------------------------- blocks and models


def _probed(use: Applied, ctx: Context) -> ResdslError:
    """What can be said of a block on a lost tensor: its arguments are looked at, and of each call
    that the text has, its body.
    """
    block = use.callee
    if not isinstance(block, Block):
        return Lost()
    gathered = Gathered()
    with gathered, expanding(block, use, ctx):
        frame = Frame(Draft("lost"), ctx.frame.defaults, inside=LOST)
        inner = Context(ctx.build, Env(block.scope), frame, ctx.train)
        frame.rest = bind_block(block, (use.positional, use.named), use.span, inner, ctx)
        if use.span not in ctx.build.probed:
            ctx.build.probed.add(use.span)
            statements.run(block.definition.body, inner, LOST)
    return lost(gathered.found)


def _inline(use: Applied, current: Tensor | None, ctx: Context) -> Tensor:
    """The body of a block or model in the draft of its caller: unlabelled, it opens no scope."""
    start = len(ctx.draft.nodes)
    with expanding(use.callee, use, ctx):
        inner = Context(ctx.build, Env(use.callee.scope), _inlined(current, ctx), ctx.train)
        if isinstance(use.callee, Model):
            inner.frame.model = _model_state(use, current, ctx)
            inner.frame.defaults = Defaults()
            derived = derive(use.callee)
            inner.env.scope = derived.scope
            result = statements.run_model(derived.body, inner)
            ctx.draft.inits += [(s, i) for s, i, _ in inner.frame.model.inits]
            return _labelled(result, inner.frame)
        inner.frame.rest = bind_block(use.callee, (use.positional, use.named), use.span, inner, ctx)
        flow = statements.run(use.callee.definition.body, inner, current)
        if use.rest:
            hand(args_of(use.callee, inner.env, inner.frame.handed), ctx)
    if flow is None:
        raise no_tensor(use.span, ctx)
    if use.callee is ctx.build.library.std_block(use.name):  # its author sees the call alone
        for node in ctx.draft.nodes[start:]:
            node.span = use.span
    return _labelled(flow, inner.frame)


def hand(args: Iterable[tuple[str, Arg]], ctx: Context) -> None:
    """Note what the callee of `f(...)` made of it: those are parameters of this block, too."""
    rest = ctx.frame.rest
    declared = ctx.env.bindings
    for name, value in args if rest is not None else ():
        if name not in declared:
            ctx.frame.handed.setdefault(name, value)


def _labelled(result: Tensor, frame: Frame) -> Tensor:
    return Tensor(result.draft, result.ref, result.shape, dict(frame.labels))


def _inlined(current: Tensor | None, ctx: Context) -> Frame:
    """The frame of a body whose ops and labels land in the draft of its caller."""
    return Frame(ctx.draft, ctx.frame.defaults, inside=current, inlined=True)


def region(use: Applied, current: Tensor | None, ctx: Context) -> tuple[Draft, list[Tensor]]:
    """The closed draft of a block or model for these arguments (from the memo, if they came
    before), and the tensors to call it on.
    """
    if isinstance(use.callee, Model):
        return _model_region(use, current, ctx)
    block: Block = use.callee
    with expanding(block, use, ctx):
        env = Env(block.scope)
        outer = Context(ctx.build, env, _inlined(current, ctx), ctx.train)
        rest = bind_block(block, (use.positional, use.named), use.span, outer, ctx)
        tensors: list[Tensor] = [] if current is None else [current]
        values = {k: b.value for k, b in env.bindings.items()}
        for value in (
            *values.values(),
            *(g.value for g in rest.args),
            *(g.value for _, g in rest.named),
        ):
            if isinstance(value, list | OpValue):
                ctx.build.weigh(value, use.span)
        key = (
            block,
            current and current.shape,
            id(ctx.frame.defaults),
            *map(freeze, values.values()),
            *(freeze(g.value) for g in rest.args),
            *((k, freeze(g.value)) for k, g in rest.named),
        )
        memo = ctx.build.memo
        draft = memo.get(key)
        if draft is not None:
            for value in [
                *values.values(),
                *(g.value for g in rest.args),
                *(g.value for _, g in rest.named),
            ]:
                each_tensor(value, tensors)
            return draft, tensors
        ctx.build.tick(use.span, 20)
        draft = Draft("block", block.name)
        inside = None if current is None else draft.add_input("in", current.shape)

        def formal(name: str) -> Callable[[Tensor], Tensor]:
            def make(tensor: Tensor) -> Tensor:
                tensors.append(tensor)
                return draft.add_input(name, tensor.shape)

            return make

        for name, binding in env.bindings.items():
            binding.value = replace_tensors(binding.value, formal(name))
        rest = Rest(
            tuple(replace(g, value=replace_tensors(g.value, formal("x"))) for g in rest.args),
            tuple(
                (k, replace(g, value=replace_tensors(g.value, formal(k)))) for k, g in rest.named
            ),
        )
        frame = Frame(draft, ctx.frame.defaults, inside=inside, rest=rest)
        inner = Context(ctx.build, env, frame, record=True)
        result = statements.run(block.definition.body, inner, inside)
        if result is None:
            raise no_tensor(use.span, ctx)
        draft.close(result, {k: v for k, v in frame.labels.items() if v.draft is draft})
        draft.args = args_of(block, env, frame.handed)
        memo[key] = draft
        ctx.build.keep += [ctx.frame.defaults, use]
    return draft, tensors


def _model_state(use: Applied, current: Tensor | None, ctx: Context) -> ModelState:
    """A model as a step: its first input takes the current tensor, the others come by name, as its
    parameters do.
    """
    derived = derive(use.callee)
    declared = [s for s in derived.definition.body if isinstance(s, tree.InputStatement)]
    inputs: dict[str, Tensor] = {}
    settings: dict[str, Given] = statements.settings_of(derived, ctx)
    for name, given in use.named:
        if any(s.name.text == name for s in declared):
            if given.value is LOST:
                raise Lost
            if not isinstance(given.value, Tensor):
                raise fail(
                    "E320",
                    f"the input `{name}` takes a tensor",
                    given.span,
                    help=f"write `{name}=@...`",
                )
            inputs[name] = given.value
        else:
            settings[name] = given
    if use.positional:
        raise fail(
            "E207", f"the model `{use.name}` takes its arguments by name", use.positional[0].span
        )
    if declared and current is not None:
        inputs.setdefault(declared[0].name.text, current)
    for statement in declared:
        if statement.name.text not in inputs:
            raise fail(
                "E320",
                f"`{use.name}` needs its input `{statement.name.text}`",
                use.span,
                labels=(Label(statement.name.span, "declared here"),),
            )
    inputs = {s.name.text: inputs[s.name.text] for s in declared}
    return ModelState(
        settings, derived.overrides, derived.drops, {}, given=inputs, call=use.span, root=False
    )


def _model_region(use: Applied, current: Tensor | None, ctx: Context) -> tuple[Draft, list[Tensor]]:
    model: Model = use.callee
    with expanding(model, use, ctx):
        state = _model_state(use, current, ctx)
        assert state.given is not None
        tensors = list(state.given.values())
        key = (
            model,
            *((k, t.shape) for k, t in state.given.items()),
            *(
                (k, freeze(g.value))
                for k, g in sorted(state.settings.items(), key=lambda kv: kv[0])
            ),
        )
        draft = ctx.build.memo.get(key)
        if draft is not None:
            return draft, tensors
        draft = Draft("model", model.name)
        state.given = {k: draft.add_input(k, t.shape) for k, t in state.given.items()}
        derived = derive(model)
        frame = Frame(draft, Defaults(), model=state)
        inner = Context(ctx.build, Env(derived.scope), frame, record=True)
        result = statements.run_model(derived.body, inner)
        draft.close(result, {k: v for k, v in frame.labels.items() if v.draft is draft})
        draft.args = tuple(
            (k, a) for k, v in state.params.items() if (a := plain(v)) is not UNKNOWN
        )
        draft.inits = [(s, i) for s, i, _ in state.inits]
        ctx.build.memo[key] = draft
        ctx.build.keep.append(use)
    return draft, tensors

"""A callee applied to a tensor: an op is appended, a block or a model is expanded, in place or as a
region of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from resdsl import limits
from resdsl.diagnostics import Label, ResdslError, RuleError
from resdsl.elaborate import statements
from resdsl.elaborate.bind import bind_block, make_op
from resdsl.elaborate.context import Context, Defaults, Frame, ModelState, Rest
from resdsl.elaborate.derive import derive
from resdsl.elaborate.formals import args_of, each_tensor, plain, replace_tensors
from resdsl.elaborate.library import Model
from resdsl.elaborate.values import (
    UNKNOWN,
    Block,
    Env,
    Given,
    OpValue,
    Shared,
    fail,
    freeze,
)
from resdsl.ir.builder import Draft, SharedMismatch, Tensor
from resdsl.ir.graph import Arg
from resdsl.ir.op import Op
from resdsl.ir.shape import show
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
        inner = callee.callee
        merged = dict(inner.named) | dict(use.named)
        use = Applied(inner.callee, [*inner.args, *use.positional], [*merged.items()], use.span)
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
    try:
        if name is None:
            return _inline(use, current, ctx)
        draft, args = region(use, current, ctx)
        if use.rest:
            hand(draft.args, ctx)
        return attach(draft, args, name, use.span, ctx, shared)
    except ResdslError as error:
        if current is None and error.diagnostics[0].code == "E312":
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
    ctx.build.nodes += 1
    if ctx.build.nodes > limits.MAX_NODES:
        raise fail("E500", f"this net has more than {limits.MAX_NODES:,} nodes", span)
    handle = shared.handle if shared else None
    if not draft.stateful:
        return ctx.draft.splice(draft, args, name, ctx.train)
    with _places(span, {}, ctx, shared):
        return ctx.draft.append_call(draft, args, name, ctx.train, handle)


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
    ctx.build.nodes += 1
    if ctx.build.nodes > limits.MAX_NODES:
        raise fail("E500", f"this net has more than {limits.MAX_NODES:,} nodes", use.span)

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
    if use.rest:
        hand(((k, plain(getattr(made, k))) for k in given), ctx)
    inputs = branches if branches is not None else [t for t in (current, *tensors) if t is not None]
    with _places(use.span, given, ctx, shared):
        return ctx.draft.append(made, inputs, name, ctx.train, shared.handle if shared else None)


def no_tensor(span: Span, ctx: Context) -> Exception:
    """The diagnostic for a step that nothing flows into."""
    frame: Frame | None = ctx.frame
    while frame and frame.model is None:
        frame = frame.parent
    inputs = list(frame.model.inputs) if frame and frame.model else []
    if len(inputs) > 1:
        shown = ", ".join(f"@{n}" for n in inputs)
        return fail(
            "E312",
            "which input does this step take?",
            span,
            help=f"begin the chain with one of {shown}",
        )
    return fail(
        "E312",
        "there is no tensor here to work on",
        span,
        help="declare one first: `input image: 3x224x224`",
    )


@contextmanager
def _places(
    span: Span, given: dict[str, Given], ctx: Context, shared: Shared | None
) -> Iterator[None]:
    """Give a rule's error, which knows no text, the place of the keyword at fault."""
    try:
        yield
    except RuleError as error:
        at = given[error.field].span if error.field in given else span
        raise fail(error.code, error.message, at, help=error.help, notes=error.notes) from None
    except SharedMismatch as error:
        assert shared is not None
        wanted, own = error.shared.weights or {}, error.own
        key = next((k for k in {**wanted, **own} if wanted.get(k) != own.get(k)), "weight")
        one, two = (show(w[key]) if key in w else "none" for w in (wanted, own))
        raise fail(
            "E330",
            f"`{shared.name}` is shared, but here its `{key}` would be {two}, not {one}",
            span,
            labels=(Label(shared.span, "declared here, with one set of weights"),),
            help="each use must see as many channels; "
            "declare a second `share`, or adapt the input first",
        ) from None  # fmt: skip


# ---------------------------------------------------------------- blocks and models


@contextmanager
def _expanding(thing: Any, use: Applied, ctx: Context) -> Iterator[None]:
    """Guard against recursion, and add this call to the trace of what goes wrong inside."""
    key = thing.definition
    active = ctx.build.active
    if any(a is key for a in active):
        raise fail("E213", f"`{thing.name}` uses itself", use.span)
    if len(active) >= limits.MAX_DEPTH:
        raise fail("E500", f"blocks are nested more than {limits.MAX_DEPTH} deep", use.span)
    active.append(key)
    try:
        yield
    except ResdslError as error:
        said = f"in the expansion of `{thing.name}`, called here"
        raise ResdslError(*(d.within(use.span, said) for d in error.diagnostics)) from None
    finally:
        active.pop()


def _inline(use: Applied, current: Tensor | None, ctx: Context) -> Tensor:
    """The body of a block or model in the draft of its caller: unlabelled, it opens no scope."""
    with _expanding(use.callee, use, ctx):
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
    with _expanding(block, use, ctx):
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
    return ModelState(settings, derived.overrides, derived.drops, {}, given=inputs, root=False)


def _model_region(use: Applied, current: Tensor | None, ctx: Context) -> tuple[Draft, list[Tensor]]:
    model: Model = use.callee
    with _expanding(model, use, ctx):
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

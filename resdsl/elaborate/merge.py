"""Merges: branches that start from one tensor, or from slices of it, and end in one."""

from __future__ import annotations

from dataclasses import replace

from resdsl import limits
from resdsl.diagnostics import Label, ResdslError
from resdsl.elaborate import statements, steps
from resdsl.elaborate.application import arguments, bind
from resdsl.elaborate.blame import Gathered, lost, no_tensor
from resdsl.elaborate.context import Context
from resdsl.elaborate.evaluate import each, evaluate, truth
from resdsl.elaborate.expand import Applied, apply
from resdsl.elaborate.values import LOST, Given, Lost, fail, text
from resdsl.ir.builder import Tensor
from resdsl.ir.op import Op
from resdsl.ir.shape import show
from resdsl.source import Span
from resdsl.syntax import tree

Flow = Tensor | None


def merge(step: tree.MergeStep, ctx: Context, current: Flow) -> Flow:
    """All branches start from the current tensor, or from its slices; one surviving branch passes
    through.
    """
    value = steps.callee(step.call, ctx)
    if not (
        isinstance(value.callee, type) and issubclass(value.callee, Op) and value.callee.merges
    ):
        raise fail(
            "E209",
            f"`{value.name}` does not merge branches",
            step.call.span,
            help="add, concat, mul and maximum do",
        )
    args = step.call.args or ()
    split = next((a for a in args if a.name and a.name.text == "split" and a.value), None)
    others = tuple(a for a in args if a is not split)
    gathered = Gathered()
    bodies: list[tuple[Context, tree.Branch]] = []
    for branch in step.branches:
        with gathered:
            bodies += _guarded(branch, ctx)
    if not bodies and not gathered.lost and not ctx.env.scope.is_torn:
        raise fail(
            "E311",
            f"no branch of this `{value.name}` is there",
            step.call.span,
            help="at least one branch must be without `when`, or hold",
        )
    starts: list[Flow] = [current if not gathered.lost else LOST] * len(bodies)
    if split is not None and split.value is not None:
        starts = [LOST] * len(bodies)
        with gathered:
            starts = [*slices(split.value, len(bodies), ctx, current)]
    ends: list[Tensor] = []
    for (inner, branch), start in zip(bodies, starts, strict=True):
        with gathered, ctx.braces():
            end = statements.run(branch.body, replace(inner, record=False), start)
            if end is None:
                raise no_tensor(branch.span, ctx)
            ends.append(end)
    with gathered:
        positional, named = arguments(others, ctx)
    gathered.result(None)
    if not ends:
        raise Lost  # they could not be read
    if len(ends) == 1:
        return ends[0]
    bound = bind(value, positional, named)
    use = Applied(bound.callee, [*bound.args], [*bound.named], step.call.span)
    try:
        return apply(use, current, ctx, branches=ends)
    except ResdslError as error:
        branches = [b for _, b in bodies]
        raise _with_branches(error, value.callee, branches, current, ends, ctx) from None


def _guarded(branch: tree.Branch, ctx: Context) -> list[tuple[Context, tree.Branch]]:
    """The branch as often as it is there: with a guard none, one, or one an item."""
    guard = branch.guard
    try:
        if isinstance(guard, tree.ForGuard):
            return [(inner, branch) for inner in each(guard.names, guard.items, ctx)]
        return [(ctx.inner(), branch)] if guard is None or truth(guard.condition, ctx) else []
    except ResdslError as error:
        ctx.frame.torn = True  # its labels are
        gathered = Gathered()
        gathered.add(error)
        with gathered, ctx.apart():
            names = guard.names if isinstance(guard, tree.ForGuard) else ()
            statements.run(branch.body, ctx.unknowing(names), LOST)
        raise lost(gathered.found) from None


def _with_branches(
    error: ResdslError,
    op: type[Op],
    branches: list[tree.Branch],
    start: Flow,
    ends: list[Tensor],
    ctx: Context,
) -> ResdslError:
    """A disagreement is between places: say what each branch ends in. Where one of three or more
    is unlike all others, that one is at fault.
    """
    if not error.diagnostics or error.diagnostics[0].code not in ("E310", "E311"):
        return error
    from resdsl.elaborate import fits

    found = error.diagnostics[0]
    places = [_end(b.body) or b.span for b in branches]
    labels = [Label(p, show(t.shape)) for p, t in zip(places, ends, strict=True)]
    sizes = [t.shape[1:] if op.kind == "concat" else t.shape for t in ends]
    odd = [i for i, size in enumerate(sizes) if sizes.count(size) == 1]
    span = found.span
    if len(sizes) > 2 and len(odd) == 1 and span:
        labels.append(Label(span, "the branches of this"))
        span = places[odd[0]]
    made = [fits.End(place, tensor) for place, tensor in zip(places, ends, strict=True)]
    help = fits.of_branches(op(), start, made, found.span, ctx)
    return ResdslError(replace(found, span=span, labels=tuple(labels), notes=(), help=help))


def _end(body: tuple[tree.Statement, ...]) -> Span | None:
    """The last line of a branch, or of the group in braces that it ends in."""
    if not body:
        return None
    chain = body[-1].chain if isinstance(body[-1], tree.Labelled) else body[-1]
    last = chain.steps[-1] if isinstance(chain, tree.Chain) else None
    inside = _end(last.body) if isinstance(last, tree.GroupStep) else None
    return inside or body[-1].span


def slices(split: tree.Expr, n: int, ctx: Context, current: Flow) -> list[Tensor]:
    """`split=2`: that many equal slices of the channels; `split=[8, 24]`: of these sizes."""
    if current is None:
        raise no_tensor(split.span, ctx)
    if current is LOST:
        raise Lost
    channels = current.shape[0] if len(current.shape) == 3 else current.shape[-1]
    value = evaluate(split, ctx)
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        if channels % value:
            raise fail(
                "E311",
                f"{channels} channels (=C) must be divisible by `split` (={value})",
                split.span,
            )
        value = [channels // value] * value if value <= limits.MAX_REPEAT else []
    if not isinstance(value, list) or not all(type(v) is int and v > 0 for v in value):
        raise fail(
            "E210",
            f"`split` takes a number of slices or a list of sizes, got {text(value)}",
            split.span,
        )
    if len(value) != n or sum(value) != channels:
        raise fail(
            "E311",
            f"`split` gives {len(value)} slices of {sum(value)} channels in all, but there are "
            f"{n} branches and {channels} channels",
            split.span,
        )
    made, start = [], 0
    for width in value:
        bounds = [Given(start, split.span), Given(start + width, split.span)]
        made.append(apply(Applied(Op.registry["slice"], bounds, [], split.span), current, ctx))
        start += width
    return made

"""Lints that depend on values and shapes: what is legal, and likely not meant.

They go to `Build.warn`. What nothing but the text can show is found by `resdsl.lint`.
"""

from __future__ import annotations

from typing import Any

from resdsl.diagnostics import Diagnostic, Label
from resdsl.elaborate.context import Context
from resdsl.elaborate.values import Block, Given, Symbol, text
from resdsl.ir.builder import Draft, Tensor
from resdsl.ir.op import Op
from resdsl.ops.conv import Conv
from resdsl.source import Span

CONTEXTUAL = "W313"
"""What an op says of the op before it holds only if it does so wherever the line is run."""


def of_op(op: Op, inputs: list[Tensor], span: Span, given: dict[str, Given], ctx: Context) -> None:
    """What an op says of its own use (`Op.advise`), at the keyword that it names."""
    if type(op).advise is Op.advise:
        ctx.build.refuted.add((CONTEXTUAL, span))
        return
    before = maker(inputs[0])
    advised = list(op.advise(tuple(t.shape for t in inputs), before))
    if not any(advice.code == CONTEXTUAL for advice in advised):
        ctx.build.refuted.add((CONTEXTUAL, span))
    for advice in advised:
        at = given.get(advice.field or "")
        ctx.build.warn(
            Diagnostic(
                advice.code,
                advice.message,
                at.written if at else span,
                at.handed if at else (),
                advice.notes,
                advice.help,
            )
        )


def maker(tensor: Tensor) -> Op | None:
    """The op that made a tensor; None for what comes in from outside the body."""
    draft, ref = tensor.draft, tensor.ref
    while True:
        if len(ref) > 1:
            draft, ref = _callee(draft, ref[0]), ref[1:]
            continue
        node = next((n for n in reversed(draft.nodes) if ref[0] in n.exports.values()), None)
        if node is None:
            captured = [v for _, v in draft.inputs[draft.formals :]]
            if ref[0] not in captured:
                return None
            outer = draft.captures[captured.index(ref[0])]
            draft, ref = outer.draft, outer.ref
        elif node.op:
            return node.op
        else:
            ref = next(inner for inner, value in node.exports.items() if value == ref[0])
            draft = _callee(draft, draft.nodes.index(node))


def _callee(draft: Draft, node: int) -> Draft:
    callee = draft.nodes[node].callee
    assert callee is not None
    return callee


def of_repeat(use: Any, n: int, before: Tensor | None, after: Tensor | None, ctx: Context) -> None:
    """W301: a stride among the arguments goes to every instance of a repeat. Pools are there to
    stride; and where the image has not shrunk more than once, the stride was not one.
    """
    given = _stride(use)
    if n < 2 or given is None or before is None or after is None:
        return
    if len(before.shape) != 3 or len(after.shape) != 3:
        return
    value = given.value.value if isinstance(given.value, Symbol) else given.value
    pair = value if isinstance(value, list) else [value, value]
    if len(pair) != 2 or not all(isinstance(s, int | float) and s >= 1 for s in pair):
        return
    sides = zip(before.shape[1:], after.shape[1:], pair, strict=True)
    if not any(stride > 1 and got * stride < side for side, got, stride in sides):
        return
    factors = list(dict.fromkeys(f"{int(s) ** n}" for s in pair))
    at = given.name_span.to(given.span) if given.name_span else given.span
    labels = () if at in use.span else (Label(use.span, f"repeated {n} times here"),)
    shown = text(value)
    ctx.build.warn(
        Diagnostic(
            "W301",
            f"`stride={shown}` goes to all {n} blocks: the stage downsamples {'x'.join(factors)}x",
            at,
            labels=labels,
            help=f"`stride {shown}` (a space) strides the first block only",
        )
    )


def _stride(use: Any) -> Given | None:
    """The `stride` that a call gives to its callee, by name or by position."""
    if isinstance(use.callee, Block):
        names = [p.name.text if p.name else "..." for p in use.callee.definition.params]
    elif use.callee is Conv:
        names = list(Conv.model_fields)
    else:
        return None
    given = dict(zip(names, use.positional, strict=False)) | dict(use.named)
    found = given.get("stride")
    return found if isinstance(found, Given) else None


def of_member(given: Given, members: tuple[str, ...], ctx: Context) -> None:
    """W304: a bare name that is a member of the enumeration asked for, and a variable, too."""
    symbol = given.value
    if not isinstance(symbol, Symbol) or symbol.variable is None or symbol.name not in members:
        return
    if symbol.value == symbol.name:  # both readings come to the same
        return
    listed = " | ".join(members)
    ctx.build.warn(
        Diagnostic(
            "W304",
            f"`{symbol.name}` is the member of {listed} here, not the variable of that name",
            given.span,
            labels=(Label(symbol.variable, "this variable is not meant"),),
            help="give the variable another name",
        )
    )

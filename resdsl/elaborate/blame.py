"""Errors on their way out: where to show them, what follows from them, and how to go on after one.

A body goes on after an error, its current tensor LOST. What depends on that raises `Lost`, which
says nothing: every mistake is told once, and nothing that only follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

from resdsl import limits
from resdsl.diagnostics import Diagnostic, Label, ResdslError, RuleError
from resdsl.elaborate.context import Context, Frame
from resdsl.elaborate.values import LOST, Given, Lost, OpValue, Shared, fail, text
from resdsl.ir.builder import SharedMismatch, Tensor
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape, show
from resdsl.ops.conv import Conv
from resdsl.ops.pool import WindowPool
from resdsl.source import Span
from resdsl.syntax import tree

T = TypeVar("T")


class Gathered:
    """Errors gathered while what stands beside them is still looked at: `with gathered: ...`."""

    __slots__ = ("found", "lost")

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.lost = False

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        if not isinstance(error, ResdslError):
            return False
        self.add(error)
        return True

    def add(self, error: ResdslError) -> None:
        self.lost = True
        self.found += error.diagnostics
        if any(d.code == "E500" for d in error.diagnostics):
            raise ResdslError(*self.found) from None  # a limit is the end of all

    def result(self, value: T) -> T:
        """`value`; where something was gathered, or it is lost, that is raised."""
        if self.lost or value is LOST:
            raise lost(self.found)
        return value


def lost(found: list[Diagnostic]) -> ResdslError:
    """What a step that failed raises: what was found, or that nothing new was."""
    return ResdslError(*found) if found else Lost()


@contextmanager
def expanding(thing: Any, use: Any, ctx: Context) -> Iterator[None]:
    """Guard against recursion, and say of what goes wrong inside that it was called here."""
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
        raise lost([_called(d, thing, use.span) for d in error.diagnostics]) from None
    finally:
        active.pop()


def _called(found: Diagnostic, thing: Any, call: Span) -> Diagnostic:
    """The same finding, one level of expansion further out. An author can change the own text only:
    what goes wrong inside the standard library is shown where that was called.
    """
    std = thing.scope.library.is_std
    if found.span is None or (found.span not in call and std(call) == std(found.span)):
        return found.within(call, f"in the expansion of `{thing.name}`, called here")
    if std(call) or not std(found.span):
        return found
    inside = Label(found.span, f"here, in `{thing.name}` of the standard library")
    return replace(found, span=call, labels=found.labels or (inside,), trace=())


@contextmanager
def instance(use: Any, number: int, ctx: Context) -> Iterator[None]:
    """Say of shapes that disagree inside a repeat which of its blocks has them."""
    try:
        yield
    except ResdslError as error:
        of = f" of {ctx.frame.title}" if ctx.frame.title else ""
        call = OpValue(use.callee, tuple(use.positional), tuple(use.named))
        note = f"in {call}{of}, block {number}"
        told = (
            replace(d, notes=(*d.notes, note)) if d.code.startswith("E3") else d
            for d in error.diagnostics
        )
        raise lost([*told]) from None


@contextmanager
def turn(names: tuple[tree.Ident, ...], ctx: Context) -> Iterator[None]:
    """Say of shapes that do not fit inside a loop in which of its turns they do not."""
    try:
        yield
    except ResdslError as error:
        values = ((name.text, ctx.env.bindings[name.text].value) for name in names)
        note = f"with {', '.join(f'{name} = {text(value)}' for name, value in values)}"
        told = (
            replace(d, notes=(*d.notes, note)) if d.code.startswith("E3") else d
            for d in error.diagnostics
        )
        raise lost([*told]) from None


@contextmanager
def places(
    span: Span,
    given: dict[str, Given],
    ctx: Context,
    shared: Shared | None,
    op: Op | None = None,
    inputs: Sequence[Tensor] = (),
) -> Iterator[None]:
    """Give a rule's error, which knows no text, the place of the keyword at fault."""
    try:
        yield
    except RuleError as error:
        ruling = ruled(error, span, given)
        if error.field == "groups" and inputs:
            ruling = _with_maker(ruling, inputs[0], ctx)
        if error.field == "k" and op is not None:
            ruling = _with_window(ruling, op, inputs[0].shape)
        raise ruling from None
    except SharedMismatch as error:
        assert shared is not None
        wanted, own = error.shared.weights or {}, error.own
        key = next((k for k in {**wanted, **own} if wanted.get(k) != own.get(k)), "weight")
        one, two = (show(w[key]) if key in w else "none" for w in (wanted, own))
        its = f"its `{key}`" if key else "it"  # a bare tensor has no name of its own
        raise fail(
            "E330",
            f"`{shared.name}` is shared, but here {its} would be {two}, not {one}",
            span,
            labels=(Label(shared.span, "declared here, with one set of weights"),),
            help="each use needs the same arguments, and as many channels coming in; "
            "declare a second `share`, or adapt the input first",
        ) from None  # fmt: skip


def _with_maker(error: ResdslError, before: Tensor, ctx: Context) -> ResdslError:
    """Where the channels that come in are from: they may be what is to change."""
    draft, value = before.draft, before.ref[0]
    while before.draft is draft and len(before.ref) == 1:
        node = next((n for n in draft.nodes if value in n.exports.values()), None)
        if node is None or node.span is None or ctx.build.library.is_std(node.span):
            break
        same = len(node.inputs) == 1 and draft.shapes[node.inputs[0]][:1] == before.shape[:1]
        if not same:
            label = Label(node.span, f"this makes {show(before.shape[:1])} channels")
            return ResdslError(*(replace(d, labels=(label, *d.labels)) for d in error.diagnostics))
        value = node.inputs[0]
    return error


def _with_window(error: ResdslError, op: Op, shape: Shape) -> ResdslError:
    from resdsl.elaborate import fits

    if not isinstance(op, Conv | WindowPool):
        return error
    help = fits.of_window(op, shape)
    return ResdslError(*(replace(d, help=help) for d in error.diagnostics))


def ruled(error: RuleError, span: Span, given: dict[str, Given]) -> ResdslError:
    """The error of a rule, at the keyword that it names, else at `span`, the step."""
    at = given.get(error.field or "")
    labels = at.handed if at else ()
    place = at.written if at else span
    return fail(error.code, error.message, place, labels=labels, help=error.help, notes=error.notes)


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

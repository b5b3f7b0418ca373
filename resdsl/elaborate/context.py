"""Where elaboration stands: what is shared by a whole run, by one body, and by one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Any

from resdsl import limits
from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.elaborate.values import (
    LOST,
    Binding,
    Env,
    Given,
    Lost,
    OpValue,
    Value,
    extent,
    fail,
)
from resdsl.ir.builder import Draft, Tensor
from resdsl.ir.graph import Arg, Output
from resdsl.source import Span
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.elaborate.library import Library


@dataclass(slots=True)
class Defaults:
    """The `default` statements in force, innermost first: an immutable chain, so that a block's key
    can hold it.
    """

    entry: OpValue | None = None
    outer: Defaults | None = None

    def of(self, callee: Any) -> list[OpValue]:
        found: list[OpValue] = []
        at: Defaults | None = self
        while at is not None:
            if at.entry is not None and at.entry.callee is callee:
                found.append(at.entry)
            at = at.outer
        return found


@dataclass(slots=True)
class Rest:
    """What `...` hands on in a block."""

    args: tuple[Given, ...] = ()
    named: tuple[tuple[str, Given], ...] = ()


@dataclass(slots=True)
class Build:
    """One elaboration: its memo, its budget, and the calls that it is inside of."""

    library: Library
    memo: dict[object, Draft] = field(default_factory=dict)
    keep: list[object] = field(default_factory=list)  # what the memo knows by id must live
    active: list[object] = field(default_factory=list)
    steps: int = 0
    nodes: int = 0
    repeats: list[int] = field(default_factory=list)  # the counts of those being expanded
    probed: set[Span] = field(default_factory=set)
    warnings: dict[tuple[str, Span | None], Diagnostic] = field(default_factory=dict)
    refuted: set[tuple[str, Span | None]] = field(default_factory=set)

    def warn(self, diagnostic: Diagnostic) -> None:
        """Note a lint; one of a block's body is noted once, not once an instance. Of the standard
        library's bodies only what an argument brought about is, where that was written.
        """
        span = diagnostic.span
        if span is None or not self.library.is_std(span):
            self.warnings.setdefault((diagnostic.code, span), diagnostic)

    def grow(self, span: Span) -> None:
        """Count one more node."""
        self.nodes += 1
        if self.nodes > limits.MAX_NODES:
            message = f"this net has more than {limits.MAX_NODES:,} nodes"
            raise fail("E500", message, span, notes=self.product)

    @property
    def product(self) -> tuple[str, ...]:
        """As a note, how often all that is repeated here comes to be there."""
        if len(self.repeats) < 2:
            return ()
        factors = " x ".join(f"{n:,}" for n in self.repeats)
        return (f"repeats in repeats make {factors} = {prod(self.repeats):,} of it",)

    def advice(self) -> tuple[Diagnostic, ...]:
        """The lints of this run that no other run of the same line refutes."""
        return tuple(d for key, d in self.warnings.items() if key not in self.refuted)

    def weigh(self, value: Value, span: Span) -> None:
        """Charge for looking at all of a value, and refuse one that holds too much."""
        held = extent(value, limits.MAX_VALUE)
        if held > limits.MAX_VALUE:
            raise fail("E500", f"this value holds more than {limits.MAX_VALUE:,} items", span)
        self.tick(span, held)

    def tick(self, span: Span, cost: int = 1) -> None:
        self.steps += cost
        if self.steps > limits.MAX_STEPS:
            raise fail(
                "E500",
                f"this spec takes more than {limits.MAX_STEPS:,} steps to elaborate",
                span,
                notes=self.product,
                help="look for a repeat, a range or a list that is far longer than it should be",
            )


@dataclass(slots=True)
class Frame:
    """One body: of a model, a block or a group. `for`, `if` and branches share the frame they stand
    in.
    """

    draft: Draft
    defaults: Defaults
    parent: Frame | None = None
    inside: Tensor | None = None  # @in
    rest: Rest | None = None
    handed: dict[str, Arg] = field(default_factory=dict)  # what `...` came to where it was taken
    inlined: bool = False  # its labels land in a scope that is not its own
    labels: dict[str, Tensor] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    title: str = ""  # of the line whose scope this is, in words
    torn: bool = False  # an error hid labels of this body
    model: ModelState | None = None  # in the top level of a model's body only

    def tap(self, name: str) -> Tensor | None:
        frame: Frame | None = self
        while frame is not None:
            if name in frame.labels:
                return frame.labels[name]
            frame = frame.parent
        return None

    @property
    def is_torn(self) -> bool:
        return self.torn or (self.parent is not None and self.parent.is_torn)

    def visible(self) -> list[str]:
        return [*self.labels, *(self.parent.visible() if self.parent else [])]


@dataclass(slots=True)
class ModelState:
    """What a model's top-level statements gather."""

    settings: dict[str, Given]
    overrides: dict[str, Any]
    drops: dict[str, Span]
    shapes: dict[str, list[int]]  # inputs set from outside
    given: dict[str, Tensor] | None = None  # inputs, when the model is a step
    call: Span | None = None  # that step
    root: bool = True
    used: set[str] = field(default_factory=set)
    params: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Tensor] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    output_spans: dict[str, Span] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    expects: list[tuple[Any, Env]] = field(default_factory=list)
    inits: list[tuple[str, Any, Span]] = field(default_factory=list)


@dataclass(slots=True)
class Context:
    build: Build
    env: Env
    frame: Frame
    train: bool = False
    record: bool = False  # this body's lines are the draft's statements

    @property
    def draft(self) -> Draft:
        return self.frame.draft

    def unknown(self, name: str, error: ResdslError, labels: Frame | None = None) -> ResdslError:
        """`error`, which says that nothing has this name; Lost where something that could not be
        read may well define it: for a label, in the frame that would have it.
        """
        hidden = self.env.scope.hides(name) or (labels is not None and labels.is_torn)
        return Lost() if hidden else error

    def inner(self) -> Context:
        """For a nested `for`, `if` or branch: its own `let`s, the same frame."""
        return replace(self, env=Env(self.env.scope, self.env))

    def unknowing(self, names: tuple[tree.Ident, ...]) -> Context:
        """An inner context in which nothing is known of the values of these names."""
        inner = self.inner()
        inner.env.bindings |= {name.text: Binding(LOST, name.span) for name in names}
        return inner

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Braces of which nobody knows whether they are there: their labels clash with none."""
        frame, spans, names = self.frame, dict(self.frame.spans), dict(self.draft.names)
        try:
            yield
        finally:
            frame.spans, frame.draft.names = spans, names

    @contextmanager
    def braces(self) -> Iterator[None]:
        """Braces that share the frame around them, but in which a `default` ends."""
        before = self.frame.defaults
        try:
            yield
        finally:
            self.frame.defaults = before

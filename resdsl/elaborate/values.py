"""What an expression can be worth, and where names stand for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resdsl.diagnostics import Diagnostic, Label, ResdslError
from resdsl.ir.builder import Draft, Handle, Tensor
from resdsl.ir.shape import show
from resdsl.source import Span
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.elaborate.library import Scope

Value = Any
"""int, float, bool, str, Member, list (a shape too), Tensor, OpValue, Function, or an
initialisation rule.
"""


class Member(str):
    """A member of an enumeration: it knows its siblings, so that `kind == plian` is caught."""

    __slots__ = ("members",)
    members: tuple[str, ...]

    def __new__(cls, text: str, members: tuple[str, ...]) -> Member:
        self = super().__new__(cls, text)
        self.members = members
        return self


@dataclass(frozen=True, slots=True)
class Symbol:
    """A bare name handed on through `...`: whether it is a member or a variable, only its receiver
    can tell.
    """

    name: str
    value: Value  # of the variable, or UNKNOWN
    variable: Span | None = None  # where the variable is bound, if that is what it is


UNKNOWN = object()

LOST = Tensor(Draft("lost"), (), ())
"""What stands where an error left nothing."""


class Lost(ResdslError):
    """What follows from an error that has been told: it says nothing."""


MAX_MESSAGE = 400
"""Characters of a message: a value that it quotes may be long."""


@dataclass(frozen=True, slots=True)
class Given:
    """An argument with the places of its name and its value."""

    value: Value
    span: Span
    name_span: Span | None = None
    origin: Span | None = None  # of a parameter handed on: where its value was first written
    expr: tree.Expr | None = None  # for the arithmetic shown in a note

    @property
    def written(self) -> Span:
        """Where the value stands that can be at fault."""
        return self.origin or self.span

    @property
    def handed(self) -> tuple[Label, ...]:
        """The place further in, where a parameter carried the value to."""
        return (Label(self.span, "handed on to here"),) if self.origin else ()


@dataclass(eq=False, slots=True)
class Block:
    """A block definition and the file scope in which its body looks names up."""

    definition: tree.BlockDef
    scope: Scope

    @property
    def name(self) -> str:
        return self.definition.name.text


@dataclass(eq=False, slots=True)
class Shared:
    """`share NAME = call`: one instance; `callee` is what it applies."""

    name: str
    callee: OpValue
    handle: Handle
    span: Span


@dataclass(frozen=True, slots=True)
class OpValue:
    """A block, op, model or shared instance, some arguments bound: what `act: op = relu` holds."""

    callee: Any
    args: tuple[Given, ...] = ()
    named: tuple[tuple[str, Given], ...] = ()

    @property
    def name(self) -> str:
        callee = self.callee
        return str(getattr(callee, "kind", None) or callee.name)

    def __str__(self) -> str:
        inside = [text(g.value) for g in self.args] + [
            f"{k}={text(g.value)}" for k, g in self.named
        ]
        return f"{self.name}({', '.join(inside)})" if inside else self.name


@dataclass(eq=False, slots=True)
class Function:
    """`let ch(c) = ...`."""

    definition: tree.LetFunction
    env: Env


@dataclass(slots=True)
class Binding:
    value: Value
    span: Span | None = None
    expr: tree.Expr | None = None  # of a `let`: for the arithmetic shown in a note
    origin: Span | None = None  # of a parameter: where its value was first written


@dataclass(slots=True)
class Env:
    """Variables of one body; `parent` is the body around it, up to the file."""

    scope: Scope
    parent: Env | None = None
    bindings: dict[str, Binding] = field(default_factory=dict)

    def find(self, name: str) -> Binding | None:
        env: Env | None = self
        while env is not None:
            if name in env.bindings:
                return env.bindings[name]
            env = env.parent
        return None

    def visible(self) -> set[str]:
        names = set(self.bindings)
        return names | self.parent.visible() if self.parent else names


def text(value: Value) -> str:
    """A value as a spec would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Symbol):
        return value.name
    if isinstance(value, Member):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(text, value))}]"
    if isinstance(value, Tensor):
        return f"a tensor {show(value.shape)}"
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e15 else repr(value)
    return str(value)


def what(value: Value) -> str:
    """The kind of a value, in words, for messages."""
    for kind, word in (
        (bool, "a bool"),
        (int, "an int"),
        (float, "a float"),
        (Member, "a name"),
        (str, "a string"),
        (list, "a list"),
        (Tensor, "a tensor"),
        (OpValue, "a block or op"),
        (Function, "a function"),
    ):
        if isinstance(value, kind):
            return word
    return "an initialisation"


def extent(value: Value, limit: int) -> int:
    """How much a value holds, lists in lists counted out; no further than just beyond `limit`."""
    if isinstance(value, str):
        return 1 + len(value)
    if isinstance(value, Symbol):
        return extent(value.value, limit)
    if isinstance(value, OpValue):
        parts = [g.value for g in value.args] + [g.value for _, g in value.named]
    elif isinstance(value, list):
        parts = value
    else:
        return 1
    total = 1
    for part in parts:
        total += extent(part, limit - total)
        if total > limit:
            break
    return total


def freeze(value: Value) -> object:
    """A hashable key: equal keys mean equal elaboration. `1`, `1.0` and `true` differ; tensors
    count by shape.
    """
    if isinstance(value, Tensor):
        return ("tensor", value.shape)
    if isinstance(value, list | tuple):
        return tuple(freeze(v) for v in value)
    if isinstance(value, Symbol):
        return (value.name, None if value.value is UNKNOWN else freeze(value.value))
    if isinstance(value, OpValue):
        return (
            id(value.callee),
            tuple(freeze(g.value) for g in value.args),
            tuple((k, freeze(g.value)) for k, g in value.named),
        )
    if isinstance(value, Function):
        return id(value)
    return (type(value), value)


def fail(code: str, message: str, span: Span | None, **more: Any) -> ResdslError:
    """The exception for one diagnostic: `raise fail("E201", ...)`."""
    if len(message) > MAX_MESSAGE:
        message = f"{message[:MAX_MESSAGE]}..."
    return ResdslError(Diagnostic(code, message, span, **more))

"""The syntax tree of expressions; all of it is reached through `tree`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

from resdsl.source import Span

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def node(cls: type[T]) -> type[T]:
    """A dataclass that writes no method but `__init__`: every command pays for these sixty classes.

    Nodes are never changed; equality, hash and repr are Tree's.
    """
    return dataclass(slots=True, eq=False, repr=False)(cls)


@node
class Tree:
    span: Span

    def values(self) -> tuple[object, ...]:
        """The fields but the span."""
        names: tuple[str, ...] = self.__match_args__
        return tuple(getattr(self, name) for name in names[1:])

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Tree)
            and type(self) is type(other)
            and self.values() == other.values()
        )

    def __hash__(self) -> int:
        return hash((type(self), *self.values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.values()))})"


@node
class Ident(Tree):
    """A name as it stands, with its place."""

    text: str


@node
class Number(Tree):
    """`64`, `1e-3`, `4.09G`; `digits` is the text: `~=` compares at the precision written."""

    value: int | float
    digits: str


@node
class ShapeLiteral(Tree):
    """`3x224x224`."""

    dims: tuple[int, ...]


@node
class String(Tree):
    """`"conv{i+1}"`: `value` is unescaped; `parts` are literal texts and expressions in braces.

    Without braces `parts` is `(value,)`; with them no two texts are neighbours and none is empty,
    and in `value` an expression stands as written. `{{` and `}}` are the braces themselves.
    """

    value: str
    parts: tuple[str | Expr, ...]


@node
class Name(Tree):
    text: str


@node
class TensorRef(Tree):
    """`@name` or `@"enc{i}"`; `name` is a String in the second case."""

    name: Ident | String


@node
class Attribute(Tree):
    base: Expr
    name: Ident


@node
class Index(Tree):
    base: Expr
    index: Expr


@node
class Argument(Tree):
    """`value` or `name=value`; `...` (hand on all other arguments) has neither."""

    name: Ident | None
    value: Expr | None

    @property
    def is_rest(self) -> bool:
        return self.value is None


@node
class Apply(Tree):
    """`f(a, k=v)` as a value: a function's result, or a block or op with some arguments bound."""

    function: Expr
    args: tuple[Argument, ...]


@node
class Unary(Tree):
    op: str  # "-" | "not"
    operand: Expr


@node
class Binary(Tree):
    op: str  # + - * / // % ** == != <= >= ~= < > in and or
    left: Expr
    right: Expr


@node
class Ternary(Tree):
    value: Expr
    condition: Expr
    otherwise: Expr


@node
class ListExpr(Tree):
    items: tuple[Expr, ...]


@node
class Comprehension(Tree):
    """`[value for a, b in items if condition]`."""

    value: Expr
    names: tuple[Ident, ...]
    items: Expr
    condition: Expr | None


@node
class MatchArm(Tree):
    """`18 | 34: value`; no patterns means `else`."""

    patterns: tuple[Number | Name | String | ShapeLiteral, ...]
    value: Expr


@node
class Match(Tree):
    subject: Expr
    arms: tuple[MatchArm, ...]


Expr = (
    Number | ShapeLiteral | String | Name | TensorRef | Attribute | Index | Apply | Unary | Binary
    | Ternary | ListExpr | Comprehension | Match
)  # fmt: skip

"""The syntax tree of expressions; all of it is reached through `tree`."""

from __future__ import annotations

from dataclasses import dataclass, field

from resdsl.source import Span


@dataclass(frozen=True, slots=True)
class Tree:
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ident(Tree):
    """A name as it stands, with its place."""

    text: str


@dataclass(frozen=True, slots=True)
class Number(Tree):
    """`64`, `1e-3`, `4.09G`; `digits` is the text: `~=` compares at the precision written."""

    value: int | float
    digits: str


@dataclass(frozen=True, slots=True)
class ShapeLiteral(Tree):
    """`3x224x224`."""

    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class String(Tree):
    """`"conv{i+1}"`: `value` is unescaped; `parts` are literal texts and expressions in braces.

    Without braces `parts` is `(value,)`; with them no two texts are neighbours and none is empty,
    and in `value` an expression stands as written. `{{` and `}}` are the braces themselves.
    """

    value: str
    parts: tuple[str | Expr, ...]


@dataclass(frozen=True, slots=True)
class Name(Tree):
    text: str


@dataclass(frozen=True, slots=True)
class TensorRef(Tree):
    """`@name` or `@"enc{i}"`; `name` is a String in the second case."""

    name: Ident | String


@dataclass(frozen=True, slots=True)
class Attribute(Tree):
    base: Expr
    name: Ident


@dataclass(frozen=True, slots=True)
class Index(Tree):
    base: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Argument(Tree):
    """`value` or `name=value`; `...` (hand on all other arguments) has neither."""

    name: Ident | None
    value: Expr | None

    @property
    def is_rest(self) -> bool:
        return self.value is None


@dataclass(frozen=True, slots=True)
class Apply(Tree):
    """`f(a, k=v)` as a value: a function's result, or a block or op with some arguments bound."""

    function: Expr
    args: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Unary(Tree):
    op: str  # "-" | "not"
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Tree):
    op: str  # + - * / // % ** == != <= >= ~= < > in and or
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Ternary(Tree):
    value: Expr
    condition: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class ListExpr(Tree):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Tree):
    """`[value for a, b in items if condition]`."""

    value: Expr
    names: tuple[Ident, ...]
    items: Expr
    condition: Expr | None


@dataclass(frozen=True, slots=True)
class MatchArm(Tree):
    """`18 | 34: value`; no patterns means `else`."""

    patterns: tuple[Number | Name | String | ShapeLiteral, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Match(Tree):
    subject: Expr
    arms: tuple[MatchArm, ...]


Expr = (
    Number | ShapeLiteral | String | Name | TensorRef | Attribute | Index | Apply | Unary | Binary
    | Ternary | ListExpr | Comprehension | Match
)  # fmt: skip

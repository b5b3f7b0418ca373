"""The syntax tree: one class a construct, each with its span.

Two trees are equal when only spans differ. Expressions are in tree_values.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from resdsl.source import Source
from resdsl.syntax.tree_values import (
    Apply,
    Argument,
    Attribute,
    Binary,
    Comprehension,
    Expr,
    Ident,
    Index,
    ListExpr,
    Match,
    MatchArm,
    Name,
    Number,
    ShapeLiteral,
    String,
    TensorRef,
    Ternary,
    Tree,
    Unary,
)

__all__ = [  # what tree_values.py defines; all else is defined here
    "Apply",
    "Argument",
    "Attribute",
    "Binary",
    "Comprehension",
    "Expr",
    "Ident",
    "Index",
    "ListExpr",
    "Match",
    "MatchArm",
    "Name",
    "Number",
    "ShapeLiteral",
    "String",
    "TensorRef",
    "Ternary",
    "Tree",
    "Unary",
]

# ---------------------------------------------------------------- dataflow


@dataclass(frozen=True, slots=True)
class Repeat(Tree):
    """`x4`, `x n`, `x depths[i]`."""

    count: Expr


@dataclass(frozen=True, slots=True)
class FirstStride(Tree):
    """`stride 2` after the call: the first instance of a repeat only."""

    value: Expr


@dataclass(frozen=True, slots=True)
class Setting(Tree):
    """`shortcut=B`: after a call (every instance), in `with`, in `input name(...)`."""

    name: Ident
    value: Expr


Modifier = Repeat | FirstStride | Setting


@dataclass(frozen=True, slots=True)
class CallStep(Tree):
    """`bottleneck(128) x4 stride 2 shortcut=B`; `args` is None without parentheses."""

    path: tuple[Ident, ...]
    args: tuple[Argument, ...] | None
    modifiers: tuple[Modifier, ...] = ()

    @property
    def name(self) -> str:
        return ".".join(part.text for part in self.path)


@dataclass(frozen=True, slots=True)
class WhenGuard(Tree):
    condition: Expr


@dataclass(frozen=True, slots=True)
class ForGuard(Tree):
    names: tuple[Ident, ...]
    items: Expr


@dataclass(frozen=True, slots=True)
class Branch(Tree):
    guard: WhenGuard | ForGuard | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class MergeStep(Tree):
    """`add { | ... | ... }`."""

    call: CallStep
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class GroupStep(Tree):
    """`{ ... } x3`."""

    body: tuple[Statement, ...]
    modifiers: tuple[Modifier, ...] = ()


@dataclass(frozen=True, slots=True)
class TapStep(Tree):
    """`@enc1`, `@body.conv4_x`, `@s[0]` as a step: an expression that yields a tensor."""

    tensor: Expr


Step = CallStep | MergeStep | GroupStep | TapStep


@dataclass(frozen=True, slots=True)
class Chain(Tree):
    """`a -> b -> c`; as a statement, a step of the body that holds it."""

    steps: tuple[Step, ...]


# ---------------------------------------------------------------- statements

LabelText = Ident | String


@dataclass(frozen=True, slots=True)
class Labelled(Tree):
    """`name: chain`, or with `stage` before it; `stage name { ... }` is a chain of one group."""

    label: LabelText
    chain: Chain
    stage: bool = False


@dataclass(frozen=True, slots=True)
class Let(Tree):
    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True)
class LetFunction(Tree):
    name: Ident
    params: tuple[Ident, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Share(Tree):
    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True)
class OutputStatement(Tree):
    """`output logits`, `output aux(loss_weight=0.3, when=train): chain`."""

    name: Ident
    settings: tuple[Setting, ...]
    chain: Chain | None


@dataclass(frozen=True, slots=True)
class If(Tree):
    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]  # `else if` is one If in here


@dataclass(frozen=True, slots=True)
class For(Tree):
    names: tuple[Ident, ...]
    items: Expr
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Require(Tree):
    condition: Expr
    message: String | None


@dataclass(frozen=True, slots=True)
class Default(Tree):
    calls: tuple[CallStep, ...]


@dataclass(frozen=True, slots=True)
class TypeName(Tree):
    """`int`, `op`, `same`, `A`: a type's or a member's name, or a literal member (18, "a")."""

    value: str | int | float


@dataclass(frozen=True, slots=True)
class ListType(Tree):
    item: Type


@dataclass(frozen=True, slots=True)
class UnionType(Tree):
    """`A|B|C`, `int|shape`: two or more alternatives."""

    alternatives: tuple[TypeName | ListType, ...]


Type = TypeName | ListType | UnionType


@dataclass(frozen=True, slots=True)
class Param(Tree):
    """`param depth: 18|34 = 34` and a block's parameter; `...` has `name` None."""

    name: Ident | None
    type: Type | None
    default: Expr | None

    @property
    def is_rest(self) -> bool:
        return self.name is None


@dataclass(frozen=True, slots=True)
class InputStatement(Tree):
    name: Ident
    settings: tuple[Setting, ...]
    shape: Expr


@dataclass(frozen=True, slots=True)
class InitStatement(Tree):
    """`init conv2_x.bn3.weight = 0`; the selector as written, a dotted path or a string."""

    selector: Ident
    value: Expr


@dataclass(frozen=True, slots=True)
class Note(Tree):
    name: Ident
    value: Expr


@dataclass(frozen=True, slots=True)
class Expect(Tree):
    condition: Expr


@dataclass(frozen=True, slots=True)
class Drop(Tree):
    names: tuple[Ident, ...]


Statement = (
    Chain | Labelled | Let | LetFunction | Share | OutputStatement | If | For | Require | Default
    | Param | InputStatement | InitStatement | Note | Expect | Drop
)  # fmt: skip


# ---------------------------------------------------------------- declarations


@dataclass(frozen=True, slots=True)
class Use(Tree):
    """`use "file.res"` (all: `names` is None) or `use a, b from "file.res"`."""

    names: tuple[Ident, ...] | None
    file: String


@dataclass(frozen=True, slots=True)
class BlockDef(Tree):
    name: Ident
    params: tuple[Param, ...]
    body: tuple[Statement, ...]
    doc: str = ""
    """The `##` comment lines right above it."""


@dataclass(frozen=True, slots=True)
class ModelDef(Tree):
    name: Ident
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class ModelAlias(Tree):
    """`model b = a with k=v { overrides }`."""

    name: Ident
    base: Ident
    settings: tuple[Setting, ...]
    overrides: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class File(Tree):
    """A whole file.

    Bare statements at the top make the script-form model: the ModelDef in `models` whose `name` is
    the `model NAME` line's, or the file's stem where there is none.
    """

    source: Source
    uses: tuple[Use, ...]
    blocks: tuple[BlockDef, ...]
    models: tuple[ModelDef | ModelAlias, ...]

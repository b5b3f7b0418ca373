"""The syntax tree: one class a construct, each with its span.

Two trees are equal when only spans differ. Expressions are in tree_values.py.
"""

from __future__ import annotations

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
    node,
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
    "node",
]

# ---------------------------------------------------------------- dataflow


@node
class Repeat(Tree):
    """`x4`, `x n`, `x depths[i]`."""

    count: Expr


@node
class FirstStride(Tree):
    """`stride 2` after the call: the first instance of a repeat only."""

    value: Expr


@node
class Setting(Tree):
    """`shortcut=B`: after a call (every instance), in `with`, in `input name(...)`."""

    name: Ident
    value: Expr


Modifier = Repeat | FirstStride | Setting


@node
class CallStep(Tree):
    """`bottleneck(128) x4 stride 2 shortcut=B`; `args` is None without parentheses."""

    path: tuple[Ident, ...]
    args: tuple[Argument, ...] | None
    modifiers: tuple[Modifier, ...] = ()

    @property
    def name(self) -> str:
        return ".".join(part.text for part in self.path)


@node
class WhenGuard(Tree):
    condition: Expr


@node
class ForGuard(Tree):
    names: tuple[Ident, ...]
    items: Expr


@node
class Branch(Tree):
    guard: WhenGuard | ForGuard | None
    body: tuple[Statement, ...]


@node
class MergeStep(Tree):
    """`add { | ... | ... }`."""

    call: CallStep
    branches: tuple[Branch, ...]


@node
class GroupStep(Tree):
    """`{ ... } x3`."""

    body: tuple[Statement, ...]
    modifiers: tuple[Modifier, ...] = ()


@node
class TapStep(Tree):
    """`@enc1`, `@body.conv4_x`, `@s[0]` as a step: an expression that yields a tensor."""

    tensor: Expr


Step = CallStep | MergeStep | GroupStep | TapStep


@node
class Chain(Tree):
    """`a -> b -> c`; as a statement, a step of the body that holds it."""

    steps: tuple[Step, ...]


# ---------------------------------------------------------------- statements

LabelText = Ident | String


@node
class Labelled(Tree):
    """`name: chain`, or with `stage` before it; `stage name { ... }` is a chain of one group."""

    label: LabelText
    chain: Chain
    stage: bool = False


@node
class Let(Tree):
    name: Ident
    value: Expr


@node
class LetFunction(Tree):
    name: Ident
    params: tuple[Ident, ...]
    value: Expr


@node
class Share(Tree):
    name: Ident
    value: Expr


@node
class OutputStatement(Tree):
    """`output logits`, `output aux(loss_weight=0.3, when=train): chain`."""

    name: Ident
    settings: tuple[Setting, ...]
    chain: Chain | None


@node
class If(Tree):
    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]  # `else if` is one If in here


@node
class For(Tree):
    names: tuple[Ident, ...]
    items: Expr
    body: tuple[Statement, ...]


@node
class Require(Tree):
    condition: Expr
    message: String | None


@node
class Default(Tree):
    calls: tuple[CallStep, ...]


@node
class TypeName(Tree):
    """`int`, `op`, `same`, `A`: a type's or a member's name, or a literal member (18, "a")."""

    value: str | int | float


@node
class ListType(Tree):
    item: Type


@node
class UnionType(Tree):
    """`A|B|C`, `int|shape`: two or more alternatives."""

    alternatives: tuple[TypeName | ListType, ...]


Type = TypeName | ListType | UnionType


@node
class Param(Tree):
    """`param depth: 18|34 = 34` and a block's parameter; `...` has `name` None."""

    name: Ident | None
    type: Type | None
    default: Expr | None

    @property
    def is_rest(self) -> bool:
        return self.name is None


@node
class InputStatement(Tree):
    name: Ident
    settings: tuple[Setting, ...]
    shape: Expr


@node
class InitStatement(Tree):
    """`init conv2_x.bn3.weight = 0`; the selector as written, a dotted path or a string."""

    selector: Ident
    value: Expr


@node
class Note(Tree):
    name: Ident
    value: Expr


@node
class Expect(Tree):
    condition: Expr


@node
class Drop(Tree):
    names: tuple[Ident, ...]


@node
class Broken(Tree):
    """A statement that could not be read, or that has no meaning here; the parser has told why.

    `span.text` is all of it, and empty where a `}` is missing: there the body breaks off.
    """


Statement = (
    Chain | Labelled | Let | LetFunction | Share | OutputStatement | If | For | Require | Default
    | Param | InputStatement | InitStatement | Note | Expect | Drop | Broken
)  # fmt: skip


# ---------------------------------------------------------------- declarations


@node
class Use(Tree):
    """`use "file.res"` (all: `names` is None) or `use a, b from "file.res"`."""

    names: tuple[Ident, ...] | None
    file: String


@node
class BlockDef(Tree):
    name: Ident
    params: tuple[Param, ...]
    body: tuple[Statement, ...]
    doc: str = ""
    """The `##` comment lines right above it."""


@node
class ModelDef(Tree):
    name: Ident
    body: tuple[Statement, ...]


@node
class ModelAlias(Tree):
    """`model b = a with k=v { overrides }`."""

    name: Ident
    base: Ident
    settings: tuple[Setting, ...]
    overrides: tuple[Statement, ...]


@node
class File(Tree):
    """A whole file.

    Bare statements at the top make the script-form model: the ModelDef in `models` whose `name` is
    the `model NAME` line's, or the file's stem where there is none. `broken` are all Broken
    statements, wherever they stand: what they define is not known.
    """

    source: Source
    uses: tuple[Use, ...]
    blocks: tuple[BlockDef, ...]
    models: tuple[ModelDef | ModelAlias, ...]
    broken: tuple[Broken, ...] = ()

"""The syntax tree: one class a construct, each with its span. Two trees are equal when only spans differ."""

from __future__ import annotations

from dataclasses import dataclass, field

from resdsl.source import Source, Span


@dataclass(frozen=True, slots=True)
class Tree:
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ident(Tree):
    """A name as it stands, with its place."""

    text: str


# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Number(Tree):
    """`64`, `1e-3`, `4.09G`; `digits` is the text, for `~=`, which compares at the precision written."""

    value: int | float
    digits: str


@dataclass(frozen=True, slots=True)
class ShapeLiteral(Tree):
    """`3x224x224`."""

    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class String(Tree):
    """`"conv{i+1}"`: `value` is unescaped; `parts` alternates literal text and the expressions in braces.

    Without braces `parts` is `(value,)`. `{{` and `}}` stand for the braces themselves.
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
    """`f(a, k=v)` in an expression: a function's value, or a block or op with some arguments bound."""

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
    Number | ShapeLiteral | String | Name | TensorRef | Attribute | Index | Apply | Unary | Binary | Ternary
    | ListExpr | Comprehension | Match
)  # fmt: skip


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
    """`@enc1`, `@body.conv4_x`, `@s[0]` at the head of a chain: an expression that yields a tensor."""

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
    Chain | Labelled | Let | LetFunction | Share | OutputStatement | If | For | Require | Default | Param
    | InputStatement | InitStatement | Note | Expect | Drop
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
    """A whole file. Bare statements at the top make the script-form model: it is the ModelDef in `models` whose
    `name` is the `model NAME` line's, or the file's stem where there is none."""

    source: Source
    uses: tuple[Use, ...]
    blocks: tuple[BlockDef, ...]
    models: tuple[ModelDef | ModelAlias, ...]

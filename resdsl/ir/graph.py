"""A net as data: a table of region definitions, whose nodes are ops or calls of other regions.

A region is one scope of names: a model, a labelled block call, or a labelled group. Its values have
local ids, inputs first; it knows neither where it is used nor how often, so 400 equal blocks are
one definition. Weights belong to the path of instance names from the root
(`conv3_x.0.conv2.weight`). Two nodes of a region with one name are one instance: they share their
weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from typing_extensions import TypeAliasType

from resdsl.ir.init import Init
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape

if TYPE_CHECKING:
    import networkx

V = TypeVar("V")


def _read_op(value: Any) -> Any:
    """An op from its JSON form, `{"op": "conv", "out": 64, ...}`."""
    if isinstance(value, Op):
        return value
    if not isinstance(value, dict):
        raise ValueError("an op is an object with the key `op`")
    fields = dict(value)
    kind = fields.pop("op", None)
    if not isinstance(kind, str) or kind not in Op.registry:
        raise ValueError(f"unknown op {kind!r}")
    return Op.registry[kind](**fields)


def _write_op(op: Op) -> dict[str, Any]:
    fields = type(op).model_fields
    written = op.model_dump(mode="json").items()  # nested defaults stay: an init needs its `kind`
    return {"op": op.kind} | {k: v for k, v in written if getattr(op, k) != fields[k].default}


AnyOp = Annotated[
    Any,
    BeforeValidator(_read_op),
    PlainSerializer(_write_op, when_used="always"),
    WithJsonSchema(
        {"type": "object", "properties": {"op": {"type": "string"}}, "required": ["op"]}
    ),
]
Arg = TypeAliasType("Arg", "bool | int | float | str | tuple[Arg, ...] | None")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class OpNode(_Frozen):
    """One op: `name` is its instance in the region (unique unless shared), `output` the value it
    makes.
    """

    type: Literal["op"] = "op"
    name: str
    op: AnyOp
    inputs: tuple[int, ...]
    output: int
    train: bool = False
    """Only in the training graph (auxiliary heads)."""

    @property
    def outputs(self) -> tuple[int, ...]:
        return (self.output,)


class Call(_Frozen):
    """One use of another region. `outputs` matches that region's outputs one to one.

    `lends` gives the callee the instances that it borrows: pairs (name in the callee, name here).
    """

    type: Literal["call"] = "call"
    name: str
    region: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    lends: tuple[tuple[str, str], ...] = ()
    train: bool = False

    @property
    def output(self) -> int:
        return self.outputs[0]


Node = Annotated[OpNode | Call, Field(discriminator="type")]


class Input(_Frozen):
    """An input of a region: values 0, 1, ... in this order."""

    name: str
    shape: Shape


class Output(_Frozen):
    """An output of a region. The first is its result; of a root region, each is published under its
    name.
    """

    name: str
    value: int
    train: bool = False
    loss_weight: float | None = None


class Statement(_Frozen):
    """What one line of the text became: nodes `start` to `stop` of the region, ending in `value`.

    Every node belongs to exactly one statement, so sums over statements are sums over the region.
    """

    name: str
    start: int
    stop: int
    value: int
    stage: bool = False
    line: int = 0
    """Line of the source, from 1 (0: none). Not part of the digest."""
    source: str = ""
    """The file that the line is in, as diagnostics show it. Not part of the digest."""


class Region(_Frozen):
    """One definition. `kind`: a `model`, a `block` (then `block` is its name and `args` its
    evaluated parameters), or the `scope` that a label or a repeat opens.

    `shapes[v]` is the shape of value `v`. `borrows` names instances that live further out and come
    with the call.
    """

    id: str
    kind: Literal["model", "block", "scope"]
    block: str = ""
    args: tuple[tuple[str, Arg], ...] = ()
    inputs: tuple[Input, ...]
    shapes: tuple[Shape, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Output, ...]
    statements: tuple[Statement, ...] = ()
    borrows: tuple[str, ...] = ()


class InitRule(_Frozen):
    """`init SELECTOR = INIT`; later rules win. The selector's grammar: `resdsl.ir.weights.matches`.

    `scope` is the path, with its last dot, of the sub-model that says so; its selector sees only
    what is below.
    """

    scope: str = ""
    selector: str
    init: Init


class Table(dict[str, V]):
    """A dict that cannot be changed: a net is data that nobody has to copy to be safe."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a net cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[Table[V]], tuple[dict[str, V]]]:
        return Table, (dict(self),)


class Net(_Frozen):
    """A whole network. `regions` has callees before callers; `root` is the id of the last."""

    name: str
    root: str
    regions: Annotated[dict[str, Region], AfterValidator(Table)]
    inits: tuple[InitRule, ...] = ()
    notes: Annotated[dict[str, str], AfterValidator(Table)] = Table()

    @property
    def main(self) -> Region:
        return self.regions[self.root]

    def digest(self) -> str:
        """SHA-256 over the canonical form, in hex: equal for equal nets, however laid out."""
        from resdsl.ir.dump import digest

        return digest(self)

    def to_networkx(self) -> networkx.MultiDiGraph[str]:
        """The flat graph: a node an op, named by its path. Needs networkx."""
        from resdsl.ir.dump import to_networkx

        return to_networkx(self)

    def __str__(self) -> str:
        from resdsl.ir.dump import dump

        return dump(self)

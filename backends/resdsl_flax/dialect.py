"""Flax NNX's words."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.dialect import Lowered
from resdsl.codegen.expr import Apply, Expr, Keyword, code
from resdsl.codegen.text import Param
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape, show
from resdsl_flax import table
from resdsl_flax.helpers import HELPERS
from resdsl_flax.repeat import Repeats
from resdsl_flax.reserved import RESERVED
from resdsl_flax.rows import HANDS_ON, TYPES

TAKES = (
    Param("dtype", "DTypeLike | None", "None"),
    Param("param_dtype", "DTypeLike", "jnp.float32"),
    Param("rngs", "nnx.Rngs"),
)
_NAMESPACE = {"jax", "jnp", "nnx", "math", "Array", "DTypeLike", "NamedTuple", "partial", "copy"}


class FlaxDialect:
    """Classes of `flax.nnx`; images have their channels last."""

    def __init__(self, initialise: str, repeats: Repeats) -> None:
        self.initialise, self.repeats = initialise, repeats

    module = "nnx.Module"
    parameter = "nnx.Param"
    sequence = "nnx.Sequential"
    numbered = "nnx.Module"
    tensor = "Array"
    forward = "__call__"
    training = "not self.deterministic"
    mode = "self.deterministic = False"
    begin = ""
    takes: tuple[Param, ...] = TAKES
    hands_on: tuple[Keyword, ...] = HANDS_ON
    said: tuple[tuple[str, str], ...] = ((TYPES, '{"dtype": dtype, "param_dtype": param_dtype}'),)
    named_chains = False
    none_first = False
    identity: Expr = code("nnx.identity")
    reserved = RESERVED
    globals = frozenset(
        {*_NAMESPACE, "fnmatchcase", "create", TYPES, *(p.name for p in TAKES), *HELPERS}
    )

    def lower(self, op: Op, inputs: tuple[Shape, ...], output: Shape) -> Lowered:
        """One row of the table."""
        return table.lower(op, inputs, output)

    def show(self, shape: Shape) -> str:
        """`224x224x3`."""
        return show((*shape[1:], shape[0])) if len(shape) == 3 else show(shape)

    def hold_numbered(self, members: str) -> str:
        """They are in a list, as those of an `nnx.Sequential` are."""
        return f"self.layers = nnx.List({members})"

    def items(self, members: str, bare: bool) -> str:
        """`nnx.List([a, b])`."""
        return f"nnx.List({members})"

    def item(self, number: str) -> str:
        """`self.layers[0]`."""
        return f"self.layers[{number}]"

    def get(self, name: str, bare: bool) -> str:
        """An attribute all the same."""
        return f'getattr(self, "{name}")'

    def add(self, name: str, construct: str, bare: bool) -> str:
        """The statement that makes it."""
        return f'setattr(self, "{name}", {construct})'

    def repeat(self, region: str, layer: Expr, count: int) -> Expr | None:
        """`Repeat(7, Basic, 16, 16, **dtypes, rngs=rngs)`, where that is worth while."""
        return self.repeats.fold(region, layer, count)

    def chain(self, names: Sequence[str], layers: Sequence[Expr]) -> Expr:
        """`nnx.Sequential(a, b)`."""
        return Apply("nnx.Sequential", tuple(layers))

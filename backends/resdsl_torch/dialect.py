"""PyTorch's words."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.dialect import Lowered
from resdsl.codegen.expr import Apply, Expr, Keyword, call
from resdsl.codegen.names import attribute
from resdsl.codegen.text import Param
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape, show
from resdsl_torch import table
from resdsl_torch.helpers import HELPERS
from resdsl_torch.reserved import RESERVED


class TorchDialect:
    """Classes of `torch.nn`. `initialise` is the statement that sets the initial weights, or ""."""

    def __init__(self, initialise: str = "") -> None:
        self.initialise = initialise

    module = "nn.Module"
    sequence = "nn.Sequential"
    numbered = "nn.ModuleList"
    tensor = "Tensor"
    forward = "forward"
    training = "self.training"
    mode = ""
    begin = "super().__init__()"
    takes: tuple[Param, ...] = ()
    hands_on: tuple[Keyword, ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    named_chains = True
    none_first = True
    identity: Expr = call("nn.Identity")
    reserved = RESERVED
    globals = frozenset(
        {"torch", "nn", "F", "Tensor", "OrderedDict", "NamedTuple", "fnmatchcase", *HELPERS}
    )

    def lower(self, op: Op, inputs: tuple[Shape, ...], output: Shape) -> Lowered:
        """One row of the table."""
        return table.lower(op, inputs, output)

    def show(self, shape: Shape) -> str:
        """`3x224x224`."""
        return show(shape)

    def hold_numbered(self, members: str) -> str:
        """The class is the list."""
        return f"super().__init__({members})"

    def numbered_member(self, number: str, is_list: bool) -> str:
        """`self[0]`; a list with gaps or other members has no such indices."""
        return f"self[{number}]" if is_list else f'self.get_submodule("{number}")'

    def add_numbered(self, number: str, construct: str) -> str:
        """A member that no attribute can hold."""
        return f'self.add_module("{number}", {construct})'

    def repeat(self, region: str, layer: Expr, count: int) -> Expr | None:
        """PyTorch compiles no loop: they stay many."""
        return None

    def chain(self, names: Sequence[str], layers: Sequence[Expr]) -> Expr:
        """`nn.Sequential(a, b)`, or with an `OrderedDict` where the layers have names."""
        if all(name.isdigit() for name in names):
            return Apply("nn.Sequential", tuple(layers))
        keywords = tuple(
            Keyword(attribute(name, RESERVED), layer)
            for name, layer in zip(names, layers, strict=True)
        )
        return Apply("nn.Sequential", (Apply("OrderedDict", (), keywords),))

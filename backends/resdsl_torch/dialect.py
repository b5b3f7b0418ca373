"""PyTorch's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from resdsl.codegen.dialect import Lowered
from resdsl.codegen.expr import Apply, Const, Expr, Keyword, call, code
from resdsl.codegen.names import attribute, is_word
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
    parameter = "nn.Parameter"
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

    def items(self, members: str, bare: bool) -> str:
        """`nn.ModuleList([a, b])`."""
        return f"nn.{'Parameter' if bare else 'Module'}List({members})"

    def item(self, number: str) -> str:
        """`self[0]`."""
        return f"self[{number}]"

    def get(self, name: str, bare: bool) -> str:
        """A member that no attribute holds. (`get_parameter` refuses what `torch.export` makes of
        one.)"""
        return f'getattr(self, "{name}")' if bare else f'self.get_submodule("{name}")'

    def add(self, name: str, construct: str, bare: bool) -> str:
        """The statement that makes it."""
        return f'self.{"register_parameter" if bare else "add_module"}("{name}", {construct})'

    def repeat(self, region: str, layer: Expr, count: int) -> Expr | None:
        """PyTorch compiles no loop: they stay many."""
        return None

    def chain(self, names: Sequence[str], layers: Sequence[Expr]) -> Expr:
        """`nn.Sequential(a, b)`, or with an `OrderedDict` where the layers have names."""
        if all(name.isdigit() for name in names):
            return Apply("nn.Sequential", tuple(layers))
        pairs = [(attribute(name, RESERVED), x) for name, x in zip(names, layers, strict=True)]
        if loop := _loop(pairs):
            named = call("OrderedDict", loop)
        elif all(is_word(name) for name, _ in pairs):
            named = Apply("OrderedDict", (), tuple(Keyword(name, x) for name, x in pairs))
        else:
            items = (part for name, x in pairs for part in (", ", f'"{name}": ', x))
            named = call("OrderedDict", code("{", *islice(items, 1, None), "}"))
        return Apply("nn.Sequential", (named,))


def _loop(pairs: Sequence[tuple[str, Expr]]) -> Expr | None:
    """`(f"layer_{i}", Block()) for i in range(12)`: equal layers whose names count."""
    parts = [re.fullmatch(r"(.*?)(0|[1-9][0-9]*)", name) for name, _ in pairs]
    found = [(part[1], int(part[2])) for part in parts if part]
    if len(found) < max(len(pairs), 3) or any(layer != pairs[0][1] for _, layer in pairs):
        return None
    stem, first = found[0]
    if found != [(stem, first + i) for i in range(len(found))]:
        return None
    bounds = f"{first}, " if first else ""
    count = Const(first + len(found), "layers", "size")
    return code(f'(f"{stem}{{i}}", ', pairs[0][1], f") for i in range({bounds}", count, ")")

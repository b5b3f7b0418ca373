"""What the planner asks of a class-based framework: a table from ops to expressions, and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from resdsl.codegen.expr import Expr, Keyword
from resdsl.codegen.text import Param
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape

Style = Literal["step", "lead", "wrap", "merge"]
"""How a call is written: a `step` starts a line, a `lead` starts one and goes into the next step,
a `wrap` goes around what it follows (`F.relu(self.bn1(self.conv1(x)))`), a `merge` joins branches.
"""


@dataclass(frozen=True, slots=True)
class Lowered:
    """One op as expressions.

    `call` is what the forward pass does, `module` constructs the member that holds the weights
    (None: the op has none). `layers` are the same op as layers of a sequence, each with the name
    that it has there ("" for the op's own name); None where it cannot be one. `functional` is
    `call` on the weights of a member that was made with other settings, for shared instances.
    `enter` is what the last of several layers is called with; a sequence that begins with the op is
    called with that, and needs but that layer. A `nameless` member holds no weights: in a numbered
    sequence it may stand anywhere.
    """

    call: Expr
    module: Expr | None = None
    style: Style = "step"
    layers: tuple[tuple[str, Expr], ...] | None = None
    functional: Expr | None = None
    enter: Expr | None = None
    nameless: bool = False


class Dialect(Protocol):
    """A framework's words."""

    module: str
    """The base class of a class with members of its own names."""
    parameter: str
    """The class of a bare tensor, which is a member too."""
    sequence: str
    """The base class of a class whose members are numbered and run one after the other."""
    numbered: str
    """The base class of a class whose members are numbered."""
    tensor: str
    forward: str
    """The name of the method that computes."""
    training: str
    """The expression that is true in training."""
    mode: str
    """The statement that a constructor needs where the forward pass asks for `training`, or ""."""
    begin: str
    """The first statement of a constructor, or ""."""
    takes: tuple[Param, ...]
    """What every constructor of a class with members takes besides, by keyword."""
    hands_on: tuple[Keyword, ...]
    """What it hands on to its members of such classes."""
    said: tuple[tuple[str, str], ...]
    """What a constructor calls what it hands on: names and their values."""
    named_chains: bool
    """The layers of a sequence may have names instead of numbers."""
    none_first: bool
    """A member may be None at first and another thing later."""
    identity: Expr
    """A layer that does nothing."""
    initialise: str
    """The statement at the end of the root's constructor that sets the initial weights, or ""."""
    reserved: frozenset[str]
    """Names that no member may have."""
    globals: frozenset[str]
    """Names of the module's namespace, which no class and no variable may have."""

    def lower(self, op: Op, inputs: tuple[Shape, ...], output: Shape) -> Lowered:
        """One row of the table."""
        ...

    def show(self, shape: Shape) -> str:
        """A shape without its batch, for readers."""
        ...

    def hold_numbered(self, members: str) -> str:
        """The statement that makes the members that count from 0: arguments, or an iterator."""
        ...

    def items(self, members: str, bare: bool) -> str:
        """A member that is a list: of arguments, or of an iterator."""
        ...

    def item(self, number: str) -> str:
        """How one of the members that count from 0 is spoken of."""
        ...

    def get(self, name: str, bare: bool) -> str:
        """How a member, or a bare tensor, is spoken of whose name is no word."""
        ...

    def add(self, name: str, construct: str, bare: bool) -> str:
        """The statement that makes it."""
        ...

    def repeat(self, region: str, layer: Expr, count: int) -> Expr | None:
        """`count` equal layers of a region's sequence as one; None where they stay many."""
        ...

    def chain(self, names: Sequence[str], layers: Sequence[Expr]) -> Expr:
        """A sequence of layers with these names, which need not be said where they count from
        0."""
        ...

"""A region in a framework's words: its nodes as steps."""

from __future__ import annotations

from dataclasses import dataclass, field

from resdsl.codegen.dialect import Style
from resdsl.codegen.expr import Expr, skeleton


@dataclass(slots=True, eq=False)
class Step:
    """A node of a region in a framework's words."""

    name: str
    kind: str
    call: Expr
    module: Expr | None
    style: Style
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    train: bool = False
    borrowed: bool = False
    lends: tuple[str, ...] = ()
    """Names of members that it lends."""
    bare: bool = False
    """Its member is one tensor and nothing else."""
    key: tuple[object, ...] = field(init=False)

    def __post_init__(self) -> None:
        module = self.module and skeleton(self.module)
        stateful = self.name if module or self.borrowed else ""
        self.key = (self.kind, stateful, module, skeleton(self.call), len(self.inputs),
                    len(self.outputs), self.train)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """The steps of a region, and its values of interest."""

    inputs: int
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]

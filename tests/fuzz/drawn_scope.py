"""What a drawn body may refer to, and what is known of a drawn block."""

from __future__ import annotations

from dataclasses import dataclass, field

from resdsl.ir.shape import Shape, show
from tests.fuzz.drawing import Made
from tests.fuzz.drawn_blocks import ACTS

Lines = list[str]


@dataclass
class Scope:
    """What a body may refer to, with what is known of it."""

    taps: dict[str, Shape] = field(default_factory=dict)
    widths: dict[str, int] = field(default_factory=dict)
    acts: list[str] = field(default_factory=lambda: list(ACTS))
    flags: dict[str, bool] = field(default_factory=dict)
    shares: dict[str, tuple[str, Made]] = field(default_factory=dict)
    depth: int = 3
    main: bool = False  # of the model itself: outputs may stand here
    block: bool = False  # of a block or another model

    def inner(self) -> Scope:
        """Of a body inside this one: what it labels is its own."""
        return Scope(
            dict(self.taps), dict(self.widths), list(self.acts), dict(self.flags),
            dict(self.shares), self.depth - 1, False, self.block,
        )  # fmt: skip


@dataclass(frozen=True)
class Block:
    """A drawn block: its name, what it takes, and the labels of its body."""

    name: str
    takes: tuple[str, ...]
    parts: tuple[str, ...]


def labels_of(lines: Lines) -> tuple[str, ...]:
    """Those of the body itself, not of what stands in braces."""
    found, depth = [], 0
    for line in "\n".join(lines).split("\n"):
        head = line.removeprefix("stage ").split(":")[0]
        if depth == 0 and ":" in line and head.isidentifier():
            found.append(head)
        depth += line.count("{") - line.count("}")
    return tuple(found)


def shown(shape: Shape) -> str:
    return show(shape) if len(shape) > 1 else f"[{shape[0]}]"

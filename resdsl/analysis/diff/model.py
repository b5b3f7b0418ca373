"""A difference of two nets as data."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from resdsl.analysis.shown import Shown
from resdsl.files import MADE
from resdsl.ir.shape import Shape

Sign = Literal["=", "~", "+", "-"]
Value = Any
"""What JSON holds."""

Subject = Literal[
    "name", "kind", "argument", "repeats", "level", "source", "sharing", "stage", "training",
    "shape", "input", "output", "init",
]  # fmt: skip
"""What a fact is of. `level`: a label or a block that one side has and the other writes out."""

COUNTS = (
    "params", "params_training", "buffers", "macs", "activation_memory", "weight_memory",
)  # fmt: skip
"""What parts sum to; bytes are those of one image in float32."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Fact(_Frozen):
    """One thing that is `a` on the one side and `b` on the other; None is absent.

    `follows`: it is so because of something else that changed, further in or out or before.
    """

    subject: Subject
    what: str
    """The argument's name, say: `stride`."""
    a: Value
    b: Value
    follows: bool = False
    was: str = ""
    """`what` in `a`, if that is called otherwise there: `output logits`."""


class Side(_Frozen):
    """One part of one of the nets. `times`: so many equal repeats, of which the counts are sums."""

    name: str
    path: str
    """From the root, `conv3_x.0.conv1`; of repeats the first one's."""
    kind: str
    args: dict[str, Value]
    """Of an op the fields that differ from their defaults, of a block its parameters."""
    inputs: tuple[str, ...]
    """What its inputs come from, by their names at the same level."""
    output: Shape
    times: int = 1
    train: bool = False
    stage: bool = False
    params: int
    params_training: int
    buffers: int
    macs: int
    activation_memory: int
    weight_memory: int


class Part(_Frozen):
    """A part of the one net beside its counterpart in the other, which a part that was added or
    removed does not have. The counts of `parts` sum to its own; what is equal is not opened.
    """

    sign: Sign
    a: Side | None = None
    b: Side | None = None
    facts: tuple[Fact, ...] = ()
    parts: tuple[Part, ...] = ()
    follows: bool = False
    """Nothing in it is a cause: it is as it is because of what changed elsewhere."""

    @property
    def side(self) -> Side:
        """The one that there is: of two, the second."""
        side = self.b or self.a
        assert side
        return side

    @property
    def causes(self) -> tuple[Fact, ...]:
        """The facts that are no mere consequences."""
        return tuple(fact for fact in self.facts if not fact.follows)

    @property
    def renamed(self) -> bool:
        """It has another name and is equal otherwise."""
        return bool(self.facts) and all(f.subject == "name" for f in self.facts) and not self.parts

    def delta(self, count: str) -> int:
        """How much more the second net has of one of `COUNTS`."""
        return sum(getattr(self.b, count, 0) for _ in "b") - getattr(self.a, count, 0)


class Whole(_Frozen):
    """One of the two nets, with its totals, as `stats` counts them."""

    name: str
    spec: str
    """What it was loaded by, where that is known."""
    settings: dict[str, Value]
    """The model's parameters."""
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    params: int
    params_training: int
    buffers: int
    macs: int
    activation_memory: int
    weight_memory: int
    depth: int
    receptive_field: tuple[int | None, int | None]


class Diff(Shown, _Frozen):
    """What is different in `b` compared with `a`; true where anything is.

    Two nets are equal when the same ops stand under the same names, wired alike, with the same
    inputs, outputs, stages and rules of initialisation. A model's name, its notes, its parameters
    and the blocks that it is written in explain a difference, but are none.
    """

    a: Whole
    b: Whole
    facts: tuple[Fact, ...]
    """Of the net itself: its inputs, its outputs, its rules of initialisation."""
    parts: tuple[Part, ...]
    """What stands at the top level, in order; their counts sum to the totals."""

    def __bool__(self) -> bool:
        return bool(self.facts) or any(part.sign != "=" for part in self.parts)

    def delta(self, count: str) -> int:
        """How much more the second net has of one of `COUNTS`, or of `depth`."""
        return int(getattr(self.b, count) - getattr(self.a, count))

    @property
    def settings(self) -> tuple[Fact, ...]:
        """Parameters that both models have, where they are set differently."""
        both = [name for name in self.a.settings if name in self.b.settings]
        pairs = [(name, self.a.settings[name], self.b.settings[name]) for name in both]
        return tuple(
            Fact(subject="argument", what=name, a=a, b=b) for name, a, b in pairs if a != b
        )

    def to_data(self) -> dict[str, Any]:
        """JSON-ready."""
        deltas = {count: self.delta(count) for count in (*COUNTS, "depth")}
        head = {"generator": MADE, "equal": not self, "deltas": deltas}
        return head | self.model_dump(mode="json")

    def to_json(self, indent: int | None = 2) -> str:
        return json.dumps(self.to_data(), indent=indent, ensure_ascii=False)

    def __repr__(self) -> str:
        said = f"{sum(p.sign != '=' for p in self.parts)} parts differ" if self else "equal"
        return f"<Diff of {self.a.name} and {self.b.name}: {said}>"

    __str__ = __repr__

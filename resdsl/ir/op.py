"""What an op is: a frozen pydantic class whose fields are the language's keywords.

A subclass states `kind` (the word in a spec), its fields in the order in which they may be written
without a name, and `infer`. Defining the class registers it; nothing else in the core needs to know
of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from resdsl.diagnostics import RuleError
from resdsl.ir.init import Init
from resdsl.ir.shape import Shape, show


class Weight(NamedTuple):
    """A tensor that an op owns. `role`: `trainable` (counted in params) or `buffer` (apart)."""

    shape: Shape
    init: Init
    role: Literal["trainable", "buffer"] = "trainable"


def path_of(instance: str, tensor: str) -> str:
    """`conv1.weight`; of the tensor "" the name of the instance itself."""
    return f"{instance}.{tensor}" if tensor else instance


class Window(NamedTuple):
    """What an op sees of its input, in one direction: for receptive fields. `size` 0 means all.

    From one output element to the next the window moves on by `stride` / `up` input elements; only
    ops that enlarge, or divide unevenly, have an `up` other than 1.
    """

    size: int = 1
    stride: int = 1
    up: int = 1


class Op(BaseModel, ABC):
    """One primitive step with exactly one output. Shapes have no batch dimension."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: ClassVar[str]
    tensors: ClassVar[tuple[str, ...]] = ()
    """Keywords that take a further tensor, in the order of the inputs after the first."""
    merges: ClassVar[bool] = False
    """Takes any number of inputs, so that it may stand before `{ | branch | branch }`."""
    bare: ClassVar[bool] = False
    """It is one tensor and nothing else, which has the op's own name: `weights` calls it ""."""
    weighted_layers: ClassVar[int] = 0
    """What it adds to a net's depth, as papers count it: 1 for a convolution or a linear layer."""

    registry: ClassVar[dict[str, type[Op]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if kind := cls.__dict__.get("kind"):
            if kind in Op.registry:
                raise TypeError(f"two ops are called `{kind}`")
            Op.registry[kind] = cls

    @abstractmethod
    def infer(self, *inputs: Shape) -> Shape:
        """The shape of the output. Raises `RuleError`, naming the field, where it cannot be."""

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        """The tensors that the op owns, by name (`weight`, ...), in the order of a state dict."""
        return {}

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        """Multiply-adds at batch 1 (convolutions, linear layers and attention only)."""
        return 0

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        """What one output element sees of the input: (vertical, horizontal)."""
        return Window(), Window()

    def advise(self, inputs: tuple[Shape, ...], before: Op | None) -> Iterable[RuleError]:
        """Warnings about a use that is legal and likely not meant: their `code` is a lint's, their
        `field` the keyword at fault. `before` is the op that made the first input, if one did.
        """
        return ()


# ---------------------------------------------------------------- field types shared by the ops


def as_pair(value: object) -> tuple[object, object]:
    """`3` -> (3, 3); `[1, 7]` or the literal `1x7` -> (1, 7): rows, columns."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value, value
    if isinstance(value, list | tuple) and len(value) == 2:
        return value[0], value[1]
    raise ValueError("should be a number, or two: [rows, columns]")


PositiveInt = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Natural = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Pair = Annotated[tuple[PositiveInt, PositiveInt], BeforeValidator(as_pair)]
NaturalPair = Annotated[tuple[Natural, Natural], BeforeValidator(as_pair)]
Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Probability = Annotated[float, Field(ge=0, le=1, strict=True)]


def need_rank(op: Op, shape: Shape, *ranks: int) -> None:
    """Refuse an input that is not an image / a sequence / a vector, in words."""
    names = {1: "a vector (D)", 2: "a sequence (NxD)", 3: "an image (CxHxW)"}
    if len(shape) not in ranks:
        wanted = " or ".join(names[r] for r in ranks)
        raise RuleError(f"`{op.kind}` takes {wanted}, got {show(shape)}")

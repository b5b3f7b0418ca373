"""`stats`: shapes, parameters, multiply-adds, memory, receptive field, depth; per stage and deeper.

Every region is counted once and its sums are reused by each call, so a net costs what is distinct
in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict

from resdsl.analysis.counts import Use, walk
from resdsl.analysis.rows import Book, Level, Place, Row
from resdsl.analysis.shown import Shown
from resdsl.ir.graph import Net
from resdsl.ir.shape import Shape

DTYPES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}
"""Bytes of one element."""

CONVENTION = (
    "params: trainable elements (weights, biases, scales and shifts), a shared instance counted "
    "once, at its first use; params_training: with auxiliary heads, which exist only in training;"
    " buffers: running statistics, without batch counters; macs: multiply-adds of convolutions "
    "(projections included), linear layers and attention, at batch 1 in the inference graph, a "
    "shared instance counted at every use: the FLOPs of the ResNet paper; depth: weighted layers "
    "on the longest path to the first output; receptive_field: height and width in elements of "
    "the input, the largest over branches and inputs, null where all of it is seen; "
    "activation_memory: bytes of the outputs of all ops of the inference graph at this batch and "
    "dtype; weight_memory: bytes of parameters and buffers"
)


class Stats(Shown, BaseModel):
    """The counts of a net. `rows` are its top-level statements; they sum to the totals exactly."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    params: int
    params_training: int
    buffers: int
    macs: int
    depth: int
    receptive_field: tuple[int | None, int | None]
    activation_memory: int
    """Bytes."""
    weight_memory: int
    batch: int
    dtype: str
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]
    """Of the inference graph, without the batch."""
    rows: tuple[Row, ...]
    suspended: tuple[str, ...] = ()
    """`expect` lines that were not checked, because a parameter or an input was overridden."""
    convention: str = CONVENTION

    def __repr__(self) -> str:
        counts = f"{self.params:,} params, {self.macs:,} macs, depth {self.depth}"
        return f"<Stats of {self.name}: {counts}>"

    __str__ = __repr__

    def to_data(self, level: Level = "stage") -> dict[str, Any]:
        """JSON-ready. `stages` has an object a top-level statement, `children` at deeper levels."""
        data = self.model_dump(mode="json", exclude={"rows", "convention"})
        stages = [row.to_data(level) for row in self.rows]
        return data | {"stages": stages, "convention": self.convention}

    def to_json(self, level: Level = "stage", indent: int | None = 2) -> str:
        return json.dumps(self.to_data(level), indent=indent, ensure_ascii=False)


def stats(net: Net, batch: int = 1, dtype: str = "float32", suspended: Iterable[str] = ()) -> Stats:
    """Count `net`. Memory is that of `batch` images in `dtype`, a key of `DTYPES`."""
    if dtype not in DTYPES:
        raise ValueError(f"`dtype` must be one of {' | '.join(DTYPES)}, got {dtype!r}")
    if batch < 1:
        raise ValueError(f"`batch` (={batch}) must be at least 1")
    width, root = DTYPES[dtype], net.main
    place = Place.root(Book.of(net, activation=batch * width, weight=width))
    parts = list(walk(root, Use(), place.book.counts))
    rows = tuple(place.statement_row(s, parts[s.start : s.stop]) for s in root.statements)
    whole = place.model_row(parts)
    return Stats(
        name=net.name,
        params=whole.params,
        params_training=whole.params_training,
        buffers=whole.buffers,
        macs=whole.macs,
        depth=whole.depth,
        receptive_field=whole.receptive_field,
        activation_memory=whole.activation_memory,
        weight_memory=whole.weight_memory,
        batch=batch,
        dtype=dtype,
        inputs={value.name: value.shape for value in root.inputs},
        outputs={o.name: root.shapes[o.value] for o in root.outputs if not o.train},
        rows=rows,
        suspended=tuple(suspended),
    )

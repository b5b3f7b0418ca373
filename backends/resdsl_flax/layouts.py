"""What the state of a model calls its weights, and where their axes are: for files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from resdsl.codegen.names import attribute
from resdsl.codegen.plan import plan
from resdsl.ir.graph import Net
from resdsl.ir.weights import weights
from resdsl.weights.layout import Layout
from resdsl_flax.dialect import FlaxDialect
from resdsl_flax.initial import type_of
from resdsl_flax.repeat import Repeats, walk
from resdsl_flax.reserved import RESERVED
from resdsl_flax.weights import BARE, LAYOUTS

TOKENS = {"class_token": 2, "position_embedding": 2}
"""How many axes these bare tensors have here: one less than canonically, the batch's."""


def layouts(net: Net) -> dict[str, Layout]:
    """Canonical path -> the name in the state, `conv1.kernel`, and the axes.

    They are those of the model without loops, where each block has weights of its own. Needs no
    framework.
    """
    lists = plan(net, FlaxDialect("", Repeats("unroll"))).lists
    found = {}
    for path, (op, weight) in weights(net).items():
        *levels, name = path.split(".")
        if op.bare:
            axes = BARE[TOKENS.get(op.kind, len(weight.shape))].axes
            found[path] = Layout(".".join(_attributes(net, [*levels, name], lists)), axes)
            continue
        table = LAYOUTS[type_of(op.kind, name).removeprefix("nnx.")]
        leaf, at = next((leaf, at) for leaf, at in table.items() if at.name == name)
        found[path] = Layout(".".join([*_attributes(net, levels, lists), leaf]), at.axes)
    return found


def _attributes(net: Net, levels: Sequence[str], lists: Collection[str]) -> Iterator[str]:
    """What leads to a module."""
    for region, name in walk(net, levels):
        if name.isdigit() and region.id in lists:
            yield "layers"
        yield from (attribute(level, RESERVED) for level in name.split("."))

"""Nets read flat, from the data of the IR alone: what the tests of the language compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import resdsl
from resdsl.ir.graph import Net, Region
from resdsl.ir.op import Op


@dataclass(frozen=True)
class Use:
    """One application of one op: `path` is its instance."""

    path: str
    op: Op
    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]
    train: bool


def uses(network: resdsl.Network) -> list[Use]:
    """Every op application in the order of the text."""
    return list(_walk(network.ir, network.ir.main, "", {}, False))


def _walk(ir: Net, region: Region, prefix: str, lent: dict[str, str], train: bool) -> Iterator[Use]:
    for node in region.nodes:
        path = lent.get(node.name, prefix + node.name)
        if node.type == "op":
            shapes = tuple(region.shapes[v] for v in node.inputs)
            yield Use(path, node.op, shapes, region.shapes[node.output], train or node.train)
            continue
        callee = ir.regions[node.region]
        borrowed = {inner: lent.get(here, prefix + here) for inner, here in node.lends}
        yield from _walk(ir, callee, path + ".", borrowed, train or node.train)

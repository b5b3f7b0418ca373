"""Nets read flat, from the data of the IR alone: what the tests of the language compare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from textwrap import dedent
from typing import Any

import pytest

import resdsl
from resdsl.diagnostics import Diagnostic
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


def script(body: str, more: str = "", image: str = "3x16x16") -> str:
    """A whole spec: one image in, `body`, the last tensor out; `more` stands after it (blocks)."""
    return f"model m\ninput image: {image}\n{dedent(body).strip()}\noutput out\n{dedent(more)}"


def net(body: str, more: str = "", **params: Any) -> resdsl.Network:
    """The network of `script(body, more)`."""
    return resdsl.loads(script(body, more), **params)


def error(body: str, more: str = "", **params: Any) -> Diagnostic:
    """The first diagnostic of `script(body, more)`, which must not load."""
    return error_of(script(body, more), **params)


def error_of(text: str, **params: Any) -> Diagnostic:
    """The first diagnostic of a whole text, which must not load."""
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads(dedent(text), **params).stats()
    return caught.value.diagnostics[0]


def at(diagnostic: Diagnostic) -> tuple[str, str]:
    """Its code, and the text that it points at."""
    assert diagnostic.span is not None, diagnostic
    return diagnostic.code, diagnostic.span.text


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


def paths(network: resdsl.Network) -> list[str]:
    """The instance of every application, in order."""
    return [use.path for use in uses(network)]


def ops(network: resdsl.Network) -> str:
    """The ops' kinds in order, in one string."""
    return " ".join(use.op.kind for use in uses(network))


def shapes(network: resdsl.Network) -> list[tuple[int, ...]]:
    """The shape of every application's output, in order."""
    return [use.output for use in uses(network)]


def weights(network: resdsl.Network) -> dict[str, tuple[int, ...]]:
    """{path: shape} of everything trainable."""
    found: dict[str, tuple[int, ...]] = {}
    for use in uses(network):
        for name, weight in use.op.weights(*use.inputs).items():
            if weight.role == "trainable":
                assert found.setdefault(f"{use.path}.{name}", weight.shape) == weight.shape
    return found


def params(network: resdsl.Network) -> int:
    """Trainable elements, counted from `weights`."""
    return sum(prod(shape) for shape in weights(network).values())


def result(network: resdsl.Network, name: str | None = None) -> tuple[int, ...]:
    """The shape of a published output (by default the first)."""
    main = network.ir.main
    output = next(o for o in main.outputs if name in (None, o.name))
    return main.shapes[output.value]

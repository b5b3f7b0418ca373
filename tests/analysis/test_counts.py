"""Shared instances: weights at their first use, multiply-adds at each."""

from __future__ import annotations

from typing import Any

import pytest

from resdsl.analysis.stats import Stats, stats
from resdsl.ir.graph import Net, Output
from resdsl.ir.verify import verify
from tests.analysis.flat import flat_counts
from tests.analysis.nets import Draft, net, shared

CONV = {"out": 8, "k": 3}
WEIGHTS = 8 * 8 * 9 + 8
WORK = 8 * 8 * 9 * 16 * 16


def counted(made: Net) -> Stats:
    """The stats of a valid net, which agree with the flat graph."""
    verify(made)
    found, flat = stats(made), flat_counts(made)
    assert {name: getattr(found, name) for name in flat if hasattr(found, name)} == {
        name: count for name, count in flat.items() if name != "activations"
    }
    return found


def params(found: Stats) -> list[int]:
    return [row.params for row in found.rows]


def test_the_first_use_counts_the_weights() -> None:
    found = counted(shared())
    assert params(found) == [WEIGHTS + 36, 0, 0, 0, 50]
    first, _, _, again, _ = found.rows
    assert [row.params for row in first.children] == [WEIGHTS, 0, 36]
    assert [row.params for row in again.children] == [0, 0, 0]
    assert [row.macs for row in again.children] == [WORK, WORK, 8 * 4 * 256]


def test_a_second_call_of_an_instance_owns_nothing_new() -> None:
    inner = Draft("inner", inputs={"in": (8, 16, 16)})
    block = inner.end(inner.op("conv1", "conv", 0, **CONV))
    root = Draft("root", "model", {"image": (8, 16, 16)})
    (x,) = root.call("tower", block, 0)
    root.line("a", x)
    (x,) = root.call("tower", block, x)
    root.line("b", x)
    (x,) = root.call("other", block, x)
    root.line("c", x)
    found = counted(net("towers", block, root.end(x)))
    assert params(found) == [WEIGHTS, 0, WEIGHTS]
    assert [row.macs for row in found.rows] == [WORK] * 3
    assert [row.children[0].params for row in found.rows] == [WEIGHTS, 0, WEIGHTS]


def borrower(id: str, *kinds: str, lends: Any = None, callee: Any = None) -> Any:
    d = Draft(id, inputs={"in": (8, 16, 16)}, borrows=kinds)
    x = 0
    for name in kinds:
        if callee is None:
            x = d.op(name, "conv", x, **CONV)
    if callee is not None:
        (x,) = d.call("deep", callee, x, lends=lends)
    return d.end(x)


def test_an_instance_is_lent_through_several_regions() -> None:
    deep = borrower("deep", "u")
    middle = borrower("middle", "v", lends=(("u", "v"),), callee=deep)
    root = Draft("root", "model", {"image": (8, 16, 16)})
    (x,) = root.call("m", middle, 0, lends=(("v", "w"),))
    root.line("m", x)
    x = root.op("w", "conv", x, **CONV)
    root.line("w", x)
    found = counted(net("chain", deep, middle, root.end(x)))
    assert params(found) == [WEIGHTS, 0]
    assert found.rows[0].children[0].children[0].params == WEIGHTS
    assert found.params == WEIGHTS
    assert found.macs == 2 * WORK


def test_one_instance_lent_under_two_names_counts_once() -> None:
    both = borrower("both", "a", "b")
    root = Draft("root", "model", {"image": (8, 16, 16)})
    (x,) = root.call("s", both, 0, lends=(("a", "c"), ("b", "c")))
    found = counted(net("alias", both, root.end(x)))
    assert found.params == WEIGHTS
    assert [row.params for row in found.rows[0].children] == [WEIGHTS, 0]


@pytest.mark.parametrize("lent", [False, True], ids=["op", "lent"])
def test_a_weight_first_used_in_training_belongs_to_inference_too(lent: bool) -> None:
    inner = borrower("inner", "u")
    root = Draft("root", "model", {"image": (8, 16, 16)})
    if lent:
        (aux,) = root.call("s", inner, 0, lends=(("u", "c"),), train=True)
    else:
        aux = root.op("c", "conv", 0, train=True, **CONV)
    root.line("aux", aux)
    x = root.op("c", "conv", 0, **CONV)
    root.line("main", x)
    outputs = Output(name="main", value=x), Output(name="aux", value=aux, train=True)
    regions = (inner,) if lent else ()
    found = counted(net("late", *regions, root.end(*outputs)))
    assert params(found) == [0, WEIGHTS]
    assert [row.params_training for row in found.rows] == [WEIGHTS, 0]
    assert (found.params, found.params_training) == (WEIGHTS, WEIGHTS)
    assert found.macs == WORK


def test_a_region_called_in_training_only_counts_there() -> None:
    inner = Draft("inner", inputs={"in": (8, 16, 16)})
    head = inner.end(inner.op("bn1", "bn", inner.op("conv1", "conv", 0, **CONV)))
    root = Draft("root", "model", {"image": (8, 16, 16)})
    (aux,) = root.call("aux", head, 0, train=True)
    root.line("aux", aux)
    (x,) = root.call("main", head, 0)
    root.line("main", x)
    outputs = Output(name="main", value=x), Output(name="aux", value=aux, train=True)
    found = counted(net("heads", head, root.end(*outputs)))
    assert (found.params, found.params_training) == (WEIGHTS + 16, 2 * (WEIGHTS + 16))
    assert found.buffers == 16
    inside = found.rows[0].children
    assert all(row.train and row.params == row.macs == row.buffers == 0 for row in inside)
    assert [row.params_training for row in inside] == [WEIGHTS, 16]

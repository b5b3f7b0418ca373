"""Merges: shapes are torch's, and torch's silent broadcasting is refused but where it is meant."""

from __future__ import annotations

from functools import reduce

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resdsl.diagnostics import RuleError
from resdsl.ir.op import Op, Window
from resdsl.ops.merge import Add, Concat, Maximum, Mul
from tests.ops.torch_says import agree, output_of, refuses

IMAGE, SEQUENCE, VECTOR = (6, 13, 11), (7, 12), (12,)
TORCH = {
    "add": lambda *xs: reduce(torch.add, xs),
    "mul": lambda *xs: reduce(torch.mul, xs),
    "maximum": lambda *xs: reduce(torch.maximum, xs),
}


@pytest.mark.parametrize("kind", TORCH)
@pytest.mark.parametrize("shape", [IMAGE, SEQUENCE, VECTOR])
@pytest.mark.parametrize("branches", [1, 2, 4])
def test_equal_shapes(kind: str, shape: tuple[int, ...], branches: int) -> None:
    op = Op.registry[kind]()
    agree(op, TORCH[kind], *[shape] * branches)
    assert op.window((shape,) * branches) == (Window(), Window())


def test_mul_repeats_dimensions_of_one() -> None:
    for others in [((6, 1, 1),), ((1, 13, 11),), ((1, 1, 1), (6, 1, 11))]:
        agree(Mul(), TORCH["mul"], IMAGE, *others)
        agree(Mul(), TORCH["mul"], *others, IMAGE)
    agree(Mul(), TORCH["mul"], (6, 1, 1), (1, 13, 11))
    agree(Mul(), TORCH["mul"], SEQUENCE, (7, 1))


def test_concat() -> None:
    agree(Concat(), lambda *xs: torch.cat(xs, 1), IMAGE, (2, 13, 11), IMAGE)
    agree(Concat(), lambda *xs: torch.cat(xs, 2), SEQUENCE, (7, 5))
    agree(Concat(), lambda *xs: torch.cat(xs, 1), VECTOR, (5,))
    agree(Concat(), lambda *xs: torch.cat(xs, 1), IMAGE)


shapes = st.lists(st.tuples(*[st.integers(1, 3)] * 3), min_size=1, max_size=4)


@given(shapes)
def test_mul_takes_what_broadcasting_takes(inputs) -> None:
    try:
        shape = Mul().infer(*inputs)
    except RuleError:
        with pytest.raises(RuntimeError):
            output_of(TORCH["mul"], *inputs)
        return
    assert shape == output_of(TORCH["mul"], *inputs)


@given(shapes)
def test_concat_takes_what_cat_takes(inputs) -> None:
    try:
        shape = Concat().infer(*inputs)
    except RuleError:
        with pytest.raises(RuntimeError):
            output_of(lambda *xs: torch.cat(xs, 1), *inputs)
        return
    assert shape == output_of(lambda *xs: torch.cat(xs, 1), *inputs)


@pytest.mark.parametrize(
    ("op", "others"),
    [
        (Add(), [(6, 1, 1), (7, 13, 11), (6, 13), (6,)]),
        (Maximum(), [(6, 1, 1), (6, 13, 12), (13, 11)]),
        (Mul(), [(3, 13, 11), (6, 2, 11), (11,), (13, 11)]),
        (Concat(), [(6, 13, 12), (6, 1, 1), (13, 11), (6,)]),
    ],
)
def test_branches_that_disagree(op: Op, others: list[tuple[int, ...]]) -> None:
    for other in others:
        says = f"the branches of `{op.kind}` end in different shapes"
        error = refuses(op, IMAGE, other, field=None, says=says)
        assert error.code == "E310"
        shown = "x".join(map(str, other))
        assert error.notes == ("branch 1 ends in 6x13x11", f"branch 2 ends in {shown}")


def test_no_branch_at_all() -> None:
    for op in (Add(), Maximum(), Mul(), Concat()):
        assert op.merges
        refuses(op, field=None, says=f"`{op.kind}` needs at least one branch")

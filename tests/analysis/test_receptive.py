"""Receptive fields, against intervals traced by hand and by brute force."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import resdsl
from resdsl.analysis.stats import stats
from resdsl.ir.graph import Net
from tests.analysis.nets import Draft, net, resnet50, shared

STEPS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 2)), max_size=5)


def chain(steps: list[tuple[int, int, int]]) -> Net:
    root = Draft("root", "model", {"image": (1, 999, 999)})
    x = 0
    for i, (k, stride, dilation) in enumerate(steps):
        window = {"k": (k, 1), "stride": (stride, 1), "dilation": (dilation, 1)}
        x = root.op(f"conv{i + 1}", "conv", x, out=1, pad="valid", **window)
    x = root.op("bn1", "bn", x)
    return net("chain", root.end(x))


@given(STEPS)
def test_a_chain_sees_what_its_first_element_reads(steps: list[tuple[int, int, int]]) -> None:
    seen = {0}
    for k, stride, dilation in reversed(steps):
        seen = {at * stride + i * dilation for at in seen for i in range(k)}
    assert stats(chain(steps)).receptive_field == (max(seen) - min(seen) + 1, 1)


def test_resnet_50_sees_what_the_literature_says() -> None:
    fields = [row.receptive_field for row in stats(resnet50()).rows]
    sides = [7, 11, 35, 99, 291, 483]  # Araujo, Norris, Sim 2019 (there v1 too)
    assert fields == [*((side, side) for side in sides), (None, None)]


def test_of_branches_the_widest_counts() -> None:
    net = resdsl.loads("""
        input image: 3x32x32
        add { | conv(4, 1) | conv(4, 5) -> conv(4, 1x7) | conv(4, 3, dilation=3) }
        output y
    """)
    assert net.stats().receptive_field == (7, 11)


def test_upsampling_brings_neighbours_closer() -> None:
    net = resdsl.loads("""
        input image: 3x32x32
        down: maxpool(2)
        up: resize(factor=2)
        conv(4, 3)
        output y
    """)
    assert [row.receptive_field for row in net.stats().rows] == [(2, 2), (2, 2), (4, 4)]


def test_a_shape_that_is_borrowed_is_not_seen() -> None:
    net = resdsl.loads("""
        input image: 3x32x32
        wide: conv(4, 31)
        small: @image -> conv(4, 3, stride=2)
        resize(like=@wide)
        output y
    """)
    found = net.stats()
    assert found.receptive_field == (3, 3)
    assert found.depth == 1


def test_of_several_inputs_the_widest_counts() -> None:
    net = resdsl.loads("""
        input left: 3x32x32
        input right: 3x32x32
        a: @left -> conv(4, 3)
        b: @right -> conv(4, 7)
        add { | @a | @b }
        output y
    """)
    assert net.stats().receptive_field == (7, 7)


def test_global_pooling_sees_everything_and_so_does_what_follows() -> None:
    net = resdsl.loads("""
        input image: 3x32x32
        mul { | identity | gap -> conv(3, 1) -> sigmoid }
        conv(4, 3)
        output y
    """)
    assert [row.receptive_field for row in net.stats().rows] == [(None, None)] * 2


def test_inner_rows_see_through_the_calls_around_them() -> None:
    again = stats(shared()).rows[3]
    assert [row.receptive_field for row in again.children] == [(11, 11), (15, 15), (15, 15)]
    assert [row.depth for row in again.children] == [4, 5, 6]

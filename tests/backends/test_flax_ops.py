"""Every op with every attribute in Flax, against PyTorch on the same weights."""

from __future__ import annotations

import pytest
from resdsl_flax.table import TABLE

import resdsl
from resdsl.ir.op import Op
from tests.backends.flax_pairs import assert_same_outputs, double
from tests.backends.test_equal_ops_others import CASES as OTHERS
from tests.backends.test_equal_ops_windows import CASES as WINDOWS

CASES = {**OTHERS, **WINDOWS}


@pytest.mark.parametrize("name", CASES)
def test_it_equals_torch(name: str) -> None:
    with double():
        assert_same_outputs(resdsl.loads(CASES[name].text))


def test_every_op_has_a_row() -> None:
    assert set(TABLE) == set(Op.registry)


SIZES = """
block unit(out) {
  conv(out, 3, 2, pad=same_upper) -> maxpool(2x3, pad=same_upper)
  avgpool(2, 2, pad=same_upper, include_pad=false)
}
input left: 3x9x12
input right: 3x12x16
share net = unit(4)
a: @left -> net -> gap
b: @right -> net -> unit(3) -> gap
concat { | @a | @b }
output y
"""


def test_uneven_padding_is_in_numbers_that_each_use_of_a_block_has_for_itself() -> None:
    network = resdsl.loads(SIZES)
    assert "SAME" not in network.source("flax")
    with double():
        assert_same_outputs(network)
    for name in WINDOWS:
        assert "SAME" not in resdsl.loads(WINDOWS[name].text).source("flax"), name

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

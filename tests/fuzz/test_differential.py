"""Nets that nobody wrote: what is counted from the text is what a framework counts, and frameworks
with the same weights agree. A failure prints the smallest text that shows it.

`make fuzz` runs the same on more of them (docs/fuzzing.md).
"""

from __future__ import annotations

import pytest

from resdsl.ir.op import Op
from tests.fuzz.drawn_ops import covered
from tests.fuzz.properties import counts, explore, laws, loops, outputs, steps


def test_every_op_can_be_drawn() -> None:
    assert covered() == set(Op.registry)


@pytest.mark.parametrize("seed", range(6))
def test_counts(seed: int) -> None:
    explore(counts, 50, seed)


@pytest.mark.parametrize("seed", range(2))
def test_laws(seed: int) -> None:
    explore(laws, 50, seed)


@pytest.mark.parametrize("seed", range(4))
def test_outputs(seed: int) -> None:
    explore(outputs, 5, 100 + seed)


def test_steps() -> None:
    explore(steps, 4, 4)


def test_loops() -> None:
    explore(loops, 4, 2)

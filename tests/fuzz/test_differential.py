"""Nets that nobody wrote: what is counted from the text is what a framework counts, and frameworks
with the same weights agree. A failure prints the smallest text that shows it.

`make fuzz` runs the same on more of them (docs/fuzzing.md).
"""

from __future__ import annotations

import pytest

import resdsl
from resdsl.ir.op import Op
from tests.fuzz.drawn_ops import covered
from tests.fuzz.properties import Property, counts, explore, laws, loops, outputs, steps

FOUND: dict[str, tuple[Property, str]] = {
    "a largest computed twice": (
        steps,
        "input image: 4x4x14\nplain(4) -> subsample([3, 1])\nadaptive_maxpool(5x7)",
    ),
    "nothing is learnt": (steps, "input image: 2x4x5\nrelu6"),
    "a sixth of float32": (steps, "input image: 2x4x5\nconv(3) -> hardsigmoid"),
    "one member at two places": (
        counts,
        "input image: 1x1x1\nl1: part\nl2: part(unit=bn)\nblock part(unit: op = identity) {\nunit\n"
        "conv(1) -> conv(1) -> conv(2, 1) -> add {\n| conv(1) -> resize(size=3) -> conv(1)\n"
        "| relu -> gap -> resize(size=3) -> conv_bn(1)\n}\n}",
    ),
    "a pattern of names": (
        counts,
        "input image: 3x5x5\nprelu\nprelu\nl1: bn x1\nl2: prelu(false, 0.1) x1",
    ),
    "a loop with dropout": (loops, "input image: 4x5\ns: {\nfc(5)\ndropout\n} x2"),
}
"""What drawn nets have shown, in small."""


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
    explore(steps, 3, 4)


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found(name: str) -> None:
    holds, text = FOUND[name]
    holds(resdsl.loads(f"{text}\noutput y"))


def test_loops() -> None:
    explore(loops, 4, 2)

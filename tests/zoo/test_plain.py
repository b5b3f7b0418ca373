"""Every net of specs/classics/ and specs/cifar/, and the VGGs at the top, equals a plain module."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.zoo.plain.compare import assert_counts, assert_outputs, by_cost, thinned
from tests.zoo.test_cifar import PLAIN as CIFAR
from tests.zoo.test_classics import PLAIN as CLASSICS

PLAIN = {**CLASSICS, **CIFAR}


@pytest.mark.parametrize("spec", PLAIN)
def test_its_counts_and_stages(spec: str) -> None:
    assert_counts(spec, PLAIN[spec], 0)


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(spec, marks=pytest.mark.proof if spec.endswith("1001") else ())
        for spec, plain in PLAIN.items()
        if plain.odd
    ],
)
def test_its_counts_and_stages_at_another_size(spec: str) -> None:
    assert_counts(spec, PLAIN[spec], PLAIN[spec].odd)


@pytest.mark.parametrize("spec", by_cost(PLAIN))
def test_its_outputs(spec: str) -> None:
    assert_outputs(spec, PLAIN[spec])


@pytest.mark.proof
@pytest.mark.parametrize("spec", thinned(PLAIN))
def test_its_outputs_at_its_own_numbers(spec: str) -> None:
    assert_outputs(spec, replace(PLAIN[spec], thin={}))

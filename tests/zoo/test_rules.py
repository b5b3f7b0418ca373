"""The rule that a family's text states holds for the figures that stand below it."""

from __future__ import annotations

import re

import pytest

from resdsl.zoo import files

ROW = re.compile(r"^ +(\d): \[([\d.]+), ([\d.]+), (\d+), [\d.]+\]$", re.MULTILINE)
"""A line of `scale` in torchvision/efficientnet.res: width, depth, resolution, dropout."""

SCALES = [
    (int(b), float(width), float(depth), int(side))
    for b, width, depth, side in ROW.findall(files()["torchvision/efficientnet"].read_text("utf-8"))
]

EXPONENTS = [i / 10 for i in range(81)]


def off(width: float, depth: float, side: int, phi: float) -> float:
    """How far the worst of the three is from equation 3, as a share of what that says."""
    pairs = ((width, 1.1**phi), (depth, 1.2**phi), (side, 224 * 1.15**phi))
    return max(abs(found / said - 1) for found, said in pairs)


def nearest(width: float, depth: float, side: int) -> tuple[float, float]:
    """How far, and the exponent."""
    return min((off(width, depth, side, phi), phi) for phi in EXPONENTS)


def test_all_eight_efficientnets_are_read() -> None:
    assert [b for b, *_ in SCALES] == list(range(8))


@pytest.mark.parametrize(("b", "width", "depth", "side"), SCALES)
def test_an_efficientnet_is_near_one_phi(b: int, width: float, depth: float, side: int) -> None:
    assert nearest(width, depth, side)[0] < 0.08, b


def test_a_larger_efficientnet_has_a_larger_phi() -> None:
    found = [nearest(width, depth, side)[1] for _, width, depth, side in SCALES]
    assert found == sorted(set(found))

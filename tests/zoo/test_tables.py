"""Tables 1 and 6 of the ResNet paper beside ours: printed, and equal at the paper's precision.

One figure of Table 1 is a truncation: ResNet-50 counts 3.858 x 10^9 multiply-adds, which rounds to
3.9, and the paper prints 3.8. The counting stays as it is: the other figures are ours, rounded.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest

import resdsl
from tests.zoo.zoo import FIGURES

TRUNCATED = {"50"}


def at_precision(exact: int, unit: int, digits: str, rounding: str) -> str:
    """`exact` in `unit`s, with as many decimals as `digits` shows."""
    return str((Decimal(exact) / unit).quantize(Decimal(digits), rounding=rounding))


def table_1() -> list[tuple[str, str, int]]:
    """(layers, printed in 10^9, exact)."""
    return [
        (depth, f"{flops / 1e9:.1f}", resdsl.load(f"resnet{depth}").stats().macs)
        for depth, flops in FIGURES["table1_flops"].items()
    ]


def table_6() -> list[tuple[str, str, int]]:
    """(layers, printed in millions, exact)."""
    return [
        (depth, printed.removesuffix("M"), resdsl.load(f"cifar/resnet{depth}").stats().params)
        for depth, printed in FIGURES["table6_params"].items()
    ]


def test_table_1(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table_1()
    with capsys.disabled():
        print("\n\nTable 1, FLOPs (multiply-adds)\n layers   paper            ours")
        for depth, printed, exact in rows:
            print(f" {depth:>6} {printed:>5} x 10^9 {exact:>15,}")
    for depth, printed, exact in rows:
        rounding = ROUND_DOWN if depth in TRUNCATED else ROUND_HALF_UP
        assert at_precision(exact, 10**9, printed, rounding) == printed, depth


def test_table_6(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table_6()
    with capsys.disabled():
        print("\n\nTable 6, parameters on CIFAR-10\n layers   paper            ours")
        for depth, printed, exact in rows:
            print(f" {depth:>6} {printed:>6}M {exact:>18,}")
    for depth, printed, exact in rows:
        assert at_precision(exact, 10**6, printed, ROUND_HALF_UP) == printed, depth


def test_the_text_s_figures_hold_too() -> None:
    # Section 3.3: the plain net of 34 layers has 3.6 billion, 18% of VGG-19's 19.6. Section 4.1:
    # VGG-16 has 15.3, which its convolutions have without the 0.12 of its linear layers.
    plain, vgg = (resdsl.load(name).stats().macs for name in ("plain34", "vgg19"))
    assert at_precision(plain, 10**9, "3.6", ROUND_HALF_UP) == "3.6"
    assert at_precision(vgg, 10**9, "19.6", ROUND_HALF_UP) == "19.6"
    assert 0.18 <= plain / vgg < 0.19
    convolutions = [row.macs for row in resdsl.load("vgg16").stats().rows if row.stage]
    assert at_precision(sum(convolutions), 10**9, "15.3", ROUND_HALF_UP) == "15.3"

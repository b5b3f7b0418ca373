"""The nets of specs/cifar/ that are not of the residual paper are those of their papers, as plain
modules have them.
"""

from __future__ import annotations

import re
from functools import partial
from math import prod

import pytest

import resdsl
from resdsl.diagnostics import ResdslError
from resdsl.ir.init import Constant
from resdsl.ir.weights import initialisers, weights
from tests.zoo.plain import cifar, preact
from tests.zoo.plain.compare import Plain, assert_outputs
from tests.zoo.zoo import NETS

WIDE = {"16_8": (16, 8), "28_10": (28, 10), "40_4": (40, 4)}
HIGHWAY = {"19": ((32, 80, 128), (4, 5, 5), 100), "32": ((32, 48, 64), (9, 9, 9), 64)}
DENSE = {"40_12": (40, 12, False), "bc_100_12": (100, 12, True), "bc_190_40": (190, 40, True)}

PLAIN = {
    "cifar/preact_resnet110": Plain(
        partial(preact.cifar, bottleneck=False), {"depth": 110}, odd=33, side=9, thin={"depth": 20}
    ),
    "cifar/preact_resnet164": Plain(
        partial(preact.cifar, bottleneck=True), {"depth": 164}, odd=33, side=9, slow=True
    ),
    "cifar/preact_resnet1001": Plain(
        partial(preact.cifar, bottleneck=True), {"depth": 1001}, odd=33, side=9, thin={"depth": 29}
    ),
    **{
        f"cifar/wide_resnet{name}": Plain(
            preact.wide_resnet, {"depth": depth, "k": k}, odd=33, side=9
        )
        for name, (depth, k) in WIDE.items()
    },
    **{
        f"cifar/resnext29_{groups}x64d": Plain(
            partial(cifar.resnext29, groups=groups), odd=33, side=9
        )
        for groups in (8, 16)
    },
    **{
        f"cifar/densenet_{name}": Plain(
            partial(cifar.densenet, bc=bc),
            {"depth": depth, "growth": growth}, odd=33, side=9, slow=depth == 190,
        )
        for name, (depth, growth, bc) in DENSE.items()
    },
    **{
        f"cifar/highway{name}": Plain(
            partial(cifar.highway, features=features), {"widths": widths, "gated": gated},
            odd=33, side=9,
        )
        for name, (widths, gated, features) in HIGHWAY.items()
    },
    "cifar/fitnet19": Plain(cifar.fitnet19, odd=33, side=9),
    "cifar/nin": Plain(cifar.nin, odd=33, side=9),
}  # fmt: skip


PRINTED = {
    "preact_resnet110": "1.7", "preact_resnet164": "1.7", "preact_resnet1001": "10.2",
    "wide_resnet16_8": "11.0", "wide_resnet28_10": "36.5", "wide_resnet40_4": "8.9",
    "resnext29_8x64d": "34.4", "resnext29_16x64d": "68.1",
    "densenet_40_12": "1.0", "densenet_bc_100_12": "0.8", "densenet_bc_190_40": "25.6",
    "highway19": "2.3", "highway32": "1.25",
}  # fmt: skip
"""The parameters, in millions, that the papers print."""

WITHOUT_NORMS = {"preact_resnet1001", "resnext29_16x64d"}
"""Those whose papers print them without what the norms have."""


@pytest.mark.parametrize("name", PRINTED)
def test_it_has_the_parameters_that_its_paper_prints(name: str) -> None:
    owned = weights(resdsl.load(f"cifar/{name}").ir).values()
    counted = [
        prod(weight.shape)
        for op, weight in owned
        if weight.role == "trainable" and not (op.kind == "bn" and name in WITHOUT_NORMS)
    ]
    printed = PRINTED[name]
    assert f"{sum(counted) / 1e6:.{len(printed.partition('.')[2])}f}" == printed


def test_no_net_is_left_out() -> None:
    paper = re.compile(r"cifar/(resnet|plain)\d+")
    found = {spec for spec in NETS if spec.startswith("cifar/") and not paper.fullmatch(spec)}
    assert found == set(PLAIN)


def test_fitnet_19_with_two_pieces_everywhere_has_the_2_5_million_of_its_paper() -> None:
    plain = Plain(cifar.fitnet19, thin={"fc_pieces": 2}, side=9)
    assert_outputs("cifar/fitnet19", plain)
    assert resdsl.load("cifar/fitnet19", fc_pieces=2).stats().params == 2_548_602


@pytest.mark.parametrize(
    ("spec", "settings"),
    [
        ("cifar/preact_resnet110", {"depth": 111}),
        ("cifar/preact_resnet164", {"depth": 152}),
        ("cifar/wide_resnet28_10", {"depth": 29}),
        ("cifar/resnext29_8x64d", {"depth": 50}),
        ("cifar/densenet_40_12", {"depth": 41}),
        ("cifar/densenet_bc_100_12", {"depth": 43}),
    ],
)
def test_a_depth_that_the_rule_does_not_have_is_refused(
    spec: str, settings: dict[str, int]
) -> None:
    with pytest.raises(ResdslError) as refused:
        resdsl.load(spec, params=settings)
    assert refused.value.diagnostics[0].code == "E401"


@pytest.mark.parametrize("spec", ["cifar/highway19", "cifar/highway32"])
def test_a_highway_begins_by_carrying(spec: str) -> None:
    rules = initialisers(resdsl.load(spec).ir)
    low = {path for path, rule in rules.items() if rule == Constant(value=-2)}
    assert low == {path for path in rules if path.endswith("gate.bias")}
    assert len(low) == int(spec[-2:]) - 5

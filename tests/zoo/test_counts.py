"""Every shipped net loads, its own expectations hold, and its counts are the exact ones."""

from __future__ import annotations

from typing import Any

import pytest

import resdsl
from resdsl.zoo import zoo
from tests.zoo.zoo import FIGURES, MODELS, PAPER


def counts(net: resdsl.Network) -> tuple[int, int]:
    stats = net.stats()
    return stats.params, stats.macs


@pytest.mark.parametrize("spec", MODELS)
def test_every_shipped_model_loads_and_its_expectations_hold(spec: str) -> None:
    assert resdsl.load(spec).stats().params > 0


@pytest.mark.parametrize("spec", PAPER)
def test_the_paper_s_specs_say_what_they_are_and_what_they_count(spec: str) -> None:
    text = zoo()[spec].path.read_text("utf-8")
    assert text.startswith("# ")
    assert "expect params == " in text
    assert "expect macs == " in text
    assert {"paper", "arxiv", "year"} <= set(resdsl.load(spec).ir.notes)


@pytest.mark.parametrize("spec", FIGURES["counts"])
def test_counts_are_exact(spec: str) -> None:
    exact = FIGURES["counts"][spec]
    net = resdsl.load(spec)
    assert [list(shape) for shape in net.stats().inputs.values()] == [exact["input"]]
    assert counts(net) == (exact["params"], exact["macs"])


@pytest.mark.parametrize(
    "exact", FIGURES["shortcuts"], ids=lambda e: f"{e['spec']}-{e['shortcut']}"
)
def test_other_shortcuts_are_one_setting_away(exact: dict[str, Any]) -> None:
    net = resdsl.load(exact["spec"], shortcut=exact["shortcut"])
    assert counts(net) == (exact["params"], exact["macs"])


def test_a_plain_net_has_the_weights_of_its_residual_twin_with_option_a() -> None:
    for depth in (20, 32, 44, 56, 110):
        plain, residual = (resdsl.load(f"cifar/{kind}{depth}") for kind in ("plain", "resnet"))
        assert counts(plain) == counts(residual)


def test_depth_is_the_net_s_name() -> None:
    for depth in (18, 34, 50, 101, 152):
        assert resdsl.load(f"resnet{depth}").stats().depth == depth
    for name, depth in (("plain18", 18), ("plain34", 34), ("vgg16", 16), ("vgg19", 19)):
        assert resdsl.load(name).stats().depth == depth
    assert resdsl.load("cifar/resnet1202").stats().depth == 1202


def test_the_family_goes_as_deep_as_one_asks() -> None:
    stats = resdsl.load("cifar/resnet1202", depth=12002).stats()
    assert stats.depth == 12002
    # 20 layers and the 110 of n = 18 are 15 blocks a stage apart: 2000 - 3 of them are this
    slope = (1_727_962 - 269_722) // 15
    assert stats.params == 269_722 + slope * (2000 - 3)


@pytest.mark.parametrize("depth", [21, 2, 0, -4])
def test_the_family_refuses_a_depth_that_is_not_6n_plus_2(depth: int) -> None:
    with pytest.raises(resdsl.ResdslError, match="6n"):
        resdsl.load("cifar/resnet20", depth=depth)


# what a stage is called in the figures, and in the specs
NAMES = {
    "maxpool": "pool1",
    "fc": "head",
    "stage1": "conv2_x",
    "stage2": "conv3_x",
    "stage3": "conv4_x",
}


@pytest.mark.parametrize("spec", FIGURES["stages"])
def test_stages_have_the_sizes_of_table_1(spec: str) -> None:
    rows = {row.name: row.output for row in resdsl.load(spec).stats().rows}
    for stage, shape in FIGURES["stages"][spec].items():
        ours = rows[NAMES.get(stage, stage)]
        assert ours + (1,) * (3 - len(ours)) == tuple(shape)


def test_rows_sum_to_the_totals() -> None:
    for spec in MODELS:
        stats = resdsl.load(spec).stats()
        assert sum(row.params for row in stats.rows) == stats.params, spec
        assert sum(row.macs for row in stats.rows) == stats.macs, spec

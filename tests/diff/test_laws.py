"""Laws of differences, on shipped nets."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import pytest

from resdsl.analysis.diff import COUNTS, Diff, Part, diff, structure
from resdsl.analysis.diff.groups import Group, groups, walk
from resdsl.analysis.stats import stats
from resdsl.catalogue import names
from tests.diff.nets import shipped

PAIRS = [
    ("resnet50", "torchvision/resnet50"),
    ("resnet18", "resnet34"),
    ("resnet34_A", "resnet34_B"),
    ("resnet34_B", "resnet34_C"),
    ("vgg16", "vgg19"),
    ("vgg16", "torchvision/vgg16"),
    ("resnet18", "classics/preact_resnet18"),
    ("classics/preact_resnet50", "torchvision/resnet50"),
    ("classics/googlenet", "torchvision/inception_v3"),
    ("cifar/resnet1202", "cifar/preact_resnet1001"),
    ("cifar/densenet_bc_100_12", "cifar/densenet_bc_190_40"),
    ("torchvision/efficientnet_b6", "torchvision/efficientnet_b7"),
    ("dense/unet", "dense/fpn"),
    ("torchvision/vit_b_16", "torchvision/convnext_tiny"),
]


@pytest.fixture(scope="module", params=[20, pytest.param(800, marks=pytest.mark.proof)])
def pairs(request: pytest.FixtureRequest) -> list[tuple[str, str]]:
    """Those above, and so many that chance takes."""
    known, draw = names(), Random(6)
    return [*PAIRS, *((draw.choice(known), draw.choice(known)) for _ in range(request.param))]


@pytest.fixture(scope="module")
def differences(pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Diff]:
    return {(a, b): diff(shipped(a).ir, shipped(b).ir) for a, b in pairs}


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.proof)])
def test_a_net_differs_in_nothing_from_itself(every: int) -> None:
    for name in names()[::every]:
        net = shipped(name).ir
        found = diff(net, net)
        assert not found, name
        assert all(part.sign == "=" and not part.facts and not part.parts for part in found.parts)


def test_two_nets_differ_where_their_structures_do(differences: Any) -> None:
    for (a, b), found in differences.items():
        same = structure(shipped(a).ir) == structure(shipped(b).ir)
        assert bool(found) is not same, (a, b)


def test_deltas_are_those_of_stats_and_parts_sum_to_them(differences: Any) -> None:
    for (a, b), found in differences.items():
        before, after = stats(shipped(a).ir), stats(shipped(b).ir)
        for count in COUNTS:
            delta = getattr(after, count) - getattr(before, count)
            assert found.delta(count) == delta, (a, b, count)
            assert sum(part.delta(count) for part in found.parts) == delta, (a, b, count)
            for part in walk(found.parts):
                if part.parts:
                    inside = sum(one.delta(count) for one in part.parts)
                    assert inside == part.delta(count), (a, b, part.side.path, count)


def test_groups_sum_as_parts_do(differences: Any) -> None:
    for (a, b), found in differences.items():
        for count in COUNTS:
            assert _sums(groups(found), count) == found.delta(count), (a, b, count)


def test_the_other_way_round_is_the_mirror_image(differences: Any) -> None:
    for (a, b), found in differences.items():
        back = diff(shipped(b).ir, shipped(a).ir)
        assert plain(found.parts) == plain(back.parts, mirrored=True), (a, b)
        there = sorted((f.subject, repr(f.a), repr(f.b)) for f in found.facts)
        assert there == sorted((f.subject, repr(f.b), repr(f.a)) for f in back.facts), (a, b)


def test_every_part_of_both_nets_is_there_once(differences: Any) -> None:
    for (a, b), found in differences.items():
        for name, side in ((a, "a"), (b, "b")):
            mine = [getattr(part, side) for part in found.parts]
            said = [one for side in mine if side for one in _names(side.name)]
            nodes = [node.name for node in shipped(name).ir.main.nodes]
            assert sorted(said) == sorted(nodes), (a, b)


def test_what_follows_has_no_cause_in_it(differences: Any) -> None:
    for found in differences.values():
        for part in walk(found.parts):
            if part.follows:
                assert not part.causes
                assert all(inner.follows for inner in part.parts if inner.sign != "=")


def test_a_thousand_layers_are_quick() -> None:
    a, b = shipped("cifar/resnet1202").ir, shipped("cifar/preact_resnet1001").ir
    start = time.perf_counter()
    diff(a, b)
    assert time.perf_counter() - start < 3


def _sums(found: Iterable[Group], count: str) -> int:
    total = 0
    for group in found:
        if group.inside:
            assert _sums(group.inside, count) == group.delta(count), group.names
        total += group.delta(count)
    return total


def _names(name: str) -> list[str]:
    first, dash, last = name.partition("-")
    if dash and first.isdecimal():
        return [str(number) for number in range(int(first), int(last) + 1)]
    return name.split(", ")


def plain(parts: Sequence[Part], mirrored: bool = False) -> list[Any]:
    """The parts as data; where the order of those added and removed means nothing, it is one."""
    swap = {"+": "-", "-": "+"} if mirrored else {}
    found: list[Any] = []
    gap: list[Any] = []
    for part in parts:
        a, b = (part.b, part.a) if mirrored else (part.a, part.b)
        facts = [(f.what, f.b, f.a) if mirrored else (f.what, f.a, f.b) for f in part.facts]
        said = (
            swap.get(part.sign, part.sign), a, b, sorted(map(repr, facts)), part.follows,
            plain(part.parts, mirrored),
        )  # fmt: skip
        if part.sign in "+-":
            gap.append(said)
        else:
            found += [*sorted(gap, key=lambda one: str(one[0])), said]
            gap = []
    return [*found, *sorted(gap, key=lambda one: str(one[0]))]

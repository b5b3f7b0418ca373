"""`resdsl plot`: names stand beside their marks, and on nothing else."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import matplotlib
import pytest
from matplotlib.text import Text

from resdsl.draw.palette import LIGHT
from resdsl.draw.plot.costs import costs
from resdsl.draw.plot.data import Point, points
from resdsl.draw.plot.labels import Rect, place
from resdsl.draw.plot.style import styled
from tests.draw.test_plot import MANY, PAPER, counted, overlaps


def label_boxes(found: list[Point]) -> tuple[dict[str, Any], list[Any], Any]:
    """As matplotlib itself measures: the labels, the marks, the axes."""
    with styled(LIGHT):
        figure = costs(found, "png", LIGHT)
        figure.draw_without_rendering()
    (axes,) = figure.axes
    # of an annotation, the text alone: its arrow is no part of it
    labels = {one.get_text(): Text.get_window_extent(one) for one in axes.texts}
    marks = [
        matplotlib.transforms.Bbox.from_bounds(x - 2.5, y - 2.5, 5, 5)
        for line in axes.lines
        if line.get_marker() != "None"
        for x, y in axes.transData.transform(line.get_xydata())
    ]
    return labels, marks, axes.get_window_extent()


@pytest.mark.parametrize("specs", [PAPER, MANY, ("resnet50",), ("cifar/resnet20", "vgg19")])
def test_no_label_is_on_another_or_on_a_point_or_outside(specs: tuple[str, ...]) -> None:
    found = points(counted(*specs))
    labels, marks, page = label_boxes(found)
    assert sorted(labels) == sorted(p.name for p in found)
    assert len(marks) == len(found)
    assert overlaps([*labels.values()]) == []
    assert all(overlaps([label, mark]) == [] for label in labels.values() for mark in marks)
    for label in labels.values():
        assert page.x0 <= label.x0 and label.x1 <= page.x1
        assert page.y0 <= label.y0 and label.y1 <= page.y1


CROWD = (
    "resnet18", "resnet34", "resnet34_B", "resnet34_C", "plain18", "plain34", "vgg16", "vgg19",
    "resnet50", "torchvision/resnet50", "torchvision/resnet101", "torchvision/convnext_tiny",
    "torchvision/densenet121", "torchvision/densenet201", "torchvision/mobilenet_v2",
    "classics/googlenet", "classics/alexnet",
)  # fmt: skip


@pytest.mark.parametrize("specs", [PAPER, CROWD])
def test_a_name_is_beside_its_own_mark_or_a_line_leads_there(specs: tuple[str, ...]) -> None:
    found = points(counted(*specs))
    with styled(LIGHT):
        figure = costs(found, "png", LIGHT)
        figure.draw_without_rendering()
    (axes,) = figure.axes
    at = {p.name: axes.transData.transform((p.params, p.macs)) for p in found}
    for one in axes.texts:
        name, box = one.get_text(), Text.get_window_extent(one)
        rect = Rect(box.x0, box.y0, box.x1, box.y1)
        own = rect.distance(at[name])
        nearest = min(rect.distance(spot) for spot in at.values())
        if one.arrow_patch is None:
            assert own <= nearest + 0.5 and own < 9, name
        else:  # it ends at its own mark, and over no other name
            (x, y), *_, (u, v) = one.arrow_patch.get_path().vertices
            assert abs(u - at[name][0]) + abs(v - at[name][1]) < 5, name
            others = [Text.get_window_extent(other) for other in axes.texts if other is not one]
            line = [(x + (u - x) * k / 50, y + (v - y) * k / 50) for k in range(51)]
            assert not any(other.contains(*spot) for other in others for spot in line), name
    assert any(one.arrow_patch is not None for one in axes.texts) == (specs is CROWD)


def test_a_net_below_another_shows_as_a_rim() -> None:
    with styled(LIGHT):
        figure = costs(points(counted("plain18", "resnet18")), "png", LIGHT)
    sizes = [one.get_markersize() for one in figure.axes[0].lines if one.get_marker() != "None"]
    assert sizes[0] > sizes[1] + 3


def test_thirty_points_at_random_have_names_apart() -> None:
    draw = random.Random(1)
    at = [(draw.uniform(40, 390), draw.uniform(20, 260)) for _ in range(30)]
    page = Rect(0, 0, 430, 280)
    names = [f"net{n}_name" for n in range(30)]
    labels = place(names, at, [at[n : n + 3] for n in range(0, 30, 3)], page, 8)
    assert [label.text for label in labels] == names
    assert not any(a.box.common(b.box) for a, b in combinations(labels, 2))
    for label, own in zip(labels, at, strict=True):
        nearest = min(at, key=label.box.distance)
        assert label.lead or (nearest == own and label.box.distance(own) < 8)
    assert all(label.box.common(page) == label.box.area for label in labels)


def test_points_in_one_place_have_names_apart() -> None:
    labels = place(["one", "two", "three"], [(200, 140)] * 3, [], Rect(0, 0, 430, 280), 8)
    assert not any(a.box.common(b.box) for a, b in combinations(labels, 2))

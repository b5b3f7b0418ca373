"""The picture of a net: every op once (times its repeats), every arrow, every figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import resdsl
from resdsl.draw.outline import TooManyBoxes, picture
from resdsl.draw.picture import Box, Depth, Picture
from resdsl.network import Network
from tests.analysis.nets import Draft, net
from tests.zoo.zoo import NETS

DEPTHS: tuple[Depth, ...] = ("model", "stage", "block", "layer")


@cache
def load(name: str) -> Network:
    return resdsl.load(name)


def leaves(box: Box, times: int = 1) -> Iterator[tuple[Box, int]]:
    """The boxes without children, with how often each stands for one."""
    times *= box.times
    if not box.children:
        yield box, times
    for child in box.children:
        yield from leaves(child, times)


@pytest.mark.parametrize("name", NETS)
def test_figures_of_the_boxes_sum_to_those_of_the_net(name: str) -> None:
    stats = load(name).stats()
    for depth in DEPTHS:
        drawn = picture(load(name).ir, depth)
        params = sum(times * box.params for box, times in leaves(drawn.root))
        macs = sum(times * box.macs for box, times in leaves(drawn.root))
        assert (params, macs) == (stats.params, stats.macs)
        assert (drawn.root.params, drawn.root.macs) == (stats.params, stats.macs)
        ids = [box.id for box in drawn.boxes()]
        assert len(set(ids)) == len(ids)


def carries(flat: Any, target: str, port: int) -> bool:
    """Whether an edge hands on elements: `like=` lends a size."""
    op = flat.nodes[target]["op"]
    return op is None or op.tensors != ("like",) or port == 0


@pytest.mark.parametrize("name", NETS)
def test_every_op_is_drawn_as_often_as_it_runs(name: str) -> None:
    flat = load(name).to_networkx()
    drawn = picture(load(name).ir, "layer")
    edges = sum(carries(flat, b, port) for _, b, port in flat.edges(data="port"))
    kinds: Counter[str] = Counter()
    uses = 0
    for box, times in leaves(drawn.root):
        kinds[box.kind] += times
        uses += times * len(box.inputs)
    assert kinds == Counter(kind for _, kind in flat.nodes(data="kind"))
    assert uses == edges


@pytest.mark.parametrize("name", NETS)
def test_arrows_are_those_of_the_graph(name: str) -> None:
    """Between ops that stand for themselves; a box of several is left on its last."""
    flat = load(name).to_networkx()
    alone = {box.path for box, times in leaves(picture(load(name).ir, "layer").root) if times == 1}
    expected = {
        (flat.nodes[a]["path"] or a.partition(":")[2], flat.nodes[b]["path"] or b.partition(":")[2])
        for a, b, port in flat.edges(data="port")
        if carries(flat, b, port)
    }
    found = {(e.source.path, e.target.path) for e in picture(load(name).ir, "layer").edges()}
    both = {(a, b) for a, b in expected if a in alone and b in alone}
    assert both == {(a, b) for a, b in found if a in alone and b in alone}


def test_depths_of_resnet50() -> None:
    """The model; its seven lines; the first block of a stage and the rest; every op."""

    def names(depth: Depth) -> list[str]:
        boxes = [box for box, _ in leaves(picture(load("resnet50").ir, depth).root)]
        return [f"{box.name} {box.kind} {box.detail} x{box.times}" for box in boxes]

    assert names("model") == ["image input  x1", "resnet50 model  x1", "logits output  x1"]
    assert names("stage") == [
        "image input  x1",
        "conv1 conv_bn_act 64, 7, /2 x1",
        "pool1 maxpool 3×3, /2 x1",
        "conv2_x bottleneck × 3  x1",
        "conv3_x bottleneck × 4  x1",
        "conv4_x bottleneck × 6  x1",
        "conv5_x bottleneck × 3  x1",
        "head gap, fc  x1",
        "logits output  x1",
    ]
    assert names("block")[3:7] == [
        "0 bottleneck 64 x1", "1-2 bottleneck 64 x2", "0 bottleneck 128, /2 x1",
        "1-3 bottleneck 128 x3",
    ]  # fmt: skip
    assert names("layer")[5:8] == ["conv1 conv 1×1, 64 x1", "bn1 bn  x1", "relu1 relu  x1"]


def arrows(drawn: Picture, role: str) -> list[tuple[str, str]]:
    return [(e.source.path, e.target.path) for e in drawn.edges() if e.role == role]


def test_shortcuts_are_identities_and_projections_where_a_stage_begins() -> None:
    drawn = picture(load("resnet34_B").ir, "layer")
    assert arrows(drawn, "shortcut")[0] == ("pool1", "conv2_x.0.add1")
    times = {box.path: n for box, n in leaves(drawn.root)}
    assert sum(times[target] for _, target in arrows(drawn, "shortcut")) == 13
    projections = arrows(drawn, "projection")
    assert ("conv3_x.0.downsample.1", "conv3_x.0.add1") in projections
    assert {target for _, target in projections if "add" in target} == {
        f"conv{i}_x.0.add1" for i in (3, 4, 5)
    }


def test_a_shortcut_without_weights_projects_too() -> None:
    """Option A: subsampled and padded."""
    drawn = picture(load("resnet34_A").ir, "layer")
    kinds = {e.target.kind for e in drawn.edges() if e.role == "projection"}
    assert kinds == {"subsample", "pad_channels", "add"}


def test_long_skips_of_a_unet_are_shortcuts() -> None:
    found = arrows(picture(load("dense/unet").ir), "shortcut")
    assert found == [("enc3", "cat3"), ("enc2", "cat2"), ("enc1", "cat1"), ("enc0", "cat0")]


def test_branches_that_all_compute_are_no_shortcuts() -> None:
    assert {e.role for e in picture(load("classics/googlenet").ir, "layer").edges()} == {"flow"}


def test_equal_neighbours_are_folded_whatever_their_rates() -> None:
    """Stochastic depth grows from block to block; nobody draws that."""
    drawn = picture(load("torchvision/efficientnet_b0").ir, "block")
    assert max(box.times for box in drawn.boxes()) == 3


def test_what_is_used_twice_is_not_folded() -> None:
    """A net that takes the middle of a repeat: the first two stand alone."""
    taken = resdsl.loads("input image: 4x8x8\nstage s: conv_bn_act(4) x4\nadd(@s[1])\noutput out\n")
    drawn = picture(taken.ir, "block")
    stage = next(box for box in drawn.boxes() if box.role == "stage")
    assert [(box.name, box.times) for box in stage.children] == [("0-1", 2), ("2-3", 2)]
    assert picture(taken.ir, "layer").edges()


def test_what_shares_weights_has_its_own_label_and_says_whose() -> None:
    drawn = picture(
        resdsl.loads(
            "input left: 3x8x8\ninput right: 3x8x8\nshare tower = conv(8)\na: @left -> tower\n"
            "b: @right -> tower\nadd { | @a | @b }\noutput y\n"
        ).ir,
        "layer",
    )
    shown = [(box.name, box.detail, box.params) for box in drawn.boxes() if box.kind == "conv"]
    assert shown == [("a", "3×3, 8, weights of tower", 224), ("b", "3×3, 8, weights of tower", 0)]


def test_what_lends_its_size_is_no_arrow() -> None:
    drawn = picture(load("dense/fcn_resnet50").ir, "stage")
    assert [edge.target.name for edge in drawn.edges() if edge.source.name == "image"] == [
        "backbone"
    ]


def test_lines_lead_to_the_text() -> None:
    drawn = picture(load("resnet50").ir, "layer")
    by_path = {box.path: box for box in drawn.boxes() if box.path}
    text = load("resnet50").text.splitlines()
    assert "stage conv3_x" in text[by_path["conv3_x"].line - 1]
    inside = by_path["conv3_x.0.conv1"]
    assert inside.line == by_path["conv3_x"].line
    assert inside.source.startswith("std/residual.res:")


def test_a_net_may_be_empty() -> None:
    root = Draft("root", "model", {"image": (3, 4, 4)})
    for depth in DEPTHS:
        drawn = picture(net("empty", root.end(0)), depth)
        assert [e.target.role for e in drawn.edges()][-1] == "output"


def test_more_boxes_than_anyone_can_look_at_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resdsl.draw.outline.MAX_BOXES", 20)
    picture(load("resnet50").ir, "stage")
    with pytest.raises(TooManyBoxes, match="more than 20 boxes at depth `layer`"):
        picture(load("resnet50").ir, "layer")


def test_a_deep_net_costs_what_is_distinct_in_it() -> None:
    assert len(list(picture(load("cifar/resnet1202").ir, "layer").boxes())) < 100


def test_json_has_every_box_and_arrow() -> None:
    import json

    drawn = picture(load("resnet18").ir, "layer")
    data = json.loads(drawn.to_json())
    assert data["generator"] == "made by resdsl"
    assert len(data["edges"]) == len(drawn.edges())
    assert Picture.model_validate({k: data[k] for k in Picture.model_fields}) == drawn

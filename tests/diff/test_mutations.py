"""One change of a text is named, where it is; all else only follows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resdsl.analysis.diff.groups import is_quiet, renames, walk
from tests.diff.nets import at, between, causes, shipped

RESNET = "\n".join(
    line
    for line in Path(__file__).parents[2].joinpath("specs/resnet50.res").read_text().splitlines()
    if not line.startswith("expect")
)

MUTATIONS = {
    "a stage is wider": (
        ("bottleneck(256)", "bottleneck(320)"),
        {
            "conv4_x.0": ["width 256 -> 320", "out 1024 -> 1280"],
            "conv4_x.1": ["width 256 -> 320", "out 1024 -> 1280"],
        },
    ),
    "a stage keeps the size": (
        ("x6 stride 2", "x6 stride 1"),
        {"conv4_x.0": ["stride 2 -> 1"]},
    ),
    "a block more": (("(512) x3", "(512) x4"), {"conv5_x": ["repeats 3 -> 4"]}),
    "blocks fewer": (("(256) x6", "(256) x4"), {"conv4_x": ["repeats 6 -> 4"]}),
    "a stage fewer": (
        ("stage conv4_x: bottleneck(256) x6 stride 2 shortcut=B\n", ""),
        {"conv4_x": ["- bottleneck × 6"]},
    ),
    "a label": (("conv4_x:", "middle:"), {"conv4_x": ["name conv4_x -> middle"]}),
    "a dropout": (("gap -> fc", "gap -> dropout(0.5) -> fc"), {"head.dropout1": ["+ dropout"]}),
    "a wider stem": (
        ("conv_bn_act(64, 7", "conv_bn_act(96, 7"),
        {"conv1": ["out 64 -> 96"]},
    ),
    "another input": (
        ("3x224x224", "3x256x256"),
        {"": ["input image [3, 224, 224] -> [3, 256, 256]"]},
    ),
    "another pool": (
        ("pool1: maxpool(3, 2, ceil=true)", "pool1: avgpool(3, 2, ceil=true)"),
        {"pool1": ["kind maxpool -> avgpool"]},
    ),
    "a pool's size": (
        ("maxpool(3, 2, ceil", "maxpool(2, 2, ceil"),
        {"pool1": ["k [3, 3] -> [2, 2]"]},
    ),
    "no stage": (("stage conv3_x:", "conv3_x:"), {"conv3_x": ["stage True -> False"]}),
    "an activation": (
        ("shortcut=B\nhead", "shortcut=B act=gelu\nhead"),
        {"conv5_x.0": ["act relu -> gelu"], "conv5_x.1": ["act relu -> gelu"]},
    ),
    "a layer more": (
        ("head: gap", "extra: conv(2048, 3)\nhead: gap"),
        {"extra": ["+ conv"]},
    ),
    "an init": (
        ("he_normal(fan_in)", "he_normal(fan_out)"),
        {
            "": [
                "init conv {'kind': 'he_normal', 'mode': 'fan_in'}"
                " -> {'kind': 'he_normal', 'mode': 'fan_out'}"
            ]
        },
    ),
    "another output": (("output logits", "output scores"), {"": ["output logits -> scores"]}),
    "a level fewer": (
        ("head: gap -> fc(classes)", "gap\nfc(classes)"),
        {"head": ["level head -> None"]},
    ),
    "fewer classes": (("classes = 1000", "classes = 10"), {"head.fc1": ["out 1000 -> 10"]}),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_it_is_named_where_it_is(name: str) -> None:
    (old, new), expected = MUTATIONS[name]
    assert RESNET.count(old) == 1
    found = between(RESNET, RESNET.replace(old, new))
    assert causes(found) == expected


def test_layout_comments_notes_and_blocks_of_ones_own_are_no_difference() -> None:
    other = RESNET.replace("model resnet50", "model other").replace("note year = 2015", "")
    other = other.replace(
        "head: gap -> fc(classes)", "# the head\nhead: {\n  gap\n  fc(classes)\n}"
    )
    assert not between(RESNET, other)
    assert not between(
        "input x: 3x8x8\na: conv(8, 3) -> relu\nb: conv(8, 3) -> relu\n",
        "param n = 8\nblock unit(n) { conv(n, 3) -> relu }\n"
        "input x: 3x8x8\na: unit(n)\nb: unit(8)\n",
    )


def test_what_follows_is_told_apart() -> None:
    found = between(RESNET, RESNET.replace("(64, 7", "(96, 7"))
    signs = {part.side.name: (part.sign, part.follows) for part in found.parts}
    assert signs["conv1"] == ("~", False)
    assert signs["pool1"] == signs["conv2_x"] == ("~", True)
    assert signs["conv3_x"] == signs["head"] == ("=", False)


def test_counting_on_is_no_renaming_of_its_own() -> None:
    text = "input x: 3x8x8\nconv(8, 3)\nrelu\nconv(9, 3)\nrelu\nconv(10, 3)\n"
    found = between(text, text.replace("conv(8", "conv(4, 1)\nconv(8"))
    assert causes(found) == {"conv1": ["+ conv"]}
    assert renames(found) == {
        ("conv1", "conv2"): [("conv1", "conv2")],
        ("conv2", "conv3"): [("conv2", "conv3")],
        ("conv3", "conv4"): [("conv3", "conv4")],
    }


def test_where_an_input_comes_from() -> None:
    text = "input x: 3x8x8\na: conv(3, 3)\nb: conv(3, 3)\nc: conv(3, 3)\nadd { | @a | @c }\n"
    assert causes(between(text, text.replace("@a", "@b"))) == {"add1": ["input 0 a -> b"]}


def test_weights_that_are_shared() -> None:
    text = "input x: 3x8x8\nshare u = conv(3, 3)\na: @x -> u\nb: @x -> u\nadd { | @a | @b }\n"
    own = text.replace("b: @x -> u", "b: @x -> conv(3, 3)")
    found = between(text, own)
    assert found.delta("params") > 0
    assert any(fact.subject in ("name", "sharing") for part in found.parts for fact in part.causes)


def test_a_block_that_means_something_else_is_a_cause_even_under_other_inputs() -> None:
    text = "input x: 3x8x8\nblock u(n) { conv(n, 3) -> relu }\nstem: conv(4, 3)\na: u(8)\nb: u(8)\n"
    wider = text.replace("conv(4", "conv(6")
    assert causes(between(text, wider)) == {"stem": ["out 4 -> 6"]}
    larger = wider.replace("conv(n, 3)", "conv(n, 5)")
    assert causes(between(text, larger)) == {
        "stem": ["out 4 -> 6"],
        "a.conv1": ["k [3, 3] -> [5, 5]"],
        "b.conv1": ["k [3, 3] -> [5, 5]"],
    }


def test_the_stride_of_resnet50_v1_5() -> None:
    """As the issue has it: it moved from conv1 to conv2 where a stage begins."""
    found = shipped("resnet50").diff(shipped("torchvision/resnet50"))
    for stage, label in (("conv3_x", "layer2"), ("conv4_x", "layer3"), ("conv5_x", "layer4")):
        conv1, conv2 = at(found, f"{stage}.0.conv1"), at(found, f"{stage}.0.conv2")
        assert [(f.what, f.a, f.b) for f in conv1.causes] == [("stride", [2, 2], [1, 1])]
        assert [(f.what, f.a, f.b) for f in conv2.causes] == [("stride", [1, 1], [2, 2])]
        assert conv1.a and conv1.b
        assert conv1.b.output[1] == 2 * conv1.a.output[1]
        assert renames(found)[stage, label] == [(stage, label)]
        loud = [p.side.name for p in walk((at(found, f"{stage}.0"),)) if not is_quiet(p)]
        assert loud == ["0", "conv1", "conv2"]
    assert (found.delta("params"), found.delta("macs")) == (0, 231_211_008)
    assert at(found, "conv2_x").renamed


STAGES = st.lists(
    st.tuples(st.sampled_from(["basic", "plain"]), st.integers(1, 8), st.integers(1, 4)),
    min_size=2,
    max_size=5,
    unique_by=lambda stage: stage[1],  # of two equal ones either may be the one that is gone
)


@settings(max_examples=30, deadline=None)
@given(STAGES, st.data())
def test_any_stage_of_any_net(stages: list[tuple[str, int, int]], data: st.DataObject) -> None:
    which = data.draw(st.integers(0, len(stages) - 1))
    kind, width, repeats = stages[which]
    change = data.draw(st.sampled_from(["width", "repeats", "drop", "label"]))
    before = _text(stages)
    if change == "width":
        after = _text([*stages[:which], (kind, width + 9, repeats), *stages[which + 1 :]])
    elif change == "repeats":
        after = _text([*stages[:which], (kind, width, repeats + 1), *stages[which + 1 :]])
    elif change == "drop":
        after = before.replace(_line(which, *stages[which]), "")
    else:
        after = before.replace(f"s{which}:", "other:")
    found = between(before, after)
    assert found
    places = causes(found)
    assert places
    assert all(path.partition(".")[0] == f"s{which}" for path in places), (before, after, places)


def _text(stages: list[tuple[str, int, int]]) -> str:
    lines = [_line(k, *stage) for k, stage in enumerate(stages)]
    return "input x: 3x16x16\nstem: conv(8, 3)\n" + "".join(lines) + "head: gap -> fc(10)\n"


def _line(number: int, kind: str, width: int, repeats: int) -> str:
    return f"s{number}: {kind}({8 * width}) x{repeats}\n"

"""The picture of a difference: nothing overlaps, no text is lost, and it is text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from resdsl.analysis.diff import Diff, diff
from resdsl.draw.diff import Format, render
from resdsl.draw.diff.cells import Row, rows
from resdsl.draw.diff.place import Box, line_width, place
from resdsl.draw.fonts import missing
from resdsl.draw.palette import Theme
from resdsl.draw.render import dot_to_svg
from resdsl.ir.dump import from_json, to_json
from resdsl.ir.graph import Net
from tests.diff.nets import between, shipped
from tests.diff.test_laws import PAIRS

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ["<script>alert(1)</script>", "\\N", "a:b", "q\"uo'te", "&lt;", "]]>", "-->", "\x1b[31m"]


@pytest.fixture(scope="module", params=PAIRS, ids=" ".join)
def pair(request: pytest.FixtureRequest) -> Diff:
    a, b = request.param
    return shipped(a).diff(shipped(b))


def test_boxes_lie_in_one_another_or_apart(pair: Diff) -> None:
    for one, other in combinations(place(rows(pair), 80, 200).boxes, 2):
        assert _apart(one, other) or _within(one, other) or _within(other, one), (one, other)


def test_every_line_fits_its_box_and_is_drawn(pair: Diff) -> None:
    placed = place(rows(pair), 80, 200)
    texts = _texts(str(render(pair, "svg")))
    for box in placed.boxes:
        for line in box.lines:
            assert line_width(line) <= box.width
            assert not missing(line.text + line.strong)
            assert line.text in texts or not line.text
            assert line.strong in texts or not line.strong


def test_what_belongs_together_is_level(pair: Diff) -> None:
    placed = place(rows(pair), 80, 200)
    for badge in placed.badges:
        if badge.left is not None and badge.right is not None:
            tops = {b.y for b in placed.boxes if b.y < badge.y < b.bottom and b.mark == badge.mark}
            assert len(tops) >= 1
    assert sum(len(cells) for cells in map(_cells, _all(rows(pair)))) == len(placed.boxes)


def test_marks_are_told_by_signs_as_well_as_by_colour() -> None:
    found = shipped("resnet34_A").diff(shipped("resnet34_B"))
    texts = _texts(str(render(found, "svg")))
    assert {"~", "+", "−", "="} <= set(texts)
    fills = {
        box.get("stroke-dasharray", "") + box.get("stroke-width", "")
        for box in ET.fromstring(str(render(found, "svg")).encode()).iter(f"{SVG}rect")
    }
    assert len(fills) >= 4  # the borders differ, too


def test_the_same_change_is_opened_once() -> None:
    texts = _texts(str(render(shipped("resnet50").diff(shipped("torchvision/resnet50")), "svg")))
    assert texts.count("stride 2") == 2  # of conv1 before, of conv2 after
    assert texts.count("changed as conv3_x is") == texts.count("changed as layer2 is") == 2


OLD = """model net {
  param width = 4
  input image: 3x8x8
  input extra: 4x4x4
  input left: 2x2x2
  flat: @image -> flatten
  output fine: @flat -> fc(width)
  output main(when=train, loss_weight=0.3): @flat -> fc(5)
  output same: @flat -> fc(6)
  output gone: @extra -> flatten -> fc(3)
  init fine = he_normal(fan_in)
}
"""
NEW = """model net {
  param width = 10
  input picture: 3x9x9
  input extra: 5x5x5
  flat: @picture -> flatten
  output click: @flat -> fc(width)
  output logits: @flat -> fc(5)
  output same: @flat -> fc(7)
  init click = normal(0.5)
}
"""


def test_each_side_calls_things_by_its_own_names() -> None:
    for a, b, swapped in ((OLD, NEW, False), (NEW, OLD, True)):
        head = rows(between(a, b))[0]
        assert head.a and head.b
        sides = [[line.text for line in cell.lines] for cell in (head.a, head.b)]
        pairs = {(x, y) if not swapped else (y, x) for x, y in zip(*sides, strict=True)}
        assert pairs == {
            ("width 4", "width 10"),
            ("input image 3×8×8", "input picture 3×9×9"),
            ("input extra 4×4×4", "input extra 5×5×5"),
            ("input left 2×2×2", "no input left"),
            ("output fine 4", "output click 10"),
            ("output main, training only true", "output logits, training only false"),
            ("output main, weight of the loss 0.3", "output logits, no weight of the loss"),
            ("output same 6", "output same 7"),
            ("output gone 3", "no output gone"),
            ("init fine he_normal(fan_in)", "no init fine"),
            ("no init click", "init click normal(0.5, 0)"),
        }


def test_another_order_is_said_in_words() -> None:
    texts = [f"input {x}: 3x8x8\ninput {y}: 3x8x8\n@x -> conv(4, 3)\n" for x, y in ("xy", "yx")]
    head = rows(between(*texts))[0]
    assert head.a and head.b
    assert head.a.lines[0].text == "order of inputs [x, y]"
    assert head.b.lines[0].text == "order of inputs [y, x]"


def test_equal_nets_are_a_picture_too() -> None:
    net = shipped("resnet18")
    texts = _texts(str(render(net.diff(net), "svg")))
    assert "equal" in texts
    assert "~" not in texts


@pytest.mark.parametrize("form", ["svg", "html", "dot"])
def test_labels_are_text(form: Format) -> None:
    parts = ("conv1", "pool1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "head", "image")
    hostile = _renamed(shipped("resnet34").ir, dict(zip(parts, HOSTILE, strict=True)))
    drawn = str(render(diff(shipped("resnet18").ir, hostile, ("<a>", '"')), form, "dark"))
    assert "\x1b" not in drawn
    if form == "html":
        assert "<script" not in drawn
        drawn = drawn[drawn.rindex("<svg") : drawn.rindex("</svg>") + 6]
    shown = " ".join(_texts(dot_to_svg(drawn) if form == "dot" else drawn))
    for label in (*HOSTILE[:-1], "\\x1b[31m"):
        assert label in shown.replace("\xa0", " ")


def test_every_form() -> None:
    found = shipped("resnet18").diff(shipped("resnet34"))
    assert render(found, "png")[:4] == b"\x89PNG"
    assert render(found, "pdf")[:5] == b"%PDF-"
    page = str(render(found, "html"))
    assert "made by resdsl" in page[:200]
    assert not re.search(r"<script|https?://(?!www\.w3\.org/2000/svg)|javascript:", page)
    assert page.count("<svg") == 2  # light and dark
    dot = str(render(found, "dot"))
    assert dot.count("rank=same") == dot.count("dir=none")


def test_dark_is_dark() -> None:
    found = shipped("resnet18").diff(shipped("resnet34"))
    themes: tuple[Theme, ...] = ("light", "dark")
    light, dark = (str(render(found, "svg", theme)) for theme in themes)
    assert _texts(light) == _texts(dark)
    assert 'fill="#ffffff"' not in dark


def _renamed(net: Net, labels: dict[str, str]) -> Net:
    """With other labels at the top level."""
    tree = json.loads(to_json(net))
    root = tree["regions"][tree["root"]]
    for thing in [*root["nodes"], *root["inputs"]]:
        thing["name"] = labels.get(thing["name"], thing["name"])
    return from_json(json.dumps(tree))


def _all(found: Sequence[Row]) -> Iterator[Row]:
    for row in found:
        yield row
        yield from _all(row.inside)


def _cells(row: Row) -> list[object]:
    return [cell for cell in (row.a, row.b) if cell]


def _texts(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg.encode()).iter(f"{SVG}text")]


def _apart(one: Box, other: Box) -> bool:
    aside = one.right <= other.x or other.right <= one.x
    return aside or one.bottom <= other.y or other.bottom <= one.y


def _within(inner: Box, outer: Box) -> bool:
    return (
        outer.frame
        and outer.x < inner.x
        and inner.right < outer.right
        and outer.y < inner.y
        and inner.bottom < outer.bottom
    )

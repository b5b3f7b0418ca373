"""The paper's Figure 3: the boxes it prints, in its rows, with its shortcuts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import resdsl
from resdsl.draw.figure import Figure, TooManyBoxes, figure
from resdsl.draw.figure.column import Box, Column, Path

# Figure 3 from top to bottom, by output size. The paper writes `image`, 224 beside it.
VGG = {
    "": ["image"],
    "224": ["3×3 conv, 64"] * 2,
    "112": ["pool, /2", *["3×3 conv, 128"] * 2],
    "56": ["pool, /2", *["3×3 conv, 256"] * 4],
    "28": ["pool, /2", *["3×3 conv, 512"] * 4],
    "14": ["pool, /2", *["3×3 conv, 512"] * 4],
    "7": ["pool, /2"],
    "1": ["fc 4096", "fc 4096", "fc 1000"],
}
PLAIN = {
    "": ["image"],
    "224": [],
    "112": ["7×7 conv, 64, /2"],
    "56": ["pool, /2", *["3×3 conv, 64"] * 6],
    "28": ["3×3 conv, 128, /2", *["3×3 conv, 128"] * 7],
    "14": ["3×3 conv, 256, /2", *["3×3 conv, 256"] * 11],
    "7": ["3×3 conv, 512, /2", *["3×3 conv, 512"] * 5],
    "1": ["avg pool", "fc 1000"],
}


@pytest.fixture(scope="module")
def fig3() -> Figure:
    return figure(resdsl.load(name) for name in ("vgg19", "plain34", "resnet34"))


def rows(drawn: Figure, column: Column) -> dict[str, list[str]]:
    """The boxes of a column by the band that they stand in."""
    begins = [(words.text.removeprefix("output size: "), words.y) for words in drawn.placed.margin]
    found: dict[str, list[str]] = {"": [], **{size: [] for size, _ in begins}}
    for box in sorted(column.boxes, key=lambda box: box.y):
        above = [size for size, y in begins if y < box.y + 20]
        found[above[-1] if above else ""].append(box.text)
    return found


def test_the_boxes_are_those_that_the_paper_prints(fig3: Figure) -> None:
    vgg, plain, resnet = fig3.placed.columns
    assert rows(fig3, vgg) == VGG
    assert rows(fig3, plain) == PLAIN
    assert rows(fig3, resnet) == PLAIN


def test_bands_begin_in_one_row(fig3: Figure) -> None:
    """As in the paper the 3×3 convolution with stride stands where VGG has its pool."""
    assert [words.text for words in fig3.placed.margin] == [
        f"output size: {size}" for size in VGG if size
    ]
    for words in fig3.placed.margin[1:]:
        firsts = [
            [box.text for box in column.boxes if abs(box.y + 9.5 - words.y) < 1]
            for column in fig3.placed.columns
        ]
        assert all(len(first) == 1 for first in firsts), words
    assert {column.boxes[0].y for column in fig3.placed.columns} == {
        fig3.placed.columns[0].boxes[0].y
    }


def test_shortcuts(fig3: Figure) -> None:
    """16 arcs; dotted at the three places where the dimensions grow."""
    vgg, plain, resnet = fig3.placed.columns
    assert not arcs(vgg) and not arcs(plain)
    found = sorted(arcs(resnet), key=lambda path: path.points[-1][1])
    assert len(found) == 16
    dotted = [n for n, path in enumerate(found) if path.dashed]
    assert dotted == [3, 3 + 4, 3 + 4 + 6]
    for path in found:  # each goes round two layers
        inner = [b for b in resnet.boxes if path.points[0][1] < b.y + 9 < path.points[-1][1]]
        assert len([box for box in inner if box.sort == "conv"]) == 2


def arcs(column: Column) -> list[Path]:
    right = max(box.x + box.width for box in column.boxes)
    return [path for path in column.paths if max(x for x, _ in path.points) > right]


def test_a_wider_layer_is_darker(fig3: Figure) -> None:
    channels = {box.channels for column in fig3.placed.columns for box in column.boxes}
    assert channels == {0, 64, 128, 256, 512}


def test_folded_table_1() -> None:
    drawn = figure((resdsl.load("resnet152"),), fold=True)
    (column,) = drawn.placed.columns
    assert [bracket.text for bracket in column.brackets] == ["× 2", "× 7", "× 35", "× 2"]
    projections = [box for box in column.boxes if box.x > column.boxes[0].x]
    assert [box.text for box in projections] == [
        "1×1 conv, 256", "1×1 conv, 512, /2", "1×1 conv, 1024, /2", "1×1 conv, 2048, /2"
    ]  # fmt: skip
    touching = {box.node for box in projections}
    dashed = [p for p in column.paths if p.source in touching or p.target in touching]
    assert len(dashed) == 8 and all(path.dashed for path in dashed)


def test_dense_layers_fold_though_their_inputs_grow() -> None:
    drawn = figure([resdsl.load("torchvision/densenet121")], fold=True)
    brackets = drawn.placed.columns[0].brackets
    assert [bracket.text for bracket in brackets] == ["× 6", "× 12", "× 24", "× 16"]


def test_branches_stand_side_by_side() -> None:
    drawn = figure([resdsl.load("classics/googlenet")])
    boxes = drawn.placed.columns[0].boxes
    first = next(n for n, box in enumerate(boxes) if box.text == "1×1 conv, 96")
    row = [box.text for box in boxes if box.y == boxes[first].y]
    assert row == ["1×1 conv, 64", "1×1 conv, 96", "1×1 conv, 16", "3×3 pool"]
    trunk = boxes[0]
    beside: Sequence[Box] = [box for box in boxes if box.y == boxes[first].y]
    assert sum(box.x for box in beside) / 4 == pytest.approx(trunk.x)
    assert sum(box.train for box in boxes) == 8  # two auxiliary heads


def test_a_net_that_comes_back_up_has_further_bands() -> None:
    drawn = figure([resdsl.load("dense/unet")])
    found = [words.text.removeprefix("output size: ") for words in drawn.placed.margin]
    assert found == ["512", "256", "128", "64", "32", "64", "128", "256", "512"]
    skips = arcs(drawn.placed.columns[0])
    assert len(skips) == 4 and not any(path.dashed for path in skips)
    cropped = figure([resdsl.load("dense/unet_valid")])
    assert all(path.dashed for path in arcs(cropped.placed.columns[0]))


def test_the_longest_path_is_the_trunk() -> None:
    """Not that to the first output: here an early exit."""
    text = (
        "input image: 3x32x32\nstem: conv(16)\nexit: gap -> fc(10)\noutput early\n"
        "trunk: @stem -> conv(16) -> conv(16) -> conv(32, stride=2)\nhead: gap -> fc(10)\n"
        "output late\n"
    )
    drawn = figure([resdsl.loads(text)])
    (column,) = drawn.placed.columns
    assert rows(drawn, column) == {
        "": ["image"],
        "32": ["3×3 conv, 16", "avg pool @ 1", "3×3 conv, 16", "fc 10 @ 1", "3×3 conv, 16"],
        "16": ["3×3 conv, 32, /2"],
        "1": ["avg pool", "fc 10"],
    }
    early = [box.x for box in column.boxes if "@" in box.text]
    assert all(x < column.boxes[0].x for x in early)  # what is no trunk stands to the left


def test_what_stands_beside_rows_of_another_size_says_its_own() -> None:
    drawn = figure([resdsl.load("dense/fpn")])
    said = [box.text for box in drawn.placed.columns[0].boxes if "3×3 conv, 256" in box.text]
    assert said[-4:] == [f"3×3 conv, 256{at}" for at in ("", " @ 100", " @ 50", " @ 25")]
    heads = figure([resdsl.load("classics/googlenet")]).placed.columns[0].boxes
    assert [box.text for box in heads if box.train and "fc" in box.text] == [
        "fc 1024 @ 1", "fc 1000 @ 1",
    ] * 2  # fmt: skip


def test_what_goes_round_a_merge_leaves_above_it() -> None:
    """In Res2Net a scale is added to the next one, and passes on as it was, too."""
    drawn = figure([resdsl.load("timm/res2net50_26w_4s")], fold=True)
    column = drawn.placed.columns[0]
    merges = [y for _, y in column.points]
    for path in arcs(column):
        box = next((box for box in column.boxes if box.node == path.source), None)
        if box is not None:
            leaves = path.points[1][1]
            assert not any(box.y < y < leaves for y in merges)


def test_too_many_boxes_are_refused_and_fold() -> None:
    deep = resdsl.load("cifar/resnet1202")
    with pytest.raises(TooManyBoxes):
        figure([deep])
    with pytest.raises(TooManyBoxes):
        figure([resdsl.load("resnet152")] * 7)
    assert len(figure([deep], fold=True).placed.columns[0].boxes) == 14


def test_a_notebook_shows_it(fig3: Figure) -> None:
    text = fig3._repr_svg_()
    assert text.splitlines()[1] == "<!-- made by resdsl -->"
    assert text == figure([resdsl.load(name) for name in fig3.names]).svg()  # twice the same
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_sizes_that_are_no_squares_and_tokens() -> None:
    wide = resdsl.load("resnet18", input="3x192x160")
    margin = [words.text for words in figure([wide]).placed.margin]
    assert margin[0] == "output size: 96×80"
    tokens = figure([resdsl.load("torchvision/vit_b_16")], fold=True).placed.margin
    assert [words.text for words in tokens] == ["output size: 14", "197 tokens", "output size: 1"]

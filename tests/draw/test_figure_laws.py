"""What holds of the figure of any net: nothing overlaps, nothing is lost, text stays in its box."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

import resdsl
from resdsl.draw.figure import Figure, figure
from resdsl.draw.figure.colours import luminance, scale, text_on
from resdsl.draw.figure.column import BOX, FONT, SMALL, TITLE, Box, Column
from resdsl.draw.figure.graph import Graph, graph_of, named, size_of
from resdsl.draw.figure.place import Placed
from resdsl.draw.figure.rows import align
from resdsl.draw.fonts import missing, text_width
from resdsl.ir.flat import flatten
from resdsl.ir.graph import Net
from tests.fuzz.properties import explore
from tests.zoo.zoo import NETS, ONE_OF_EACH

HOSTILE = r"<script>alert('1')</script> & a:b \"q\" \N ]]> ‮x"


@pytest.mark.parametrize("name", NETS)
def test_a_net_of_the_zoo(name: str) -> None:
    net = resdsl.load(name).ir
    hold(figure([net], fold=True, flops=True), [net], fold=True)
    assert weighted(net, fold=True) == flat_weighted(net)


@pytest.mark.parametrize("name", sorted(set(ONE_OF_EACH) - {"cifar/resnet1202"}))
def test_a_net_in_full(name: str) -> None:
    net = resdsl.load(name).ir
    drawn = figure([net])
    hold(drawn, [net])
    apart_lines(drawn.placed.columns[0])
    assert weighted(net, fold=False) == flat_weighted(net)


def test_nets_that_nobody_wrote() -> None:
    explore(drawn_nets, 40, seed=2)


def drawn_nets(network: resdsl.Network) -> None:
    for fold in (False, True):
        hold(figure([network], fold=fold), [network.ir], fold)
        assert weighted(network.ir, fold) == flat_weighted(network.ir)


def test_a_bracket_around_a_bracket_between_two_columns() -> None:
    """`x3` of nothing but an `x4`, beside another branch: room for both, found by drawn nets."""
    text = (
        "input image: 4x8x8\nadd {\n| conv(4) -> conv(4) -> conv(4)\n"
        "| { squeeze_excite(hidden=1) x4 } x3\n| conv(4) -> conv(4)\n}\n"
    )
    net = resdsl.loads(text).ir
    drawn = figure([net], fold=True)
    hold(drawn, [net], fold=True)
    assert [bracket.text for bracket in drawn.placed.columns[0].brackets] == ["× 4", "× 3"]


@pytest.mark.parametrize(
    "names",
    [
        ["vgg19", "plain34", "resnet34"],
        ["resnet152", "dense/unet", "classics/googlenet", "cifar/resnet110"],
        ["timm/hrnet_w18", "torchvision/inception_v3"],
        ["torchvision/densenet121", "torchvision/vit_b_16", "dense/retinanet"],
    ],
)
def test_nets_side_by_side_in_full(names: list[str]) -> None:
    nets = [resdsl.load(name).ir for name in names]
    hold(figure(nets), nets)
    for net in nets:
        assert weighted(net, fold=False) == flat_weighted(net)


def hold(drawn: Figure, nets: list[Net], fold: bool = False) -> None:
    """All laws of a figure."""
    placed = drawn.placed
    for column, net in zip(placed.columns, nets, strict=True):
        sized(placed, column, graph_of(net, fold))
    for column in placed.columns:
        apart(column.boxes)
        for box in column.boxes:
            assert text_width(box.text, FONT) <= box.width - 2
        clear(column)
        inside(column)
        beside(column)
    for left, right in pairwise(placed.columns):
        assert left.right < right.left
    assert all(column.right <= placed.width for column in placed.columns)
    assert all(box.y + BOX < placed.height for column in placed.columns for box in column.boxes)
    for words in placed.margin:
        assert words.x - text_width(words.text, SMALL) >= 0 and words.x < placed.columns[0].left
    said = [
        e.text or "" for e in ElementTree.fromstring(drawn.svg()).iter() if e.tag.endswith("}text")
    ]
    assert not missing("".join(said))
    assert [text for text in said if text] == said


def sized(placed: Placed, column: Column, graph: Graph) -> None:
    """The margin beside a box says its size, or the box does; that of an input, neither."""
    begins = [
        (words.y - BOX / 2, words.text.removeprefix("output size: ")) for words in placed.margin
    ]
    for box in column.boxes:
        node = graph.nodes[box.node]
        assert node.layer is not None
        if node.kind == "input":
            assert box.text == node.layer.text and all(box.y < y for y, _ in begins)
            continue
        margin = [size for y, size in begins if y <= box.y + 0.01][-1]
        own = named(size_of(node.shape))
        assert box.text == node.layer.text + (f" @ {own}" if own != margin else "")


def apart(boxes: list[Box]) -> None:
    for one, two in combinations(boxes, 2):
        across = one.x < two.x + two.width and two.x < one.x + one.width
        down = one.y < two.y + BOX and two.y < one.y + BOX
        assert not (across and down), (one, two)


def clear(column: Column) -> None:
    """No line touches a box but those at its ends, and there it touches the edge."""
    for path in column.paths:
        for (x1, y1), (x2, y2) in pairwise(path.points):
            assert x1 == x2 or y1 == y2
            left, right, top, bottom = min(x1, x2), max(x1, x2), min(y1, y2), max(y1, y2)
            for box in column.boxes:
                slack = 0.01 if box.node in (path.source, path.target) else -2
                across = left < box.x + box.width - slack and box.x + slack < right
                down = top < box.y + BOX - slack and box.y + slack < bottom
                assert not (across and down), (path, box)


def apart_lines(column: Column) -> None:
    """No line runs along another, but where they leave one box or end in one merge."""
    stretches = defaultdict(list)
    for path in column.paths:
        for one, two in pairwise(path.points):
            axis = 0 if one[0] == two[0] else 1
            ends = sorted((one[1 - axis], two[1 - axis]))
            stretches[axis, round(one[axis])].append((*ends, path))
    for found in stretches.values():
        for (a, b, one), (c, d, two) in combinations(found, 2):
            if one.source != two.source and one.target != two.target:
                assert min(b, d) - max(a, c) < 1, (one, two)


def inside(column: Column) -> None:
    left, right = column.left, column.right
    assert all(left <= box.x and box.x + box.width <= right for box in column.boxes)
    assert all(left <= x <= right for path in column.paths for x, _ in path.points)
    for words, bold in [(column.title, True), *((note, False) for note in column.notes)]:
        half = text_width(words.text, TITLE if bold else SMALL, bold) / 2
        assert left - 0.01 <= words.x - half and words.x + half <= right + 0.01
    for bracket in column.brackets:
        assert left - 0.01 <= bracket.x - 4 - text_width(bracket.text, SMALL, True)


def beside(column: Column) -> None:
    """Brackets stand at rows, and neither they nor their numbers on boxes or on each other."""
    taken = []
    for bracket in column.brackets:
        left = bracket.x - 4 - text_width(bracket.text, SMALL, True)
        taken.append((left, bracket.top, bracket.x + 3, bracket.bottom))
    boxes = [(box.x, box.y, box.x + box.width, box.y + BOX) for box in column.boxes]
    for n, one in enumerate(taken):
        for two in taken[:n] + boxes:
            across = one[0] < two[2] and two[0] < one[2]
            assert not (across and one[1] < two[3] and two[1] < one[3]), (one, two)


def weighted(net: Net, fold: bool) -> int:
    return sum(node.weighted for node in graph_of(net, fold).nodes)


def flat_weighted(net: Net) -> int:
    return sum(node.op.weighted_layers for node in flatten(net).nodes)


def test_hostile_names_are_text() -> None:
    net = resdsl.load("resnet18").ir
    tensor = net.main.inputs[0].model_copy(update={"name": HOSTILE})
    main = net.main.model_copy(update={"inputs": (tensor,)})
    regions = {**net.regions, net.root: main}
    hostile = net.model_copy(update={"name": HOSTILE, "regions": regions})
    drawn = figure([hostile])
    text = drawn.svg()
    ElementTree.fromstring(text)
    assert "<script" not in text and "‮" not in text
    assert "&lt;script&gt;" in text
    hold(drawn, [hostile])


def test_text_on_every_colour_has_contrast() -> None:
    lights = []
    for colour in scale(2**i for i in range(13)).values():
        light = luminance(colour)
        lights.append(light)
        other = 0.0 if text_on(colour) == "#000" else 1.0
        assert (max(light, other) + 0.05) / (min(light, other) + 0.05) >= 6
    assert lights == sorted(lights, reverse=True)  # in grey, wider is darker


def test_sizes_are_merged_in_order() -> None:
    one = [(224, 224), (112, 112), (56, 56), (1, 1)]
    two = [(32, 32), (16, 16), (1, 1)]
    up = [(112, 112), (56, 56), (112, 112)]
    assert align(one, two) == [*one[:3], *two]
    assert align(one, up) == [(224, 224), (112, 112), (56, 56), (112, 112), (1, 1)]
    assert align([], two) == two

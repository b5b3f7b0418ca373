"""Mermaid: the boxes and arrows of the picture; what could be markup is written as entities.

docs/pictures.md says with which Mermaid all of them were drawn.
"""

from __future__ import annotations

import html
import re

import pytest

import resdsl
from resdsl.draw.labels import words
from resdsl.draw.mermaid import mermaid, quoted
from resdsl.draw.outline import picture
from resdsl.draw.picture import Depth
from resdsl.report.text import visible
from tests.draw.test_dot import HOSTILE, hostile
from tests.zoo.zoo import ONE_OF_EACH

LABEL = r'"((?:[\w +.,:/()×-]|#\d+;|<br/>)*)"'
NODE = re.compile(rf"\s+(\w+)(?:\[|\(\[|\(\(){LABEL}(?:\]|\]\)|\)\))")
OPEN = re.compile(rf"\s+subgraph (\w+)\[{LABEL}\]")
ARROW = re.compile(rf"  (\w+) (-->|-\.->|==>)\|{LABEL}\| (\w+)")
COLOUR = re.compile(
    r"  classDef \w+ fill:#\w{6},stroke:#\w{6},color:#\w{6}|  class (b_\w+)(,b_\w+)* \w+"
)


def drawn(label: str) -> str:
    """What Mermaid draws for a label, with its entities."""
    return html.unescape(re.sub(r"#(\d+);", r"&#\1;", label.replace("<br/>", "\n")))


def parse(text: str) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Boxes with their labels, and arrows; every line is one that we know."""
    lines = text.splitlines()
    assert lines[:2] == ["---", "config:"]
    begin = lines.index("---", 1) + 1
    assert lines[begin].startswith("%% ")
    assert lines[begin + 1] == "flowchart TD"
    boxes: dict[str, str] = {}
    arrows, deep = [], 0
    for line in lines[begin + 2 :]:
        if node := (NODE.fullmatch(line) or OPEN.fullmatch(line)):
            assert node[1] not in boxes
            boxes[node[1]] = drawn(node[2])
            deep += "subgraph" in line
        elif arrow := ARROW.fullmatch(line):
            arrows.append((arrow[1], arrow[2], arrow[4]))
        elif line.strip() == "end":
            deep -= 1
        else:
            assert COLOUR.fullmatch(line), line
    assert deep == 0
    return boxes, arrows


@pytest.mark.parametrize("depth", ["model", "stage", "block", "layer"])
@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_boxes_and_arrows_are_those_of_the_picture(name: str, depth: Depth) -> None:
    shown = picture(resdsl.load(name).ir, depth)
    boxes, arrows = parse(mermaid(shown))
    assert list(boxes) == [box.id for box in shown.boxes()][1:]
    assert [(a, b) for a, _, b in arrows] == [(e.source.id, e.target.id) for e in shown.edges()]


@pytest.mark.parametrize("text", HOSTILE)
def test_names_are_text(text: str) -> None:
    shown = picture(hostile(text), "layer")
    boxes, _ = parse(mermaid(shown))
    for box in list(shown.boxes())[1:]:
        assert boxes[box.id] == "\n".join(visible(line) for line in words(box))


def test_what_a_label_may_not_hold() -> None:
    assert quoted('<b>"`#;&\\') == '"#60;b#62;#34;#96;#35;#59;#38;#92;"'


def test_shortcuts_are_thick_projections_dashed() -> None:
    _, arrows = parse(mermaid(picture(resdsl.load("resnet34_B").ir, "layer")))
    assert [how for _, how, _ in arrows].count("==>") == 4  # a run a stage
    assert [how for _, how, _ in arrows].count("-.->") == 9

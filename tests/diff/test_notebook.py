"""What a notebook shows of a net, its counts, its picture and a difference."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import resdsl
from tests.diff.nets import shipped
from tests.report.test_html import Cells


def test_a_difference_is_tables() -> None:
    found = shipped("resnet50").diff(shipped("torchvision/resnet50"))
    shown = found._repr_html_()
    assert shown
    cells = Cells(shown).cells
    assert "+231,211,008" in cells
    assert "stride 2 → 1" in cells
    assert "renamed" in shown


def test_counts_are_a_table_and_so_is_a_net() -> None:
    net = shipped("resnet18")
    assert net.stats()._repr_html_() == net._repr_html_()
    assert "11,515,688" in Cells(net._repr_html_()).cells


def test_colours_are_the_notebooks_own() -> None:
    """Dark or light: nothing sets a colour of text or of the page."""
    net = shipped("resnet18")
    for shown in (net._repr_html_(), net.diff(shipped("resnet34"))._repr_html_()):
        assert shown
        assert "color" not in shown


def test_names_are_text() -> None:
    text = "input x: 3x8x8\nfc(3)\n"
    a = resdsl.loads(text, name="<i>")
    b = resdsl.loads(text.replace("3)", "4)"), name="<script>alert(1)</script>")
    shown = a.diff(b)._repr_html_()
    assert shown
    assert "<script" not in shown
    assert "<i>" not in shown


def test_a_difference_is_true() -> None:
    a, b = shipped("resnet18"), shipped("resnet34")
    assert a.diff(b)
    assert a.diff(b.ir)
    assert not a.diff(a)
    assert "equal" in repr(a.diff(a))
    assert "4 parts differ" in repr(a.diff(b))


def test_pictures_are_svg() -> None:
    drawn = shipped("resnet18").graph()._repr_mimebundle_()["image/svg+xml"]
    assert ET.fromstring(drawn.encode()).tag.endswith("svg")

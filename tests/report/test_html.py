"""What notebooks show."""

from __future__ import annotations

from html.parser import HTMLParser

from resdsl.analysis.stats import stats
from resdsl.report.html import stats_html, table_html
from resdsl.report.tables import Column, Table
from tests.analysis.nets import resnet50


class Cells(HTMLParser):
    """The texts of the cells; every tag must be closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.cells: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.cells.append(data)


def test_a_net_is_a_table() -> None:
    found = Cells(stats_html(stats(resnet50())))
    assert "25,557,032" in found.cells
    assert "bottleneck × 3" in found.cells
    assert found.tags == {"div", "strong", "table", "thead", "tbody", "tr", "th", "td", "pre"}


def test_what_a_spec_says_is_text() -> None:
    evil = "<script>alert('&')</script>\x1b"
    net = resnet50().model_copy(update={"name": evil})
    text = stats_html(stats(net, suspended=[evil]))
    assert "<script" not in text
    assert "\x1b" not in text
    table = Table([Column(evil), Column("b", right=True)], [["x", evil], None, [evil, "y"]])
    found = Cells(table_html(table))
    assert found.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    assert found.cells.count(evil.replace("\x1b", "\\x1b")) == 3

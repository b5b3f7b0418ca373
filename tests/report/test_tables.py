"""Plain text tables, and numbers for people."""

from __future__ import annotations

import pytest

from resdsl.report.tables import Column, Table, human, memory, side_by_side, zoo_table
from resdsl.report.text import visible, width


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"), (640, "640"), (999, "999"), (1000, "1.000 k"), (9536, "9.536 k"),
        (53_120, "53.12 k"), (999_999, "1.000 M"), (25_557_032, "25.56 M"),
        (138_357_544, "138.4 M"), (3_857_973_248, "3.858 G"), (99_996_000_000, "100.0 G"),
        (19_632_062_464_000, "19.63 T"),
    ],
)  # fmt: skip
def test_numbers_have_four_digits(number: int, text: str) -> None:
    assert human(number) == text


def test_numbers_may_have_a_unit() -> None:
    assert human(3_857_973_248, "FLOPs") == "3.858 GFLOPs"
    assert human(12, "FLOPs") == "12 FLOPs"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (102_228_128, "97.49 MiB"),
     (150 * 2**20, "150.0 MiB"), (5 * 2**50, "5120.0 TiB")],
)  # fmt: skip
def test_memory_is_in_powers_of_1024(count: int, text: str) -> None:
    assert memory(count) == text


def test_columns_are_aligned_by_what_a_terminal_shows() -> None:
    table = Table([Column("name"), Column("count", right=True)])
    table.rows += [["漢字", "1"], ["a\x1b", "22"], None, ["total", "23"]]
    assert table.text().splitlines() == [
        "  name   count",
        "  ────────────",
        "  漢字       1",
        "  a\\x1b     22",
        "  ────────────",
        "  total     23",
    ]


def test_an_empty_table_has_its_head() -> None:
    assert Table([Column("a"), Column("b")]).text(indent="").splitlines() == ["a  b", "────"]


def test_facts_stand_side_by_side() -> None:
    assert side_by_side([("a", "1"), ("long", "2\n")], indent="") == "a     1\nlong  2\\n"
    assert side_by_side([]) == ""


def test_the_zoo_has_a_line_a_net() -> None:
    entry = {
        "name": "resnet50", "year": "2015", "paper": "He et al.", "params": 25_557_032,
        "macs": 3_857_973_248, "input": (3, 224, 224),
    }  # fmt: skip
    assert zoo_table([entry]).splitlines() == [
        "name      year      input   params     MACs  paper",
        "──────────────────────────────────────────────────────",
        "resnet50  2015  3x224x224  25.56 M  3.858 G  He et al.",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain é漢", "plain é漢"), ("a\tb\n", "a\\tb\\n"), ("\x1b[0m", "\\x1b[0m"),
     ("\u202e", "\\u{202e}"), ("\ud800", "\\u{d800}"), ("a\xa0b", "a\\xa0b")],
)  # fmt: skip
def test_the_invisible_is_made_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_width_counts_columns() -> None:
    assert [width(text) for text in ("ab", "漢", "e\u0301", "")] == [2, 2, 1, 0]

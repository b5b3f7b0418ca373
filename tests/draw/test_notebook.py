"""Results show themselves in a notebook: what IPython makes of each."""

from __future__ import annotations

from typing import Any

import pytest
from IPython.core.formatters import DisplayFormatter

import resdsl
from resdsl.draw.figure import figure
from resdsl.draw.table import table

NET = resdsl.load("resnet18")


@pytest.mark.parametrize(
    ("shown", "form", "part"),
    [
        (NET, "text/html", "11,515,688"),
        (NET.stats(), "text/html", "11,515,688"),
        (NET.graph("block"), "image/svg+xml", "basic 128, /2"),
        (NET.diff(resdsl.load("resnet34")), "text/html", "resnet34"),
        (figure([NET]), "image/svg+xml", "3×3 conv, 128, /2"),
        (table([NET]), "text/html", "3×3, 128"),
    ],
    ids=["net", "stats", "graph", "diff", "figure", "table"],
)
def test_a_result_shows_itself(shown: Any, form: str, part: str) -> None:
    data, _ = DisplayFormatter().format(shown)
    assert part in data[form]
    assert data["text/plain"].startswith("<")

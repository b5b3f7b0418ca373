"""docs/format.md shows what the formatter does: each `text` block becomes the `res` block below."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from resdsl.source import Source
from resdsl.syntax.format import format

PAGE = (Path(__file__).parents[2] / "docs" / "format.md").read_text(encoding="utf-8")
PAIRS = re.findall(r"```text\n(.*?)```\n\n(?:[^`]+\n\n)?```res\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=[str(i) for i in range(len(PAIRS))])
def test_what_the_page_shows(before: str, after: str) -> None:
    assert format(Source("page.res", before)) == after


def test_every_block_of_the_page_is_one_of_a_pair() -> None:
    assert len(PAIRS) == PAGE.count("```text\n") == PAGE.count("```res\n") > 3

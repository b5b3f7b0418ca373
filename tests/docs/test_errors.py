"""The page of each code: its example gives this code and nothing else, its repair gives nothing."""

from __future__ import annotations

from pathlib import Path

import generate_errors
import pytest

from resdsl import explanations
from resdsl.diagnostics import CODES
from resdsl.explanations import SECTIONS, page
from tests.docs.generated import DOCS

FOLDER = Path(explanations.__file__).parent
LONGEST = 20


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(CODES)


def test_the_title_and_the_text_of_a_page() -> None:
    found = page("E310")
    assert found.title == CODES["E310"]
    assert found.text.startswith(f"# E310: {found.title}\n\n## What\n\n{found.what}\n\n## Why\n")
    assert found.text.endswith(f"## Fixed\n\n{found.fixed}\n")


@pytest.mark.parametrize("code", ["E999", "e310", "", "../E310"])
def test_what_is_no_code_has_no_page(code: str) -> None:
    with pytest.raises(KeyError):
        page(code)


@pytest.mark.parametrize("code", CODES)
def test_a_page_is_made_of_its_sections(code: str) -> None:
    text = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("#")][:2] == ["## What", "## Why"]
    heads = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert heads == [*SECTIONS]
    found = page(code)
    assert found.what and found.why
    assert f"{text}" == found.text.partition("\n\n")[2]
    assert all(len(line) <= 120 for line in text.splitlines())


@pytest.mark.parametrize("code", CODES)
def test_an_example_is_short(code: str) -> None:
    for section in (page(code).example, page(code).fixed):
        assert "```" in section
        assert len(section.splitlines()) <= LONGEST


@pytest.mark.parametrize("code", CODES)
def test_an_example_gives_its_code_and_no_other(code: str, tmp_path: Path) -> None:
    assert [d.code for d in generate_errors.found(page(code).example, tmp_path)] == [code]


@pytest.mark.parametrize("code", CODES)
def test_a_repair_leaves_nothing_to_say(code: str, tmp_path: Path) -> None:
    assert generate_errors.found(page(code).fixed, tmp_path) == []


def test_the_index_has_every_code_once() -> None:
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    for code in CODES:
        assert text.count(f"\n| [{code}](#{code.lower()}) | ") == 1
        assert text.count(f"\n### {code}\n") == 1

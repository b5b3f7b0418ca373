"""The shipped nets and the standard library are free of warnings, and the page lists every code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from resdsl.diagnostics import CODES
from resdsl.lint import RULES
from resdsl.paths import specs_root, std_root
from tests.lint.found import found

SHIPPED = sorted(specs_root().rglob("*.res"))
PAGE = Path(__file__).parents[2] / "docs" / "lints.md"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_net(path: Path) -> None:
    assert found(path.read_text(encoding="utf-8"), path.parent) == []


@pytest.mark.parametrize("path", sorted(std_root().glob("*.res")), ids=lambda path: path.stem)
def test_a_file_of_the_standard_library(path: Path) -> None:
    """Apart from W312: read as a user's file, each of its blocks stands in the library already."""
    left = found(path.read_text(encoding="utf-8"), path.parent)
    assert [one for one in left if not one.startswith("W312")] == []


def test_the_page_lists_every_warning() -> None:
    rows = re.findall(r"^\| `(W\d+)` \| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(code, said) for code, said in CODES.items() if code.startswith("W")]


def test_every_rule_has_a_code_and_a_law() -> None:
    assert set(RULES) <= set(CODES)
    assert all(rule.__doc__ for rule in RULES.values())


def test_the_example_of_the_page_is_allowed() -> None:
    (example,) = re.findall(r"```res\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found(f"input image: 3x32x32\n{example}") == []
    bare = "\n".join(line.split("# allow")[0] for line in example.splitlines())
    assert len(found(f"input image: 3x32x32\n{bare}")) == 3

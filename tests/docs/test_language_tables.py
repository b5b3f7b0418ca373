"""The tables of docs/language.md: each row is evaluated."""

from __future__ import annotations

import re

import pytest

import resdsl
from resdsl.elaborate.functions import FUNCTIONS
from resdsl.elaborate.types import BUILTIN
from tests.docs.generated import DOCS

LANGUAGE = (DOCS / "language.md").read_text(encoding="utf-8")


def _rows(title: str) -> list[list[str]]:
    """The cells of the table whose first column has this title, code without its marks."""
    table = LANGUAGE.split(f"\n| {title} |")[1].split("\n\n")[0]
    cells = [re.split(r" *(?<!\\)\| *", line.strip("| ")) for line in table.splitlines()[2:]]
    return [[cell.strip("`").replace("\\|", "|") for cell in row] for row in cells]


@pytest.mark.parametrize(
    ("expression", "value"),
    [(row[0], row[1]) for title in ("expression", "function") for row in _rows(title)],
)
def test_an_expression_has_its_value(expression: str, value: str) -> None:
    resdsl.loads(f"input image: 3x8x8\nrequire ({expression}) == {value}\nrelu")


def test_every_function_is_told() -> None:
    assert {row[0].partition("(")[0] for row in _rows("function")} == set(FUNCTIONS)


def test_every_type_is_told() -> None:
    assert set(BUILTIN) <= {row[0] for row in _rows("type")}


@pytest.mark.parametrize(("step", "rows"), [(row[0], row[1]) for row in _rows("on 32 rows")])
def test_a_padding_gives_its_size(step: str, rows: str) -> None:
    (shape,) = resdsl.loads(f"input image: 3x32x32\n{step}").stats().outputs.values()
    assert shape[1:] == (int(rows), int(rows))


@pytest.mark.parametrize(("step", "strides"), [(row[0], row[1]) for row in _rows("repeat")])
def test_a_stride_reaches_its_instances(step: str, strides: str) -> None:
    text = f"input image: 3x32x32\ns: {step}\n"
    if "E118" in strides:
        with pytest.raises(resdsl.ResdslError, match="E118"):
            resdsl.loads(text)
        return
    sizes = [32]
    for i, stride in enumerate(strides.split(", ")):
        sizes.append(sizes[-1] // int(stride))
        part = resdsl.loads(f"{text}@s[{i}] -> relu").stats()
        assert next(iter(part.outputs.values()))[1] == sizes[-1]

"""W312: blocks that the standard library has."""

from __future__ import annotations

import pytest

from resdsl.paths import std_root
from resdsl.source import Source
from resdsl.syntax.parse import parse
from tests.lint.found import IMAGE, found, warnings

SQUEEZE = """
se
conv(8)
block se(ratio = 16, width = @in.channels // ratio, f: op = relu, g: op = sigmoid) {
  mul { | identity
        | gap
          one: conv(width, 1, 1, pad=same, bias=true)
          f
          two: conv(@in.channels, 1, 1, pad=same, bias=true)
          g }
}
"""


def test_a_copy_under_other_names() -> None:
    text = f"input image: 16x8x8{SQUEEZE}"
    assert found(text) == ["W312 se"]
    (one,) = warnings(text)
    assert one.message == "this is `squeeze_excite` of the standard library"
    assert one.help == "use `squeeze_excite`, and remove the block"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("= 16", "= 8"),
        ("f: op = relu", "f: op = silu"),
        ("one: conv", "conv"),
        ("| identity", "| @in"),
    ],
)
def test_what_differs_in_more_is_another_block(old: str, new: str) -> None:
    assert old in SQUEEZE
    assert found(f"input image: 16x8x8{SQUEEZE.replace(old, new, 1)}") == []


def test_a_block_of_the_same_name() -> None:
    (one,) = warnings(f"{IMAGE}neg\nconv(8)\nblock neg {{ affine(-1, 0) }}")
    assert one.help == "remove it: every spec sees that one"


def test_every_standard_block_is_found() -> None:
    for path in std_root().glob("*.res"):
        text = path.read_text(encoding="utf-8")
        names = [b.name.text for b in parse(Source(path.name, text)).blocks]
        expected = [f"W312 {name}" for name in names if not name.startswith("_")]
        assert found(text) == expected

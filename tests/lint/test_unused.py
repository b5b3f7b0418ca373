"""W306 to W309: labels, names, blocks and `use` lines that nothing uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint.found import IMAGE, found, warnings


@pytest.mark.parametrize(
    "line",
    ["x: @image", "x: identity", "x: relu", "x: @image -> relu", "x: dropout(0.5)"],
)
def test_a_label_without_parameters_that_nothing_asks_for(line: str) -> None:
    assert found(f"{IMAGE}{line}\nconv(8)") == ["W306 x"]
    (one,) = warnings(f"{IMAGE}{line}\nconv(8)")
    assert one.help == "leave it out, or use the tensor as `@x`"


@pytest.mark.parametrize(
    "text",
    [
        "x: conv(8)\nrelu",  # names parameters
        "x: bn\nrelu",
        "x: prelu\nconv(8)",
        "x: maxpool(2)\nconv(8)",  # a row of the table with a size of its own
        "stage x: relu\nconv(8)",
        "x: relu\nconv(3)\nadd(@x)",
        "x: relu\nconv(8)\nconv(@x.channels)",
        'let i = 1\nx1: tanh\nconv(3)\nadd(@"x{i}")',
        "x: relu\noutput x\nconv(8)",
        "relu: relu\nconv(8)",  # says what it is
        "relu1: relu -> relu6\nconv(8)",
        "act: gelu\nconv(8)",
        "drop: dropout(0.5)\nconv(8)",
        '"1": relu\nconv(8)',  # a place in a row
        "conv(8)\nprobabilities: softmax",  # what the model makes
        "x: my\nconv(8)\nblock my { relu }",
        "param act: op = relu\nx: act\nconv(8)",
    ],
)
def test_other_labels_are_a_way_to_write(text: str) -> None:
    assert [one for one in found(IMAGE + text) if "W306" in one] == []


def test_labels_that_a_derived_model_drops_or_replaces_are_used() -> None:
    base = f"model a {{ {IMAGE}x: relu\ny: tanh\nconv(8) }}\n"
    assert found(base) == ["W306 x", "W306 y"]
    assert found(base + "model b = a { drop x\ny: gelu }") == []


def test_one_of_several_inputs_that_nothing_takes() -> None:
    text = "input left: 3x8x8\ninput right: 3x8x8\n@left -> conv(8)"
    assert found(text) == ["W306 right"]
    assert found(text + "\nconcat(@right)") == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("param depth = 50\nconv(8)", ["depth"]),
        ("let n = 3\nconv(8)", ["n"]),
        ("let n = 3\nlet m = n\nconv(8)", ["m"]),
        ("share c = conv(8)\nconv(8)", ["c"]),
        ("let f(a) = 2 * a\nconv(8)", ["f"]),
        ("let f(a, b) = 2 * a\nconv(f(4, 2))", ["b"]),
        ("unit(8)\nblock unit(out, k = 3) { conv(out) }", ["k"]),
        ("unit(8)\nblock unit(out) { let k = 3\nconv(out) }", ["k"]),
        ("let n = 2\nlet n = n + 1\nconv(n)", []),
        ("param depth = 50\nrequire depth > 3\nconv(8)", []),
        ("param c = 3\ninput x: [c, 8, 8]\nconv(8)", []),
        ("for i in range(2) { conv(8) }", []),
        ("conv(len([1 for i in [1, 2]]))", []),
        ('let i = 3\n"conv{i}": conv(8)', []),
        ("unit(level=@image)\nblock unit(level: tensor) { @level -> conv(8) }", []),
        ("unit(8)\nblock unit(out, k = out) { conv(out, k=3) }", ["k"]),
        ("unit(8)\nblock unit(out, wide = 2 * out) { conv(wide) }", []),
    ],
)
def test_names_that_nothing_uses(text: str, names: list[str]) -> None:
    text = text if "input" in text else IMAGE + text
    assert found(text) == [f"W307 {name}" for name in names]


def test_a_parameter_is_said_to_be_one() -> None:
    (one,) = warnings(f"model net {{ {IMAGE}param depth = 50\nconv(8) }}")
    assert one.message == "the parameter `depth` of `net` is never used"


def test_a_block_that_is_handed_about_has_the_parameters_of_its_callers() -> None:
    text = IMAGE + "twice(body=mine)\nblock mine(out, norm: op) { conv(out) }\n"
    text += "block twice(body: op) { body(8, norm=bn) -> body(8, norm=bn) }"
    assert found(text) == []
    assert found(text.replace("twice(body=mine)", "twice(body=mine)\nlet x = 1")) == ["W307 x"]


def test_a_parameter_may_be_there_for_what_replaces_a_line() -> None:
    base = f"model a {{ param n = 8\n{IMAGE}x: conv(8) }}\n"
    assert found(base) == ["W307 n"]
    assert found(base + "model b = a { x: conv(n) }") == []


def test_a_block_that_no_line_names() -> None:
    text = IMAGE + "conv(8)\nblock mine(out) { conv(out) -> tanh }"
    assert found(text) == ["W308 mine"]
    assert found(text + "\nblock outer { mine(8) }") == ["W308 outer"]
    assert found(text.replace("conv(8)\n", "mine(8)\n")) == []
    assert found(text.replace("conv(8)\n", "let f = mine\nf(8)\n")) == []


def test_a_library_is_there_for_others(tmp_path: Path) -> None:
    blocks = "block mine(out) { conv(out) -> tanh }"
    assert found(blocks) == []
    text = f"{IMAGE}conv(8)\n{blocks}"
    assert found(text, tmp_path) == ["W308 mine"]
    (tmp_path / "other.res").write_text(f'use mine from "net.res"\n{IMAGE}mine(8)')
    assert found(text, tmp_path) == []


def test_use_lines_that_bring_nothing(tmp_path: Path) -> None:
    (tmp_path / "lib.res").write_text("block one { tanh }\nblock two { gelu }")
    use = 'use one, two from "lib.res"\n'
    assert found(f"{use}{IMAGE}one -> two", tmp_path) == []
    assert found(f"{use}{IMAGE}one", tmp_path) == ["W309 two"]
    assert found(f'use "lib.res"\n{IMAGE}one', tmp_path) == []
    assert found(f'use "lib.res"\n{IMAGE}relu', tmp_path) == ['W309 use "lib.res"']
    assert found(f"{use}{IMAGE}one -> two\nblock two {{ silu }}", tmp_path) == ["W309 two"]
    assert found(use, tmp_path) == []  # a door to other files


def test_a_base_that_is_used_in_deriving(tmp_path: Path) -> None:
    (tmp_path / "lib.res").write_text(f"model base {{ {IMAGE}conv(8) }}")
    assert found('use base from "lib.res"\nmodel mine = base', tmp_path) == []

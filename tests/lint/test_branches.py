"""W311: branches that are never taken."""

from __future__ import annotations

import pytest

from tests.lint.found import IMAGE, found, warnings

PARAMS = "param kind: a|b|c = a\nparam thin = true\nparam depth: 18|34 = 18\nparam n = 3\n"


def _found(text: str) -> list[str]:
    """The dead branches of a text in which every parameter has some use."""
    uses = "require n > 0 and depth > 0 and (thin or not thin) and (kind == a or kind != a)\n"
    return found(f"{PARAMS}{IMAGE}{uses}{text}\nconv(8)")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("if false { relu }", "false"),
        ("if 1 > 2 { relu } else { tanh }", "1 > 2"),
        ("if true { relu } else { tanh }", "true"),
        ("if kind == a { relu } else if kind == a { tanh }", "kind == a"),
        ("if kind == a { relu } else if kind != a { tanh } else { gelu }", "kind != a"),
        (
            "if kind == a { relu } else if kind == b { tanh } else if kind == c { gelu }"
            " else { silu }",
            "kind == c",
        ),
        ("if thin { relu } else if not thin { tanh } else { gelu }", "not thin"),
        ("if depth == 18 or depth == 34 { relu } else { tanh }", "depth == 18 or depth == 34"),
        ("if kind == a { if kind == b { relu } }", "kind == b"),
        ("if kind in [a, b] { if kind == c { relu } }", "kind == c"),
        ("if thin and kind == a { if not thin { relu } }", "not thin"),
        ("add { | conv(3)\n | when 2 < 1: identity }", "2 < 1"),
        ("conv(8 if 1 < 2 else 16)", "1 < 2"),
        ("for i in [] { conv(8) }", "[]"),
        ("let w = match n { 1: 8, 1: 16, else: 32 }\nconv(w)", "1"),
        ("let w = match n { else: 32, 1: 8 }\nconv(w)", "1: 8"),
        ("let w = match depth { 18: 8, 34: 16, else: 32 }\nconv(w)", "else: 32"),
        ("let w = match kind { a | b: 8, c: 16, else: 32 }\nconv(w)", "else: 32"),
    ],
)
def test_dead(text: str, at: str) -> None:
    assert _found(text) == [f"W311 {at}"]


@pytest.mark.parametrize(
    "text",
    [
        "if true { relu }",
        "if kind == a { relu } else if kind == b { tanh } else { gelu }",
        "if kind == a { relu } else if n > 3 { tanh } else if kind == b { gelu }",
        "if n > 3 { relu } else if n > 3 { tanh }",  # an int may be anything
        "if thin and n > 3 { relu } else if thin { tanh } else { gelu }",
        "if kind != a { if kind == b { relu } else { tanh } }",
        "let m = 2\nif m > 3 { relu }",
        "if @image.height > 3 { relu } else { tanh }",
        "for i in range(n) { conv(8) }",
        "let w = match depth { 18: 8, else: 16 }\nconv(w)",
        "let w = match n { 1: 8, 2: 16, else: 32 }\nconv(w)",
        "unit(kind=b)\nblock unit(kind: a|b = a) { if kind == a { relu } else { tanh } }",
    ],
)
def test_alive(text: str) -> None:
    assert _found(text) == []


def test_what_comes_before_is_pointed_at() -> None:
    text = f"{IMAGE}if true {{ relu }} else if 3 > 2 {{ tanh }}\nconv(8)"
    (one,) = warnings(text)
    assert one.message == "this branch is never taken"
    assert [label.message for label in one.labels] == ["this always holds"]


def test_a_name_that_is_bound_anew_may_be_anything() -> None:
    text = "param kind: a|b = a\n" + IMAGE
    text += "let f(kind) = 1 if kind == 1 else 2\nconv(f(3))\nif kind == a { relu }"
    assert found(text) == []


def test_deep_nesting_is_no_trouble() -> None:
    text = IMAGE + "if true { " * 60 + "relu" + " }" * 60 + f"\nconv({'1 + ' * 190}1)"
    assert found(text) == []

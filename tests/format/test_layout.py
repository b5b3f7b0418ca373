"""Single cases of the layout, beyond those that docs/format.md shows."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

from resdsl.limits import MAX_NESTING
from resdsl.source import Source
from resdsl.syntax.format import format

LONG = "a" * 48


def formatted(text: str) -> str:
    return format(Source("m.res", text))


def lines(text: str) -> str:
    return dedent(text).lstrip("\n")


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("a x 4", "a x4"),
        ("a x 4.b", "a x 4.b"),
        ("a x(4)stride(2)", "a x (4) stride (2)"),
        ("let y=- - 1**-2", "let y = --1**-2"),
        ("let y=not(a)or((b))", "let y = not (a) or ((b))"),
        ("let y=(a+b)*c.d[ 0 ] ( 1 )", "let y = (a + b) * c.d[0](1)"),
        ("let y=[i for i,j in z if i]", "let y = [i for i, j in z if i]"),
        ("let f( a,b )=a if b else c", "let f(a, b) = a if b else c"),
        ("param p:A |B|[ int ]=A", "param p: A|B|[int] = A"),
        ("init  *.bn1=0", "init *.bn1 = 0"),
        ("model m\n{ a }", "model m\n{ a }"),
        ("model m{ a }", "model m {\n  a\n}"),
        ("output  o ( k=1 ):@a", "output o(k=1): @a"),
        ("use a,b from 'x'".replace("'", '"'), 'use a, b from "x"'),
        ("let y=match a{1:b,\n2|3:c}", "let y = match a { 1: b, 2 | 3: c }"),
        ("let y=match a{1:b\n2|3:c}", "let y = match a {\n  1:     b\n  2 | 3: c\n}"),
        ("add{|when a:|for i in b:c d=1||}", "add { | when a: | for i in b: c d=1 | | }"),
        ("add{|l:a\n|b}", "add {\n  | l: a\n  | b\n}"),
        ("f( )", "f()"),
        ("f(a,)", "f(\n  a,\n)"),
    ],
)
def test_blanks(text: str, new: str) -> None:
    assert formatted(text) == new + "\n"


COMMENTS = """
    a: f(b,  # beside an argument
         # above one
         c) x2
    d: e
      # above an arrow
      -> g  # beside
    add {  # beside a brace
      # above a branch
      |  # beside a bar
        h

        i
      | when j:  # beside a guard
        k
      # above the end
    }
    if l {
      m
    }
    # above `else`
    else {  # beside it
      n
    }
    let o =
      # above a value
      p +  # beside an operator
      q
"""
LAID_OUT = """
    a: f(
      b,  # beside an argument
      # above one
      c,
    ) x2
    d: e
      # above an arrow
      -> g  # beside
    add {  # beside a brace
      # above a branch
      |  # beside a bar
        h

        i
      | when j:  # beside a guard
        k
      # above the end
    }
    if l {
      m
    }
    # above `else`
    else {  # beside it
      n
    }
    let o =
      # above a value
      p +  # beside an operator
      q
"""


def test_comments_wherever_they_may_stand() -> None:
    assert formatted(lines(COMMENTS)) == lines(LAID_OUT)


def test_comments_around_commas_stay_in_order() -> None:
    text = "let a = [1  # one\n  # two\n, # three\n 2 # four\n, # five\n]"
    new = "let a = [\n  1,  # one\n  # two\n  # three\n  2,  # four\n  # five\n]\n"
    assert formatted(text) == formatted(new) == new


def test_blank_lines() -> None:
    text = "\n\na\n\n\n\n# one\n\n\nb {\n\n|\n\n\nc\n\n\nd\n\n}\n\n# two\n\n\n"
    assert formatted(text) == "a\n\n# one\n\nb {\n  | c\n\n    d\n}\n\n# two\n"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (f"let a = {LONG} + {LONG} * b", f"let a =\n  {LONG} +\n  {LONG} * b"),
        (f'note a = "{LONG * 2}"', f'note a =\n  "{LONG * 2}"'),
        (f'note a = "{LONG * 3}"', f'note a = "{LONG * 3}"'),
        (f'require {LONG} == b, "{LONG}"', f'require {LONG} == b,\n  "{LONG}"'),
        (f"drop {LONG}, {LONG}, b", None),
        (f"default f({LONG}), g({LONG})", f"default f({LONG}),\n    g({LONG})"),
        (f"let a = {LONG} if {LONG} else b", f"let a =\n  {LONG} if {LONG}\n  else b"),
        (f"param a: {LONG}|{LONG}|b", f"param a: {LONG}|\n    {LONG}|\n    b"),
        (f"f({LONG}, b, {LONG})", f"f({LONG}, b,\n  {LONG})"),
        (f"ff({LONG}, 3, [{LONG}])", f"ff(\n  {LONG},\n  3,\n  [{LONG}],\n)"),
        (f"add {{ | {LONG} | {LONG} }} -> a", f"add {{\n  | {LONG}\n  | {LONG}\n}} -> a"),
        (
            f"if {LONG} == 1 and {LONG} == 2 {{ a }}",
            f"if {LONG} == 1 and\n    {LONG} == 2 {{\n  a\n}}",
        ),
    ],
)
def test_lines_that_are_too_long(text: str, new: str | None) -> None:
    if new is None:  # only a model that is derived drops labels
        text, new = f"model m = n {{ {text} }}", f"drop {LONG},\n      {LONG},\n      b\n}}"
        assert formatted(text).endswith(new + "\n")
        return
    assert formatted(text) == new + "\n"


def test_a_table_ends_where_something_is_far() -> None:
    text = (
        f"stage a: f({LONG}) x2\nstage b: g x2\nx: h\n\nlong_label: k\nl: m\nvery_long_label: n\n"
    )
    assert formatted(text) == text


def test_steps_without_a_label_stand_in_a_table() -> None:
    assert formatted("aa: b\nc\nd: e\n") == "aa: b\nc\nd:  e\n"


def test_derived_models_of_one_line() -> None:
    text = "model a = b with c=1\nmodel dd = eee\nmodel f = gg with c=2\n"
    new = "model a  = b  with c=1\nmodel dd = eee\nmodel f  = gg with c=2\n"
    assert formatted(text) == new


@pytest.mark.parametrize("opening", ["add { | ", "x: { ", "if a { "])
def test_a_text_as_deep_as_the_limit(opening: str) -> None:
    depth = MAX_NESTING - 2
    limit = sys.getrecursionlimit()
    new = formatted(opening * depth + "b" + " }" * depth)
    assert formatted(new) == new
    assert sys.getrecursionlimit() == limit

"""Every node knows its place: a diagnostic points at the very token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parse import parse, parse_expression

DATA = Path(__file__).parent / "data"


def children(node: tree.Tree) -> Iterator[tree.Tree]:
    for field in fields(node):
        found = getattr(node, field.name)
        for item in found if isinstance(found, tuple) else (found,):
            if isinstance(item, tree.Tree):
                yield item


def walk(node: tree.Tree) -> Iterator[tree.Tree]:
    yield node
    for child in children(node):
        yield from walk(child)


def of_kind(text: str, kind: type[tree.Tree]) -> list[str]:
    """The texts that the nodes of one kind cover, in the order of the text."""
    found = [node.span for node in walk(parse(Source("m.res", text))) if type(node) is kind]
    return [span.text for span in sorted(found, key=lambda span: (span.start, -span.end))]


@pytest.mark.parametrize("path", sorted(DATA.glob("*.res")), ids=lambda path: path.stem)
def test_spans_nest_and_fit(path: Path) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    for node in walk(parse(source)):
        span = node.span
        assert span.source == source
        assert span.text == span.text.strip() or isinstance(node, tree.File)
        if isinstance(node, tree.Ident | tree.Name):
            assert span.text == node.text
        elif isinstance(node, tree.Number):
            assert span.text == node.digits
        for child in children(node):
            assert span.start <= child.span.start <= child.span.end <= span.end


TEXT = """
use one, two from "b.res"   # why
## Doc.
block b(out, stride: int|[shape] = 1, ...) {
  "c{i + 1}.{j}": conv(out * (1 + 2), k=[1, 2], ...) x (2*n) stride s[0] shortcut=B
    -> add { | when a > 1: @x.y[i] | for i, j in xs: relu } -> { bn } x3
}
model m = b with k=-v, l=f(2) { drop q, r }
model n {
  input a(range=(1)): [3, 2x2]
  output z(when=train): @in
  let s = match d { 1 | A: x if y else z, else: "é" }
  stage t { relu } x n
  if a { bn } else if c { relu }
  for i in [k for k in r if k] { relu }
  init a.*.b = 0
  require a, "b"
}
"""


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (tree.Use, ['use one, two from "b.res"']),
        (tree.Param, ["out", "stride: int|[shape] = 1", "..."]),
        (tree.UnionType, ["int|[shape]"]),
        (tree.ListType, ["[shape]"]),
        (tree.String, ['"b.res"', '"c{i + 1}.{j}"', '"é"', '"b"']),
        (tree.Repeat, ["x (2*n)", "x3", "x n"]),
        (tree.FirstStride, ["stride s[0]"]),
        (
            tree.Setting,
            ["shortcut=B", "k=-v", "l=f(2)", "range=(1)", "when=train"],
        ),
        (tree.Argument, ["out * (1 + 2)", "k=[1, 2]", "...", "2"]),
        (tree.MergeStep, ["add { | when a > 1: @x.y[i] | for i, j in xs: relu }"]),
        (tree.Branch, ["| when a > 1: @x.y[i]", "| for i, j in xs: relu"]),
        (tree.WhenGuard, ["when a > 1"]),
        (tree.ForGuard, ["for i, j in xs"]),
        (tree.TapStep, ["@x.y[i]", "@in"]),
        (tree.TensorRef, ["@x", "@in"]),
        (tree.GroupStep, ["{ bn } x3", "{ relu } x n"]),
        (tree.Unary, ["-v"]),
        (tree.Apply, ["f(2)"]),
        (tree.Index, ["s[0]", "@x.y[i]"]),
        (tree.Attribute, ["@x.y"]),
        (tree.Comprehension, ["[k for k in r if k]"]),
        (tree.ListExpr, ["[1, 2]", "[3, 2x2]"]),
        (tree.ShapeLiteral, ["2x2"]),
        (tree.Match, ['match d { 1 | A: x if y else z, else: "é" }']),
        (tree.MatchArm, ["1 | A: x if y else z", 'else: "é"']),
        (tree.Ternary, ["x if y else z"]),
        (tree.If, ["if a { bn } else if c { relu }", "if c { relu }"]),
        (tree.For, ["for i in [k for k in r if k] { relu }"]),
        (tree.Drop, ["drop q, r"]),
        (tree.ModelAlias, ["model m = b with k=-v, l=f(2) { drop q, r }"]),
        (tree.InputStatement, ["input a(range=(1)): [3, 2x2]"]),
        (tree.OutputStatement, ["output z(when=train): @in"]),
        (tree.InitStatement, ["init a.*.b = 0"]),
        (tree.Require, ['require a, "b"']),
        (
            tree.Binary,
            ["i + 1", "out * (1 + 2)", "(1 + 2)", "(2*n)", "a > 1"],
        ),
    ],
)
def test_what_a_span_covers(kind: type[tree.Tree], texts: list[str]) -> None:
    assert of_kind(TEXT, kind) == texts


@pytest.mark.parametrize("lead", ["", "\ufeff", "\r\n\r\n", "# é ü\n", '"ä{i}": relu\n'])
def test_spans_after_what_is_skipped(lead: str) -> None:
    names = of_kind(f'{lead}"é{{ii + jj}}": conv(kk)', tree.Name)
    assert names[-3:] == ["ii", "jj", "kk"]


def test_a_parenthesis_belongs_to_the_value_inside() -> None:
    found = parse_expression(Source("x", " ( ( 64 ) ) "))
    assert isinstance(found, tree.Number) and found.value == 64
    assert found.span.text == "( ( 64 ) )"


def test_trees_are_equal_whatever_their_places() -> None:
    assert parse(Source("a.res", "model a\nconv( 1 )\n")) != parse(
        Source("a.res", "model a\nconv(2)")
    )
    first, second = (
        parse(Source("a.res", text)).models
        for text in ("model a\n\n\n conv( 1 )", "model a\nconv(1)")
    )
    assert first == second

"""Words that are keywords in one place and names in all others; expressions and literals."""

from __future__ import annotations

import pytest

from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parse import parse, parse_expression


def file(text: str) -> tree.File:
    return parse(Source("net.res", text))


def body(text: str) -> tuple[tree.Statement, ...]:
    found = file(text).models[0]
    assert isinstance(found, tree.ModelDef)
    return found.body


def call(text: str) -> tree.CallStep:
    chain = body(text)[0]
    assert isinstance(chain, tree.Chain)
    found = chain.steps[0]
    assert isinstance(found, tree.CallStep)
    return found


def value(text: str) -> tree.Expr:
    return parse_expression(Source("--set", text))


# ---------------------------------------------------------------- contextual words

WORDS = [
    "use", "model", "block", "share", "param", "let", "input", "output", "stage", "for", "init",
    "note", "expect", "require", "default", "drop", "when", "in", "from", "with", "x", "stride",
    "first", "true", "class", "forward", "def", "None",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_a_name_wherever_it_can_be(word: str) -> None:
    (labelled,) = body(f"{word}: relu")
    assert isinstance(labelled, tree.Labelled)
    assert isinstance(labelled.label, tree.Ident) and labelled.label.text == word
    assert isinstance(body(f"stage {word}: relu")[0], tree.Labelled)
    assert isinstance(body(f"output {word}")[0], tree.OutputStatement)
    assert body(f"param {word} = {word}")[0]
    assert body(f"let {word} = {word} + 1")[0]
    assert call(f"f({word}={word}, {word} in {word})").args
    assert call(word).name == word and call(f"{word} -> relu").name == word
    assert file(f"block {word}({word}: {word} = {word}) {{ {word} }}").blocks
    assert file(f"model {word} {{ {word}\n{word} -> {word} }}").models
    assert value(f"@{word}.{word}") and value(f"[{word} for {word} in {word}]")
    assert body(f"for {word} in {word} {{ {word} }}")[0]


@pytest.mark.parametrize("word", sorted(set(WORDS) - {"expect", "require"}))
def test_a_word_is_a_call_with_parentheses(word: str) -> None:
    assert call(f"{word}(0.5) -> relu").name == word


@pytest.mark.parametrize("word", sorted(set(WORDS) - {"stride"}))
def test_a_word_is_a_setting(word: str) -> None:
    (setting,) = call(f"f(1) {word}=2").modifiers
    assert isinstance(setting, tree.Setting) and setting.name.text == word


# ---------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("-a ** b", "-(a ** b)"),
        ("a ** b ** c", "a ** (b ** c)"),
        ("2 ** -1", "2 ** (-1)"),
        ("a // b % c", "(a // b) % c"),
        ("not a == b", "not (a == b)"),
        ("a and b or c and d", "(a and b) or (c and d)"),
        ("a if b else c if d else e", "a if b else (c if d else e)"),
        ("a + 1 < b", "(a + 1) < b"),
        ("a.b[c](d).e", "((((a).b)[c])(d)).e"),
        ("a in b and c", "(a in b) and c"),
        ("-a.b", "-(a.b)"),
    ],
)
def test_precedence(text: str, grouped: str) -> None:
    assert value(text) == value(grouped)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("64", 64),
        ("007", 7),
        ("25_557_032", 25_557_032),
        ("0.5", 0.5),
        ("1.0", 1.0),
        ("1e-3", 1e-3),
        ("1e3", 1e3),
        ("4.09G", 4_090_000_000),
        ("25.5M", 25_500_000),
        ("3k", 3000),
        ("1T", 10**12),
        ("1.2345k", 1234.5),
        ("2.50000k", 2500),
        ("1e-3k", 1),
        ("1e2k", 100_000),
        ("0.1234567M", 123456.7),
    ],
)
def test_numbers(text: str, number: float) -> None:
    found = value(text)
    assert isinstance(found, tree.Number)
    assert (found.value, type(found.value), found.digits) == (number, type(number), text)


def test_shapes() -> None:
    assert value("3x224x224") == tree.ShapeLiteral(value("1").span, (3, 224, 224))
    assert isinstance(value("x3"), tree.Name)


@pytest.mark.parametrize(
    ("text", "content", "parts"),
    [
        ('""', "", ("",)),
        ('"a b"', "a b", ("a b",)),
        (r'"\"\\\n\t"', '"\\\n\t', ('"\\\n\t',)),
        ('"{{a}}"', "{a}", ("{a}",)),
        ('"{i}"', "{i}", ("i",)),
        ('"é {i}{ j + 1 }z{{"', "é {i}{ j + 1 }z{", ("é ", "i", "j + 1", "z{")),
    ],
)
def test_strings(text: str, content: str, parts: tuple[str, ...]) -> None:
    found = value(text)
    assert isinstance(found, tree.String) and found.value == content
    shown = tuple(p if isinstance(p, str) else p.span.text for p in found.parts)
    assert shown == parts


def test_the_other_expressions() -> None:
    found = value("[f(x, k=v, ...) for x, i in xs if i > 0]")
    assert isinstance(found, tree.Comprehension) and found.condition == value("i > 0")
    assert isinstance(found.value, tree.Apply) and found.value.args[2].is_rest
    match = value('match a { 18: 1, 34 | b: 2, "s" | 3x3: 3, else: 4, }')
    assert isinstance(match, tree.Match)
    assert [len(arm.patterns) for arm in match.arms] == [1, 2, 2, 0]
    assert value("[]") == tree.ListExpr(match.span, ())
    assert value(" 1 \n") == value("1")

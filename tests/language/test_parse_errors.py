"""The message that each mistake in the syntax gets: «» marks the text that its span covers."""

from __future__ import annotations

import pytest

from resdsl.diagnostics import CODES, Diagnostic, ResdslError
from resdsl.source import Source
from resdsl.syntax.parse import parse, parse_expression


def refused(text: str) -> Diagnostic:
    with pytest.raises(ResdslError) as caught:
        parse(Source("m.res", text))
    (found,) = caught.value.diagnostics
    return found


STEPS = "a step is an op, a block, a model, a tensor `@name` or a group in braces"
ELSE = "`if c { ... } else { ... }` chooses steps, `a if c else b` a value"
TWO = "begin a new line, or join the steps with `->`"
NAMED = "a step is named with `x1: ...`; a value with `let x1 = ...`"

MISTAKES = [
    # characters
    ("E100", "note a = «'»hi'", 'strings are written in double quotes: `"..."`'),
    ("E100", "n«ä»me: relu", "names are made of the letters a to z, A to Z, digits and `_`"),
    ("E100", "conv(64) «→» relu", "the arrow is written `->`"),
    ("E100", "relu«;» bn", "a statement ends at the end of its line"),
    ("E100", "relu«\0»", None),
    ("E100", "relu«\r»bn", "a line ends with LF or CR LF, not with CR alone"),
    ("E100", "relu\n«\ufeff»bn", "a byte order mark stands at the very start of a file only"),
    ("E100", "relu«\u00a0»-> bn", "use a plain space"),
    ("E100", "require a «&»& b", "`a and b` joins conditions"),
    ("E100", "relu -> «$»", None),
    ("E100", 'note a = "{b + «$»}"', None),
    # numbers, shapes, strings
    ("E101", "input image: «3xsize»", "a shape of names is a list: `[3, size, size]`"),
    ("E101", "let a = «12abc»", "a name begins with a letter or `_`"),
    ("E101", "let a = «1.2.3»", None),
    ("E101", "let a = «1_»", None),
    ("E101", "let a = «4.09B»", "suffixes are k, M, G and T: `4.09G`"),
    ("E101", "let a = «.5»", "a number has a digit before its point: `0.5`"),
    ("E101", "relu -> @s«.0».conv1", "instance 0 of a repeat is `@name[0]`"),
    ("E101", 'note a = «"abc»\nrelu', 'close it with `"`'),
    ("E101", 'note a = "b «\\q»"', 'known are \\" \\\\ \\n and \\t'),
    ("E101", 'note a = "b «{»c"', "`{name}` inserts a value; write `{{` for a brace itself"),
    ("E101", 'note a = "b «}»c"', "`{name}` inserts a value; write `}}` for a brace itself"),
    ("E101", 'note a = "b «{ }»"', "`{{}}` makes the braces"),
    # what else is expected
    ("E110", "let a =«»", None),
    ("E110", "conv1: «64»", STEPS),
    ("E110", "input: «3x224x224»", "an input has a name: `input image: 3x224x224`"),
    ("E110", "f(1 «3»)", None),
    ("E110", "let a = f(b, «,» c)", None),
    ("E110", "expect params «=» 3", "`==` compares"),
    ("E110", "require a < b «<» c", "join two with `and`: `a < b and b < c`"),
    ("E110", "for a «b» { }", None),
    ("E110", "if a «relu»", None),
    ("E110", "model «3» { }", None),
    ("E110", "block (a) { «}»", "`block name ... { ... }`"),
    ("E110", "«match» a { 1: 2 }", "`match` is a value, not a statement: `let n = match ...`"),
    ("E110", "«->» relu", "`->` needs a step before it"),
    ("E110", "relu\n«else» { }", ELSE),
    ("E110", "f(a «else» b)", ELSE),
    ("E110", 'init "a{«i»}" = 0', None),
    # no. 1: no parentheses
    ("E111", "conv «64»", "arguments go in parentheses: `conv(64, ...)`"),
    ("E111", "a: relu -> conv «3x3»", "arguments go in parentheses: `conv(3x3, ...)`"),
    ("E111", "param depth «50»", "`param depth = 50`"),
    ("E111", 'note a = "{b «c»}"', None),
    # two statements on a line
    ("E112", "conv(64, 3) «relu»", TWO),
    ("E112", "conv(64, 3) «relu»\nbn", TWO),
    ("E112", "conv(64, 3) «relu» -> bn", TWO),
    ("E112", "conv(64) «relu»(1)", TWO),
    ("E112", "let n = 3 «conv»(4)", TWO),
    ("E112", "output logits «relu»", TWO),
    ("E112", "if a { } «relu»", TWO),
    ("E112", "relu «@a»", TWO),
    ("E112", "add { | relu } «x3»", "repeat a group of it: `{ ... { ... } } x3`"),
    ("E112", "dropout «rate»", TWO + ", or put arguments in parentheses"),
    # no. 3: stage without colon
    ("E113", "stage c2 «bottleneck»(64) x3", "`stage c2: bottleneck(64) x3`"),
    ("E113", "stage c2 «=» bottleneck(64) x3 # why", "`stage c2: bottleneck(64) x3`"),
    ("E113", "stage c2«»\nrelu", "`stage c2: ...`"),
    # reserved words
    ("E114", "let «match» = 3", None),
    ("E114", "«match»: relu", None),
    ("E114", "«if»: relu", None),
    ("E114", "«else»: relu", None),
    ("E114", "f(«and»=3)", None),
    ("E114", "param «else» = 3", None),
    ("E114", "block «not» { }", None),
    # no. 9: a step named with =
    ("E115", "x1 «=» conv(64)", NAMED),
    ("E115", 'relu\n"x1" «=» conv(64)', NAMED),
    ("E115", "add { | x1 «=» relu }", NAMED),
    # no. 7: branch without bar
    ("E117", "add {\n  «conv»(3)\n  | identity\n}", "each branch of `add` starts with `|`"),
    ("E117", "concat(split=2) { «}»", "each branch of `concat` starts with `|`"),
    # modifiers
    ("E118", "f(3) x4 «stride=2»", None),
    ("E118", "f(3) «stride = 2 * k» x4", None),
    ("E119", "f(3) x4 stride 2 «x3»", None),
    ("E119", "f(3) stride 2 «stride 1»", None),
    ("E119", "f(3) a=1 x4 «a=2»", None),
    ("E119", "{ relu } x4 «x n»", None),
    # no. 2 and brackets
    ("E120", "model a «{»\n  relu\n", "add `}`"),
    ("E120", "model a {\n  stage b «{»\n    relu\n}\nmodel c {\n}", "add `}`"),
    ("E120", "model a «{»\n  relu\nmodel b {\n}", "add `}`"),
    ("E120", "add «{» | relu", "add `}`"),
    ("E121", "c: conv«(»64, 7, stride=2\nstage d: relu x3", "add `)` at the end of the line"),
    ("E121", "c: conv«(»64, 7,\nstage d: relu(64) x3", "add `)` at the end of the line"),
    ("E121", "model a {\n  conv«(»64\n}", "add `)`"),
    ("E121", "conv«(»64 -> relu", "add `)`"),
    ("E121", "let a = «[»1, 2\nrelu", "add `]` at the end of the line"),
    ("E121", "f(«[»1, 2)", "add `]`"),
    ("E121", "let s = ((«(»1", "add `)`"),
    ("E122", "conv(3)«)»", "remove it"),
    ("E122", "relu\n«}»", "remove it"),
    ("E122", "{ relu «)» }", "remove it"),
    # statements out of place
    ("E123", "block b { «param» x = 3 }", None),
    ("E123", "block b { «input» x: 3x3 }", None),
    ("E123", "block b { if a { «init» conv = 0 } }", None),
    ("E123", "block b { a: { «expect» params == 1 } }", None),
    ("E123", "block b { «drop» x }", None),
    ("E123", "add { | relu\n  «note» a = 1 }", None),
    ("E123", "add { | «param» x: A|B }", None),
    ("E123", "add { | «param» x }", None),
    ("E123", "add { | «param» x = 1 }", None),
    ("E123", "add { | «param» x: [A|B] = C | relu }", None),
    ("E123", "stage a { «expect» params == 1 }", None),
    ("E123", "a: { «input» x: 3x3 }", None),
    ("E123", "if a { «param» b = 1 }", None),
    ("E123", "if a { «expect» params == 1 }", "put it among the model's own statements"),
    ("E123", "model a = b { «input» c: 3x3 }", None),
    ("E123", "model a { for i in b { if c { «input» d: 3x3 } } }", None),
    ("E123", "model a { «model» b { } }", None),
    ("E123", "model a { «block» b { } }", None),
    ("E123", 'model a { «use» "b.res" }', None),
    ("E123", "model a { «drop» b }", None),
    ("E123", "relu\n«drop» b", None),
    ("E123", "model a = b { «relu» }", None),
    ("E123", "model a = b { «let» c = 1 }", None),
    ("E123", "relu\n«model b»", None),
    ("E123", "model b\n«model c»", None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "marked", "help"), MISTAKES)
def test_a_mistake_has_its_code_its_place_and_its_help(
    code: str, marked: str, help: str | None
) -> None:
    start, end = marked.index("«"), marked.index("»") - 1
    found = refused(marked.replace("«", "").replace("»", ""))
    assert found.span is not None
    assert (found.code, found.span.start, found.span.end) == (code, start, end)
    if help is not None:
        assert found.help == help


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("conv 64", "expected the end of the line, found `64`"),
        ("stage c2 bottleneck(64)", "expected `:` after the stage name, found `bottleneck`"),
        ("add { conv(3) }", "expected `|` to start a branch, found `conv`"),
        ("let a = ->", "expected a value, found `->`"),
        ("let a =", "expected a value, found the end of the line"),
        ("conv(3) ->", "expected a step, found the end of the line"),
        ("f(1 3)", "expected `)` or `,`, found `3`"),
        ("for a b { }", "expected `,` or `in`, found `b`"),
        ("init conv2 0", "expected `=`, found `0`"),
        ("if a relu", "expected `{`, found `relu`"),
        ('note a = "{b c}"', "expected `}`, found `c`"),
        ("relu\0", "unknown character U+0000"),
        ("f(1 " + "a" * 100 + ")", f"expected `)` or `,`, found `{'a' * 37}...`"),
        ("relu \u00a0", "unknown character U+00A0 (NO-BREAK SPACE)"),
    ],
)
def test_words_of_messages(text: str, message: str) -> None:
    assert refused(text).message == message


def test_second_places() -> None:
    unclosed = refused("conv1: conv(64, 7, stride=2\nstage conv2_x: bottleneck(64) x3")
    (label,) = unclosed.labels
    assert label.span.text == "stage"
    assert label.message == "the next statement was read as an argument"
    closer, left = refused("model a {\n  stage b {\n    relu\n}\nmodel c {\n}").labels
    assert (str(closer.span), str(left.span)) == ("m.res:4:1", "m.res:1:9")
    (first,) = refused("f(3) x4 x3").labels
    assert first.span.text == "x4"
    (named,) = refused("model b\nmodel c").labels
    assert named.span.text == "model b"


def test_an_expression_from_outside() -> None:
    for text, code in [
        ("", "E110"),
        ("1 2", "E111"),
        ("1 +", "E110"),
        ("$", "E100"),
        ("a b", "E111"),
    ]:
        with pytest.raises(ResdslError) as caught:
            parse_expression(Source("--set", text))
        assert caught.value.diagnostics[0].code == code
        assert "statement" not in caught.value.diagnostics[0].message


def test_every_code_is_known_and_none_speaks_of_lark() -> None:
    for code, marked, _ in MISTAKES:
        assert code in CODES
        found = refused(marked.replace("«", "").replace("»", ""))
        text = f"{found.message} {found.help}"
        for word in ("Token", "RPAR", "_NL", "$END", "Unexpected token", "__"):
            assert word not in text, text

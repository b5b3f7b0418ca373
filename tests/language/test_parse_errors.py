"""Mistakes in the syntax that a document cannot show: «» marks the text that the span covers.

All others stand in docs/semantics/syntax-errors.md.
"""

from __future__ import annotations

import pytest

from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.source import Source
from resdsl.syntax.parse import parse, parse_expression


def refused(text: str) -> Diagnostic:
    with pytest.raises(ResdslError) as caught:
        parse(Source("m.res", text))
    (found,) = caught.value.diagnostics
    return found


MISTAKES = [
    ("E100", "relu«\0»", None),
    ("E100", "relu«\r»bn", "a line ends with LF or CR LF, not with CR alone"),
    ("E100", "relu\n«\ufeff»bn", "a byte order mark stands at the very start of a file only"),
    ("E100", "relu«\u00a0»-> bn", "use a plain space"),
    ("E101", 'note a = «"abc»\nrelu', 'close it with `"`'),
    ("E110", "let a =«»", None),
    ("E113", "stage c2«»\nrelu", "`stage c2: ...`"),
    ("E120", "model a {\n  stage b «{»\n    relu\n}\nmodel c {\n}", "add `}`"),
]


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
        ("relu\0", "unknown character U+0000"),
        ("f(1 " + "a" * 100 + ")", f"expected `)` or `,`, found `{'a' * 37}...`"),
        ("relu \u00a0", "unknown character U+00A0 (NO-BREAK SPACE)"),
    ],
)
def test_words_of_messages(text: str, message: str) -> None:
    assert refused(text).message == message


def test_a_brace_left_open_shows_which_one_closes_what() -> None:
    closer, left = refused("model a {\n  stage b {\n    relu\n}\nmodel c {\n}").labels
    assert (str(closer.span), str(left.span)) == ("m.res:4:1", "m.res:1:9")


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

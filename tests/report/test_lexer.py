"""The Pygments lexer: found by its entry point, loses nothing, and knows the grammar's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, Whitespace

from resdsl.paths import specs_root, std_root
from resdsl.report import lexer
from resdsl.report.lexer import ResLexer
from resdsl.syntax.table import GRAMMAR

FILES = sorted(path for root in (specs_root(), std_root()) for path in root.rglob("*.res"))


def tokens(text: str) -> list[tuple[object, str]]:
    return [(kind, part) for _, kind, part in ResLexer().get_tokens_unprocessed(text)]


def seen(text: str) -> list[tuple[object, str]]:
    return [(kind, part) for kind, part in tokens(text) if kind is not Whitespace]


def grammar_words() -> Iterator[str]:
    """The words of all terminals that are a word: `/let(?!\\w)...`, with the newlines before it."""
    for terminal in re.findall(r"^_?[A-Z]+\.\d: +/(.*)/", GRAMMAR.read_text(), re.MULTILINE):
        if word := re.match(r"(?:\(\?:\[ \\t\].*\*\+)?([a-z]+)\(\?", terminal):
            yield word[1]


def test_pygments_finds_it() -> None:
    for name in ("res", "resdsl"):
        assert isinstance(get_lexer_by_name(name), ResLexer)
    assert isinstance(get_lexer_for_filename("nets/mine.res"), ResLexer)


def test_rich_colours_a_spec() -> None:
    from rich.console import Console
    from rich.syntax import Syntax

    console = Console(force_terminal=True, color_system="truecolor")
    with console.capture() as capture:
        console.print(Syntax("stage s: basic(64) x2", "res", background_color="default"))
    assert capture.get().count("\x1b[") > 8


def test_it_knows_the_words_of_the_grammar() -> None:
    known = (
        *lexer.DECLARATIONS, *lexer.STATEMENTS, *lexer.RESERVED, *lexer.OPERATORS, *lexer.MODIFIERS,
        *lexer.CONNECTIVES,
    )  # fmt: skip
    assert len(known) == len(set(known))
    assert set(known) == set(grammar_words())


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_shipped_text_stays_and_is_known(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = tokens(text)
    assert "".join(part for _, part in found) == text
    assert [part for kind, part in found if kind is Error] == []


@given(st.text() | st.text(alphabet='ab1 \t\n\r"{}()[]#@|:=->.x\\'))
def test_any_text_stays(text: str) -> None:
    assert "".join(part for _, part in tokens(text)) == text


def test_a_stage() -> None:
    assert seen("stage s: unit(2.5k, k=3) x n stride 2  # two") == [
        (Keyword, "stage"),
        (Name.Label, "s"),
        (lexer.Punctuation, ":"),
        (Name.Function, "unit"),
        (lexer.Punctuation, "("),
        (Number.Float, "2.5k"),
        (lexer.Punctuation, ","),
        (Name.Attribute, "k"),
        (Operator, "="),
        (Number.Integer, "3"),
        (lexer.Punctuation, ")"),
        (Keyword.Pseudo, "x"),
        (Name, "n"),
        (Keyword.Pseudo, "stride"),
        (Number.Integer, "2"),
        (Comment.Single, "# two"),
    ]


def test_a_text_with_something_to_fill_in() -> None:
    assert seen('"a{{{i + 1}"')[:6] == [
        (String, '"'),
        (String, "a"),
        (String.Escape, "{{"),
        (String.Interpol, "{"),
        (Name, "i"),
        (Operator, "+"),
    ]


@pytest.mark.parametrize("text", ["drop: dropout(0.5)", "stage: bn", "let = 3", "note -> bn"])
def test_a_word_is_no_keyword_where_it_is_a_name(text: str) -> None:
    assert tokens(text)[0][0] in (Name, Name.Label, Name.Attribute)


@pytest.mark.parametrize("text", ["drop a", "if a {", "{ drop a", "| when a", "expect (a)"])
def test_a_word_is_a_keyword_where_a_statement_begins(text: str) -> None:
    words = [(kind, part) for kind, part in seen(text) if part.isalpha() and part != "a"]
    assert [kind for kind, _ in words] == [Keyword]

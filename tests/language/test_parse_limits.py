"""The limits of the parser: past one a diagnostic E500, soon, and never a RecursionError."""

from __future__ import annotations

import random
import time

import pytest

from resdsl import limits
from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.source import Source
from resdsl.syntax.parse import parse

SIZE = limits.MAX_FILE_BYTES


def refused(text: str) -> Diagnostic:
    with pytest.raises(ResdslError) as caught:
        parse(Source("m.res", text))
    return caught.value.diagnostics[0]


def full(piece: str, start: str = "", end: str = "") -> str:
    """A text of the largest size, or a little less."""
    return start + piece * ((SIZE - len(start) - len(end)) // len(piece)) + end


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("let a = " + "(" * 100_000, 9 + limits.MAX_NESTING),
        ("let a = " + "[" * 100_000, 9 + limits.MAX_NESTING),
        ("{" * 100_000, 1 + limits.MAX_NESTING),
        ("let a = a" + "[a" * 60_000, None),
        (full("1+", "let a = ", "1"), 9 + 2 * limits.MAX_EXPRESSION_DEPTH + 1),
        (full("-", "let a = ", "1"), 9 + limits.MAX_EXPRESSION_DEPTH),
        (full("not ", "let a = ", "b"), None),
        (full(".a", "let a = b"), None),
        (full("()", "let a = b"), None),
        (full("1 if a else ", "let a = ", "1"), None),
        (full(" else if a {}", "if a {}"), None),
        (full("1", "let a = "), 9),
        (full("1", "let a = 1e"), 9),
        ("let a = 1e999", 9),
        ("let a = 1e40T", 9),
        (full("1", "conv x"), 7),
        ("let a = 3x" + "1" * 50, 9),
        (full('"{i+1}",', "let a = [", "]"), None),
        (full("a\n"), None),
        (full("1,", "let a = [", "]"), None),
        ("relu # " + "a" * SIZE, 1),
        ("# " + "é" * (SIZE // 2), 1),
    ],
    ids=range(22),
)
def test_past_a_limit(text: str, column: int | None) -> None:
    found = refused(text)
    assert found.code == "E500" and found.span is not None
    assert len(found.message) < 120
    if column is not None:
        assert found.span.source.position(found.span.start)[1] == column


def test_at_a_limit() -> None:
    deep = limits.MAX_NESTING
    assert parse(Source("m.res", "let a = " + "(" * deep + "1" + ")" * deep)).models
    assert parse(Source("m.res", "{" * deep + "relu" + "}" * deep)).models
    wide = limits.MAX_EXPRESSION_DEPTH
    found = parse(Source("m.res", "let a = 1" + "+1" * wide + "\nlet b = -1"))
    assert repr(found).count("Binary") == wide
    assert parse(Source("m.res", "let a = [" + "1 + 1, f(2), " * 1000 + "]")).models
    assert parse(Source("m.res", "#" * SIZE)).models == ()
    many = "\n".join(f"model m{i} {{ let a = {'-' * 150}1 }}" for i in range(20))
    assert len(parse(Source("m.res", many)).models) == 20


def test_an_expression_at_the_limit_can_be_compared_and_shown() -> None:
    text = "let a = 1" + "+1" * limits.MAX_EXPRESSION_DEPTH
    found = parse(Source("m.res", text))
    assert found.models == parse(Source("m.res", text)).models
    assert repr(found.models) and isinstance(hash(found.models), int)


def junk(seed: int, letters: str) -> str:
    return "".join(random.Random(seed).choices(letters, k=SIZE))


PIECES = {
    "lines": full("a\n"),
    "long list": full("1,", "let a = [", "]"),
    "arrows": full("->a", "a"),
    "strings": full('"{a}",', "let a = [", "]"),
    "one string": full("{a}", 'let a = "', '"'),
    "escapes": full("\\n", 'let a = "', '"'),
    "open string": full("a", 'let a = "'),
    "modifiers": full(" b=c", "a"),
    "types": full("A|", "param a: ", "A"),
    "open parenthesis": full("a\n", "a(\n"),
    "blank lines": full("\n", "a", "b"),
    "blank lines with blanks": full(" \t\n", "a", "b"),
    "comments": full(" # b\n", "a", "b"),
    "blanks": full(" "),
    "one name": full("a"),
    "quotes": full('"'),
    "carriage returns": full("a\r"),
    "null": full("\0"),
    "junk": junk(1, "abc(){}[]|:,=->@\"\n .x1"),
    "letters": junk(2, "ab \n"),
    "digits": junk(3, "01 x.\n"),
    "braces": full("{\n}\n"),
    "groups": full("{a}\n"),
    "keywords": full("model block let "),
}  # fmt: skip


@pytest.mark.parametrize("name", PIECES)
def test_the_largest_file_is_answered_soon(name: str) -> None:
    start, words = time.process_time(), ""
    try:
        parse(Source("m.res", PIECES[name]))
    except ResdslError as error:
        words = str(error)
    assert time.process_time() - start < 2.5
    assert len(words) < 100_000

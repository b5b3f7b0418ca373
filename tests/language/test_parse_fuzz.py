"""Whatever the text, the parser returns a tree or raises a ResdslError with a place in it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from resdsl.diagnostics import CODES, Diagnostic, ResdslError
from resdsl.source import Source
from resdsl.syntax.parse import block_names, parse_expression, read

DRAFTS = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "data").glob("*.res"))
]
WORDS = [
    "use", "model", "block", "share", "param", "let", "input", "output", "stage", "if", "for",
    "init", "note", "expect", "require", "default", "drop", "else", "and", "or", "not", "match",
    "when", "in", "from", "with", "x", "x4", "stride", "conv", "f", "3", "3x3", "1e-3", "4.09G",
    "@a", "@\"b\"", "\"a{i}\"", "(", ")", "[", "]", "{", "}", "|", ":", ",", "=", "==", "~=",
    "->", "+", "-", "*", "/", "**", ".", "...", "#", "\n", "\r\n", "\"", "'", ";", "@", "\\",
    "é", "\0", "{{", "}}",
]  # fmt: skip


def survives(text: str) -> None:
    source = Source("m.res", text)
    file, found = read(source)
    assert file.source == source and bool(file.broken) <= bool(found)
    for broken in file.broken:
        assert 0 <= broken.span.start <= broken.span.end <= len(text)
    checked(found, source)
    try:
        parse_expression(source)
    except ResdslError as error:
        (wrong,) = error.diagnostics
        checked((wrong,), source)
    block_names(text)


def checked(diagnostics: tuple[Diagnostic, ...], source: Source) -> None:
    end = len(source.text)
    places = []
    for found in diagnostics:
        assert found.code in CODES and found.severity == "error"
        assert found.span is not None and found.span.source == source
        assert 0 <= found.span.start <= found.span.end <= end
        for label in found.labels:
            assert 0 <= label.span.start <= label.span.end <= end
        assert str(found.span) and source.line(source.position(found.span.start)[0]) is not None
        assert found.message and "Token(" not in found.message
        places.append((found.span.start, found.code))
    assert places == sorted(set(places))


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    survives(text)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    survives(data.decode("latin-1"))
    survives(data.decode("utf-8", "surrogateescape"))


@given(st.lists(st.sampled_from(WORDS), max_size=60), st.sampled_from(["", " "]))
def test_words_of_the_language_in_any_order(words: list[str], between: str) -> None:
    survives(between.join(words))


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(DRAFTS), st.data())
def test_a_draft_with_pieces_taken_out_and_put_in(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        piece = data.draw(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)))
        text = text[:start] + piece + text[end:]
    survives(text)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(DRAFTS), st.data())
def test_a_draft_cut_off(text: str, data: st.DataObject) -> None:
    survives(text[: data.draw(st.integers(0, len(text)))])


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(DRAFTS), st.data())
def test_a_draft_with_lines_moved(text: str, data: st.DataObject) -> None:
    lines = text.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        line = lines.pop(data.draw(st.integers(0, len(lines) - 1)))
        lines.insert(data.draw(st.integers(0, len(lines))), line)
    survives("".join(lines))

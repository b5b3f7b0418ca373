"""The laws of the formatter, on specs drawn from the grammar and on all that are shipped."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import resdsl
from resdsl.paths import specs_root, std_root
from resdsl.source import Source
from resdsl.syntax.format import format
from resdsl.syntax.format.words import words
from resdsl.syntax.parse import parse
from resdsl.zoo import Located
from tests.format.drawn import COMMENTS, Piece, laid_out, specs, texts

DRAFTS = Path(__file__).parents[1] / "language" / "data"
FILES = sorted(path for root in (specs_root(), std_root(), DRAFTS) for path in root.rglob("*.res"))
SHIPPED = sorted(specs_root().rglob("*.res"))
WIDTH = 100


def formatted(text: str) -> str:
    return format(Source("m.res", text))


def parts(text: str) -> tuple[object, ...]:
    file = parse(Source("m.res", text))
    return file.uses, file.blocks, file.models


def own_line_comments(text: str) -> list[tuple[str, str]]:
    """Each with the word that it stands above."""
    return [(comment.text, word.text) for word in words(text) for comment in word.above]


def comments(text: str) -> list[str]:
    """Found apart from the formatter: outside of strings, to the end of the line."""
    found = re.findall(r'"(?:[^"\\\n]|\\.)*"|(#[^\n]*)', text)
    return [comment.rstrip() for comment in found if comment]


def obeys_the_laws(text: str) -> str:
    new = formatted(text)
    assert formatted(new) == new
    assert parts(new) == parts(text)
    assert comments(new) == comments(text)
    assert set(own_line_comments(text)) <= set(own_line_comments(new))
    assert new == "" or (new.endswith("\n") and not new.endswith("\n\n"))
    assert not new.startswith("\n") and "\n\n\n" not in new and "\r" not in new
    assert not re.search(r"\{\n\n|\n\n *\}", new)
    assert [line for line in new.split("\n") if line != line.rstrip()] == []
    return new


@settings(deadline=None, max_examples=300)
@given(texts())
def test_specs_drawn_from_the_grammar(text: str) -> None:
    obeys_the_laws(text)


@settings(deadline=None, max_examples=150)
@given(specs(), st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_layout_depends_on_words_alone(words: list[Piece], one: int, other: int) -> None:
    first, second = (laid_out(words, Random(seed), comments=False) for seed in (one, other))
    assert formatted(first) == formatted(second)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_shipped_text(path: Path) -> None:
    new = obeys_the_laws(path.read_text(encoding="utf-8"))
    code = [re.sub(r" *#[^\"]*$", "", line) for line in new.split("\n")]
    long = [line for line in code if len(line) > WIDTH]
    assert [line for line in long if not line.lstrip().startswith("note paper")] == []


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(FILES), st.randoms(use_true_random=False))
def test_shipped_texts_laid_out_anyhow(path: Path, random: Random) -> None:
    text = path.read_text(encoding="utf-8")
    obeys_the_laws(_anyhow(text, random))


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(SHIPPED), st.randoms(use_true_random=False))
def test_the_net_stays(path: Path, random: Random) -> None:
    text = _anyhow(path.read_text(encoding="utf-8"), random)
    for name in _models(path):
        source = Source(str(path), format(Source(str(path), text)))
        net = resdsl.Network(Located(source, path.parent, name, path.name))
        assert net.ir.digest() == _digest(path, name)


def _anyhow(text: str, random: Random) -> str:
    """The text with other blanks, with comments and blank lines put in, and lines broken."""
    pieces = []
    brackets = 0
    for piece in re.findall(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[ \t]+|\n|->|[^\s"#]', text):
        brackets += (piece in "([") - (piece in ")]")
        if piece == "\n" and random.random() < 0.1:
            piece = " " + random.choice(COMMENTS) + "\n" * random.randint(1, 3)
        elif piece.isspace() and piece != "\n":
            piece = random.choice((" ", "  ", "\t"))
        if piece == "->" and random.random() < 0.3:
            piece = f"\n{piece}"
        is_for = "".join(pieces[-3:]) == "for"  # behind which the line goes on
        if brackets and piece.isspace() and not is_for and random.random() < 0.2:
            piece += random.choice(("\n", "# put in\n"))
        pieces.append(piece)
    return "".join(pieces)


@cache
def _models(path: Path) -> list[str]:
    models = parse(Source(str(path), path.read_text(encoding="utf-8"))).models
    return [model.name.text for model in models]


@cache
def _digest(path: Path, model: str) -> str:
    return resdsl.load(f"{path}:{model}").ir.digest()

"""A mistake in a spec is told where it is: a sample of what `make mutations` measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.__main__ import PROMISED, all_of, share
from tests.mutation.judge import Spec, diagnose, judge, shipped
from tests.mutation.mutants import KINDS, Mutant, mutants, tokens
from tests.mutation.words import unknown

SPECS = {spec.name: spec for spec in shipped()}
SAMPLE = 8  # of each text


def test_mistakes_are_told_within_one_line_or_rightly_accepted_and_none_crashes() -> None:
    verdicts = [v for spec in SPECS.values() for v in all_of(spec, SAMPLE)]
    assert [(v.mutant.text, v.said) for v in verdicts if v.found == "crash"] == []
    assert share(verdicts) >= PROMISED
    wrong = [(v.spec, v.mutant.after, v.said) for v in verdicts if v.found == "wrong"]
    assert len(wrong) <= len(verdicts) / 200, wrong


@pytest.mark.parametrize("name", SPECS)
def test_a_shipped_text_is_without_errors_and_all_of_its_words_are_known(name: str) -> None:
    spec = SPECS[name]
    assert [d for d in diagnose(spec, spec.text) if d.severity == "error"] == []
    assert unknown(spec.text + spec.tail, spec.folder) == set()


def test_mutants_are_many_different_and_the_same_each_time() -> None:
    spec = SPECS["cifar/resnet20"]  # one of the shortest
    found = mutants(spec.name, spec.text, 500)
    assert len({m.text for m in found} - {spec.text}) == 500
    assert {m.kind for m in found} == {*KINDS}
    assert found == mutants(spec.name, spec.text, 500)


def test_nothing_but_code_is_changed() -> None:
    text = '# relu\ninput image: 3x8x8  # conv(8)\nnote paper = "conv 64"\nconv(8)\n'
    for mutant in mutants("words", text, 500):
        comments = ["# relu", "# conv(8)"]
        lines = mutant.before.count("\n")  # a deleted or doubled line takes its comment along
        assert lines or all(comment in mutant.text for comment in comments)
        assert lines or '"' in mutant.before or "conv 64" in mutant.text


def test_the_tokens_are_those_of_the_language() -> None:
    text = 'a: conv(1e-3, "x y", 3x7) x4 -> @b ** 2 # c\n...'
    assert "|".join(t.text for t in tokens(text)) == (
        'a|:|conv|(|1e-3|,|"x y"|,|3x7|)|x4|->|@|b|**|2|\n|...'
    )


SMALL = (
    "model m\n\ninput image: 3x8x8\nconv1: conv(8)\nrelu\n\n\n\noutput y\nexpect params == 224\n"
)


def verdict(text: str, line: int) -> str:
    mutant = Mutant("by hand", text, 0, "", "", line, line)
    return judge(Spec("small", SMALL, None), mutant).found


@pytest.mark.parametrize(
    ("before", "after", "line", "found"),
    [
        ("relu", "rleu", 5, "near"),
        ("relu", "rleu", 4, "near"),
        ("relu", "rleu", 9, "far"),
        ("relu\n", "relu\n\n", 5, "same"),
        ("conv1", "conw1", 4, "legal"),
        ("conv(8)", "conv(9)", 4, "expect"),
        ("params == 224", "params == 225", 10, "near"),
    ],
)
def test_what_becomes_of_a_mistake(before: str, after: str, line: int, found: str) -> None:
    assert verdict(SMALL.replace(before, after), line) == found


def test_a_word_that_nothing_defines_is_not_accepted_rightly() -> None:
    assert unknown(SMALL.replace("relu", "rleu"), None) == {"rleu"}
    assert unknown(SMALL.replace("image", "imgae"), None) == set()
    assert unknown('use family from "family.res"\nmodel m = familiy\n', _cifar()) == {"familiy"}


def _cifar() -> Path | None:
    return SPECS["cifar/family"].folder

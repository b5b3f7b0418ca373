"""Every example of the documents is run: nets load, or give the code that they announce."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import resdsl
from resdsl.check import check
from resdsl.syntax.layout import RESERVED
from tests.command import run
from tests.docs.generated import DOCS, generate

OTHERS = {DOCS / "errors.md", DOCS / "errors-tour.md"}  # have tests of their own
PAGES = sorted(set(DOCS.glob("*.md")) - OTHERS)
EXAMPLES = [
    pytest.param(text, id=f"{page.name}:{line}")
    for page in PAGES
    for line, text in generate.examples(page.read_text(encoding="utf-8"))
]
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUN = ("stats", "check", "graph", "list", "figure", "table", "plot", "diff")
COMMANDS = [
    line
    for page in PAGES
    for text in SHELL.findall(page.read_text(encoding="utf-8"))
    for line in text.splitlines()
    if line.startswith(tuple(f"resdsl {name} " for name in RUN))
]
LANGUAGE = (DOCS / "language.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_does_what_it_says(text: str) -> None:
    announced = generate.ERROR.findall(text)
    if not announced:
        assert generate.load(text).ir.main.nodes
        return
    with pytest.raises(resdsl.ResdslError) as caught:
        generate.load(text)
    assert [d.code for d in caught.value.diagnostics] == announced


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_has_nothing_that_does_nothing(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if generate.ERROR.search(text):
        return
    monkeypatch.chdir(tmp_path)
    Path("net.res").write_text(text, encoding="utf-8")
    assert {d.code for d in check("net.res").diagnostics}.isdisjoint({"W302", "W307"})


def test_a_wrong_announcement_is_seen() -> None:
    for text in ("# error: E200\nconv(8)\n", "# error: E200\nconv\n"):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            test_an_example_does_what_it_says(text)
    with pytest.raises(resdsl.ResdslError):
        test_an_example_does_what_it_says("conv\n")


@pytest.mark.parametrize("command", dict.fromkeys(COMMANDS))
def test_a_command_works(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = shlex.split(command, comments=True)[1:]
    if "-o" in words:
        monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, *words) == (words[0] == "diff")  # what is shown differs
    assert capsys.readouterr().out or list(tmp_path.iterdir())


def test_every_reserved_word_is_told() -> None:
    for word in RESERVED:
        assert f"`{word}`" in LANGUAGE

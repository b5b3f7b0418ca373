"""`resdsl graph`, `net.graph()`: a file of every format, and words where something is missing."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest

import resdsl
from resdsl.draw.graph import FORMATS, SUFFIXES
from tests.command import run

BEGINS = {
    "svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "dot": b"// made by resdsl",
    "mermaid": b"---\nconfig", "html": b"<!doctype html>", "json": b'{\n  "generator"',
    "explorer": b'{\n  "label"',
}  # fmt: skip


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_has_its_file_and_a_newer_one_may_replace_it(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "net.out"
    for _ in range(2):
        assert run(monkeypatch, "graph", "resnet18", "--format", form, "-o", file) == 0
        data = file.read_bytes()
        assert data.lower().startswith(BEGINS[form].lower())


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_name_of_a_file_says_its_format(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"net{suffix.upper()}"
    assert run(monkeypatch, "graph", "resnet18", "-o", file) == 0
    assert file.read_bytes().lower().startswith(BEGINS[SUFFIXES[suffix]].lower())


def test_text_goes_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "graph", "resnet18", "--set", "classes=10") == 0
    assert "logits" in capsys.readouterr().out
    assert run(monkeypatch, "graph", "resnet18", "-f", "json", "--depth", "block") == 0
    assert json.loads(capsys.readouterr().out)["depth"] == "block"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "net.bmp"], "`net.bmp` ends in none of .svg .png"),
        (["-o", "net"], "`net` ends in none of"),
        (["-o", "nowhere/net.svg"], "there is no folder nowhere"),
        (["--set", "nonsense"], "--set takes name=value"),
        (["-o", "."], ". is a folder"),
        (["--json", "-f", "svg"], "--json is --format json"),
    ],
)
def test_what_cannot_be_is_said_in_words(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "graph", "resnet18", *words) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_resdsl_did_not_write_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.svg"
    file.write_text("<svg/>")
    assert run(monkeypatch, "graph", "resnet18", "-o", file) == 2
    assert "was not written by resdsl" in capsys.readouterr().err
    assert file.read_text() == "<svg/>"
    assert run(monkeypatch, "graph", "resnet18", "-o", file, "--force") == 0


def test_a_wrong_spec_is_told_with_its_carets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "wrong.res"
    spec.write_text("input image: 3x8x8\nconf(4)\noutput out\n")
    assert run(monkeypatch, "graph", spec, "-o", tmp_path / "net.svg") == 1
    assert "^^^^" in capsys.readouterr().err
    assert not (tmp_path / "net.svg").exists()


def test_more_boxes_than_anyone_can_look_at(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("resdsl.draw.outline.MAX_BOXES", 20)
    assert run(monkeypatch, "graph", "resnet18", "--depth", "layer") == 2
    assert "more than 20 boxes at depth `layer`" in capsys.readouterr().err


def test_without_graphviz_there_is_dot_and_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("resdsl.draw.engines.shutil.which", lambda _: None)
    monkeypatch.setattr("resdsl.draw.engines.find_spec", lambda _: None)
    assert run(monkeypatch, "graph", "resnet18", "-o", tmp_path / "net.svg") == 2
    found = capsys.readouterr()
    assert found.out.startswith("// made by resdsl\ndigraph {")
    assert "pip install 'resdsl[graph]'" in found.err
    assert not (tmp_path / "net.svg").exists()
    shown = resdsl.load("resnet18").graph()._repr_mimebundle_()
    assert list(shown) == ["text/plain"]
    assert "pip install 'resdsl[graph]'" in shown["text/plain"]


@pytest.mark.parametrize(
    ("package", "form"), [("graphviz", "dot"), ("resvg_py", "png"), ("svglib", "pdf")]
)
def test_without_a_package_there_is_the_line_that_gets_it(
    package: str, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    assert run(monkeypatch, "graph", "resnet18", "-f", form) == 2
    assert f"{package} is not installed: pip install 'resdsl[graph]'" in capsys.readouterr().err


def test_bytes_are_for_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdout", Terminal())
    assert run(monkeypatch, "graph", "resnet18", "-f", "png") == 2
    assert "no text for a terminal" in capsys.readouterr().err


def test_a_graph_shows_itself_in_a_notebook_and_saves_itself(tmp_path: Path) -> None:
    graph = resdsl.load("resnet18").graph("block", theme="dark")
    assert graph._repr_mimebundle_()["image/svg+xml"].startswith("<?xml")
    assert repr(graph) == "<resdsl graph of resnet18 by block>"
    graph.save(tmp_path / "net.pdf")
    assert (tmp_path / "net.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(ValueError, match="ends in none of"):
        graph.save(tmp_path / "net.xyz")


def test_a_page_opens_as_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {}
    for words in ([], ["--depth", "layer"], ["--theme", "dark"], ["--theme", "light"]):
        file = tmp_path / "net.html"
        assert run(monkeypatch, "graph", "resnet18", "-o", file, *words) == 0
        pages[tuple(words)] = file.read_text("utf-8")
    assert len(set(pages.values())) == 4


def test_themes_differ_in_colours_alone() -> None:

    light, dark = (
        str(resdsl.load("resnet18").graph(theme=t).render("dot")) for t in ("light", "dark")
    )
    assert light != dark
    assert re.sub("#[0-9a-f]{6}", "#", light) == re.sub("#[0-9a-f]{6}", "#", dark)

"""`resdsl diff` as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from resdsl.analysis.diff import Diff
from tests.command import run

Out = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch


def test_0_is_equal_1_is_different(monkeypatch: Patch, capsys: Out) -> None:
    assert run(monkeypatch, "diff", "resnet18", "resnet18") == 0
    assert "equal" in capsys.readouterr().out
    assert run(monkeypatch, "diff", "resnet18", "resnet34") == 1
    out = capsys.readouterr().out
    assert "conv2_x, conv5_x  repeats 2 → 3" in out
    assert "+10,108,160" in out
    assert "\x1b" not in out


def test_resnet50_against_v1_5(monkeypatch: Patch, capsys: Out) -> None:
    assert run(monkeypatch, "diff", "resnet50", "torchvision/resnet50") == 1
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) < 35
    assert "parameters 25,557,032 25,557,032 =" in lines
    assert "MACs 3,857,973,248 4,089,184,256 +231,211,008 +6.0 %" in lines
    assert "~ conv3_x, conv4_x, conv5_x bottleneck × 4, … 512x28x28, … +231,211,008" in lines
    assert "~ conv1 stride 2 → 1 128x28x28 → 128x56x56 +231,211,008" in lines
    assert "~ conv2 stride 1 → 2 128x28x28" in lines
    assert any("conv3_x → layer2" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set-b", "shortcut=B"], "set shortcut A → B"),
        (["--set", "shortcut=B", "--set-b", "shortcut=C"], "set shortcut B → C"),
        (["--set-a", "classes=10"], "set classes 10 → 1000"),
        (["--input-b", "3x256x256"], "input image 3x224x224 → 3x256x256"),
        (["--input", "3x64x64", "--input-a", "image=3x32x32"], "3x32x32 → 3x64x64"),
    ],
)
def test_two_settings_of_one_net(
    words: list[str], said: str, monkeypatch: Patch, capsys: Out
) -> None:
    assert run(monkeypatch, "diff", "resnet34", *words) == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["resnet18"],
        ["resnet18", "--set", "classes=10"],
        ["-", "-"],
        ["resnet18", "no_such_net"],
        ["resnet18", "resnet34", "--set-b", "no_such=1"],
        ["resnet18", "resnet34", "--json", "--format", "svg"],
        ["resnet18", "resnet34", "-o", "x.gif"],
        ["resnet18", "resnet34", "--format", "gif"],
    ],
)
def test_2_is_no_answer(words: list[str], monkeypatch: Patch, capsys: Out) -> None:
    assert run(monkeypatch, "diff", *words) == 2
    caught = capsys.readouterr()
    assert caught.err
    assert not caught.out


def test_a_wrong_spec_is_no_difference(monkeypatch: Patch, tmp_path: Path, capsys: Out) -> None:
    wrong = tmp_path / "wrong.res"
    wrong.write_text("input x: 3x8x8\nkonv(8, 3)\n")
    assert run(monkeypatch, "diff", "resnet18", wrong) == 2
    assert "konv" in capsys.readouterr().err


def test_json(monkeypatch: Patch, capsys: Out) -> None:
    assert run(monkeypatch, "diff", "resnet34", "--set-b", "shortcut=B", "--json") == 1
    data = json.loads(capsys.readouterr().out)
    assert (data.pop("generator"), data.pop("equal")) == ("made by resdsl", False)
    assert data.pop("deltas")["params"] == 173_824
    assert Diff.model_validate(data)


def test_colours_on_a_terminal_alone(monkeypatch: Patch, capsys: Out) -> None:
    monkeypatch.setattr("resdsl.report.style.is_rich", lambda stream: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    run(monkeypatch, "diff", "resnet18", "resnet34")
    assert "\x1b[32m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    run(monkeypatch, "diff", "resnet18", "resnet34")
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("name", ["d.svg", "d.png", "d.pdf", "d.dot", "d.html", "d.json"])
def test_files(name: str, monkeypatch: Patch, tmp_path: Path, capsys: Out) -> None:
    file = tmp_path / name
    for _ in range(2):  # its own files it writes over
        assert run(monkeypatch, "diff", "resnet18", "resnet34", "-o", file) == 1
    assert file.stat().st_size > 1000
    assert capsys.readouterr().out == ""
    file.write_text("mine")
    assert run(monkeypatch, "diff", "resnet18", "resnet34", "-o", file) == 2
    assert file.read_text() == "mine"
    assert run(monkeypatch, "diff", "resnet18", "resnet34", "-o", file, "--force") == 1


@pytest.mark.parametrize("form", ["text", "svg"])
def test_who_waits_is_told_for_what(form: str, monkeypatch: Patch, capsys: Out) -> None:
    told: list[str] = []

    @contextmanager
    def waiting(words: str) -> Iterator[None]:
        told.append(words)
        yield
        told.append("done")

    monkeypatch.setattr(import_module("resdsl.cli.diff"), "waiting", waiting)
    assert run(monkeypatch, "diff", "resnet18", "resnet34", "--format", form) == 1
    assert told == ["Comparing", "done", "Drawing", "done"]
    assert "conv2_x" in capsys.readouterr().out


def test_without_networkx(monkeypatch: Patch, capsys: Out) -> None:
    monkeypatch.setitem(__import__("sys").modules, "networkx", None)
    assert run(monkeypatch, "diff", "resnet18", "resnet34") == 2
    assert "pip install 'resdsl[graph]'" in capsys.readouterr().err


def test_the_page_shows_what_it_says(monkeypatch: Patch, capsys: Out) -> None:
    page = Path(__file__).parents[2].joinpath("docs/pictures.md").read_text("utf-8")
    shown = page.partition("\n## Diff\n")[2].partition("```text\n")[2].partition("```\n")[0]
    run(monkeypatch, "diff", "resnet50", "torchvision/resnet50")
    assert capsys.readouterr().out == shown

"""`resdsl plot`: the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from resdsl import limits
from resdsl.network import load
from resdsl.zoo import zoo
from tests.command import run
from tests.draw.test_plot import texts


def test_the_command_writes_what_the_suffix_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for suffix, head in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        file = tmp_path / f"plot.{suffix}"
        for _ in "12":  # over its own file, too
            assert run(monkeypatch, "plot", "resnet18", "resnet34", "-o", file) == 0
        assert file.read_bytes().startswith(head)


def test_without_a_file_the_svg_goes_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "plot", "resnet18", "--profile") == 0
    assert "conv2_x" in texts(capsys.readouterr().out)


def test_json_is_the_data(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("plot", "resnet18", "--json", "--set", "classes=10", "--input", "3x64x64")
    assert run(monkeypatch, *words) == 0
    data = json.loads(capsys.readouterr().out)
    stats = load("resnet18", input="3x64x64", params={"classes": 10}).stats()
    assert data["nets"] == [
        {"name": "resnet18", "family": "resnet18", "params": stats.params, "macs": stats.macs}
    ]
    assert "multiply-adds" in data["convention"]
    assert run(monkeypatch, *words, "--profile", "--dtype", "float16", "--batch", 2) == 0
    (net,) = json.loads(capsys.readouterr().out)["nets"]
    assert sum(layer["activation_memory"] for layer in net["layers"]) == stats.activation_memory


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nonesuch",), 2, "error[E600]"),
        (("resnet18", "-o", "plot.gif"), 2, "`plot.gif` ends in none of .svg .png .pdf"),
        (("resnet18", "resnet34", "resnet50", "vgg16", "vgg19", "--profile"), 2,
         "one plot has room for 4 nets, not for 5"),
        (("resnet18", "--set", "width=1"), 1, "error[E"),
        (("resnet18", "-o", "no/folder.svg"), 2, "there is no folder"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    words: tuple[str, ...], code: int, said: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert run(monkeypatch, "plot", *words) == code
    captured = capsys.readouterr()
    assert said in captured.err and captured.out == ""


def test_too_many_nets_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(limits, "MAX_NETS_PLOTTED", 3)
    assert run(monkeypatch, "plot", *[*zoo()][:4]) == 2
    assert "one plot has room for 3 nets, not for 4" in capsys.readouterr().err


def test_without_matplotlib_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert run(monkeypatch, "plot", "resnet18") == 2
    said = capsys.readouterr().err
    assert said == "resdsl: matplotlib is not installed: pip install 'resdsl[plot]'\n"

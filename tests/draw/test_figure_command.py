"""`resdsl figure` and `resdsl table` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

import resdsl
from resdsl.draw.figure import figure
from resdsl.draw.table import table
from tests.command import run

SPEC = "input image: 3x32x32\nconv(8) -> gap -> fc(10)\n"


def test_an_svg_by_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "figure", "plain18", "resnet18") == 0
    assert capsys.readouterr().out == figure(map(resdsl.load, ("plain18", "resnet18"))).svg()


def test_the_suffix_says_the_format(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for suffix, begins in ((".svg", b"<?xml"), (".PNG", b"\x89PNG"), (".pdf", b"%PDF")):
        file = tmp_path / f"fig{suffix}"
        assert run(monkeypatch, "figure", "resnet18", "--fold", "-o", file) == 0
        assert file.read_bytes().startswith(begins)
    for suffix, begins in (
        (".txt", b"layer"),
        (".md", b"<!--"),
        (".tex", b"%"),
        (".html", b"<!DOC"),
    ):
        file = tmp_path / f"table{suffix}"
        assert run(monkeypatch, "table", "resnet18", "-o", file) == 0
        assert file.read_bytes().startswith(begins)


def test_a_format_beside_the_suffix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "out.any"
    assert run(monkeypatch, "table", "resnet18", "-o", file, "--format", "latex") == 0
    assert file.read_text("utf-8") == table([resdsl.load("resnet18")]).latex()


def test_a_file_is_written_again_but_no_foreign_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, name in (
        ("figure", "a.svg"),
        ("table", "a.md"),
        ("table", "a.tex"),
        ("table", "a.html"),
    ):
        file = tmp_path / name
        file.write_text("mine")
        assert run(monkeypatch, command, "resnet18", "-o", file) == 2
        assert "--force" in capsys.readouterr().err
        assert file.read_text() == "mine"
        assert run(monkeypatch, command, "resnet18", "-o", file, "--force") == 0
        assert run(monkeypatch, command, "resnet34", "-o", file) == 0
        assert "resnet34" in file.read_text("utf-8")


@pytest.mark.parametrize("command", ["figure", "table"])
def test_no_suffix_that_is_known(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    assert run(monkeypatch, command, "resnet18", "-o", tmp_path / "a.gif") == 2
    assert "--format" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_settings_are_for_all_nets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["resnet18", "vgg16", "--set", "classes=7", "--input", "3x64x64"]
    assert run(monkeypatch, "figure", *words) == 0
    root = ElementTree.fromstring(capsys.readouterr().out)
    said = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert said.count("fc 7") == 2 and "output size: 32" in said
    assert run(monkeypatch, "table", *words, "--params") == 0
    text = capsys.readouterr().out
    assert "7-d fc" in text and "parameters" in text


def test_a_model_of_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.res"
    file.write_text(f"model one {{\n{SPEC}}}\nmodel two {{\n{SPEC}}}\n")
    assert run(monkeypatch, "table", f"{file}:one", f"{file}:two") == 0
    assert capsys.readouterr().out.splitlines()[0].split() == (
        ["layer", "name", "output", "size", "one", "two"]
    )


def test_too_many_boxes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "figure", "cifar/resnet1202") == 2
    assert "--fold" in capsys.readouterr().err
    assert run(monkeypatch, "figure", *["timm/hrnet_w18"] * 6, "--fold") == 2
    assert "fewer nets" in capsys.readouterr().err
    file = tmp_path / "deep.res"
    layers = "".join(f"conv({n}, 3)\n" for n in range(1, 1002))
    file.write_text(f"input image: 3x8x8\n{layers}")
    assert run(monkeypatch, "figure", file, "resnet18", "--fold") == 2
    said = capsys.readouterr().err
    assert "`deep` alone" in said and "`resdsl graph`" in said and "fewer nets" not in said


def test_a_table_as_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "table", "resnet34", "vgg16", "--json") == 0
    text = capsys.readouterr().out
    data = json.loads(text)
    assert data["names"] == ["resnet34", "vgg16"]
    stack = {"texts": ["3×3, 64", "3×3, 64"], "times": 3, "stack": True}
    (row,) = (row for row in data["rows"] if row["name"].startswith("conv2_x"))
    assert row["cells"][0]["size"] == [56, 56] and stack in row["cells"][0]["lines"]
    assert [row["name"] for row in data["rows"] if row["cells"][0] is None]
    nets = [resdsl.load(name) for name in data["names"]]
    assert data["params"] == [net.stats().params for net in nets]
    file = tmp_path / "t.json"
    for _ in range(2):  # it is ours
        assert run(monkeypatch, "table", "resnet34", "vgg16", "-o", file) == 0
    assert file.read_text("utf-8") == text
    assert run(monkeypatch, "table", "resnet34", "--json", "-f", "html") == 2
    assert "--format json" in capsys.readouterr().err


def test_no_spec_and_a_wrong_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wrong.res"
    file.write_text("input image: 3x32x32\nconf(8)\n")
    assert run(monkeypatch, "figure", "resnet18", file) == 1
    assert "conf" in capsys.readouterr().err
    assert run(monkeypatch, "table", "nosuchnet") == 2
    assert run(monkeypatch, "figure") == 2

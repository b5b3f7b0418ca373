"""Which files the paths of a command line stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

from resdsl.zoo import SpecNotFound, spec_files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.res", "a/z.res", "a/y.res", "a.res", "note.txt", ".git/c.res", "a/.h.res"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_folder_stands_for_the_specs_below_it_in_order_and_without_hidden_ones() -> None:
    assert spec_files(["."]) == ["a.res", "a/y.res", "a/z.res", "b.res"]
    assert spec_files(["a"]) == ["a/y.res", "a/z.res"]
    assert spec_files([".git"]) == [".git/c.res"], "asked for by name"


@pytest.mark.usefixtures("folder")
def test_what_is_no_folder_stays_as_it_is() -> None:
    given = ["b.res", "resnet50", "-", "a.res:wide", "missing", "a" * 5000, "\0"]
    assert spec_files(given) == given


def test_each_file_comes_once(folder: Path) -> None:
    assert spec_files(["a/z.res", "a", "./a/z.res", "a/", "a//z.res"]) == ["a/z.res", "a/y.res"]
    assert spec_files([str(folder / "b.res")] * 2) == [str(folder / "b.res")]


@pytest.mark.usefixtures("folder")
def test_a_folder_without_specs_is_said_to_have_none() -> None:
    with pytest.raises(SpecNotFound, match="below `empty`"):
        spec_files(["b.res", "empty"])

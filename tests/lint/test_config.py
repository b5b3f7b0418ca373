"""resdsl.toml: found upwards, and right or refused with the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from resdsl.config import Config, find, parse
from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.source import Source


def _refused(text: str) -> list[Diagnostic]:
    with pytest.raises(ResdslError) as caught:
        parse(Source("resdsl.toml", text))
    assert {one.code for one in caught.value.diagnostics} == {"E605"}
    return list(caught.value.diagnostics)


def test_the_nearest_one_counts(tmp_path: Path) -> None:
    inner = tmp_path / "nets" / "small"
    inner.mkdir(parents=True)
    (tmp_path / "resdsl.toml").write_text('[lint]\noff = ["W301", "W305"]\n')
    assert find(inner) == Config(frozenset({"W301", "W305"}))
    (inner / "resdsl.toml").write_text("")
    assert find(inner) == Config()
    assert find(tmp_path / "nets").off == {"W301", "W305"}
    assert find(None) == Config()


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("lints = 1", "lints", "unknown setting `lints`"),
        ("# lint\n[lint]\nof = []", "of", "unknown setting `of`"),
        ("lint = 3", "lint", "`lint` is a table: write `[lint]`"),
        ('[lint]\noff = "W301"', "off", '`off` is a list of codes: `off = ["W301"]`'),
        ("[lint]\noff = [301]", "off", '`off` is a list of codes: `off = ["W301"]`'),
        ('[lint]\noff = ["W301", "W999"]', "W999", "there is no warning `W999`"),
        ('[lint]\noff = ["E310"]', "E310", "`E310` is an error, and cannot be switched off"),
        ('[lint]\noff = [""]', "", "there is no warning ``"),
    ],
)
def test_settings_that_mean_nothing(text: str, at: str, said: str) -> None:
    (one,) = _refused(text)
    assert one.span is not None
    assert (one.span.text, one.message) == (at, said)


def test_all_mistakes_of_a_file_are_told() -> None:
    assert len(_refused('colour = 1\n[lint]\non = []\noff = ["W1"]')) == 3


def test_suggestions() -> None:
    assert _refused("lnt = 1")[0].help == "did you mean `lint`?"
    assert _refused("[lint]\nwhatever = 1")[0].help == "known here: off"
    assert _refused('[lint]\noff = ["W301 "]')[0].help == "did you mean `W301`?"


@pytest.mark.parametrize("text", ["[lint", 'off = ["W301"', "a = = 3", "x"])
def test_no_toml(text: str) -> None:
    (one,) = _refused(f"# settings\n{text}")
    assert one.span is not None
    assert one.span.source.position(one.span.start)[0] == 2


def test_what_is_too_much(tmp_path: Path) -> None:
    assert _refused(f"off = {'[' * 50_000}")[0].message == "nested too deeply"
    (tmp_path / "resdsl.toml").write_text("#" * 200_000)
    with pytest.raises(ResdslError, match="is longer than 131,072 bytes"):
        find(tmp_path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "resdsl.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ResdslError, match="is not UTF-8 text"):
        find(tmp_path)

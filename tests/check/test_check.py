"""What `check` finds in one spec: everything, once, in order."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from types import SimpleNamespace

import pytest

from resdsl.check import check
from resdsl.zoo import files

GOOD = "input image: 3x8x8\nconv(4)\noutput y\n"
PAIR = """\
model a {
  input image: 3x8x8
  conv(4, strid=2)
  output y
}
model b {
  input image: 3x8x8
  relu
  cnov(4)
  output y
}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "net.res"


def found(spec: str, **settings: str) -> list[tuple[str, int]]:
    """Codes and lines."""
    diagnostics = check(spec, settings).diagnostics
    return [(d.code, d.span.source.position(d.span.start)[0] if d.span else 0) for d in diagnostics]


def test_every_model_of_a_file_is_looked_at(spec: Path) -> None:
    spec.write_text(PAIR, encoding="utf-8")
    checked = check("net.res")
    assert found("net.res") == [("E203", 3), ("E201", 9)]
    assert (checked.models, checked.ok, checked.missing) == (("a", "b"), False, False)


def test_only_a_model_that_is_named(spec: Path) -> None:
    spec.write_text(PAIR, encoding="utf-8")
    assert found("net.res:b") == [("E201", 9)]
    assert check("net.res:b").models == ("b",)
    assert found("net.res:c") == [("E604", 1)]


def test_what_is_set_is_set_in_the_model_that_the_file_stands_for(spec: Path) -> None:
    wide = "model net {\n param width = 4\n input image: 3x8x8\n conv(width)\n output y\n}\n"
    spec.write_text(wide + PAIR, encoding="utf-8")
    assert found("net.res", width="8") == []
    assert found("net.res", wdith="8") == [("E211", 0)]
    assert len(found("net.res")) == 2


def test_an_error_of_a_block_that_two_models_use_is_found_once(spec: Path) -> None:
    block = "block broken { conv(4, strid=2) }\n"
    spec.write_text(block + PAIR.replace("conv(4, strid=2)", "broken").replace("cnov(4)", "broken"))
    assert found("net.res") == [("E203", 1)]


def test_a_file_of_blocks_alone_is_fine(spec: Path) -> None:
    spec.write_text("block twice(c) {\n  conv(c)\n  conv(c)\n}\n", encoding="utf-8")
    assert check("net.res").diagnostics == check("net.res").models == ()
    spec.write_text("block twice(c) {\n  conv 3\n}\n", encoding="utf-8")
    assert found("net.res") == [("E111", 2)]


def test_a_file_of_nothing_is_no_spec(spec: Path) -> None:
    spec.write_text("# nothing\n", encoding="utf-8")
    assert found("net.res") == [("E604", 1)]


def test_promises_are_kept_or_found_broken_in_each_model(spec: Path) -> None:
    model = (
        "model {} {{\n  input image: 3x8x8\n  conv(4, 1)\n  output y\n  expect params == 5\n}}\n"
    )
    spec.write_text(model.format("a") + model.format("b"), encoding="utf-8")
    assert found("net.res") == [("E402", 5), ("E402", 11)]


def test_a_lint_of_the_text_is_found_with_promises_and_not_among_errors(spec: Path) -> None:
    text = "input image: 3x8x8\nlet unused = 4\nconv(4, 1)\nexpect params == 5\noutput y\n"
    spec.write_text(text, encoding="utf-8")
    assert found("net.res") == [("W307", 2), ("E402", 4)]
    spec.write_text(text.replace("conv(4, 1)", "cnov(unused)"), encoding="utf-8")
    assert found("net.res") == [("E201", 3)]


def test_warnings_are_switched_off_by_a_comment_or_a_file(spec: Path) -> None:
    text = "input image: 3x8x8\nlet unused = 4\nconv(4, 1)\noutput y\n"
    spec.write_text(text, encoding="utf-8")
    assert found("net.res") == [("W307", 2)]
    assert check("net.res").ok
    spec.write_text(text.replace("4\n", "4  # allow: W307\n", 1), encoding="utf-8")
    assert found("net.res") == []
    spec.write_text(text, encoding="utf-8")
    config = spec.with_name("resdsl.toml")
    config.write_text('[lint]\noff = ["W307"]\n', encoding="utf-8")
    assert found("net.res") == []
    config.write_text('[lint]\noff = ["E201"]\n', encoding="utf-8")
    assert found("net.res") == [("E605", 2)], "a wrong resdsl.toml is an error"
    assert str(check("net.res").diagnostics[0].span) == "resdsl.toml:2:9"


def test_errors_of_used_files_are_found_there(spec: Path) -> None:
    spec.write_text('use "other.res"\n' + GOOD.replace("conv(4)", "twice"), encoding="utf-8")
    spec.with_name("other.res").write_text("block twice { conv(4, strid=2) }\n", encoding="utf-8")
    (diagnostic,) = check("net.res").diagnostics
    assert diagnostic.span is not None
    assert (diagnostic.code, Path(diagnostic.span.source.name).name) == ("E203", "other.res")


@pytest.mark.parametrize("name", ["no.res", "", "\0", "a" * 5000, "resnet51"])
def test_what_names_nothing_is_missing(name: str) -> None:
    checked = check(name)
    assert [d.code for d in checked.diagnostics] == ["E600"]
    assert (checked.missing, checked.ok) == (True, False)


def test_bytes_that_are_no_text_are_an_error(spec: Path) -> None:
    spec.write_bytes(b"\xff\xfe")
    assert [d.code for d in check("net.res").diagnostics] == ["E601"]
    spec.write_bytes(b'relu\nnote author = "Andr\xe9"\n')
    assert found("net.res") == [("E601", 2)]
    spec.with_name("main.res").write_text('use "net.res"\n', encoding="utf-8")
    (diagnostic,) = check("main.res").diagnostics
    assert str(diagnostic.span) == "net.res:2:20"
    assert [str(label.span) for label in diagnostic.labels] == ["main.res:1:5"]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"cnov(3)\n")))
    (diagnostic,) = check("-").diagnostics
    assert diagnostic.span is not None
    assert diagnostic.span.source.name == "<stdin>"


def test_what_is_found_travels_between_processes(spec: Path) -> None:
    spec.write_text(PAIR, encoding="utf-8")
    checked = check("net.res")
    assert pickle.loads(pickle.dumps(checked)) == checked


@pytest.mark.parametrize("name", files())
def test_the_shipped_nets_are_fine(name: str) -> None:
    assert check(name).diagnostics == ()


def test_a_shape_from_outside_is_shown(tmp_path: Path) -> None:
    """What does not fit may be right in the text: the shape was given by --input."""
    path = tmp_path / "net.res"
    path.write_text(GOOD)
    (one,) = check(str(path), input=[3, 8]).diagnostics
    assert [(label.span.text, label.message) for label in one.labels] == [
        ("3x8x8", "this is 3x8, by --input")
    ]

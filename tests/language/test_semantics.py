"""What the language means, where a document cannot say it: links, SPECs, what is kept once.

Everything else stands in docs/semantics, and runs in test_documents.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import resdsl
from resdsl.diagnostics import Diagnostic

HEAD, TAIL = "input image: 3x16x16\n", "\noutput y\n"
ONE = "model {} {{\n" + HEAD + "conv({})" + TAIL + "}}\n"


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path | str) -> Diagnostic:
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.load(str(path))
    return caught.value.diagnostics[0]


# ------------------------------------------------------------------ links


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret.res", "block a { relu }\n")
    path = write(tmp_path / "spec", "main.res", f'use "link.res"\n{HEAD}a{TAIL}')
    (tmp_path / "spec" / "link.res").symlink_to(secret)
    assert refused(path).code == "E600"


def test_links_in_a_circle(tmp_path: Path) -> None:
    path = write(tmp_path, "main.res", f'use "link.res"\n{HEAD}relu{TAIL}')
    (tmp_path / "link.res").symlink_to(tmp_path / "link.res")
    found = refused(path)
    assert found.span is not None
    assert (found.code, found.span.text) == ("E600", '"link.res"')


# ------------------------------------------------------------------ which model a SPEC means


@pytest.mark.parametrize("name", ["a\0b", "a" * 5_000, "", ".", "/", "no:such", "resnet50:no"])
def test_names_that_nothing_has(name: str) -> None:
    assert refused(name).code in {"E600", "E604"}


def test_the_model_named_as_the_file_else_the_only_one(tmp_path: Path) -> None:
    path = write(tmp_path, "net.res", ONE.format("other", 5) + ONE.format("net", 6))
    assert resdsl.load(str(path)).name == "net"
    assert resdsl.load(f"{path}:other").name == "other"
    assert resdsl.load(str(write(tmp_path, "single.res", ONE.format("a", 5)))).name == "a"


def test_no_single_model(tmp_path: Path) -> None:
    found = refused(write(tmp_path, "net.res", ONE.format("a", 5) + ONE.format("b", 6)))
    assert found.code == "E604"
    assert "a, b" in (found.help or "")
    assert found.span is not None
    assert [found.span.text, *(label.span.text for label in found.labels)] == ["a", "b"]


def test_a_file_of_nothing_but_blocks_has_no_model(tmp_path: Path) -> None:
    assert refused(write(tmp_path, "net.res", "block unit { relu }\n")).code == "E604"


def test_a_model_whose_name_a_block_has(tmp_path: Path) -> None:
    text = ONE.format("a", 5) + "block a { relu }\n"
    assert refused(write(tmp_path, "net.res", text)).code == "E205"


def test_an_unknown_model_of_a_file(tmp_path: Path) -> None:
    found = refused(f"{write(tmp_path, 'net.res', ONE.format('alpha', 5))}:alpah")
    assert found.code == "E604"
    assert found.help == "did you mean `alpha`?"


def test_a_script_without_a_model_line_is_named_as_its_file(tmp_path: Path) -> None:
    path = write(tmp_path, "tiny.res", f"{HEAD}conv(4){TAIL}")
    assert resdsl.load(str(path)).name == "tiny"


# ------------------------------------------------------------------ what a net is


def test_equal_instances_are_one_definition() -> None:
    texts = [f"input image: 3x16x16\nconv(8)\ns: basic(8) x{n}" for n in (3, 40)]
    few, many = (len(resdsl.loads(text).ir.regions) for text in texts)
    assert few == many


def test_a_text_is_a_network() -> None:
    found = resdsl.loads("model m\ninput image: 3x16x16\nconv(4)")
    assert isinstance(found, resdsl.Network)
    assert found.name == "m"

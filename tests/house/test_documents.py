"""The documents say what is so: links lead somewhere, the README's net and table are right."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

import resdsl

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_to_files_lead_somewhere(path: Path) -> None:
    links = LINK.findall(path.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_the_net_of_the_readme_is_resnet_50() -> None:
    (text,) = re.findall(r"```res\n(.*?)```", README, re.DOTALL)
    assert len([line for line in text.splitlines() if line]) <= 10
    written, shipped = resdsl.loads(text).stats(), resdsl.load("resnet50").stats()
    assert (
        (written.params, written.macs)
        == (shipped.params, shipped.macs)
        == (25_557_032, 3_857_973_248)
    )


def test_the_number_in_the_readme_is_counted() -> None:
    (number,) = re.findall(r"stats\(\)\.macs +# ([\d_]+)", README)
    assert resdsl.load("resnet50", classes=10).stats().macs == int(number)


def test_what_is_generated_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    stale = {path.name for path, text in generate.documents().items() if path.read_text() != text}
    assert stale == set(), "run `make docs`"

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


def test_the_python_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    exec("".join(blocks), {})
    assert "class ResNet50(nn.Module):" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["resnet50.safetensors"]


def test_the_floors_are_listed_alike_and_exist() -> None:
    drawn = [
        re.findall(r"```\n(cli\n.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
        for page in ("CONTRIBUTING.md", "docs/tour.md")
    ]
    assert drawn[0] == drawn[1]
    ((floors,), _) = drawn
    modules = {path.stem for path in (ROOT / "resdsl").iterdir() if path.suffix in ("", ".py")}
    others = {"std"} | {name for name in modules if name.startswith(("_", "."))}
    assert set(re.findall(r"\w+", floors)) == modules - others


def test_what_is_generated_is_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    stale = {path.name for path, text in generate.documents().items() if path.read_text() != text}
    assert stale == set(), "run `make docs`"

"""docs/tour.md names what is there: files, folders, floors."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.docs.generated import DOCS

ROOT = DOCS.parent
TOUR = (DOCS / "tour.md").read_text(encoding="utf-8")


def _files(*roots: str) -> set[str]:
    return {path.name for root in roots for path in (ROOT / root).rglob("*") if path.is_file()}


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`([\w/]+\.(?:py|lark|json|res))`", TOUR))
    there = _files("resdsl", "backends")
    assert {name for name in named if Path(name).name not in there} == set()


def test_every_folder_of_the_package_has_its_stop() -> None:
    folders = {path.parent.name for path in (ROOT / "resdsl").glob("*/__init__.py")}
    heads = set(re.findall(r"[\w]+", " ".join(re.findall(r"^## (.*)$", TOUR, re.MULTILINE))))
    assert folders <= heads


def test_the_floors_are_those_that_are_held() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {c["id"]: c for c in config["tool"]["importlinter"]["contracts"]}
    held = [re.sub(r"[()]", "", layer) for layer in contracts["floors"]["layers"]]
    (shown,) = re.findall(r"^```\n(cli\n.*?)^```$", TOUR, re.DOTALL | re.MULTILINE)
    assert shown.splitlines() == [layer for layer in held if layer != "__main__"]

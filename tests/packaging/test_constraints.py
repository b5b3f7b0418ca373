"""constraints.txt pins what these tests run with, inside the ranges of pyproject.toml."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
INSTALLED = ("torch", "graph", "watch", "dev")
PINS = {
    pin.name: next(iter(pin.specifier)).version
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for pin in [Requirement(line)]
}


def _requirements(*extras: str) -> list[Requirement]:
    lines = PROJECT["dependencies"] + [line for extra in extras for line in EXTRAS[extra]]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("need", _requirements(*INSTALLED), ids=lambda need: need.name)
def test_every_direct_dependency_is_pinned_to_what_is_installed(need: Requirement) -> None:
    installed = Version(version(need.name))
    assert Version(PINS[need.name]) == Version(installed.public)
    assert need.specifier.contains(PINS[need.name])


@pytest.mark.parametrize("need", _requirements(*EXTRAS), ids=str)
def test_no_pin_lies_outside_its_range(need: Requirement) -> None:
    assert need.name not in PINS or need.specifier.contains(PINS[need.name])


def test_torch_and_torchvision_are_a_pair() -> None:
    assert (PINS["torch"], PINS["torchvision"]) == ("2.13.0", "0.28.0")


def test_all_names_every_extra_that_users_install() -> None:
    (everything,) = (Requirement(line) for line in EXTRAS["all"])
    assert everything.extras == set(EXTRAS) - {"all", "dev"}

"""The distribution as users get it: built, installed in three ways, used from `/`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

import pytest

from resdsl.diagnostics import CODES

ROOT = Path(__file__).parents[2]
SHIPPED = ("resdsl", "backends", "specs", "tests", "bench", "docs")
PROBE = """
import importlib.util, json, sys
from importlib.metadata import entry_points
from resdsl import explanations, paths
from resdsl.diagnostics import CODES
from resdsl.draw.fonts import text_width
print(json.dumps({
    "package": paths.__file__,
    "std": sorted(p.name for p in paths.std_root().glob("*.res")),
    "specs": sorted(p.relative_to(paths.specs_root()).as_posix()
                    for p in paths.specs_root().rglob("*.res")),
    "explained": [explanations.page(code).code for code in CODES],
    "width": [text_width("m", 1000, bold) for bold in (False, True)],
    "typed": [importlib.util.find_spec(n) is not None for n in ("resdsl", "resdsl_torch")],
    "backends": [e.value for e in entry_points(group="resdsl.backends") if e.name == "torch"],
    "strays": [n for n in ("tests", "bench", "docs", "specs", "backends", "hatch_build")
               if importlib.util.find_spec(n)],
}))
"""


def _run(*command: object, cwd: Path | str = "/") -> str:
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _names(folder: str) -> set[str]:
    """The files of a folder of the checkout, as they are now."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not {"__pycache__", ".mypy_cache"} & set(path.parts)
    }


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    _run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return folder


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A fresh environment that sees the dependencies of this one, but no resdsl of it."""
    home = tmp_path / "env"
    venv.create(home, symlinks=True)
    binary = home / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(home)}))
    # A path entry; the .pth files in the folder that it names (an editable resdsl) are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return binary


def _install(python: Path, *what: object) -> None:
    _run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
        "--no-index", "--no-build-isolation", "--ignore-installed", *what,
    )  # fmt: skip


def _probe(python: Path, home: Path) -> None:
    found = json.loads(_run(python, "-c", PROBE))
    assert Path(found["package"]).is_relative_to(home)
    assert {f"resdsl/std/{name}" for name in found["std"]} == {
        name for name in _names("resdsl/std") if name.endswith(".res")
    }
    assert {f"specs/{name}" for name in found["specs"]} == _names("specs")
    assert found["explained"] == [*CODES]
    assert found["width"] == pytest.approx([974.1, 1041.9], abs=0.1)  # from the bundled fonts
    assert found["typed"] == [True, True]
    assert found["backends"][:1] == ["resdsl_torch:backend"]
    assert found["strays"] == []
    resdsl = python.with_name("resdsl")
    assert "25,557,032" in _run(resdsl, "stats", "resnet50")
    assert "class Bottleneck(nn.Module):" in _run(resdsl, "compile", "resnet50")


def test_the_sdist_is_complete(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    expected = set().union(*(_names(folder) for folder in SHIPPED))
    expected |= {"pyproject.toml", "hatch_build.py", "constraints.txt", "Makefile", ".ci/run"}
    expected |= {"LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"}
    assert expected - names == set()


def test_the_wheel(dist: Path, python: Path) -> None:
    _install(python, *dist.glob("*.whl"))
    _probe(python, python.parents[1])


def test_the_sdist(dist: Path, python: Path) -> None:
    _install(python, *dist.glob("*.tar.gz"))
    _probe(python, python.parents[1])


def test_an_editable_install(dist: Path, python: Path, tmp_path: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path, filter="data")
    checkout = tmp_path / path.name.removesuffix(".tar.gz")
    _install(python, "--editable", checkout)
    _probe(python, checkout)

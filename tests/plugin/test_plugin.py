"""One door: a backend of another distribution comes in as torch does, by its entry point.

`outline/` is such a distribution, whole; pip installs it into a folder, and a Python of its own
that has the folder on its path finds it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

OUTLINE = Path(__file__).parent / "outline"
PIP = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-index"]
BEGINNING = """\
resnet18
11,515,688 parameters, 1,794,805,760 multiply-adds at 3x224x224
conv1: 64x112x112
  conv1: conv 64x112x112
  bn1: bn 64x112x112
  relu1: relu 64x112x112
pool1: maxpool 64x56x56
conv2_x: 64x56x56
  0: 64x56x56
    conv1: conv 64x56x56
"""


def _python(*command: object, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    """A Python that sees resdsl as it is installed here, and the distributions in `path`."""
    return subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
    )


def _install(project: Path, target: Path) -> Path:
    done = _python(*PIP, "--no-deps", "--no-build-isolation", "--target", target, project)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture(scope="module")
def outline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which `outline/` is installed."""
    return _install(OUTLINE, tmp_path_factory.mktemp("outline") / "site")


@pytest.fixture(scope="module")
def usurper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where another distribution is installed that offers a backend `outline` too."""
    folder = tmp_path_factory.mktemp("usurper")
    project = folder / "project"
    shutil.copytree(OUTLINE, project, ignore=shutil.ignore_patterns("__pycache__"))
    (project / "resdsl_outline.py").rename(project / "resdsl_usurper.py")
    settings = (project / "pyproject.toml").read_text(encoding="utf-8")
    settings = settings.replace("resdsl-outline", "resdsl-usurper")
    settings = settings.replace("resdsl_outline", "resdsl_usurper")
    (project / "pyproject.toml").write_text(settings, encoding="utf-8")
    return _install(project, folder / "site")


def test_compile_finds_it(outline: Path) -> None:
    command = ("-m", "resdsl", "compile", "resnet18", "--backend", "outline")
    run = _python(*command, path=(outline,))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(BEGINNING)
    assert run.stdout.endswith("head: 1000\n  gap1: gap 512x1x1\n  fc1: fc 1000\n")


def test_build_runs_it_and_hands_on_the_options(outline: Path) -> None:
    script = """
import resdsl
net = resdsl.load("resnet18")
assert net.build("outline") == net.source("outline")
print(net.build("outline", mood="calm"), end="")
"""
    run = _python("-c", script, path=(outline,))
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(BEGINNING)
    assert run.stdout.endswith("\nmood = calm\n")


def test_an_unknown_backend_is_told_of_both(outline: Path) -> None:
    run = _python("-m", "resdsl", "compile", "resnet18", "--backend", "cobol", path=(outline,))
    assert (run.returncode, run.stdout) == (2, "")
    assert "no backend `cobol`; installed: `flax`, `onnx`, `outline`, `torch`" in run.stderr


def test_without_it_there_are_ours_alone() -> None:
    run = _python("-m", "resdsl", "compile", "resnet18", "--backend", "outline")
    assert (run.returncode, run.stdout) == (2, "")
    assert "there is no backend `outline`; installed: `flax`, `onnx`, `torch`" in run.stderr


@pytest.mark.parametrize("order", [1, -1])
def test_two_of_one_name_are_a_clash_in_any_order(outline: Path, usurper: Path, order: int) -> None:
    command = ("-m", "resdsl", "compile", "resnet18", "--backend", "outline")
    run = _python(*command, path=(outline, usurper)[::order])
    assert (run.returncode, run.stdout) == (2, "")
    clash = "several distributions offer a backend `outline`: "
    places = "`resdsl_outline:backend` and `resdsl_usurper:backend`"
    assert clash + places in " ".join(run.stderr.split())
    torch = _python("-m", "resdsl", "compile", "resnet18", path=(outline, usurper)[::order])
    assert torch.returncode == 0, "the clash is that name's alone"


def test_it_takes_no_weights(outline: Path, tmp_path: Path) -> None:
    weights = tmp_path / "w.safetensors"
    weights.touch()
    command = ("-m", "resdsl", "convert", weights, "--to", "outline", "-o", tmp_path / "o.txt")
    run = _python(*command, path=(outline,))
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "resdsl: --to outline: the backend `outline` takes no weights\n"

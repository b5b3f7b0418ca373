"""The file that `resdsl compile` writes: reproducible, needs torch alone, spares other files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import resdsl
from tests.backends.nets import SMALL


def command(
    *arguments: str, cwd: Path | None = None, seed: str = "0"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from resdsl.cli import main; main()", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONHASHSEED": seed},
    )


def test_emission_is_byte_identical(tmp_path: Path) -> None:
    first = command("compile", "resnet50", "--backend", "torch", seed="1")
    second = command("compile", "resnet50", "--backend", "torch", cwd=tmp_path, seed="2")
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert first.stdout == second.stdout
    assert first.stdout == resdsl.load("resnet50").source("torch")
    written = command("compile", "resnet50", "--backend", "torch", "-o", "net.py", cwd=tmp_path)
    assert written.returncode == 0, written.stderr
    assert (tmp_path / "net.py").read_text() == first.stdout


def test_the_file_needs_torch_alone(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    source = resdsl.loads(SMALL).source("torch")
    file.write_text(source)
    name = type(resdsl.loads(SMALL).build("torch")).__name__
    program = f"""
import runpy, sys
sys.modules["resdsl"] = None
made = runpy.run_path({str(file)!r})
import torch
model = made[{name!r}]()
assert model(torch.zeros(2, 3, 33, 35)).shape == (2, 7)
assert not [m for m in sys.modules if m.startswith("resdsl") and sys.modules[m]]
print(sum(p.numel() for p in model.parameters()))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == resdsl.loads(SMALL).stats().params


def test_the_file_runs_as_a_program(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(resdsl.loads(SMALL).source("torch"))
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_foreign_file_is_not_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("print('mine')\n")
    arguments = ("compile", "cifar/resnet20", "--backend", "torch", "-o", str(mine))
    refused = command(*arguments)
    assert refused.returncode in {1, 2}
    assert "Traceback" not in refused.stderr
    assert "--force" in refused.stderr
    assert mine.read_text() == "print('mine')\n"
    assert command(*arguments, "--force").returncode == 0
    assert "class " in mine.read_text()
    assert command(*arguments).returncode == 0, "a file of our own is written again"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.py"], "nothing is left beside it"

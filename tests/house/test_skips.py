"""The rule of tests/conftest.py: in CI a skipped test fails the run, unless it waits for a gpu."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
INI = "[pytest]\nmarkers =\n    gpu: x\n"
SKIPPED = "import pytest\n\ndef test_a(): pytest.skip('not today')\n\ndef test_b(): pass\n"
MODULE = "import pytest\n\npytest.importorskip('no_such_module')\n"
GPU = "import pytest\n\n@pytest.mark.gpu\ndef test_a(): pytest.skip('no device')\n"


def _pytest(folder: Path, text: str, *options: str, ci: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(CONFTEST, folder / "conftest.py")
    (folder / "pytest.ini").write_text(INI)
    (folder / "test_one.py").write_text(text)
    (folder / "test_two.py").write_text("def test_c(): pass\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )


WORKERS = ("-p", "xdist", "-n", "2")


@pytest.mark.parametrize("options", [(), WORKERS], ids=["one process", "workers"])
@pytest.mark.parametrize(("text", "reason"), [(SKIPPED, "not today"), (MODULE, "no_such_module")])
def test_a_skip_fails_ci(tmp_path: Path, text: str, reason: str, options: tuple[str, ...]) -> None:
    run = _pytest(tmp_path, text, *options, ci="true")
    assert run.returncode == 1, run.stdout
    assert reason in run.stdout
    assert _pytest(tmp_path, text, *options, ci="").returncode == 0


def test_a_gpu_test_may_be_skipped(tmp_path: Path) -> None:
    assert _pytest(tmp_path, GPU, ci="true").returncode == 0

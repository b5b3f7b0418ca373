"""Files that cannot be written: the message names the file that the user named, and no other."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

import resdsl

PROC = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a folder that takes no file")


def run(*words: object, most: int = resource.RLIM_INFINITY) -> subprocess.CompletedProcess[str]:
    """`resdsl` where no file may have more than `most` bytes."""
    script = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))
from resdsl.cli import main
sys.exit(main())
"""
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


@PROC
def test_a_folder_that_takes_no_file() -> None:
    done = run("compile", "cifar/resnet20", "-o", "/proc/x.py")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "resdsl: /proc/x.py: No such file or directory\n"


@pytest.mark.parametrize("option", [(), ("--backend", "onnx")])
def test_a_file_that_grows_too_large(tmp_path: Path, option: tuple[str, ...]) -> None:
    file = tmp_path / "made"
    done = run("compile", "cifar/resnet20", *option, "-o", file, most=1000)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"resdsl: {file}: File too large\n"
    assert not list(tmp_path.iterdir())


def test_weights_into_no_folder(tmp_path: Path) -> None:
    net, file = resdsl.load("cifar/resnet20"), tmp_path / "no" / "x.st"
    with pytest.raises(FileNotFoundError) as error:
        net.save_weights(net.build("torch"), file)
    assert error.value.filename == str(file)
    assert ".tmp" not in str(error.value)

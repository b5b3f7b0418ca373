"""Models as files: `resdsl compile --backend onnx`."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy
import onnx
import pytest
import torch

import resdsl
from tests.backends.nets import SMALL
from tests.backends.onnx_nets import X, result
from tests.command import run


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "small.res"
    path.write_text(SMALL)
    return str(path)


def test_a_file_is_what_source_gives(
    monkeypatch: pytest.MonkeyPatch, spec: str, tmp_path: Path
) -> None:
    file = tmp_path / "small.onnx"
    assert run(monkeypatch, "compile", spec, "--backend", "onnx", "--seed", 5, "-o", file) == 0
    assert file.read_bytes() == resdsl.load(spec).source("onnx", seed=5)
    assert (
        run(monkeypatch, "compile", spec, "--backend", "onnx", "-o", file) == 0
    )  # ours: may be replaced
    assert file.read_bytes() == resdsl.load(spec).source("onnx")


def test_another_s_file_stays(
    monkeypatch: pytest.MonkeyPatch, spec: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small.onnx"
    theirs = onnx.helper.make_model(onnx.helper.make_graph([], "g", [], []), producer_name="other")
    file.write_bytes(theirs.SerializeToString())
    assert run(monkeypatch, "compile", spec, "--backend", "onnx", "-o", file) == 2
    assert "--force" in capfd.readouterr().err
    assert file.read_bytes() == theirs.SerializeToString()
    assert run(monkeypatch, "compile", spec, "--backend", "onnx", "-o", file, "--force") == 0
    assert onnx.load(file).producer_name == "resdsl"


def test_weights_come_from_a_file(
    monkeypatch: pytest.MonkeyPatch, spec: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    network, weights, file = resdsl.load(spec), tmp_path / "w.safetensors", tmp_path / "small.onnx"
    model = network.build("torch").eval()
    network.save_weights(model, weights)
    words = (spec, "--backend", "onnx", "--weights", weights, "-o", file)
    assert run(monkeypatch, "compile", *words) == 0
    expected = model(torch.from_numpy(X["image"])).detach().numpy()
    assert numpy.allclose(result(file), expected, rtol=1e-4, atol=1e-5)
    before = file.read_bytes()
    assert run(monkeypatch, "compile", *words, "--set", "classes=3") == 1
    assert "head.fc1.weight is 7x16, not 3x16" in capfd.readouterr().err
    weights.unlink()
    assert run(monkeypatch, "compile", *words) == 2
    assert file.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["small.onnx", "small.res"]


@pytest.mark.parametrize(
    ("backend", "option"),
    [
        ("torch", ("--seed", "1")),
        ("torch", ("--weights", "w.safetensors")),
        ("torch", ("--repeat", "scan")),
        ("torch", ("--functions",)),
        ("torch", ("--features",)),
        ("flax", ("--dtype", "float64")),
        ("onnx", ("--repeat", "scan")),
    ],
)
def test_an_option_that_the_backend_has_not_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    spec: str,
    capfd: pytest.CaptureFixture[str],
    backend: str,
    option: tuple[str, ...],
) -> None:
    assert run(monkeypatch, "compile", spec, "--backend", backend, *option) == 2
    out, err = capfd.readouterr()
    assert not out
    assert f"the backend `{backend}` has no {option[0]}" in err


def test_a_pipe_gets_the_model_and_a_terminal_words(spec: str) -> None:
    words = [sys.executable, "-m", "resdsl", "compile", spec, "--backend", "onnx"]
    piped = subprocess.run(words, capture_output=True, check=True)
    assert piped.stdout == resdsl.load(spec).source("onnx")
    ours, theirs = pty.openpty()
    shown = subprocess.run(words, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False)
    os.close(theirs)
    os.close(ours)
    assert shown.returncode == 2
    assert shown.stderr == "resdsl: a model is no text for a terminal: -o FILE, or a pipe\n"

"""What a file says of how it was made is true: the command in it makes the same bytes again."""

from __future__ import annotations

import hashlib
import shlex
import shutil
from pathlib import Path
from typing import Any

import onnx
import pytest

import resdsl
from tests.backends.nets import SMALL
from tests.command import run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a net and weights for it, which are in a folder there too."""
    monkeypatch.chdir(tmp_path)
    Path("inner").mkdir()
    Path("small.res").write_text(SMALL)
    net = resdsl.load("small.res", params={"classes": 3})
    net.save_weights(net.build("torch"), "w.safetensors")
    for file in ("small.res", "w.safetensors"):
        shutil.copy(file, "inner")


def command(file: Path) -> list[str]:
    """The words that are recorded in a file."""
    if file.suffix == ".onnx":
        return shlex.split(facts(file.read_bytes())["resdsl.command"])
    (line,) = (line for line in file.read_text().split("\n") if line.startswith("command:"))
    return shlex.split(line.removeprefix("command:"))


def facts(model: bytes) -> dict[str, str]:
    """The metadata of a model."""
    return {entry.key: entry.value for entry in onnx.load_from_string(model).metadata_props}


@pytest.mark.parametrize(
    ("words", "suffix"),
    [
        ("compile small.res", ".py"),
        ("compile small.res --set classes=3 --input 3x40x40 --backend flax --repeat scan", ".py"),
        ("compile inner/small.res --backend onnx --seed 5 --functions", ".onnx"),
        ("compile small.res --backend onnx --features --dtype float64", ".onnx"),
        ("compile small.res --set classes=3 --backend onnx --weights inner/w.safetensors", ".onnx"),
        ("convert inner/w.safetensors --to onnx --functions", ".onnx"),
        ("convert w.safetensors --to onnx --spec inner/small.res --set classes=3", ".onnx"),
    ],
)
def test_the_recorded_command_makes_the_file_again(
    monkeypatch: pytest.MonkeyPatch, words: str, suffix: str
) -> None:
    file, again = Path(f"made{suffix}"), Path("inner") / f"made{suffix}"
    assert run(monkeypatch, *words.split(), "-o", str(file)) == 0
    found = command(file)
    monkeypatch.chdir("inner")
    where = [] if "--output" in found else ["-o", f"made{suffix}"]
    assert run(monkeypatch, *found[1:], *where) == 0
    monkeypatch.chdir("..")
    assert again.read_bytes() == file.read_bytes()


def test_options_as_by_default_are_not_recorded() -> None:
    net = resdsl.load("small.res")
    assert net.command("onnx", seed=0, functions=False, weights=None, dtype="float32") == (
        "resdsl compile small.res --backend onnx"
    )
    assert net.command("flax", repeat="auto") == "resdsl compile small.res --backend flax"
    assert net.source("onnx", seed=0) == net.source("onnx")


def test_weights_in_no_file_are_file() -> None:
    net = resdsl.load("small.res", params={"classes": 3})
    told = facts(net.source("onnx", weights=net.build("torch")))["resdsl.command"]
    assert told.endswith(" --weights FILE")


@pytest.mark.parametrize("options", [{}, {"seed": 7}])
def test_random_weights_are_called_so(options: dict[str, Any]) -> None:
    told = facts(resdsl.load("small.res").source("onnx", **options))
    assert told["resdsl.weights"] == f"random, seed {options.get('seed', 0)}"


def test_given_weights_are_told_by_their_digest() -> None:
    net = resdsl.load("small.res", params={"classes": 3})
    model = net.source("onnx", weights="w.safetensors")
    content = b"".join(tensor.raw_data for tensor in onnx.load_from_string(model).graph.initializer)
    assert facts(model)["resdsl.weights"] == f"given, sha256 {hashlib.sha256(content).hexdigest()}"

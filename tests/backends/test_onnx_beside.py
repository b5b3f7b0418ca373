"""Models of more than one file: weights beside the model, in a file that is called by its content.

As in all of resdsl, whatever fails leaves what was there, and nothing that is not resdsl's is lost.
"""

from __future__ import annotations

import errno
from pathlib import Path

import numpy
import onnx
import pytest
import resdsl_onnx.files

import resdsl
from tests.backends.nets import SMALL
from tests.backends.onnx_nets import X, result
from tests.command import run


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a file held but 10,000 bytes."""
    monkeypatch.setattr(resdsl_onnx.files, "MOST_BYTES", 10_000)


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "small.res"
    path.write_text(SMALL)
    return str(path)


def whole(monkeypatch: pytest.MonkeyPatch, spec: str, **options: object) -> bytes:
    """The same in one file."""
    with monkeypatch.context() as wide:
        wide.setattr(resdsl_onnx.files, "MOST_BYTES", 10**9)
        return resdsl.load(spec).source("onnx", **options)


def data_of(file: Path) -> Path:
    """The one file of weights beside a model."""
    (found,) = file.parent.glob(f"{file.name}.*.data")
    return found


@pytest.mark.parametrize("option", [(), ("--functions",)])
def test_what_is_too_large_goes_beside_the_file(
    monkeypatch: pytest.MonkeyPatch, spec: str, tmp_path: Path, option: tuple[str, ...]
) -> None:
    file = tmp_path / "small.onnx"
    assert run(monkeypatch, "compile", spec, "--backend", "onnx", *option, "-o", file) == 0
    assert file.stat().st_size < 20_000 < data_of(file).stat().st_size
    assert [f.name for f in onnx.load(file, load_external_data=False).functions] == (
        ["stem", "one", "two", "head"] if option else []
    )
    onnx.checker.check_model(str(file), full_check=True)
    assert numpy.array_equal(result(file), result(whole(monkeypatch, spec)))
    before = file.read_bytes()
    assert run(monkeypatch, "compile", spec, "--backend", "onnx", *option, "-o", file) == 0
    assert file.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 3, "the model, its weights, the spec"


def test_without_a_file_it_cannot_be(
    monkeypatch: pytest.MonkeyPatch, spec: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "compile", spec, "--backend", "onnx") == 2
    out, err = capfd.readouterr()
    assert not out
    assert "more than one ONNX file holds; -o FILE" in err


def test_convert_does_as_compile_does(
    monkeypatch: pytest.MonkeyPatch, spec: str, tmp_path: Path
) -> None:
    network, weights, file = resdsl.load(spec), tmp_path / "w.safetensors", tmp_path / "small.onnx"
    network.save_weights(network.build("torch"), weights)
    assert run(monkeypatch, "convert", weights, "--spec", spec, "--to", "onnx", "-o", file) == 0
    assert file.stat().st_size < 20_000 < data_of(file).stat().st_size
    assert numpy.array_equal(result(file), result(whole(monkeypatch, spec, weights=weights)))


def test_build_and_verify_know_no_size(monkeypatch: pytest.MonkeyPatch, spec: str) -> None:
    network = resdsl.load(spec)
    made = network.build("onnx", seed=3).run(["logits"], X)[0]
    assert numpy.array_equal(made, result(whole(monkeypatch, spec, seed=3)))
    assert network.verify(["onnx"]).ok
    assert network.verify(["onnx"], dtype="float64").ok


# ---------------------------------------------------------------- what is there already


def test_a_stranger_s_data_stay(
    monkeypatch: pytest.MonkeyPatch, spec: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, theirs = tmp_path / "small.onnx", tmp_path / "small.onnx.data"
    theirs.write_bytes(b"precious")
    words = ("compile", spec, "--backend", "onnx", "-o", file)
    assert run(monkeypatch, *words) == 0
    assert theirs.read_bytes() == b"precious", "it has another name"
    theirs.unlink()
    data, model = data_of(file), file.read_bytes()
    data.write_bytes(b"precious")
    assert run(monkeypatch, *words) == 2
    assert f"{data.name} was not written by resdsl; --force" in capfd.readouterr().err
    assert (data.read_bytes(), file.read_bytes()) == (b"precious", model)
    assert run(monkeypatch, *words, "--force") == 0
    assert numpy.array_equal(result(file), result(whole(monkeypatch, spec)))


@pytest.mark.parametrize("size", [10_000, 10**9])
def test_data_go_with_the_model_that_is_replaced(
    monkeypatch: pytest.MonkeyPatch, spec: str, tmp_path: Path, size: int
) -> None:
    file = tmp_path / "small.onnx"
    words = ("compile", spec, "--backend", "onnx", "-o", file)
    assert run(monkeypatch, *words) == 0
    old = data_of(file)
    other = file.with_name(f"{file.name}.{'0' * 16}.data")
    other.write_bytes(b"of no model here")
    monkeypatch.setattr(resdsl_onnx.files, "MOST_BYTES", size)
    assert run(monkeypatch, *words, "--seed", 1) == 0
    assert not old.exists()
    assert other.exists()
    other.unlink()
    assert len(list(tmp_path.iterdir())) == (3 if size == 10_000 else 2)
    assert numpy.array_equal(result(file), result(whole(monkeypatch, spec, seed=1)))


def test_a_broken_model_has_no_data(
    monkeypatch: pytest.MonkeyPatch, spec: str, tmp_path: Path
) -> None:
    file = tmp_path / "small.onnx"
    words = ("compile", spec, "--backend", "onnx", "-o", file)
    assert run(monkeypatch, *words) == 0
    file.write_bytes(b"\xff\xff")
    assert run(monkeypatch, *words, "--force") == 0
    assert numpy.array_equal(result(file), result(whole(monkeypatch, spec)))


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("before", [False, True])
def test_a_full_disk_leaves_what_was_there(
    monkeypatch: pytest.MonkeyPatch,
    spec: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    which: int,
    before: bool,
) -> None:
    """The disk is full at the first or at the second file; there is an older model, or none."""
    file = tmp_path / "small.onnx"
    words = ("compile", spec, "--backend", "onnx", "-o", file)
    if before:
        assert run(monkeypatch, *words) == 0
    there = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    replace, wanted = Path.replace, ["small.onnx.*.data", "small.onnx"][which]

    def full(source: Path, target: Path) -> Path:
        if Path(target).match(wanted):
            raise OSError(errno.ENOSPC, "No space left on device", str(source))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", full)
    assert run(monkeypatch, *words, "--seed", 1) == 3
    assert capfd.readouterr().err == f"resdsl: {file}: No space left on device\n"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == there
    if before:
        assert numpy.array_equal(result(file), result(whole(monkeypatch, spec)))

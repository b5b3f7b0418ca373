"""`resdsl verify` and `resdsl convert` as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from resdsl_onnx import OnnxBackend
from resdsl_torch.run import TorchRunner
from safetensors.torch import load_file, save_file

import resdsl as api
from resdsl.verify.runner import Arrays
from tests.backends.nets import SMALL
from tests.check.conftest import Resdsl, folder, resdsl  # noqa: F401  # fixtures


@pytest.fixture
def spec(folder: Path) -> str:  # noqa: F811
    (folder / "small.res").write_text(SMALL, encoding="utf-8")
    return "small.res"


# ------------------------------------------------------------------ verify


def test_a_table_and_its_verdict(resdsl: Resdsl, spec: str) -> None:  # noqa: F811
    done = resdsl("verify", spec, "-b", "torch", "--set", "classes=3", "--input", "3x17x17")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "small   2x3x17x17   float32   seed 0"
    assert lines[-1] == "torch: the same net"
    assert [line.split()[0] for line in lines if "1.0e-05" in line] == ["one", "two", "logits"]


def test_json_is_one_object(resdsl: Resdsl, spec: str) -> None:  # noqa: F811
    done = resdsl("verify", spec, "-b", "torch", "--batch", "3", "--seed", "4", "--json")
    data = json.loads(done.out)
    assert (data["ok"], data["batch"], data["seed"], data["dtype"]) == (True, 3, 4, "float32")
    assert data["rows"][0]["errors"].keys() == {"torch"}


def test_what_is_too_far_apart_fails(
    resdsl: Resdsl,  # noqa: F811
    spec: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forward = TorchRunner.forward

    def wrong(self: TorchRunner, inputs: Arrays) -> Arrays:
        found = forward(self, inputs)
        if found["two"].dtype == "float32":
            found["two"] = found["two"] * float("nan")
        return found

    monkeypatch.setattr(TorchRunner, "forward", wrong)
    done = resdsl("verify", spec, "-b", "torch")
    assert done.code == 1
    (line,) = [line for line in done.out.splitlines() if "too far" in line and "two" in line]
    assert "not finite" in line
    assert done.out.splitlines()[-1] == "1 of 3 comparisons are too far apart"
    again = json.loads(resdsl("verify", spec, "-b", "torch", "--json").out)
    assert [row["errors"]["torch"] for row in again["rows"] if not row["ok"]] == [None]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--backend", "tf"), "there is no backend `tf`"),
        (("--backend", "torch", "--dtype", "float64"), "there is no other"),
    ],
)
def test_what_cannot_be_asked_for(
    resdsl: Resdsl,  # noqa: F811
    spec: str,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    done = resdsl("verify", spec, *arguments)
    assert done.code == 2
    assert message in done.err


def test_a_framework_that_is_missing_is_spoken_of(
    resdsl: Resdsl,  # noqa: F811
    spec: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("flax", "jax"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(OnnxBackend, "quick", frozenset({"float64"}))
    done = resdsl("verify", spec, "--json")
    assert done.err.splitlines() == [
        "resdsl: flax is left out: flax is not installed",
        "resdsl: onnx is left out: in float32 it has to be asked for",
    ]
    data = json.loads(done.out)
    assert (done.code, data["backends"]) == (0, ["torch"])
    assert data["left_out"]["flax"] == "flax is not installed"
    assert api.load(spec).verify("torch").left_out == {}
    done = resdsl("verify", spec, "-b", "torch", "-b", "flax")
    assert (done.code, "flax is not installed: pip install" in done.err) == (2, True)
    monkeypatch.setattr(OnnxBackend, "quick", frozenset())
    done = resdsl("verify", spec, "--dtype", "float64")
    assert (done.code, "no other; flax is left out: flax is not" in done.err) == (2, True)


def test_an_interrupt_while_a_command_is_still_imported(folder: Path) -> None:  # noqa: F811
    (folder / "typer.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    command = (sys.executable, "-c", "from resdsl.cli import main; main()", "list")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


# ------------------------------------------------------------------ convert


@pytest.fixture
def weights(spec: str) -> str:
    """A file of the weights of `spec`."""
    net = api.load(spec, classes=3)
    net.save_weights(net.build("torch"), "small.safetensors")
    return "small.safetensors"


def test_the_net_is_the_one_that_the_file_names(resdsl: Resdsl, weights: str) -> None:  # noqa: F811
    done = resdsl("convert", weights, "--to", "torch", "-o", "out.safetensors")
    assert (done.code, done.out, done.err) == (0, "", "")
    ours, theirs = load_file(weights), load_file("out.safetensors")
    assert ours.keys() == theirs.keys()
    assert all((ours[name] == theirs[name]).all() for name in ours)


def test_a_state_dict_needs_a_spec_and_loses_its_counters(resdsl: Resdsl, spec: str) -> None:  # noqa: F811
    state = api.load(spec).build("torch").state_dict()
    save_file(state, "state.safetensors")
    done = resdsl("convert", "state.safetensors", "--to", "torch", "-o", "out.safetensors")
    assert (done.code, "--spec does" in done.err) == (2, True)
    words = ("convert", "state.safetensors", "--spec", spec, "--to", "torch", "-o", "out")
    assert resdsl(*words).code == 0
    assert set(load_file("out")) == {k for k in state if not k.endswith("num_batches_tracked")}


def test_a_net_that_has_changed_is_asked_for(resdsl: Resdsl, weights: str, spec: str) -> None:  # noqa: F811
    text = Path(spec).read_text(encoding="utf-8")
    Path(spec).write_text(text.replace("0.5", "0.2"), encoding="utf-8")
    words = ("convert", weights, "--to", "torch", "-o", "out")
    done = resdsl(*words)
    assert (done.code, "not as it was then" in done.err) == (2, True)
    done = resdsl(*words, "--spec", spec, "--set", "classes=3")
    assert (done.code, "was written for another net" in done.err) == (0, True)
    Path(spec).unlink()
    assert "that is not here" in resdsl(*words).err


def test_all_that_does_not_fit_is_named(resdsl: Resdsl, weights: str, spec: str) -> None:  # noqa: F811
    done = resdsl("convert", weights, "--to", "torch", "-o", "out", "--spec", spec)
    assert done.code == 1
    assert done.err.splitlines() == [
        "resdsl: small.safetensors does not fit:",
        "  another shape: head.fc1.weight is 3x16, not 7x16",
        "  another shape: head.fc1.bias is 3, not 7",
    ]
    assert not Path("out").exists()


def test_a_file_of_someone_else_is_kept(resdsl: Resdsl, weights: str) -> None:  # noqa: F811
    words = ("convert", weights, "--to", "torch", "-o", "out")
    Path("out").write_text("mine", encoding="utf-8")
    assert resdsl(*words).code == 2
    assert Path("out").read_text(encoding="utf-8") == "mine"
    assert resdsl(*words, "--force").code == 0
    assert resdsl(*words).code == 0


def test_names_of_flax_need_no_flax(
    resdsl: Resdsl,  # noqa: F811
    weights: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("flax", "jax"):
        monkeypatch.setitem(sys.modules, name, None)
    assert resdsl("convert", weights, "--to", "flax", "-o", "out").code == 0
    assert {"one.layers.1.conv1.kernel", "head.fc1.kernel"} <= load_file("out").keys()
    assert resdsl("convert", "out", "--to", "torch", "-o", "back").code == 0
    ours, theirs = load_file(weights), load_file("back")
    assert all((ours[name] == theirs[name]).all() for name in ours)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "onnx"), "has no files of weights alone"),
        (("--from", "tf"), "there is no backend `tf`"),
        (("--set", "classes=4"), "--set and --input are of --spec"),
    ],
)
def test_what_cannot_be_converted(
    resdsl: Resdsl,  # noqa: F811
    weights: str,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    done = resdsl("convert", weights, "--to", "torch", "-o", "out", *arguments)
    assert (done.code, message in done.err) == (2, True)
    done = resdsl("convert", "nothing", "--to", "torch", "-o", "out")
    assert (done.code, "there is no file" in done.err) == (2, True)


def test_onnx_is_the_whole_model(resdsl: Resdsl, weights: str) -> None:  # noqa: F811
    import onnx
    from onnx import numpy_helper

    assert resdsl("convert", weights, "--to", "onnx", "-o", "out.onnx").code == 0
    tree = load_file(weights)
    graph = onnx.load("out.onnx").graph
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    assert (found["head.fc1.weight"] == tree["head.fc1.weight"].numpy()).all()
    assert resdsl("convert", weights, "--to", "onnx", "-o", "out.onnx").code == 0  # it is ours

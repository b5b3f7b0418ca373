"""Torch, Flax and ONNX Runtime beside each other: they agree, and take each other's weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy
import onnx
import pytest
import torch
from flax import nnx
from onnx import numpy_helper
from safetensors.numpy import load_file

import resdsl
from resdsl import WeightsError
from resdsl.cli import app

TINY = """
param classes = 7
input image: 3x9x11
stem: conv_bn_act(4)
output aux(loss_weight=0.3, when=train): gap -> fc(2)
stage one: basic(6, stride=2)
output logits: gap -> dropout(0.5) -> fc(classes)
"""
NET = resdsl.loads(TINY)
NHWC = (0, 2, 3, 1)


def image(*shape: int) -> Any:
    return numpy.random.default_rng(0).standard_normal(shape).astype("float32")


def test_all_agree_in_float32_and_a_step_in_float64() -> None:
    proof = NET.verify()
    assert proof.ok, proof
    assert proof.backends == ("torch", "flax", "onnx")
    assert {row.part for row in proof.rows} == {"outputs", "gradients", "statistics"}


def test_all_agree_in_float64() -> None:
    proof = NET.verify(["flax", "onnx"], dtype="float64")
    assert proof.ok, proof
    assert 0 < proof.worst("flax") < 1e-11
    assert 0 < proof.worst("onnx") < 1e-11
    assert not jax.config.read("jax_enable_x64")


def test_weights_go_from_torch_to_flax_and_back() -> None:
    source, target = NET.build("torch"), NET.build("flax")
    with torch.no_grad():
        for name in ("running_mean", "running_var"):
            source.get_buffer(f"stem.bn1.{name}").add_(0.5)
    resdsl.transfer(source, target)
    x = image(2, 3, 9, 11)
    target.eval()
    expected = source.eval()(torch.from_numpy(x)).detach().numpy()
    numpy.testing.assert_allclose(target(x.transpose(NHWC)), expected, rtol=1e-4, atol=1e-5)
    again = NET.build("torch")
    resdsl.transfer(target, again)
    ours, theirs = NET.weights(source), NET.weights(again)
    assert all((ours[path] == theirs[path]).all() for path in ours)


def test_a_model_that_does_not_fit_is_left_alone() -> None:
    target = resdsl.loads(TINY, classes=3).build("flax")
    before = resdsl.loads(TINY, classes=3).weights(target)
    with pytest.raises(WeightsError, match=r"another shape: logits.fc1.weight is 7x6, not 3x6"):
        resdsl.transfer(NET.build("torch"), target)
    after = resdsl.loads(TINY, classes=3).weights(target)
    assert all((before[path] == after[path]).all() for path in before)


def test_one_file_serves_all(tmp_path: Path) -> None:
    file, other = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    NET.save_weights(NET.build("flax", seed=3), file)
    model = NET.build("torch")
    NET.load_weights(model, file)
    NET.save_weights(model, other)
    assert file.read_bytes() == other.read_bytes()
    source = NET.source("onnx", weights=file)
    tensors = onnx.load_from_string(source).graph.initializer
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in tensors}
    tree = NET.weights(model)
    assert tree.keys() - found.keys() == {"aux.fc1.weight", "aux.fc1.bias"}  # of training alone
    assert all((tree[path] == array).all() for path, array in found.items())


def test_bfloat16_goes_everywhere(tmp_path: Path) -> None:
    file, other = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    NET.save_weights(NET.build("torch", dtype=torch.bfloat16), file)
    model = NET.build("flax", param_dtype="bfloat16")
    NET.load_weights(model, file)
    NET.save_weights(model, other)
    NET.load_weights(NET.build("torch"), other)
    assert model.logits.fc1.kernel.dtype == "bfloat16"


def test_a_file_for_flax_has_the_names_of_the_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.res").write_text(TINY, encoding="utf-8")
    net = resdsl.load("small.res")
    original = net.build("torch")
    net.save_weights(original, "a.safetensors")
    app(["convert", "a.safetensors", "--to", "flax", "-o", "b"], standalone_mode=False)

    model = net.build("flax")
    flat = load_file("b")
    state = nnx.state(model, nnx.Any(nnx.Param, nnx.BatchStat))
    for path, variable in nnx.to_flat_state(state):
        variable.set_value(flat.pop(".".join(map(str, path))))
    nnx.update(model, state)
    assert flat == {}
    ours, theirs = net.weights(original), net.weights(model)
    assert all((ours[path] == theirs[path]).all() for path in ours)

    net.load_weights(net.build("torch"), "b")  # the file says whose names it has
    app(["convert", "b", "--from", "flax", "--to", "torch", "-o", "c"], standalone_mode=False)
    back = load_file("c")
    assert all((back[path] == array).all() for path, array in ours.items())

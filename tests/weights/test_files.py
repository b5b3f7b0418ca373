"""Weights of a model in files: what goes out comes in, and what does not fit is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

import resdsl
from resdsl import WeightsError
from tests.backends.nets import SMALL, image

NET = resdsl.loads(SMALL, name="a net of mine")


def small(**options: Any) -> nn.Module:
    model: nn.Module = NET.build("torch", **options)
    return model


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The weights of a new model."""
    path = tmp_path / "small.safetensors"
    NET.save_weights(small(), path)
    return path


def changed(file: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    state = load_file(file)
    change(state)
    save_file(state, file)


def test_weights_go_out_and_in(tmp_path: Path) -> None:
    model, other = small(), small()
    model(image(4, 3, 33, 35))
    NET.save_weights(model, tmp_path / "a")
    NET.load_weights(other, tmp_path / "a")
    x = image(2, 3, 33, 35)
    assert torch.equal(other.eval()(x), model.eval()(x))
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_file_says_of_which_net_it_is(file: Path) -> None:
    with safe_open(file, framework="pt") as source:
        metadata = source.metadata()
    assert json.loads(metadata["resdsl"]) == {
        "digest": NET.ir.digest(),
        "spec": "a net of mine",
        "params": {},
        "input": {},
        "layout": "canonical",
    }


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_a_model_keeps_its_dtype_and_a_file_has_the_model_s(
    file: Path, tmp_path: Path, dtype: torch.dtype
) -> None:
    model, original = small(dtype=dtype), load_file(file)
    NET.load_weights(model, file)
    assert {p.dtype for p in model.parameters()} == {dtype}
    NET.save_weights(model, tmp_path / "other")
    written = load_file(tmp_path / "other")
    assert {tensor.dtype for tensor in written.values()} == {dtype}
    assert all(torch.equal(written[name], t.to(dtype)) for name, t in original.items())
    NET.load_weights(small(), tmp_path / "other")


def test_a_tree_is_as_good_as_a_model(file: Path, tmp_path: Path) -> None:
    model = small()
    NET.load_weights(model, file)
    tree = NET.weights(model)
    NET.save_weights(tree, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == file.read_bytes()
    tree["stem.conv1.weight"][:] = 0  # a copy: the model is as it was
    assert model.get_parameter("stem.conv1.weight").abs().max() > 0
    NET.load_weights(model, tree)
    assert model.get_parameter("stem.conv1.weight").abs().max() == 0
    with pytest.raises(WeightsError, match="a map translates the names of a file"):
        NET.load_weights(model, tree, map="timm/resnet18")


def test_a_tree_of_other_numbers_is_refused(tmp_path: Path) -> None:
    tree = {path: array.astype("int32") for path, array in NET.weights(small()).items()}
    with pytest.raises(WeightsError, match=r"another type: stem\.conv1\.weight is int32"):
        NET.save_weights(tree, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_torch_s_own_keys_are_read(tmp_path: Path) -> None:
    model = small()
    save_file(model.state_dict(), tmp_path / "a")
    assert any(name.endswith("num_batches_tracked") for name in load_file(tmp_path / "a"))
    NET.load_weights(small(), tmp_path / "a")


def test_a_file_is_a_state_dict(file: Path) -> None:
    small().load_state_dict(load_file(file), strict=True)


class Compiled(nn.Module):
    """As `torch.compile` wraps a model."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self._orig_mod = model


def test_a_compiled_model_is_the_same_model(file: Path) -> None:
    model = Compiled(small())
    NET.load_weights(model, file)
    assert torch.equal(
        model._orig_mod.state_dict()["head.fc1.bias"], load_file(file)["head.fc1.bias"]
    )


def test_labels_that_torch_uses_itself_are_canonical_in_files(tmp_path: Path) -> None:
    net = resdsl.loads(
        "input x: 3x4x4\ndouble: conv(3)\ndouble_: conv(3)\nclass: conv(3)\noutput y\n"
    )
    model = net.build("torch")
    assert "double_.weight" in model.state_dict()
    net.save_weights(model, tmp_path / "a")
    with safe_open(tmp_path / "a", framework="pt") as source:
        assert {name.split(".")[0] for name in source.keys()} == {  # noqa: SIM118
            "double",
            "double_",
            "class",
        }
    net.load_weights(net.build("torch"), tmp_path / "a")


# ------------------------------------------------------------------ what does not fit


def test_everything_that_does_not_fit_is_named_and_nothing_changes(file: Path) -> None:
    def spoil(state: dict[str, torch.Tensor]) -> None:
        for name in list(state):
            if ".bn" in name:
                del state[name]
        state["stem.new"] = torch.zeros(1)
        state["head.fc1.bias"] = torch.zeros(9)

    changed(file, spoil)
    model = small()
    lost = [name for name in NET.weights(model) if ".bn" in name]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(WeightsError) as caught:
        NET.load_weights(model, file)
    head, *lines = str(caught.value).splitlines()
    assert head == f"{file} does not fit:"
    assert [line.split()[1] for line in lines if "missing: " in line] == lost
    assert "  extra: stem.new (1)" in lines
    assert "  another shape: head.fc1.bias is 9, not 7" in lines
    assert len(lines) == len(lost) + 2
    assert all(torch.equal(before[name], t) for name, t in model.state_dict().items())


def test_every_tensor_that_is_truncated_is_named(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:-40])
    with pytest.raises(WeightsError, match="does not fit:\n  truncated: ") as caught:
        NET.load_weights(small(), file)
    first = len(str(caught.value).splitlines())
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match=r"truncated: .*\n.*truncated: ") as caught:
        NET.load_weights(small(), file)
    assert len(str(caught.value).splitlines()) > first >= 2
    file.write_bytes(whole[:200])
    with pytest.raises(WeightsError, match="breaks off"):
        NET.load_weights(small(), file)


def test_numbers_of_another_kind_are_named(file: Path) -> None:
    for dtype, name in ((torch.int64, "I64"), (torch.float8_e4m3fn, "F8_E4M3")):
        bias = torch.zeros(7).to(dtype)
        changed(file, lambda state, bias=bias: state.update({"head.fc1.bias": bias}))  # type: ignore[misc]
        with pytest.raises(WeightsError, match=rf"another type: head\.fc1\.bias is {name}, and"):
            NET.load_weights(small(), file)


def test_all_kinds_of_misfits_are_told_at_once(file: Path) -> None:
    def spoil(state: dict[str, torch.Tensor]) -> None:
        del state["stem.bn1.weight"]
        state["new"] = torch.zeros(1)
        state["head.fc1.weight"] = torch.zeros(9)
        state["head.fc1.bias"] = torch.zeros(7, dtype=torch.int64)

    changed(file, spoil)
    kinds = ["missing: stem.bn1.weight", "extra: new", "another shape: head.fc1.weight"]
    kinds.append("another type: head.fc1.bias")
    for part in (None, -40):
        file.write_bytes(file.read_bytes()[:part])
        with pytest.raises(WeightsError) as caught:
            NET.load_weights(small(), file)
        assert all(f"  {kind}" in str(caught.value) for kind in kinds)
        assert ("  truncated: " in str(caught.value)) == (part is not None)


@pytest.mark.parametrize("data", [b"", b"not at all", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0[]"])
def test_what_is_no_file_of_weights(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(WeightsError, match="no safetensors file"):
        NET.load_weights(small(), tmp_path / "a")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        NET.load_weights(small(), tmp_path / "b")


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_is_told(tmp_path: Path, zipped: bool) -> None:
    torch.save(small().state_dict(), tmp_path / "m.pth", _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match="looks like a pickle; save its state_dict with"):
        NET.load_weights(small(), tmp_path / "m.pth")


def test_a_model_of_another_net_is_refused(file: Path) -> None:
    other = resdsl.loads(SMALL, classes=3).build("torch")
    with pytest.raises(WeightsError, match=r"the model does not fit:\n.*head.fc1.weight"):
        NET.load_weights(other, file)
    with pytest.raises(WeightsError, match="the model does not fit"):
        NET.save_weights(other, file)
    with pytest.raises(WeightsError, match="no backend has weights in a str"):
        NET.weights("resnet50")


def test_a_model_without_data_is_refused(file: Path) -> None:
    meta = small(device="meta")
    with pytest.raises(WeightsError, match="meta device"):
        NET.load_weights(meta, file)
    with pytest.raises(WeightsError, match="meta device"):
        NET.save_weights(meta, file)


def test_another_net_s_weights_that_fit_are_a_warning(file: Path) -> None:
    other = resdsl.loads(SMALL.replace("0.5", "0.25"), name="other.res")
    assert other.ir.digest() != NET.ir.digest()
    with pytest.warns(UserWarning, match="was written for another net, `a net of mine`") as caught:
        other.load_weights(other.build("torch"), file)
    assert caught[0].filename == __file__


# ------------------------------------------------------------------ the file


def test_a_file_keeps_its_permissions_and_a_link_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "small.safetensors", tmp_path / "link.safetensors"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    NET.save_weights(small(), link)
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    NET.load_weights(small(), file)


def test_a_save_that_fails_spares_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, model = tmp_path / "a", small()
    file.write_bytes(b"mine")

    def fail(self: Path, target: Path) -> Path:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        NET.save_weights(model, file)
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert file.read_bytes() == b"mine"

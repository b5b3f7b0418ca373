"""How backends are found, and what the PyTorch one promises beside its text."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest
import torch
from resdsl_torch.helpers import HELPERS
from resdsl_torch.reserved import RESERVED
from resdsl_torch.table import TABLE
from torch import nn

import resdsl
from resdsl.codegen import backend as door
from resdsl.codegen.backend import MissingFramework, UnknownBackend, find_backend
from tests.backends.nets import SMALL, image


def offer(monkeypatch: pytest.MonkeyPatch, *points: tuple[str, str]) -> None:
    found = [EntryPoint(name, value, door.GROUP) for name, value in points]
    monkeypatch.setattr(door, "entry_points", lambda group: found)


def test_an_unknown_backend_is_told_of_the_known(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, ("torch", "resdsl_torch:backend"), ("other", "a:b"))
    with pytest.raises(UnknownBackend, match="no backend `tf`; installed: `other`, `torch`"):
        find_backend("tf")


def test_two_of_one_name_clash(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, ("torch", "resdsl_torch:backend"), ("torch", "mine:backend"))
    with pytest.raises(UnknownBackend, match="`mine:backend` and `resdsl_torch:backend`"):
        find_backend("torch")


def test_one_that_is_seen_twice_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, *[("torch", "resdsl_torch:backend")] * 2)
    assert find_backend("torch").name == "torch"


def test_a_missing_framework_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    network = resdsl.loads(SMALL)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingFramework, match=r"pip install 'resdsl\[torch\]'"):
        network.build("torch")


def test_emitting_imports_no_torch() -> None:
    program = (
        "import resdsl, sys; resdsl.load('resnet50').source('torch'); "
        "print([m for m in ('torch', 'numpy', 'safetensors') if m in sys.modules])"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_op_has_a_row() -> None:
    from resdsl.ir.op import Op

    assert set(TABLE) == set(Op.registry)


def test_no_member_is_called_what_torch_s_modules_use() -> None:
    used = {
        name
        for module in (nn.Module, nn.Sequential, nn.ModuleList)
        for name in {*dir(module), *vars(module())}
        if not name.startswith("__")
    }
    assert used <= RESERVED


def test_helpers_stand_on_their_own() -> None:
    for name, text in HELPERS.items():
        compile(text, name, "exec")


# ------------------------------------------------------------------ the module


def test_the_same_source_is_one_class_which_pickles_here() -> None:
    model, other = (resdsl.loads(SMALL).build("torch") for _ in range(2))
    assert type(model) is type(other)
    again = pickle.loads(pickle.dumps(model))
    x = image(2, 3, 33, 35)
    assert torch.equal(again.eval()(x), model.eval()(x))
    assert torch.equal(copy.deepcopy(model)(x), model(x))


def test_two_nets_of_one_name_are_two_files() -> None:
    small, smaller = (resdsl.loads(SMALL, classes=n).build("torch") for n in (7, 3))
    files = {type(m).forward.__code__.co_filename for m in (small, smaller)}
    assert len(files) == 2
    assert all(file.startswith("<resdsl small") for file in files)


def test_inspect_shows_the_source() -> None:
    import inspect

    model = resdsl.loads(SMALL).build("torch")
    assert inspect.getsource(type(model)) in resdsl.loads(SMALL).source("torch")

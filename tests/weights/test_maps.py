"""Maps of foreign checkpoints, in files and shipped, and the commands that write and read them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

import resdsl
from resdsl import WeightsError
from resdsl.weights.match_map import names, read
from tests.command import run
from tests.torchvision_shim import import_timm
from tests.weights.foreign import NET, TEXT, Foreign, agree, randomised


def test_a_map_is_data(tmp_path: Path) -> None:
    model = randomised(Foreign())
    keys = NET.adopt(model, "mine:Foreign")
    (tmp_path / "map.json").write_text(keys.to_json())
    assert read(tmp_path / "map.json") == keys
    with pytest.warns(UserWarning, match=r"map\.json: of mine:Foreign; another configuration"):
        assert agree(model, NET, tmp_path, tmp_path / "map.json") < 1e-12
    model.extra = nn.Parameter(torch.zeros(2))
    with pytest.raises(WeightsError, match=r"extra: extra \(2\)"):
        agree(model, NET, tmp_path, keys)
    another = resdsl.loads(TEXT.replace("relu\nflatten", "flatten"), name="another")
    del model.extra
    with pytest.warns(UserWarning, match="the map is for another net, `tiny`"):
        agree(model, another, tmp_path, keys)


def test_what_is_unused_may_be_anything(tmp_path: Path) -> None:
    model = randomised(Foreign())
    del model.unused
    model.register_buffer("unused", torch.arange(3))
    keys = NET.adopt(model)
    assert keys.unused == ("unused",)
    agree(model, NET, tmp_path, keys)
    del model.unused
    agree(model, NET, tmp_path, keys)


def test_two_keys_for_one_weight_are_refused(tmp_path: Path) -> None:
    model = randomised(Foreign())
    keys = NET.adopt(model, "mine:Foreign")
    two = {**keys.weights, "more": keys.weights["mix.bias"]}
    with pytest.raises(WeightsError, match=r"several keys for one weight:\n  .*: mix\.bias, more"):
        agree(model, NET, tmp_path, keys.model_copy(update={"weights": two}))


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(resdsl_map=2),
        lambda said: said.pop("net"),
        lambda said: said["weights"].update(inner={"path": "fc1.weight", "axes": [0, 0]}),
        lambda said: said["weights"].update(inner={"path": "x", "shape": [2], "axes": [0]}),
        lambda said: said["weights"].update(inner=3),
    ],
)
def test_no_map(change: Any, tmp_path: Path) -> None:
    said = json.loads(NET.adopt(Foreign()).to_json())
    change(said)
    (tmp_path / "map.json").write_text(json.dumps(said))
    with pytest.raises(WeightsError, match="is no map of weights"):
        read(tmp_path / "map.json")


QUICK = ("timm/resnet18", "timm/mobilenetv2_100", "timm/efficientnet_b0")


@pytest.mark.parametrize(
    "name", [pytest.param(k, marks=() if k in QUICK else pytest.mark.proof) for k in names()]
)
def test_shipped_maps_are_right(name: str, tmp_path: Path) -> None:
    """The tool makes them again, and through them both models give the same numbers."""
    from resdsl.cli.weights_adopt import _made

    import_timm()
    if name.startswith("transformers/"):
        pytest.importorskip("transformers")
    keys = read(name)
    with torch.device("meta"):
        model = randomised(_made(keys.module))
    net = resdsl.load(keys.net.spec, input="3x64x64" if name in QUICK else None)
    assert net.adopt(model, keys.module).weights == keys.weights
    here = keys.model_copy(update={"net": net.origin()})
    assert agree(model, net, tmp_path, here) < 1e-9


@pytest.mark.parametrize("name", names())
def test_shipped_maps_fit_their_nets(name: str) -> None:
    keys = read(name)
    net = resdsl.load(keys.net.spec, params=keys.net.params, input=keys.net.input or None)
    assert keys.net == net.origin()
    wanted = {key: route.shape for key, route in keys.weights.items() if route.shape}
    own = resdsl.frameworks.net_shapes(net.ir)
    whole = {key: wanted.get(key, own[route.path]) for key, route in keys.weights.items()}
    assert keys.wanted(own) == whole


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("line.res").write_text("model line\ninput image: 3x4x4\nconv(4, 1, bias=true)\noutput m\n")
    Path("others.py").write_text(
        "from torch import nn\n"
        "def made(wide, **more):\n"
        "    return nn.Sequential(nn.Conv2d(3, wide, 1))\n"
        "class Net(nn.Sequential):\n"
        "    def __init__(self):\n"
        "        super().__init__(nn.Conv2d(3, 4, 1))\n"
    )
    assert run(monkeypatch, "adopt", "others:Net", "line.res") == 0
    assert "0.weight  conv1.weight" in capsys.readouterr().out
    keyed = "others:made(4, size=[1, -2], deep=nn.Identity())"
    words = ("adopt", keyed, "line.res")
    assert run(monkeypatch, *words, "-o", "map.json") == 0
    assert "0.weight" in Path("map.json").read_text()
    assert run(monkeypatch, *words) == 0
    assert "0.weight  conv1.weight" in capsys.readouterr().out
    save_file({"0.weight": torch.ones(4, 3, 1, 1), "0.bias": torch.ones(4)}, "foreign")
    words = ("convert", "foreign", "--map", "map.json", "--to", "torch", "-o", "out")
    assert run(monkeypatch, *words) == 0
    assert Path("out").is_file()
    assert f"resdsl: map map.json: of {keyed}; another configuration" in capsys.readouterr().err
    for factory, why in [
        ("others", "is not MODULE:FACTORY"),
        ("others:made(", "no name of a factory"),
        ("others:made(4 + 4)", "`4 + 4` is no name, call or literal"),
        ("others:made.__globals__", "is no name, call or literal"),
        ("others:made(*[4])", "is no name, call or literal"),
        ("nothing_here:made", "there is no module nothing_here"),
        ("others:lost", "fails: AttributeError"),
    ]:
        assert run(monkeypatch, "adopt", factory, "line.res") == 2
        assert why in capsys.readouterr().err
    assert run(monkeypatch, *words[:3], "no", *words[4:]) == 2
    assert "there is no map no" in capsys.readouterr().err


def test_a_net_of_standard_input_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = randomised(Foreign())
    keys = NET.adopt(model, "mine:Foreign")
    keys = keys.model_copy(update={"net": keys.net.model_copy(update={"spec": "-"})})
    (tmp_path / "map.json").write_text(keys.to_json())
    save_file(model.state_dict(), tmp_path / "foreign")
    words = ["convert", str(tmp_path / "foreign"), "--map", str(tmp_path / "map.json")]
    words += ["--to", "torch", "-o", str(tmp_path / "out")]
    assert run(monkeypatch, *words) == 2
    assert "map.json does not say of which net it is; --spec does" in capsys.readouterr().err
    (tmp_path / "tiny.res").write_text(TEXT)
    assert run(monkeypatch, *words, "--spec", str(tmp_path / "tiny.res")) == 0
    assert load_file(tmp_path / "out")["conv1.weight"].shape == (12, 3, 3, 3)


@pytest.mark.parametrize("name", ["safetensors", "numpy", "ml_dtypes"])
def test_what_is_not_installed_is_told(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    words = ("convert", str(tmp_path / "foreign"), "--to", "flax", "-o", str(tmp_path / "out"))
    (tmp_path / "foreign").touch()
    assert run(monkeypatch, *words) == 2
    told = f"resdsl: {name} is not installed: pip install 'resdsl[flax]'\n"
    assert capsys.readouterr().err == told


def test_a_framework_that_is_not_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tiny.res").write_text(TEXT)
    NET.save_weights(NET.build("torch"), "tiny.safetensors")
    for name in ("onnx", "onnx_ir", "flax", "jax", "torch"):
        monkeypatch.setitem(sys.modules, name, None)
    words = ["convert", "tiny.safetensors", "--spec", "tiny.res"]
    assert run(monkeypatch, *words, "--to", "onnx", "-o", "tiny.onnx") == 2
    assert "onnx-ir is not installed: pip install 'resdsl[onnx]'" in capsys.readouterr().err
    for to in ("torch", "flax"):  # names and layouts need no framework
        assert run(monkeypatch, *words, "--to", to, "-o", f"{to}.safetensors") == 0

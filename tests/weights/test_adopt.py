"""Weights of foreign models: two graphs are matched, and then both models give the same numbers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

import resdsl
from resdsl import WeightsError
from resdsl.weights.match_map import names, read
from tests.torchvision_shim import import_timm

TEXT = """\
model tiny
input image: 3x12x12
conv1: conv(12, 3, pad=1, bias=false)
bn
relu
maxpool(3, 2, pad=1)
conv2: conv(20, 1, bias=true)
relu
flatten
fc1: fc(16)
relu
fc2: fc(5)
output logits
"""
NET = resdsl.loads(TEXT, name="tiny")


class Foreign(nn.Module):
    """The same in other words: padding apart, channels last, rows before channels in `flatten`,
    weights in other layouts, and a convolution at the end.
    """

    def __init__(self, eps: float = 1e-5) -> None:
        super().__init__()
        self.data = nn.Conv2d(3, 12, 3, bias=False)
        self.scale = nn.BatchNorm2d(12, eps=eps)
        self.mix = nn.Linear(12, 20)
        self.inner = nn.Parameter(torch.randn(6 * 6 * 20, 16) / 20)
        self.shift = nn.Parameter(torch.randn(1, 16))
        self.score = nn.Conv2d(16, 5, 1)
        self.unused = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        x = self.scale(self.data(F.pad(x, (1, 1, 1, 1)))).clamp(min=0)
        x = F.max_pool2d(x, 3, 2, 1).permute(0, 2, 3, 1).contiguous()
        x = F.dropout(F.relu_(self.mix(x)), 0.5, self.training).reshape(len(x), -1)
        x = torch.relu(self.shift + x @ self.inner)
        return {"logits": self.score(x[:, :, None, None]).flatten(1)}


def randomised(model: nn.Module) -> nn.Module:
    """In float64, with no weight that is a constant."""
    generator = torch.Generator().manual_seed(1)
    model = model.to_empty(device="cpu").double().eval()
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            fan_in = tensor[0].numel() if tensor.dim() > 1 else 0
            tensor.uniform_(-1, 1, generator=generator).mul_((3 / fan_in) ** 0.5 if fan_in else 0.5)
            tensor.add_(0 if fan_in else 1)
    return model


def agree(model: nn.Module, net: Any, folder: Path, keys: Any = None) -> float:
    """Write the foreign weights, load them into the net's module: how far the outputs are apart."""
    keys = keys or net.adopt(model)
    save_file({k: t.contiguous() for k, t in model.state_dict().items()}, folder / "foreign")
    ours = net.build("torch", device="meta", dtype=torch.float64).to_empty(device="cpu").eval()
    net.load_weights(ours, folder / "foreign", map=keys)
    generator = torch.Generator().manual_seed(2)
    shapes = [entry.shape for entry in net.ir.main.inputs]
    images = [torch.rand(2, *shape, generator=generator, dtype=torch.float64) for shape in shapes]
    with torch.no_grad():
        wanted, found = model(*images), ours(*images)
    wanted = next(iter(wanted.values())) if isinstance(wanted, dict) else wanted
    return float((wanted - found).abs().max() / wanted.abs().max())


def test_however_it_is_written(tmp_path: Path) -> None:
    model = randomised(Foreign())
    keys = NET.adopt(model, "mine:Foreign")
    assert keys.unused == ("unused",) and not keys.alike
    assert keys.weights["mix.weight"].shape == (20, 12)
    assert keys.weights["inner"].axes == (3, 2, 0, 1)
    assert agree(model, NET, tmp_path, keys) < 1e-12
    assert keys == NET.adopt(model.to("meta"), "mine:Foreign")


def test_a_map_is_data(tmp_path: Path) -> None:
    model = randomised(Foreign())
    keys = NET.adopt(model, "mine:Foreign")
    (tmp_path / "map.json").write_text(keys.to_json())
    assert read(tmp_path / "map.json") == keys
    assert agree(model, NET, tmp_path, tmp_path / "map.json") < 1e-12
    model.extra = nn.Parameter(torch.zeros(2))
    with pytest.raises(WeightsError, match=r"extra: extra \(2\)"):
        agree(model, NET, tmp_path, keys)
    another = resdsl.loads(TEXT.replace("relu\nflatten", "flatten"), name="another")
    del model.extra
    with pytest.warns(UserWarning, match="the map is for another net, `tiny`"):
        agree(model, another, tmp_path, keys)


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


def test_what_computes_something_else_is_refused() -> None:
    with pytest.raises(WeightsError) as error:
        NET.adopt(Foreign(eps=1e-3))
    there, here = str(error.value).split("\n")[1:]
    assert there.startswith("  there: batch norm, eps 0.001") and "with scale.weight" in there
    assert here.startswith("  here: batch norm, eps 1e-05") and "with bn1.weight" in here


TWINS = """\
model twins
input image: 3x8x8
conv(6, 3, pad=1, bias=false)
add {
  | a1: conv(6, 3, pad=1, bias=false)
    relu
    a2: conv(6, 3, pad=1, bias=false)
  | b1: conv(6, 3, pad=1, bias=false)
    relu
    b2: conv(6, 3, pad=1, bias=false)
}
output map
"""


class Twins(nn.Module):
    def __init__(self, crossed: bool = False) -> None:
        super().__init__()
        self.ends = nn.ModuleList(nn.Conv2d(6, 6, 3, 1, 1, bias=False) for _ in range(2))
        self.starts = nn.ModuleList(nn.Conv2d(6, 6, 3, 1, 1, bias=False) for _ in range(2))
        self.stem = nn.Conv2d(3, 6, 3, 1, 1, bias=False)
        self.crossed = crossed

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        one, two = (F.relu(start(x)) for start in self.starts)
        return self.ends[1](one) + self.ends[0](one if self.crossed else two)


def test_twins_stay_together(tmp_path: Path) -> None:
    net, model = resdsl.loads(TWINS), randomised(Twins())
    keys = net.adopt(model)
    assert keys.alike == tuple(f"{part}.{i}.weight" for part in ("ends", "starts") for i in (0, 1))
    assert agree(model, net, tmp_path, keys) < 1e-12
    with pytest.raises(WeightsError, match="do not compute the same"):
        net.adopt(Twins(crossed=True))


class Ring(nn.Module):
    """Sums of pairs of eight parts that are alike, and the sum of these."""

    def __init__(self, pairs: list[tuple[int, int]]) -> None:
        super().__init__()
        self.stem = nn.Conv2d(4, 4, 1, bias=False)
        self.parts = nn.ModuleList(nn.Conv2d(4, 4, 1, bias=False) for _ in range(8))
        self.pairs = pairs

    def forward(self, x: Tensor) -> Tensor:
        parts = [part(self.stem(x)) for part in self.parts]
        sums = [torch.relu(parts[i] + parts[j]) for i, j in self.pairs]
        while len(sums) > 1:
            sums = [a + b for a, b in zip(sums[::2], sums[1::2], strict=True)]
        return sums[0]


def ring(pairs: list[tuple[int, int]]) -> str:
    """The same in the language."""
    lines = ["model ring", "input image: 4x6x6", "stem: conv(4, 1, bias=false)"]
    lines += [f"part{i}: @stem -> conv(4, 1, bias=false)" for i in range(8)]
    names = [f"sum{i}" for i in range(8)]
    lines += [
        f"{name}: add {{ | @part{i} | @part{j} }} -> relu"
        for name, (i, j) in zip(names, pairs, strict=True)
    ]
    while len(names) > 1:
        pairs_of = list(zip(names[::2], names[1::2], strict=True))
        names = [a + b for a, b in pairs_of]
        lines += [f"{a + b}: add {{ | @{a} | @{b} }}" for a, b in pairs_of]
    return "\n".join([*lines, "output map", ""])


def test_what_only_looks_alike_is_refused() -> None:
    ordered = [(i, (i + 1) % 8) for i in (0, 4, 2, 6, 1, 5, 3, 7)]
    squares = [(0, 1), (4, 5), (2, 3), (6, 7), (1, 2), (5, 6), (3, 0), (7, 4)]
    net = resdsl.loads(ring(ordered))
    assert len(net.adopt(Ring(ordered)).alike) == 8
    with pytest.raises(WeightsError, match="cannot be told which is which"):
        net.adopt(Ring(squares))


class Rude(nn.Module):
    """What it does is `act`."""

    def __init__(self, act: Any) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 1)
        self.register_buffer("hidden", torch.ones(4, 1, 1), persistent=False)
        self.act = act

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.act(self, self.conv1(x))
        return found


LINE = resdsl.loads("model line\ninput image: 3x4x4\nconv(4, 1, bias=true)\nrelu\noutput map\n")


def test_in_place(tmp_path: Path) -> None:
    def act(_: nn.Module, x: Tensor) -> Tensor:
        x.flatten(1).relu_()
        return x

    assert agree(randomised(Rude(act)), LINE, tmp_path) < 1e-12


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda self, x: x * self.hidden, r"a tensor \(4x1x1\) that is not in its state dict"),
        (lambda self, x: x + self.conv1.bias.data.add_(1)[:, None, None], "one of its weights"),
        (lambda self, x: x.copy_(x.flip(1)), "writes into"),
        (lambda self, x: x if x.sum() > 0 else -x, "does not run without data on 2x3x4x4"),
        (lambda self, x: x[:, :1].relu_() + x, "writes into a part"),
        (lambda self, x: (x.relu(), x), "do not compute the same"),
    ],
)
def test_what_cannot_be_followed_is_refused(act: Any, why: str) -> None:
    with pytest.raises(WeightsError, match=why):
        LINE.adopt(Rude(act))
    with pytest.raises(WeightsError, match="no backend can follow what a int computes"):
        LINE.adopt(3)


INSTALLED = [name for name in names() if not name.startswith("transformers/")]
QUICK = (
    "timm/resnet18", "timm/mobilenetv2_100", "timm/efficientnet_b0", "timm/densenet121",
    "torchvision/efficientnet_b0", "torchvision/mobilenet_v2",
)  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(k, marks=() if k in QUICK else pytest.mark.proof) for k in INSTALLED]
)
def test_shipped_maps_are_right(name: str, tmp_path: Path) -> None:
    """The tool makes them again, and through them both models give the same numbers."""
    from resdsl.cli.weights_adopt import _made

    import_timm()
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
    keys.check(own, whole, "the map")


def command(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    from resdsl.cli import _run

    monkeypatch.setattr(sys, "argv", ["resdsl", *words])
    with pytest.raises(SystemExit) as done:
        sys.exit(_run())
    return int(str(done.value.code))


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("line.res").write_text("model line\ninput image: 3x4x4\nconv(4, 1, bias=true)\noutput m\n")
    Path("others.py").write_text(
        "from torch import nn\n"
        "def made(wide, **more):\n"
        "    return nn.Sequential(nn.Conv2d(3, wide, 1))\n"
    )
    words = ("adopt", "others:made(4, size=[1, -2], deep=nn.Identity())", "line.res")
    assert command(monkeypatch, *words, "-o", "map.json") == 0
    assert "0.weight" in Path("map.json").read_text()
    assert command(monkeypatch, *words) == 0
    assert "0.weight  conv1.weight" in capsys.readouterr().out
    save_file({"0.weight": torch.ones(4, 3, 1, 1), "0.bias": torch.ones(4)}, "foreign")
    words = ("convert", "foreign", "--map", "map.json", "--to", "torch", "-o", "out")
    assert command(monkeypatch, *words) == 0
    assert Path("out").is_file()
    capsys.readouterr()
    for factory, why in [
        ("others", "is not MODULE:FACTORY"),
        ("others:made(", "no name of a factory"),
        ("others:made(4 + 4)", "`4 + 4` is no name, call or literal"),
        ("others:made.__globals__", "is no name, call or literal"),
        ("others:made(*[4])", "is no name, call or literal"),
        ("nothing_here:made", "there is no module nothing_here"),
        ("others:lost", "fails: AttributeError"),
    ]:
        assert command(monkeypatch, "adopt", factory, "line.res") == 2
        assert why in capsys.readouterr().err
    assert command(monkeypatch, *words[:3], "no", *words[4:]) == 2
    assert "there is no map no" in capsys.readouterr().err


def test_weights_of_training_alone_are_in_no_map() -> None:
    text = """\
model aux
input image: 3x4x4
x: conv(4, 1, bias=true)
output map
output aux(when=train): @x -> flatten -> fc(2)
"""
    with pytest.raises(WeightsError, match="in training only:\n  aux"):
        resdsl.loads(text).adopt(nn.Sequential(nn.Conv2d(3, 4, 1)))

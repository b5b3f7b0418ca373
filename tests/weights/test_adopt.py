"""Weights of foreign models: two graphs are matched, and then both models give the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import resdsl
from resdsl import WeightsError
from tests.weights.foreign import NET, Foreign, agree, randomised


def test_however_it_is_written(tmp_path: Path) -> None:
    model = randomised(Foreign())
    keys = NET.adopt(model, "mine:Foreign")
    assert keys.unused == ("unused",) and not keys.alike
    assert keys.weights["mix.weight"].shape == (20, 12)
    assert keys.weights["inner"].axes == (3, 2, 0, 1)
    assert agree(model, NET, tmp_path, keys) < 1e-12
    assert keys == NET.adopt(model.to("meta"), "mine:Foreign")


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
    with pytest.raises(WeightsError, match="`Rude` is a class; adopt a model that it makes"):
        LINE.adopt(Rude)


def test_rounding_counts() -> None:
    LINE.adopt(Rude(lambda _, x: x.float().relu()))
    with pytest.raises(WeightsError, match=r"to copy, dtype torch\.float16"):
        LINE.adopt(Rude(lambda _, x: x.half().float().relu()))
    with pytest.raises(WeightsError, match=r"sum, dim 1, dtype torch\.float64"):
        LINE.adopt(Rude(lambda _, x: x.sum([1], dtype=torch.float64)))


PAIR = """\
model pair
input left: 3x4x4
input right: 3x4x4
share conv1 = conv(4, 1, bias=true)
a: @left -> conv1 -> gap
b: @right -> conv1 -> gap
concat { | @a | @b | @a }
fc(1)
output score
"""


class Pair(nn.Module):
    def __init__(self, order: tuple[int, ...] = (0, 1), nested: bool = False) -> None:
        super().__init__()
        self.conv1, self.fc = nn.Conv2d(3, 4, 1), nn.Linear(12, 1)
        self.order, self.nested = order, nested

    def forward(self, *images: Tensor) -> Tensor:
        a, b = (self.conv1(images[i]).mean((2, 3), keepdim=self.nested) for i in self.order)
        if self.nested:
            joined = torch.cat([torch.cat([a, b], 1).flatten(1), a.flatten(1)], 1)
        else:
            joined = torch.cat([a, b, a], 1)
        found: Tensor = self.fc(joined)
        return found


@pytest.mark.parametrize("nested", [False, True])
def test_what_is_joined_has_no_empty_dimensions(nested: bool, tmp_path: Path) -> None:
    net = resdsl.loads(PAIR)
    assert agree(randomised(Pair(nested=nested)), net, tmp_path) < 1e-12
    with pytest.raises(WeightsError) as error:
        net.adopt(Pair((1, 0), nested))
    there, *others = str(error.value).split("\n")[1:]
    assert there.startswith("  there: concat, dim 1, making 2x12")
    assert others[0].startswith("    of mean, making 2x4, behind") and "of input 1," in others[0]
    assert "of input 0," in others[others.index(next(o for o in others if "here:" in o)) + 1]


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

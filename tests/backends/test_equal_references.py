"""The paper's nets against references written by hand; and every ReLU matters."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import resdsl
from tests.backends.compare import assert_equal_models, differs, randomise
from tests.backends.references.residual import CifarNet, ImageNetNet

STAGES = ("conv2_x", "conv3_x", "conv4_x")
NETS: dict[str, tuple[str, dict[str, object], Callable[[], nn.Module], int]] = {
    "resnet18": ("resnet18", {}, lambda: ImageNetNet(18, "A"), 51),
    "resnet18 B": ("resnet18", {"shortcut": "B"}, lambda: ImageNetNet(18, "B"), 51),
    "resnet18 C": ("resnet18", {"shortcut": "C"}, lambda: ImageNetNet(18, "C"), 51),
    "resnet34": ("resnet34", {}, lambda: ImageNetNet(34, "A"), 51),
    "resnet34_A": ("resnet34:resnet34_A", {}, lambda: ImageNetNet(34, "A"), 51),
    "resnet34_B": ("resnet34:resnet34_B", {}, lambda: ImageNetNet(34, "B"), 51),
    "resnet34_C": ("resnet34:resnet34_C", {}, lambda: ImageNetNet(34, "C"), 51),
    "resnet50": ("resnet50", {}, lambda: ImageNetNet(50), 51),
    "resnet50, 10 classes": ("resnet50", {"classes": 10}, lambda: ImageNetNet(50, classes=10), 59),
    "resnet101": ("resnet101", {}, lambda: ImageNetNet(101), 51),
    "resnet152": ("resnet152", {}, lambda: ImageNetNet(152), 51),
    "plain18": ("plain18", {}, lambda: ImageNetNet(18, plain=True), 51),
    "plain34": ("plain34", {}, lambda: ImageNetNet(34, plain=True), 51),
    "cifar/resnet20": ("cifar/resnet20", {}, lambda: CifarNet(20, "A", stages=STAGES), 33),
    "cifar/resnet20 B": (
        "cifar/resnet20",
        {"shortcut": "B"},
        lambda: CifarNet(20, "B", stages=STAGES),
        33,
    ),
    "cifar/resnet20 C": (
        "cifar/resnet20",
        {"shortcut": "C"},
        lambda: CifarNet(20, "C", stages=STAGES),
        33,
    ),
    "cifar/resnet32": ("cifar/resnet32", {}, lambda: CifarNet(32, stages=STAGES), 29),
    "cifar/resnet44": ("cifar/resnet44", {}, lambda: CifarNet(44, stages=STAGES), 29),
    "cifar/resnet110": ("cifar/resnet110", {}, lambda: CifarNet(110, stages=STAGES), 21),
    "cifar/plain20": ("cifar/plain20", {}, lambda: CifarNet(20, plain=True, stages=STAGES), 33),
    "cifar/plain56": ("cifar/plain56", {}, lambda: CifarNet(56, plain=True, stages=STAGES), 21),
}
LARGE = ("resnet101", "resnet152")
EVERY = [pytest.param(name, marks=[pytest.mark.proof] if name in LARGE else []) for name in NETS]


def image(side: int, batch: int = 2) -> Tensor:
    """Of 51 x 47 the first pool sees 26 x 24, where rounding up differs from rounding down."""
    made = torch.Generator().manual_seed(4)
    return torch.randn(batch, 3, side, side - 4, dtype=torch.float64, generator=made)


@pytest.mark.parametrize("name", EVERY)
def test_it_is_the_net_of_the_paper(name: str) -> None:
    spec, options, reference, side = NETS[name]
    ours = resdsl.load(spec, **options).build("torch", device="meta", dtype=torch.float64)
    assert_equal_models(ours.to_empty(device="cpu"), reference().double(), [image(side)])


# ------------------------------------------------------------------ the test itself, by mutation

RELU = re.compile(r"\bF\.relu\(")
OTHERS = [
    ("ceil_mode=True", "ceil_mode=False"),
    ("stride=stride", "stride=1"),
    ("out + shortcut", "out"),
    ("out + shortcut", "shortcut + shortcut"),
    ("padding=1", "padding=1, padding_mode='replicate'"),
    ("nn.BatchNorm2d(width)", "nn.BatchNorm2d(width, eps=1e-3)"),
    ("nn.BatchNorm2d(out)", "nn.BatchNorm2d(out, eps=1e-3)"),
]


def mutants(source: str) -> dict[str, str]:
    """The source with one ReLU taken out, for each that it has; and with other small changes."""
    cut = {
        f"relu {n}": source[: m.start()] + "(" + source[m.end() :]
        for n, m in enumerate(RELU.finditer(source))
    }
    return cut | {f"{a} -> {b}": source.replace(a, b) for a, b in OTHERS if a in source}


def executed(source: str, name: str, weights: dict[str, Tensor]) -> nn.Module:
    space: dict[str, object] = {"__name__": "mutant"}
    exec(compile(source, "mutant.py", "exec"), space)
    made = space[name]
    assert isinstance(made, type)
    with torch.device("meta"):
        model = made()
    assert isinstance(model, nn.Module)
    model.load_state_dict(weights, strict=True, assign=True)
    return model.eval()


@pytest.mark.parametrize("name", ["cifar/resnet20", "cifar/plain20", "resnet18 B", "resnet50"])
def test_without_any_one_relu_it_is_another_net(name: str) -> None:
    spec, options, reference, side = NETS[name]
    network = resdsl.load(spec, **options)
    source, model = network.source("torch"), type(network.build("torch", device="meta")).__name__
    theirs, x = reference().double().eval(), image(side)
    randomise(theirs)
    weights = theirs.state_dict()
    changed = mutants(source)
    relus = [change for change in changed if change.startswith("relu")]
    assert len(relus) == (4 if name == "resnet50" else 3), "the ReLUs of stem and block"
    assert len(changed) > len(relus) + 1
    with torch.no_grad():
        expected = theirs(x)
        assert differs(executed(source, model, weights)(x), expected) is None
        for change, other in changed.items():
            try:
                result = executed(other, model, weights)(x)
            except RuntimeError:
                continue  # shapes that no longer meet: seen, too
            assert differs(result, expected) is not None, f"not seen: {change}"

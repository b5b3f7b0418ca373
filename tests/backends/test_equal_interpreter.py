"""The emitted source against the graph run node by node: every shipped net that is not held to
a published module (tests/zoo), and nets made to trip whoever folds regions into classes, arguments
and loops."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torch import Tensor

import resdsl
from resdsl.ir.op import Op
from tests.backends.compare import assert_same, floor_of, randomise
from tests.backends.generate import Writer
from tests.backends.interpreter import KINDS, interpret
from tests.zoo.zoo import ONE_OF_EACH, OWN

SMALL = (65, 70)
SIZES = {
    "classics/googlenet": (97, 101), "dense/unet": (48, 64), "dense/unet_valid": (188, 191),
}  # fmt: skip
LARGE = (
    "cifar/preact_resnet110", "cifar/resnet1202", "cifar/resnext29_8x64d", "cifar/wide_resnet16_8",
    "classics/prelu_net_a", "classics/vgg11", "resnet101", "resnet152", "vgg16", "vgg19",
)  # fmt: skip
QUICK = [name for name in OWN if name in ONE_OF_EACH and name not in LARGE]


def sections(text: str) -> dict[str, str]:
    """{name: spec} of a text whose parts begin with `=== name`."""
    _, *parts = re.split(r"^=== (.*)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


TRICKY = sections(Path(__file__).with_name("tricky.txt").read_text(encoding="utf-8"))


def assert_interpreted(network: resdsl.Network, batch: int = 2) -> None:
    """In float64: outputs in eval; outputs, gradients and statistics in training without chance."""
    model = network.build("torch", device="meta", dtype=torch.float64).to_empty(device="cpu")
    for name, buffer in model.named_buffers():
        if name.endswith("num_batches_tracked"):
            buffer.zero_()
    randomise(model)
    made = torch.Generator().manual_seed(8)
    shapes = [i.shape for i in network.ir.main.inputs]
    inputs = [torch.randn(batch, *s, generator=made, dtype=torch.float64) for s in shapes]
    with torch.no_grad():
        expected = interpret(network.ir, dict(model.state_dict()), inputs, train=False)
        assert_same(named(model.eval()(*inputs), expected), expected, "eval")
    if any(use in network.source("torch") for use in ("dropout", "drop_path", "Dropout")):
        return
    state = {k: v.detach().clone() for k, v in model.state_dict().items()}
    trained = dict(model.named_parameters())
    inputs[0].requires_grad_()
    for name in trained:
        state[name].requires_grad_()
    expected = interpret(network.ir, state, inputs, train=True)
    ours = named(model.train()(*inputs), expected)
    assert_same(ours, expected, "train")
    for results in (ours, expected):
        projected(results).backward()
    floor = floor_of(state[name].grad for name in trained)
    for name, weight in trained.items():
        theirs = state[name].grad
        if theirs is None:
            assert weight.grad is None or not weight.grad.any(), name
        else:
            assert weight.grad is not None, name
            assert_same(weight.grad, theirs, name, floor)
    for name, buffer in model.named_buffers():
        if "running" in name:
            assert_same(buffer, state[name], name)


def projected(results: dict[str, Tensor]) -> Tensor:
    """One number in which every element counts otherwise."""
    flat = torch.cat([t.flatten() for t in results.values()])
    return flat @ torch.linspace(-1, 2, len(flat), dtype=flat.dtype)


def named(result: object, expected: dict[str, Tensor]) -> dict[str, Tensor]:
    """The outputs in the order of `expected`."""
    if isinstance(result, Tensor):
        assert len(expected) == 1
        return {next(iter(expected)): result}
    fields = result._asdict()  # type: ignore[attr-defined]
    present = {k: v for k, v in fields.items() if v is not None}
    assert set(present) == set(expected)
    return {name: present[name] for name in expected}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in QUICK else [pytest.mark.proof]) for n in OWN]
)
def test_every_shipped_net(name: str) -> None:
    network = resdsl.load(name)
    shapes = [i.shape for i in network.ir.main.inputs]
    if shapes[0][-1] > 128:
        network = resdsl.load(name, input=(shapes[0][0], *SIZES.get(name, SMALL)))
    assert_interpreted(network)


@pytest.mark.parametrize("name", TRICKY)
def test_tricky(name: str) -> None:
    assert_interpreted(resdsl.loads(TRICKY[name], name="m"), batch=3)


@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_random_nets(seed: int) -> None:
    for one in range(seed, seed + 6):
        assert_interpreted(resdsl.loads(Writer(one).spec(), name="m"))


def test_every_op_is_interpreted() -> None:
    assert set(KINDS) >= set(Op.registry)


@pytest.mark.parametrize("seed", range(0, 30, 6))
def test_other_sizes_than_the_one_it_was_emitted_for(seed: int) -> None:
    """Nothing but what must (a linear layer, an explicit size) knows the size of the image."""
    for one in range(seed, seed + 6):
        text = Writer(one).spec()
        ours, larger = (
            resdsl.loads(t, name="m").build("torch", dtype=torch.float64).eval()
            for t in (text, text.replace("3x9x8", "3x14x11"))
        )
        randomise(larger)
        ours.load_state_dict(larger.state_dict(), strict=True)
        x = torch.randn(2, 3, 14, 11, dtype=torch.float64)
        assert_same(ours(x), larger(x), f"seed {one}")

"""A shipped net beside the module that others publish under its name.

Both have the same names, so that the state dict of one loads into the other, strictly. Then they
are compared by what torch itself says: its counter of multiply-adds, the shapes at every module
that both have, the rates at which they drop, how their weights begin, and the outputs in float64
with shared weights.
"""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import resdsl
from resdsl.ir.flat import flatten
from tests.backends.compare import assert_same, randomise

Shapes = dict[str, list[tuple[int, ...]]]
"""What each module gave, call by call, without the batch."""


@dataclass(frozen=True)
class Reference:
    """Who publishes a net, and at what sizes to compare it."""

    make: Callable[[int], nn.Module]
    """Theirs, for images of a side."""
    odd: int = 193
    """A side for counts and shapes where no size is a multiple of two; 0: theirs takes but one."""
    side: int = 65
    """The side for outputs: small, because they are computed in float64."""
    device: str = "meta"
    """Where theirs can be made: some read values as they are made."""
    elsewhere: str = "$^"
    """The modules that end at another place in theirs than in ours, by name."""


def assert_names(spec: str, reference: Reference) -> None:
    """The state dicts have the same names and shapes, each loads into the other, and the norms
    keep their statistics at the same rate.
    """
    net = resdsl.load(spec)
    ours = net.build("torch", device="meta")
    theirs = made(reference, side_of(net))
    assert shapes_of(ours) == shapes_of(theirs)
    assert norms_of(ours) == norms_of(theirs)
    ours.load_state_dict(on_meta(theirs), strict=True, assign=True)
    theirs.load_state_dict(versioned(on_meta(ours), theirs), strict=True, assign=True)


def assert_counts(spec: str, reference: Reference, side: int) -> None:
    """Parameters, multiply-adds, what is dropped, and the shapes at every module that both have."""
    net = resdsl.load(spec, input=f"3x{side}x{side}")
    ours = net.build("torch", device="meta")
    theirs = made(reference, side).to("meta")
    stats = net.stats()
    macs, expected = counted(theirs, side)
    assert stats.params_training == sum(p.numel() for p in theirs.parameters())
    assert stats.macs == macs
    assert rates(net) == pytest.approx(rates_of(theirs, expected))
    _, found = counted(ours, side)
    common = found.keys() & expected.keys()
    lone = (owners(ours) & found.keys()) - common
    elsewhere = {name for name in lone | common if re.search(reference.elsewhere, name)}
    assert lone <= elsewhere, "a module with weights that only one has"
    same = common - elsewhere
    assert {n: found[n] for n in same} == {n: expected[n] for n in same}
    for row in stats.rows:
        if row.name in expected:
            assert [row.output] == expected[row.name], row.name


def assert_begins(spec: str, make: Callable[[int], nn.Module]) -> None:
    """The mean and the spread of each tensor as both draw it at first, within five deviations of
    what chance makes of them. The one deviation: a bias that torch draws is 0.
    """
    net = resdsl.load(spec)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs, ours = make(side_of(net)).state_dict(), net.build("torch").state_dict()
    for name, other in theirs.items():
        mine = ours[name]
        if name.endswith(".bias") and not mine.any() and by_default(other, name, theirs):
            continue
        if other.is_floating_point():
            assert_same_spread(mine.double(), other.double(), name)


def by_default(bias: Tensor, name: str, state: dict[str, Tensor]) -> bool:
    """Whether a bias is within the bound at which torch draws it: one over the root of fan-in."""
    weight = state[name.removesuffix("bias") + "weight"]
    return weight.ndim > 1 and bool(bias.abs().max() <= prod(weight.shape[1:]) ** -0.5)


def assert_same_spread(mine: Tensor, other: Tensor, name: str) -> None:
    spread, expected = (tensor.std(correction=0) for tensor in (mine, other))
    chance = max(spread, expected) / other.numel() ** 0.5
    assert abs(spread - expected) <= 5 * chance, name
    assert abs(mine.mean() - other.mean()) <= 5 * 2**0.5 * chance, name


def assert_outputs(spec: str, reference: Reference) -> None:
    """Its weights give its answers: in float64, in eval mode, within 1e-9 of the largest."""
    theirs = made(reference, reference.side).double().to_empty(device="cpu")
    randomise(theirs)
    net = resdsl.load(spec, input=f"3x{reference.side}x{reference.side}")
    ours = net.build("torch", device="meta", dtype=torch.float64)
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    noise = torch.Generator().manual_seed(3)
    shape = (1, 3, reference.side, reference.side)
    image = torch.randn(shape, dtype=torch.float64, generator=noise)
    with torch.no_grad():
        out, expected = (tensors(model.eval()(image)) for model in (ours, theirs))
    assert len(out) == len(expected)
    for mine, other in zip(out, expected, strict=True):
        assert other.std() > 1e-6
        assert_same(mine, other, "output")


def side_of(net: resdsl.Network) -> int:
    """The side of the square image that a net takes."""
    ((_, height, width),) = net.stats().inputs.values()
    assert height == width
    return height


def made(reference: Reference, side: int) -> nn.Module:
    """Theirs, without the time that drawing its first weights would take."""
    with torch.device(reference.device):
        return reference.make(side)


def shapes_of(model: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def norms_of(model: nn.Module) -> dict[str, tuple[float, float | None]]:
    """The epsilon of each batch norm, and the rate at which it keeps its statistics."""
    norms = {n: m for n, m in model.named_modules() if isinstance(m, nn.BatchNorm2d)}
    return {name: (norm.eps, norm.momentum) for name, norm in norms.items()}


def rates(net: resdsl.Network) -> list[float]:
    """What a net drops in training, of elements and then of residual branches, each in order."""
    ops = [node.op for node in flatten(net.ir).nodes]
    kinds = ("dropout", "drop_path")
    return [rate for kind in kinds for rate in sorted(op.p for op in ops if op.kind == kind)]


def rates_of(model: nn.Module, ran: Container[str]) -> list[float]:
    """The same of a module. Stochastic depth has a module where nothing is dropped, too, and where
    there is no branch, which does not run.
    """
    named = dict(model.named_modules())
    elements = [m.p for m in named.values() if isinstance(m, nn.Dropout) and m.p]
    paths = [m.p for n, m in named.items() if type(m).__name__ == "StochasticDepth" and n in ran]
    return [*sorted(elements), *sorted(rate for rate in paths if rate)]


def on_meta(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.to("meta") for name, tensor in model.state_dict().items()}


def versioned(state: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """With the versions of a model's modules, which torchvision's MNASNet asks for."""
    found = OrderedDict(state)
    found._metadata = model.state_dict()._metadata  # type: ignore[attr-defined]
    return found


def owners(model: nn.Module) -> set[str]:
    """The modules that have weights of their own."""
    return {name.rpartition(".")[0] for name, _ in model.named_parameters()} - {""}


def counted(model: nn.Module, side: int, channels: int = 3) -> tuple[int, Shapes]:
    """Multiply-adds of one image, and the shapes of what each module gave, in eval mode."""
    image = torch.zeros(1, channels, side, side, device="meta")
    # with gradients: without, torch fuses its attention into an operator that no counter knows
    with recorded(model.eval()) as shapes, FlopCounterMode(display=False) as counter:
        model(image)
    return counter.get_total_flops() // 2, shapes


@contextmanager
def recorded(model: nn.Module) -> Iterator[Shapes]:
    found: Shapes = defaultdict(list)

    def record(name: str) -> Callable[[nn.Module, object, object], None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:
            if isinstance(output, Tensor):
                found[name].append(tuple(output.shape[1:]))

        return hook

    hooks = [
        module.register_forward_hook(record(name)) for name, module in model.named_modules() if name
    ]
    yield found
    for hook in hooks:
        hook.remove()


def tensors(value: object) -> Sequence[Tensor]:
    """The tensors of a result, in order."""
    if isinstance(value, Tensor):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [tensor for part in parts for tensor in tensors(part)]  # type: ignore[attr-defined]

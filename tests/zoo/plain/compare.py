"""A shipped net beside a plain module of the same net."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import nn

import resdsl
from resdsl.ir.weights import weights
from tests.backends.compare import assert_same, randomise
from tests.zoo.reference import counted, rates, rates_of, tensors


@dataclass(frozen=True)
class Plain:
    """A module written from a paper, and at what sizes a net is held to it."""

    make: Callable[..., nn.Module]
    """The module, for images of a side and these settings."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    odd: int = 0
    """Another side for counts and shapes; 0: the net takes but one."""
    side: int = 0
    """The side for outputs, which are computed in float64; 0: the net's own."""
    thin: Mapping[str, Any] = field(default_factory=dict)
    """Settings of both for outputs, where the net itself would take long."""
    slow: bool = False
    """Whether its outputs are a proof's: it has a smaller brother with the same code."""


def by_cost(nets: Mapping[str, Plain]) -> list[object]:
    """The nets, of which the slow ones are marked."""
    marks = {spec: [pytest.mark.proof] if plain.slow else [] for spec, plain in nets.items()}
    return [pytest.param(spec, marks=marks[spec]) for spec in nets]


def thinned(nets: Mapping[str, Plain]) -> list[str]:
    """Those whose outputs are computed with fewer channels or layers than they have."""
    return [spec for spec, plain in nets.items() if plain.thin]


def assert_counts(spec: str, plain: Plain, side: int) -> None:
    """Parameters, multiply-adds, rates of dropout, and the shapes of the stages, at its own size or
    at another `side`.
    """
    net = _loaded(spec, side)
    stats = net.stats()
    ((channels, side, _),) = stats.inputs.values()
    with torch.device("meta"):
        theirs = plain.make(side, **plain.settings)
    macs, shapes = counted(theirs, side, channels)
    assert stats.params_training == sum(p.numel() for p in theirs.parameters())
    assert stats.macs == macs
    assert rates(net) == rates_of(theirs, shapes)
    rows = [row for row in stats.rows if row.name in shapes]
    assert len(rows) >= 3
    assert {row.name for row in stats.rows if row.stage} <= {row.name for row in rows}
    for row in rows:
        assert shapes[row.name] == [row.output], row.name


def assert_outputs(spec: str, plain: Plain, training: bool = False) -> None:
    """With its weights ours gives its answers, in eval mode unless in `training`."""
    settings = {**plain.settings, **plain.thin}
    net = _loaded(spec, plain.side, **plain.thin)
    ((channels, side, _),) = net.stats().inputs.values()
    with torch.device("meta"):
        theirs = plain.make(side, **settings)
    theirs = theirs.double().to_empty(device="cpu")
    randomise(theirs)
    ours = net.build("torch", device="meta", dtype=torch.float64)
    carry(theirs, ours, net)
    noise = torch.Generator().manual_seed(3)
    image = torch.randn(1, channels, side, side, dtype=torch.float64, generator=noise)
    with torch.no_grad():
        out, expected = (tensors(model.train(training)(image)) for model in (ours, theirs))
    assert len(out) == len(expected)
    for mine, other in zip(out, expected, strict=True):
        assert other.std() > 1e-6
        assert_same(mine.flatten(), other.flatten(), "output")


def carry(theirs: nn.Module, ours: nn.Module, net: resdsl.Network) -> None:
    """Their tensors, in the order in which they run, as ours, in the order of the text."""
    state = {n: t for n, t in theirs.state_dict().items() if not n.endswith("tracked")}
    owned = weights(net.ir)
    assert [tuple(t.shape) for t in state.values()] == [w.shape for _, w in owned.values()]
    found = dict(zip(owned, state.values(), strict=True))
    missing, unexpected = ours.load_state_dict(found, strict=False, assign=True)
    assert not unexpected
    assert all(name.endswith("num_batches_tracked") for name in missing)


def _loaded(spec: str, side: int, **settings: Any) -> resdsl.Network:
    ((channels, own, _),) = resdsl.load(spec).stats().inputs.values()
    side = side or own
    return resdsl.load(spec, input=(channels, side, side), params=settings)

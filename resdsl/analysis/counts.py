"""Parameters, buffers, multiply-adds and activations: a region is counted once for all its calls.

An instance belongs to the path of the first node that uses it: that use counts its weights, a later
one counts none of them, but its multiply-adds. The inference graph (nodes without `train`) and the
training graph (all) are counted in one walk, because a weight's first use may differ between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

from resdsl.ir.graph import Call, Net, OpNode, Region
from resdsl.ir.shape import size


class Count(NamedTuple):
    """Elements, at batch 1. All but `params_training` are of the inference graph."""

    params: int = 0
    params_training: int = 0
    buffers: int = 0
    macs: int = 0
    activations: int = 0

    def plus(self, other: Count) -> Count:
        return Count(*(a + b for a, b in zip(self, other, strict=True)))

    @staticmethod
    def total(counts: Iterable[Count]) -> Count:
        return reduce(Count.plus, counts, Count())


class _Weights(NamedTuple):
    """What one instance owns; `live`: it is used in the inference graph too."""

    params: int = 0
    params_training: int = 0
    buffers: int = 0
    live: bool = False

    def plus(self, other: _Weights) -> _Weights:
        return _Weights(
            self.params + other.params,
            self.params_training + other.params_training,
            self.buffers + other.buffers,
            self.live or other.live,
        )


@dataclass(frozen=True)
class Definition:
    """The sums of one region: what it owns, what it borrows by name, and the work of one
    application."""

    own: _Weights
    borrowed: dict[str, _Weights]
    macs: int
    activations: int


@dataclass(frozen=True)
class Use:
    """How one application of a region counts: which weights are new here, in either graph.

    `owns` and `owns_training`: the instance is used for the first time, so that its own weights
    count. `fresh` and `fresh_training`: borrowed instances that have not been counted yet. `live`:
    in the inference graph.
    """

    live: bool = True
    owns: bool = True
    owns_training: bool = True
    fresh: frozenset[str] = frozenset()
    fresh_training: frozenset[str] = frozenset()


def definitions(net: Net) -> dict[str, Definition]:
    """The sums of every region, callees first."""
    known: dict[str, Definition] = {}
    for region in net.regions.values():
        known[region.id] = _define(region, known)
    return known


def walk(
    region: Region, use: Use, known: dict[str, Definition]
) -> Iterator[tuple[OpNode | Call, Count, Use]]:
    """Each node of one application of `region` with its count, and how its own region's insides
    count there."""
    seen = _Seen(region, use)
    for node in region.nodes:
        live = use.live and not node.train
        inside = seen.inside(node, live)
        owned = _Weights()
        for name, weights in _instances(region, node, known):
            owned = owned.plus(seen.take(name, weights, live))
        macs, activations = _work(region, node, known) if live else (0, 0)
        yield node, Count(*owned[:3], macs, activations), inside


@dataclass
class _Seen:
    """The instances that have been counted so far, in the inference and in the training graph."""

    region: Region
    use: Use
    live: set[str] = field(default_factory=set)
    training: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.live.update(set(self.region.borrows) - self.use.fresh)
        self.training.update(set(self.region.borrows) - self.use.fresh_training)

    def new(self, name: str) -> bool:
        return name not in self.live and (self.use.owns or name in self.region.borrows)

    def new_training(self, name: str) -> bool:
        return name not in self.training and (self.use.owns_training or name in self.region.borrows)

    def take(self, name: str, weights: _Weights, live: bool) -> _Weights:
        """Of `weights`, what has not been counted yet; it has been from now on."""
        live = live and weights.live
        params, buffers = (weights.params, weights.buffers) if live and self.new(name) else (0, 0)
        training = weights.params_training if self.new_training(name) else 0
        self.training.add(name)
        if live:
            self.live.add(name)
        return _Weights(params, training, buffers, live)

    def inside(self, node: OpNode | Call, live: bool) -> Use:
        """How the region that `node` calls counts, just before `node` itself is counted."""
        if isinstance(node, OpNode):
            return Use(live=live)
        lent = [(there, here) for here, there in {h: t for t, h in reversed(node.lends)}.items()]
        return Use(
            live=live,
            owns=self.new(node.name),
            owns_training=self.new_training(node.name),
            fresh=frozenset(there for there, here in lent if self.new(here)),
            fresh_training=frozenset(there for there, here in lent if self.new_training(here)),
        )


def _define(region: Region, known: dict[str, Definition]) -> Definition:
    seen = _Seen(
        region, Use(fresh=frozenset(region.borrows), fresh_training=frozenset(region.borrows))
    )
    own, borrowed = _Weights(live=True), dict.fromkeys(region.borrows, _Weights())
    macs = activations = 0
    for node in region.nodes:
        for name, weights in _instances(region, node, known):
            taken = seen.take(name, weights, not node.train)
            if name in borrowed:
                borrowed[name] = borrowed[name].plus(taken)
            else:
                own = own.plus(taken)
        if not node.train:
            work = _work(region, node, known)
            macs, activations = macs + work[0], activations + work[1]
    return Definition(own, borrowed, macs, activations)


def _instances(
    region: Region, node: OpNode | Call, known: dict[str, Definition]
) -> Iterator[tuple[str, _Weights]]:
    """The instances that `node` uses, by their names in `region`, with what each owns."""
    if isinstance(node, Call):
        callee = known[node.region]
        yield node.name, callee.own
        for there, here in node.lends:
            yield here, callee.borrowed[there]
        return
    weights = node.op.weights(*(region.shapes[v] for v in node.inputs)).values()
    params = sum(size(w.shape) for w in weights if w.role == "trainable")
    buffers = sum(size(w.shape) for w in weights if w.role == "buffer")
    yield node.name, _Weights(params, params, buffers, live=True)


def _work(region: Region, node: OpNode | Call, known: dict[str, Definition]) -> tuple[int, int]:
    """Multiply-adds and activations (elements of the outputs of all ops) of one application."""
    if isinstance(node, Call):
        return known[node.region].macs, known[node.region].activations
    output = region.shapes[node.output]
    return node.op.macs(tuple(region.shapes[v] for v in node.inputs), output), size(output)

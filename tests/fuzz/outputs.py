"""One net with the same weights in PyTorch, Flax and ONNX, in float64."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy
from resdsl_flax.run import FlaxRunner

import resdsl
from resdsl.codegen.backend import find_backend
from resdsl.ir.graph import Net
from resdsl.passes.still import still
from resdsl.verify import errors
from resdsl.verify.proof import EXACT, gradient_bound
from resdsl.verify.runner import Arrays
from resdsl.verify.sample import calibrated, draw_cotangents, draw_inputs, draw_weights

OTHERS = ("flax", "onnx")
UNROLLED = 1e-12
"""How far a loop may be from what it stands for, of the largest element."""
NUDGE, TIMES = 1e-15, 16
"""What is added to the numbers of a net, relative, to see what it makes of rounding errors; and how
many times what torch makes of that others may be away from it, where that is more."""


@dataclass
class Drawn:
    """A net without chance, and what it is run on, as `resdsl verify` draws it."""

    net: Net
    inputs: Arrays
    cotangents: Arrays
    weights: Arrays

    @classmethod
    def of(cls, network: resdsl.Network) -> Drawn:
        net, random = still(network.ir), numpy.random.default_rng(0)
        inputs, drawn = draw_inputs(net, 2, random), draw_weights(net, random)
        cotangents = draw_cotangents(net, 2, random)
        reference = find_backend("torch").runner(net, "float64", drawn)
        return cls(net, inputs, cotangents, calibrated(drawn, reference, inputs, random))

    def nudged(self) -> Drawn:
        """The same, but for rounding."""
        random = numpy.random.default_rng(1)

        def near(arrays: Arrays) -> Arrays:
            return {k: a * (1 + NUDGE * random.standard_normal(a.shape)) for k, a in arrays.items()}

        return replace(self, inputs=near(self.inputs), weights=near(self.weights))

    def step(self, backend: str) -> tuple[Arrays, Arrays]:
        """Gradients and statistics."""
        runner = find_backend(backend).runner(self.net, "float64", self.weights)
        return runner.gradients(self.inputs, self.cotangents)


def assert_agree(network: resdsl.Network) -> None:
    """Every stage and output in inference, of the very net."""
    drawn, net = Drawn.of(network), network.ir

    def outputs(backend: str, on: Drawn) -> Arrays:
        return find_backend(backend).runner(net, "float64", on.weights).forward(on.inputs)

    right = outputs("torch", drawn)
    assert all(numpy.isfinite(tensor).all() for tensor in right.values())
    shaky = errors.by_name(outputs("torch", drawn.nudged()), right)
    for other in OTHERS:
        apart = errors.by_name(outputs(other, drawn), right)
        _within(EXACT, other, {k: e for k, e in apart.items() if not e <= TIMES * shaky[k]})


def assert_steps_agree(network: resdsl.Network) -> None:
    """Gradients and statistics of a training step, of the net without dropout."""
    drawn = Drawn.of(network)
    right, found, own = drawn.step("torch"), drawn.step("flax"), drawn.nudged().step("torch")
    parts = (
        ("gradients", errors.of_gradients, gradient_bound(drawn.net)),
        ("statistics", errors.by_statement, EXACT),
    )
    for i, (part, measured, bound) in enumerate(parts):
        shaky = measured(own[i], right[i])
        apart = measured(found[i], right[i])
        _within(bound, part, {k: e for k, e in apart.items() if not e <= TIMES * shaky[k]})


def assert_loops_agree(network: resdsl.Network) -> None:
    """What Flax computes with loops is what it computes without, steps too."""
    drawn = Drawn.of(network)
    assert "Repeat(" in network.source("flax", repeat="scan"), "nothing is a loop"
    unrolled, looped = (
        FlaxRunner(drawn.net, "float64", drawn.weights, repeat) for repeat in ("unroll", "scan")
    )
    outputs = unrolled.forward(drawn.inputs)
    _within(UNROLLED, "outputs", errors.by_name(looped.forward(drawn.inputs), outputs))
    right = unrolled.gradients(drawn.inputs, drawn.cotangents)
    found = looped.gradients(drawn.inputs, drawn.cotangents)
    largest = max(abs(array).max() for array in right[0].values())
    apart = {k: errors.relative(found[0].get(k), a, largest) for k, a in right[0].items()}
    _within(UNROLLED, "gradients, of the net's largest", apart)
    _within(EXACT, "gradients", errors.of_gradients(found[0], right[0]))
    _within(UNROLLED, "statistics", errors.by_name(found[1], right[1]))


def _within(bound: float, what: str, found: dict[str, float]) -> None:
    worse = {name: error for name, error in found.items() if not error <= bound}
    assert not worse, f"{what}: relative errors beyond {bound}: {worse}"

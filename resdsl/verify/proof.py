"""The comparison: stages and outputs, gradients and statistics of a step, and what each may differ
by.

All are measured against the reference in float64. Outputs in float64 may be 1e-9 away from it. In
float32 they may be 1e-5 away in a net of up to 12 layers. In a deeper one rounding errors have
grown, and a fixed bound would blame a framework for them: there they may be four times as far as
the worst of the reference in float32 itself, and, where that is beyond 1e-5, four times as far as
the reference there. A step is compared in float64 always: who rounds a ReLU's input to
the other side of zero makes another gradient, and torch in float32 is a fifth of one away from
itself in ResNet-50. Torch's gradient of `hardsigmoid` is a sixth that it keeps in float32 even
there, so that gradients of nets with one may be 1e-7 away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any, Literal, cast

from resdsl.analysis.stats import stats
from resdsl.ir.graph import Net, OpNode
from resdsl.passes.still import still
from resdsl.verify import errors
from resdsl.verify.runner import Arrays, Executor, Reference, Trainer
from resdsl.verify.sample import calibrated, draw_cotangents, draw_inputs, draw_weights

Part = Literal["outputs", "gradients", "statistics"]
EXACT, CLOSE, SHALLOW, TIMES = 1e-9, 1e-5, 12, 4
"""The bound in float64; in float32; the depth up to which that one holds by itself; and how many
times the reference's own error beyond it."""
SIXTH = 1e-7
"""The bound of gradients in float64 where a sixth is a number of float32."""


@dataclass(frozen=True)
class Row:
    """One thing compared: a stage's map or an output, or what a step does to a statement."""

    part: Part
    name: str
    errors: dict[str, float]
    """Backend -> worst relative error; the reference's own, where it runs in float32, too."""
    bound: float

    @property
    def ok(self) -> bool:
        return all(error <= self.bound for error in self.errors.values())


@dataclass(frozen=True)
class Proof:
    """What was compared, and how it came out."""

    net: str
    dtype: str
    batch: int
    seed: int
    inputs: dict[str, tuple[int, ...]]
    reference: str
    backends: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: dict[str, str] = field(default_factory=dict)
    """Backend that is installed -> why it was not compared."""

    @property
    def ok(self) -> bool:
        """Whether every error is within its bound."""
        return all(row.ok for row in self.rows)

    def worst(self, backend: str) -> float:
        """The largest error of a backend."""
        return max((row.errors[backend] for row in self.rows if backend in row.errors), default=0.0)

    def to_data(self) -> dict[str, Any]:
        """JSON-ready: an error that is not finite is null."""
        rows = [
            asdict(row)
            | {"errors": {k: e if isfinite(e) else None for k, e in row.errors.items()}}
            | {"ok": row.ok}
            for row in self.rows
        ]
        return asdict(self) | {"rows": rows, "ok": self.ok}


def prove(
    net: Net,
    executors: Mapping[str, Executor],
    reference: tuple[str, Executor],
    dtype: str = "float32",
    batch: int = 2,
    seed: int = 0,
) -> Proof:
    """Run `net` in each backend and compare with the reference, which in float32 is among them.

    Outputs are those of the very net; a training step is one of the net without dropout.
    """
    import numpy

    random = numpy.random.default_rng(seed)
    name, exact = reference
    inputs = draw_inputs(net, batch, random)
    cotangents = draw_cotangents(net, batch, random)
    drawn = draw_weights(net, random)
    quiet = still(net)
    tree = calibrated(drawn, _reference(exact, quiet, drawn), inputs, random)

    right = exact.runner(net, "float64", tree).forward(inputs)
    trainers: list[str] = []
    outputs: dict[str, dict[str, float]] = {}
    for other, executor in executors.items():
        runner = executor.runner(net, dtype, tree)
        outputs[other] = errors.by_name(runner.forward(inputs), right)
        trainers += [other] * (isinstance(runner, Trainer) and other != name)
    deep = stats(net).depth > SHALLOW
    worst = max(outputs[name].values(), default=0.0) if name in outputs else 0.0
    rows = [
        Row("outputs", row, found, _bound(dtype, deep, found.get(name, 0.0), worst))
        for row, found in _across(outputs)
    ]
    if trainers:
        wanted = _reference(exact, quiet, tree).gradients(inputs, cotangents)
        found = {
            other: _trainer(executors[other], quiet, tree).gradients(inputs, cotangents)
            for other in trainers
        }
        grads = {k: errors.of_gradients(step[0], wanted[0]) for k, step in found.items()}
        buffers = {k: errors.by_statement(step[1], wanted[1]) for k, step in found.items()}
        rows += [Row("gradients", row, at, gradient_bound(net)) for row, at in _across(grads)]
        rows += [Row("statistics", row, at, EXACT) for row, at in _across(buffers)]
    shapes = {key: array.shape for key, array in inputs.items()}
    return Proof(net.name, dtype, batch, seed, shapes, name, tuple(executors), tuple(rows))


def gradient_bound(net: Net) -> float:
    """How far gradients in float64 may be apart."""
    nodes = (node for region in net.regions.values() for node in region.nodes)
    rough = any(isinstance(node, OpNode) and node.op.kind == "hardsigmoid" for node in nodes)
    return SIXTH if rough else EXACT


def _trainer(executor: Executor, net: Net, tree: Arrays) -> Trainer:
    return cast(Trainer, executor.runner(net, "float64", tree))


def _reference(executor: Executor, net: Net, tree: Arrays) -> Reference:
    return cast(Reference, executor.runner(net, "float64", tree))


def _across(found: Mapping[str, dict[str, float]]) -> Iterator[tuple[str, dict[str, float]]]:
    """Row -> the error of each backend; all have the same rows, those of the reference."""
    for row in next(iter(found.values()), {}):
        yield row, {other: mine[row] for other, mine in found.items()}


def _bound(dtype: str, deep: bool, own: float, worst: float) -> float:
    """Of outputs. `own` and `worst` are the reference's errors in float32, here and anywhere."""
    if dtype == "float64":
        return EXACT
    return min(max(CLOSE, TIMES * own), TIMES * worst) if deep else CLOSE

"""The comparison: every stage, the gradients and the statistics of a step, and what each may differ
by.

All are measured against the reference in float64. In float64 others may be 1e-9 away from it. In
float32 they may be 1e-5 away, and where that is not enough in a net of more than 12 layers, four
times as far as the reference in float32 itself: rounding errors grow with depth, and a fixed bound
would blame a framework for them. Gradients have no shallow case: whoever rounds a ReLU's input to
the other side of zero makes another gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from resdsl.analysis.stats import stats
from resdsl.ir.graph import Net
from resdsl.passes.still import still
from resdsl.verify import errors
from resdsl.verify.runner import Arrays, Executor, Reference, Runner, Trainer
from resdsl.verify.sample import calibrated, draw_cotangents, draw_inputs, draw_weights

Part = Literal["outputs", "gradients", "statistics"]
EXACT, CLOSE, SHALLOW, TIMES = 1e-9, 1e-5, 12, 4
"""The bound in float64; in float32; the depth up to which that one holds by itself; and how many
times the reference's own error beyond it."""

_MEASURES: dict[Part, Callable[[Arrays, Arrays], dict[str, float]]] = {
    "outputs": errors.by_name,
    "gradients": errors.of_gradients,
    "statistics": errors.by_statement,
}


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

    @property
    def ok(self) -> bool:
        """Whether every error is within its bound."""
        return all(row.ok for row in self.rows)

    def worst(self, backend: str) -> float:
        """The largest error of a backend."""
        return max((row.errors[backend] for row in self.rows if backend in row.errors), default=0.0)

    def to_data(self) -> dict[str, Any]:
        """JSON-ready."""
        rows = [asdict(row) | {"ok": row.ok} for row in self.rows]
        return asdict(self) | {"rows": rows, "ok": self.ok}


def prove(
    net: Net,
    executors: Mapping[str, Executor],
    reference: tuple[str, Executor],
    dtype: str = "float32",
    batch: int = 2,
    seed: int = 0,
) -> Proof:
    """Run `net` in each backend and compare with the reference, which in float32 may be among them.

    Outputs are those of the very net; a training step is one of the net without dropout.
    """
    import numpy

    random = numpy.random.default_rng(seed)
    name, exact = reference
    inputs = draw_inputs(net, batch, random)
    cotangents = draw_cotangents(net, batch, random)
    tree = draw_weights(net, random)
    base = _Both(net, exact, "float64", tree)
    tree = calibrated(net, tree, base.reference, inputs, random)
    right = _Both(net, exact, "float64", tree).run(inputs, cotangents)
    found = {
        other: _compared(_Both(net, executor, dtype, tree).run(inputs, cotangents), right)
        for other, executor in executors.items()
    }
    rows = [
        Row(part, row, mine, _bound(dtype, part, stats(net).depth, mine.get(name)))
        for part, measured in _compared(right, right).items()
        for row in measured
        for mine in [{other: at[part][row] for other, at in found.items() if part in at}]
    ]
    shapes = {key: array.shape for key, array in inputs.items()}
    compared = tuple(row for row in rows if row.errors)
    return Proof(net.name, dtype, batch, seed, shapes, name, tuple(found), compared)


class _Both:
    """A net in inference, and the same without chance in training."""

    def __init__(self, net: Net, executor: Executor, dtype: str, tree: Arrays) -> None:
        self.runner: Runner = executor.runner(net, dtype, tree)
        quiet = still(net)
        self.trainer = self.runner if quiet is net else executor.runner(quiet, dtype, tree)

    @property
    def reference(self) -> Reference:
        return self.trainer  # type: ignore[return-value]

    def run(self, inputs: Arrays, cotangents: Arrays) -> dict[Part, Arrays]:
        results: dict[Part, Arrays] = {"outputs": self.runner.forward(inputs)}
        if isinstance(self.trainer, Trainer):
            step = self.trainer.gradients(inputs, cotangents)
            results["gradients"], results["statistics"] = step
        return results


def _compared(
    found: Mapping[Part, Arrays], right: Mapping[Part, Arrays]
) -> dict[Part, dict[str, float]]:
    return {part: _MEASURES[part](arrays, right[part]) for part, arrays in found.items()}


def _bound(dtype: str, part: Part, depth: int, own: float | None) -> float:
    """`own`: the reference's own error in float32."""
    if dtype == "float64":
        return EXACT
    shallow = part == "outputs" and depth <= SHALLOW
    return CLOSE if shallow else max(CLOSE, TIMES * (own or 0.0))

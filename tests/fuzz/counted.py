"""What is counted of a net, by resdsl from its graph, and by each framework from what runs."""

from __future__ import annotations

from dataclasses import dataclass, fields

import resdsl
from resdsl.ir.shape import Shape
from resdsl.ir.verify import verify
from resdsl.ir.weights import weights


@dataclass(frozen=True)
class Counts:
    """Shapes are of outputs by name, without the batch; `weights` has buffers too. None is what was
    not counted."""

    shapes: dict[str, Shape]
    shapes_training: dict[str, Shape]
    params: int | None
    params_training: int
    buffers: int | None
    macs: int
    weights: dict[str, Shape]


def static(network: resdsl.Network) -> Counts:
    """From the graph alone, which is verified."""
    verify(network.ir)
    main, stats = network.ir.main, network.stats()
    shapes = {o.name: main.shapes[o.value] for o in main.outputs}
    return Counts(
        shapes={o.name: shapes[o.name] for o in main.outputs if not o.train},
        shapes_training=shapes,
        params=stats.params,
        params_training=stats.params_training,
        buffers=stats.buffers,
        macs=stats.macs,
        weights={path: weight.shape for path, (_, weight) in weights(network.ir).items()},
    )


def assert_equal(ours: Counts, theirs: Counts, framework: str) -> None:
    for field in fields(Counts):
        a, b = getattr(ours, field.name), getattr(theirs, field.name)
        assert b is None or a == b, f"{field.name}: {a} from the text, {b} in {framework}"

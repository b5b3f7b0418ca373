"""What holds of every net, and how it is tried on many."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import seed as seeded
from hypothesis.strategies import SearchStrategy

import resdsl
from resdsl.ir.dump import digest, dump, from_json, to_json
from resdsl.source import Source
from resdsl.syntax.format import format
from tests.fuzz.drawn_nets import specs
from tests.fuzz.drawn_repeats import repeats

Property = Callable[[resdsl.Network], None]
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)


def explore(holds: Property, count: int, seed: int) -> int:
    """Try it on `count` drawn nets, the same ones for the same seed; how many were different.

    A failure is shrunk, and its text is a note of the exception that is raised.
    """
    seen: set[str] = set()

    @seeded(seed)
    @settings(
        max_examples=count, deadline=None, database=None, phases=PHASES,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    @given(NETS.get(holds, specs)())
    def each(text: str) -> None:
        note(format(Source("m.res", text)))
        if text not in seen:  # a text that failed is not in it, and is tried again
            holds(resdsl.loads(text, name="m"))
            seen.add(text)

    each()
    return len(seen)


def counts(network: resdsl.Network) -> None:
    """Shapes, parameters and multiply-adds of the text are those that PyTorch and JAX find."""
    from tests.fuzz import counted_flax, counted_torch
    from tests.fuzz.counted import assert_equal, static

    ours = static(network)
    assert_equal(ours, counted_torch.counts(network), "torch")
    assert_equal(ours, counted_flax.counts(network), "flax")


def outputs(network: resdsl.Network) -> None:
    """PyTorch, Flax and ONNX compute the same, in float64."""
    from tests.fuzz.outputs import assert_agree

    assert_agree(network)


def steps(network: resdsl.Network) -> None:
    """Gradients and statistics of a training step in PyTorch and Flax, in float64."""
    from tests.fuzz.outputs import assert_steps_agree

    assert_steps_agree(network)


def loops(network: resdsl.Network) -> None:
    """Flax computes the same with its repeats as loops and without, in float64."""
    from tests.fuzz.outputs import assert_loops_agree

    assert_loops_agree(network)


def laws(network: resdsl.Network) -> None:
    """The layout changes nothing but the layout; the JSON form is read back equal."""
    laid_out = format(Source("m.res", network.text))
    again = resdsl.loads(laid_out, name="m")
    assert format(Source("m.res", laid_out)) == laid_out
    assert digest(again.ir) == digest(network.ir)
    back = from_json(to_json(network.ir))
    assert back == network.ir
    assert dump(back) == dump(network.ir)


NETS: dict[Property, Callable[[], SearchStrategy[str]]] = {loops: repeats}
"""What a property is tried on, where that is not every kind of net."""

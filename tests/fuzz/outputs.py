"""One net with the same weights in PyTorch, Flax and ONNX, in float64."""

from __future__ import annotations

import numpy

import resdsl
from resdsl.codegen.backend import find_backend
from resdsl.passes.still import still
from resdsl.verify import errors
from resdsl.verify.proof import EXACT
from resdsl.verify.sample import calibrated, draw_inputs, draw_weights

OTHERS = ("flax", "onnx")


def assert_agree(network: resdsl.Network) -> None:
    """Every stage and output in inference, as `resdsl verify` draws and bounds them."""
    net, torch = network.ir, find_backend("torch")
    random = numpy.random.default_rng(0)
    inputs, drawn = draw_inputs(net, 2, random), draw_weights(net, random)
    quiet = torch.runner(still(net), "float64", drawn)
    weights = calibrated(drawn, quiet, inputs, random)
    right = torch.runner(net, "float64", weights).forward(inputs)
    assert all(numpy.isfinite(tensor).all() for tensor in right.values())
    found = {
        (other, name): error
        for other in OTHERS
        for name, error in errors.by_name(
            find_backend(other).runner(net, "float64", weights).forward(inputs), right
        ).items()
    }
    worse = {key: error for key, error in found.items() if not error <= EXACT}
    assert not worse, f"relative errors beyond {EXACT}: {worse}"

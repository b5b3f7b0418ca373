"""What JAX makes of a net without running it: `nnx.eval_shape` and the program that it traces."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import jax
from flax import nnx
from jax.extend.core import Jaxpr, JaxprEqn, jaxprs_in_params

import resdsl
from resdsl.codegen.backend import find_backend
from resdsl.codegen.load import load_module
from resdsl.ir.shape import Shape
from tests.fuzz.counted import Counts


def counts(network: resdsl.Network) -> Counts:
    """Of the module that the emitted source makes. Which weights inference leaves alone is not
    counted here."""
    create = load_module(network.source("flax"), network.name, "flax").create
    model = nnx.eval_shape(create)
    main = network.ir.main
    model.eval()
    shapes, program = _traced(network, model, 1)
    shapes_training = shapes
    if any(o.train for o in main.outputs):
        model.train()
        shapes_training, _ = _traced(network, model, 2)
    return Counts(
        shapes=shapes,
        shapes_training=shapes_training,
        params=None,
        params_training=sum(prod(v.shape) for v in jax.tree.leaves(nnx.state(model, nnx.Param))),
        buffers=None,
        macs=sum(_macs(step) for step in _steps(program)),
        weights=find_backend("flax").shapes(model),
    )


def _traced(network: resdsl.Network, model: Any, batch: int) -> tuple[dict[str, Shape], Jaxpr]:
    graph, state = nnx.split(model)
    inputs = [
        jax.ShapeDtypeStruct((batch, *(s if len(s) < 3 else (*s[1:], s[0]))), "float32")
        for s in (i.shape for i in network.ir.main.inputs)
    ]

    def call(state: Any, inputs: Any) -> Any:
        return nnx.merge(graph, state)(*inputs)

    program, result = jax.make_jaxpr(call, return_shape=True)(state, inputs)
    if not isinstance(result, tuple):
        result = (result,)
    outputs = sorted(network.ir.main.outputs, key=lambda output: output.train)
    found = {o.name: r.shape[1:] for o, r in zip(outputs, result, strict=False) if r is not None}
    return {k: s if len(s) < 3 else (s[2], *s[:2]) for k, s in found.items()}, program.jaxpr


def _steps(program: Jaxpr, times: int = 1) -> Iterator[tuple[JaxprEqn, int]]:
    """Every equation with how often it runs, those inside of others too."""
    for step in program.eqns:
        inner = list(jaxprs_in_params(step.params))
        more = step.params["length"] if step.primitive.name == "scan" else 1
        for part in inner:
            yield from _steps(getattr(part, "jaxpr", part), times * more)
        if not inner:
            yield step, times


def _macs(found: tuple[JaxprEqn, int]) -> int:
    """Multiply-adds of convolutions and products of matrices."""
    step, times = found
    left, right = (v.aval.shape for v in step.invars[:2]) if len(step.invars) > 1 else ((), ())
    out = step.outvars[0].aval.shape if step.outvars else ()
    if step.primitive.name == "dot_general":
        (contracted, _), _ = step.params["dimension_numbers"]
        return times * prod(out) * prod(left[axis] for axis in contracted)
    if step.primitive.name != "conv_general_dilated":
        return 0
    layout = step.params["dimension_numbers"]
    # a transposed one is made of an image with zeros around its pixels, and those are no work
    positions = prod((left if _is_transposed(step) else out)[axis] for axis in layout.out_spec[2:])
    return times * left[layout.lhs_spec[0]] * positions * prod(right)


def _is_transposed(step: JaxprEqn) -> bool:
    """Only who asked for the convolution tells: with a stride of 1 it looks like any other."""
    return any("ConvTranspose" in f.function_name for f in step.source_info.traceback.frames)

"""How long a net in Flax takes to be made, and XLA to compile its training step."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

import resdsl


def step(name: str, repeat: str) -> Callable[[], float]:
    """Seconds of CPU from a shipped net, with shapes for weights, to its compiled training step:
    cross entropy, its gradients, and a step of SGD. Tracing is in it. On one image: its number and
    size change what is computed, not what is compiled."""

    def sample() -> float:
        import jax
        import jax.numpy as jnp
        from flax import nnx

        from resdsl.codegen.load import load_module

        net = resdsl.load(name)
        create = load_module(net.source("flax", repeat=repeat), net.name, "flax").create
        graph, state = nnx.split(nnx.eval_shape(create))
        channels, *size = net.ir.main.inputs[0].shape
        image, label = jnp.zeros((1, *size, channels)), jnp.zeros(1, jnp.int32)

        def train(state: Any, x: jax.Array, label: jax.Array) -> Any:
            model = nnx.merge(graph, state)

            def loss(model: nnx.Module) -> jax.Array:
                chances = jax.nn.log_softmax(model(x))
                return -jnp.take_along_axis(chances, label[:, None], 1).mean()

            gradients = nnx.grad(loss)(model)
            old = nnx.state(model, nnx.Param)
            nnx.update(model, jax.tree.map(lambda p, g: p - 0.1 * g, old, gradients))
            return nnx.state(model)

        start = process_time()
        jax.jit(train).lower(state, image, label).compile()
        return process_time() - start

    return sample


def construction(name: str, eager: bool) -> Callable[[], float]:
    """Seconds from the emitted file of a shipped net to a model with weights: by `create`, as
    `net.build` makes one; or by its class with NNX's own initialisers alone, tensor by tensor."""

    def sample() -> float:
        import jax
        from flax import nnx

        from resdsl.codegen.load import load_module

        net = resdsl.load(name)
        module = load_module(net.source("flax"), net.name, "flax")
        root = getattr(module, module.create.__annotations__["return"])
        jax.devices()  # what JAX itself takes to start is not meant
        if eager:
            module.Draws.draw = lambda self, rngs: None
        start = perf_counter()
        model = root(rngs=nnx.Rngs(0)) if eager else module.create()
        for leaf in jax.tree.leaves(nnx.state(model)):
            leaf.block_until_ready()
        return perf_counter() - start

    return sample

"""A net with weights, from arrays to arrays: what `verify` compares with torch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import Header
from resdsl.codegen.load import load_module
from resdsl.ir.graph import Net
from resdsl.ir.weights import weights
from resdsl.verify.runner import Arrays
from resdsl_flax.emit import emit
from resdsl_flax.weights import read, write

if TYPE_CHECKING:
    from jax import Array
    from numpy.typing import NDArray


class FlaxRunner:
    """The model of the very source that `compile` writes. In float64 it runs under JAX's switch for
    that, which is off again outside. `repeat` is the option of the emitter.
    """

    def __init__(self, net: Net, dtype: str, tree: Arrays, repeat: str = "auto") -> None:
        outputs = sorted(net.main.outputs, key=lambda output: output.train)
        self.outputs = [output.name for output in outputs]
        self.has_stages = any(statement.stage for statement in net.main.statements)
        self.buffers = {p for p, (_, weight) in weights(net).items() if weight.role == "buffer"}
        self.dtype, self.tree = dtype, tree
        with self._precision():
            self.model = _made(net, dtype, repeat)
            write(self.model, tree)

    def forward(self, inputs: Arrays) -> Arrays:
        """Stages' maps and outputs, in inference."""
        import jax
        from flax import nnx

        options = {"return_features": True} if self.has_stages else {}
        self.model.eval()
        graph, state = nnx.split(self.model)

        @jax.jit
        def run(state: Any, images: list[Array]) -> Any:
            return nnx.merge(graph, state)(*images, **options)

        with self._precision():
            found = run(state, [self._array(array) for array in inputs.values()])
        outputs, maps = found if options else (found, {})
        return {name: _canonical(array) for name, array in (maps | self._named(outputs)).items()}

    def gradients(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """Of the sum of output x cotangent, and the buffers after the step."""
        import jax
        from flax import nnx

        self.model.train()
        graph, *states = nnx.split(self.model, nnx.Param, ...)

        def loss(params: Any, rest: Any, images: list[Array], weights: dict[str, Array]) -> Any:
            model = nnx.merge(graph, params, rest, copy=True)
            outputs = self._named(model(*images))
            total = sum((out * weights[name]).sum() for name, out in outputs.items())
            return total, nnx.state(model, nnx.BatchStat)

        with self._precision():
            images = [self._array(array) for array in inputs.values()]
            cots = {name: self._array(array) for name, array in cotangents.items()}
            step = jax.jit(jax.grad(loss, has_aux=True))
            nnx.update(self.model, *step(*states, images, cots))
            found = read(self.model)
            write(self.model, self.tree)
        buffers = {path: found.pop(path) for path in self.buffers}
        return found, buffers

    def _named(self, result: Any) -> dict[str, Array]:
        """What the model returns, by the names of the net's outputs; those of training come last,
        and not at all in inference."""
        found = result if isinstance(result, tuple) else (result,)
        return {name: x for name, x in zip(self.outputs, found, strict=False) if x is not None}

    def _array(self, array: NDArray[Any]) -> Array:
        """An image has its channels last here."""
        import jax.numpy as jnp

        return jnp.asarray(array.transpose(0, 2, 3, 1) if array.ndim == 4 else array, self.dtype)

    def _precision(self) -> Any:
        import jax

        return jax.enable_x64(self.dtype == "float64")


def _made(net: Net, dtype: str, repeat: str) -> Any:
    """The model, all zeros: drawing weights that are set at once would cost a compilation."""
    import jax
    import jax.numpy as jnp
    from flax import nnx

    def filled(abstract: Any) -> Array:
        if jnp.issubdtype(abstract.dtype, jax.dtypes.prng_key):
            return jnp.broadcast_to(jax.random.key(0), abstract.shape)  # one a block in a loop
        return jnp.zeros(abstract.shape, abstract.dtype)

    source = emit(net, Header(net.name, (), "", "", ""), repeat)
    create = load_module(source, net.name, "flax").create
    model = nnx.eval_shape(lambda: create(param_dtype=dtype))
    nnx.update(model, jax.tree.map(filled, nnx.state(model)))
    return model


def _canonical(array: Array) -> NDArray[Any]:
    import numpy

    found = numpy.asarray(array)
    return found.transpose(0, 3, 1, 2) if found.ndim == 4 else found

"""A net in Flax and in PyTorch on the same weights, in float64: are they the same function?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from flax import nnx
from numpy.typing import NDArray
from resdsl_flax import backend
from resdsl_flax.build import load
from safetensors.numpy import load_file

import resdsl
from resdsl import frameworks
from tests.backends import compare
from tests.backends.compare import randomise, tensor_of

Array = NDArray[Any]
TOLERANCE, FLOOR = 1e-9, 1e-4


@contextmanager
def double() -> Iterator[None]:
    """JAX with float64, here alone."""
    with jax.enable_x64(True):
        yield


def last(x: Array) -> Array:
    """Channels last, if it is images."""
    return x.transpose(0, 2, 3, 1) if x.ndim == 4 else x


def first(x: Array) -> Array:
    """Channels first, if it is images."""
    return x.transpose(0, 3, 1, 2) if x.ndim == 4 else x


def arrays(value: object) -> list[Array]:
    """All arrays of a result of Flax, channels first."""
    if value is None:
        return []
    if isinstance(value, jax.Array | jax.ShapeDtypeStruct):
        return [first(np.asarray(value))]
    items = value.values() if isinstance(value, dict) else value
    return [array for item in items for array in arrays(item)]  # type: ignore[attr-defined]


def abstract(network: resdsl.Network, dtype: Any = jnp.float64) -> Any:
    """The model of its file, with shapes for weights."""
    made = load(network.source("flax"), network.name)
    return nnx.eval_shape(lambda: made.create(param_dtype=dtype))


def pair(network: resdsl.Network) -> tuple[Any, torch.nn.Module]:
    """Both models, with the same random weights."""
    theirs = network.build("torch", dtype=torch.float64)
    randomise(theirs)
    has_streams = "nnx.Dropout" in network.source("flax")  # of random numbers: no weights of torch
    ours = network.build("flax", param_dtype="float64") if has_streams else abstract(network)
    copy_weights(theirs, ours)
    return ours, theirs


def copy_weights(theirs: torch.nn.Module, ours: Any) -> None:
    state = {k: v for k, v in theirs.state_dict().items() if not k.endswith("num_batches_tracked")}
    shapes = backend.shapes(ours)
    assert shapes == {path: tuple(value.shape) for path, value in state.items()}
    backend.write(ours, {path: value.detach().numpy() for path, value in state.items()})


def inputs_of(network: resdsl.Network, batch: int = 2) -> list[torch.Tensor]:
    made = torch.Generator().manual_seed(5)
    shapes = [i.shape for i in network.ir.main.inputs]
    return [torch.randn(batch, *s, generator=made, dtype=torch.float64) for s in shapes]


def run(model: Any, inputs: Sequence[Any]) -> Any:
    """The model's result, of one program."""
    return nnx.jit(lambda model, *x: model(*x))(model, *inputs)


def assert_same(ours: Sequence[Array], theirs: Sequence[Array], what: str) -> None:
    assert len(ours) == len(theirs), f"{what}: {len(ours)} arrays instead of {len(theirs)}"
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        assert a.shape == b.shape, f"{what} {i}: shape {a.shape} instead of {b.shape}"
        error, scale = np.abs(a - b).max(initial=0), max(np.abs(b).max(initial=0), FLOOR)
        assert error <= TOLERANCE * scale, f"{what} {i}: differs by {error:.3g} of {scale:.3g}"


def assert_same_outputs(network: resdsl.Network) -> None:
    """In evaluation, and of the shapes that the graph says."""
    ours, theirs = pair(network)
    inputs = inputs_of(network)
    with torch.no_grad():
        expected = [t.numpy() for t in tensor_of(theirs.eval()(*inputs))]
    ours.eval()
    given = [jnp.asarray(last(x.numpy())) for x in inputs]
    results = run(ours, given)
    assert_same(arrays(results), expected, "output")
    main = network.ir.main
    shapes = [main.shapes[o.value] for o in main.outputs if not o.train]
    assert [a.shape[1:] for a in arrays(results)] == shapes


def native_after_moving(net: resdsl.Network, repeat: str, file: Path) -> dict[str, tuple[int, ...]]:
    """The shapes in a file of Flax's, after the weights of a torch model went to a Flax one, into
    this file, and back into torch, the same everywhere.
    """
    source = net.build("torch")
    randomise(source)
    tree = net.weights(source)
    model = net.build("flax", repeat=repeat)
    resdsl.transfer(source, model)
    found = net.weights(model)
    assert found.keys() == tree.keys()
    assert all(np.array_equal(found[path], array) for path, array in tree.items())
    file.write_bytes(frameworks.file_bytes(net.ir, tree, "flax", net.origin()))
    again = net.build("torch")
    net.load_weights(again, file)
    compare.assert_same(
        list(again.state_dict().values()), list(source.state_dict().values()), "file"
    )
    return {name: array.shape for name, array in load_file(file).items()}

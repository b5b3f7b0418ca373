"""Nets on a GPU: what the CPU computes, in float64, in bfloat16, compiled, and in loops.

`make proofs` runs the same tests with the CPU for a device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx
from numpy.typing import NDArray
from resdsl_flax import backend
from torch import Tensor, nn

import resdsl
from tests.backends.compare import randomise, tensor_of
from tests.backends.flax_pairs import double
from tests.backends.nets import SMALL, image

# Drivers and compilers may warn of what they please.
pytestmark = pytest.mark.filterwarnings("default")

EXACT = 1e-9
FLOOR = 1e-4
"""Below it, next to the largest of all, a gradient is rounding: a sum that is zero."""
ROUNDING = 2.0**-8
"""What bfloat16 may be away from a number, relatively."""
DEPTH = 11
"""Convolutions, and the classifier, one after the other in `NET`."""
NET = SMALL.replace("dropout(0.5) -> ", "")
TOKENS = """
model small_vit
input image: 3x16x16
patches: conv(8, 4, 4, pad=0) -> tokens
encoder: vit_block(heads=2) x3
head: token(0) -> fc(3)
output logits
"""
STEPS = {
    "basic": resdsl.loads(NET),
    "channels in groups": resdsl.load("torchvision/shufflenet_v2_x1_0", input=(3, 64, 64)),
    "tokens": resdsl.loads(TOKENS),
}
RUNS = {"convolutions": resdsl.load("cifar/resnet20"), "tokens": resdsl.loads(TOKENS)}

on_cpu = pytest.param("cpu", marks=pytest.mark.proof)
torch_devices = pytest.mark.parametrize(
    "device", [on_cpu, pytest.param("cuda", marks=pytest.mark.gpu("torch"))]
)
flax_devices = pytest.mark.parametrize(
    "device", [on_cpu, pytest.param("gpu", marks=pytest.mark.gpu("flax"))]
)

Arrays = dict[str, NDArray[Any]]


def assert_close(found: Mapping[str, Any], wanted: Mapping[str, Any], bound: float) -> None:
    """The largest difference, by the tensor's largest element."""
    assert found.keys() == wanted.keys()
    floor = FLOOR * max((np.abs(array).max() for array in wanted.values()), default=0)
    for name, array in wanted.items():
        error, scale = np.abs(found[name] - array).max(), max(np.abs(array).max(), floor)
        assert error <= bound * scale, f"{name}: differs by {error:.3g} of {scale:.3g}"


# ------------------------------------------------------------------ torch


def module(network: resdsl.Network, device: str, dtype: torch.dtype = torch.float64) -> nn.Module:
    """The net on a device, with the same random weights on each."""
    drawn = network.build("torch", dtype=dtype)
    randomise(drawn)
    model = network.build("torch", device=device, dtype=dtype)
    model.load_state_dict(drawn.state_dict(), strict=True)
    return model


def images(network: resdsl.Network, dtype: torch.dtype = torch.float64) -> Tensor:
    (entry,) = network.ir.main.inputs
    return image(4, *entry.shape).to(dtype)


def numpy_of(tensors: Mapping[str, Tensor]) -> Arrays:
    return {name: tensor.detach().double().cpu().numpy() for name, tensor in tensors.items()}


def torch_step(
    model: nn.Module, x: Tensor, run: Callable[[Tensor], object]
) -> tuple[Arrays, Arrays, Arrays]:
    """Outputs of a training step, its gradients, and the statistics after it."""
    model.train().zero_grad()
    outputs = tensor_of(run(x))
    sum((output.double() ** 2).sum() for output in outputs).backward()
    gradients = {name: p.grad for name, p in model.named_parameters()}
    named = {str(i): output for i, output in enumerate(outputs)}
    return numpy_of(named), numpy_of(gradients), numpy_of(dict(model.named_buffers()))


@torch_devices
@pytest.mark.parametrize(
    "name", ["resnet18", "resnet50", "cifar/resnet20", "classics/googlenet", "torchvision/vit_b_16"]
)
def test_torch_computes_what_it_does_on_the_cpu(name: str, device: str) -> None:
    network = resdsl.load(name, input=(3, 96, 96))
    x, results = images(network), []
    for at in (device, "cpu"):
        model = module(network, at).eval()
        with torch.no_grad():
            results.append(numpy_of({"output": model(x.to(at))}))
    assert_close(*results, EXACT)


@torch_devices
@pytest.mark.parametrize("name", list(STEPS))
def test_torch_takes_the_step_that_it_does_on_the_cpu(name: str, device: str) -> None:
    network = STEPS[name]
    x = images(network)
    results = []
    for at in (device, "cpu"):
        model = module(network, at)
        results.append(torch_step(model, x.to(at), model))
    for ours, theirs in zip(*results, strict=True):
        assert_close(ours, theirs, EXACT)


@torch_devices
def test_torch_in_bfloat16(device: str) -> None:
    network = resdsl.loads(NET)
    model = module(network, device, torch.float32).eval()
    x = images(network, torch.float32).to(device)
    with torch.no_grad():
        wanted = numpy_of({"output": model(x)})
        with torch.autocast(device, dtype=torch.bfloat16):
            mixed = model(x)
        half = module(network, device, torch.float32).bfloat16().eval()(x.bfloat16())
    for output in (mixed, half):
        assert output.dtype == torch.bfloat16
        assert_close(numpy_of({"output": output}), wanted, DEPTH * ROUNDING)


@torch_devices
def test_torch_trains_in_bfloat16_on_weights_of_float32(device: str) -> None:
    network = resdsl.loads(NET)
    model = module(network, device, torch.float32)
    x = images(network, torch.float32).to(device)
    wanted, *_ = torch_step(model, x, model)
    with torch.autocast(device, dtype=torch.bfloat16):
        found, gradients, _ = torch_step(model, x, model)
    assert_close(found, wanted, DEPTH * ROUNDING)
    assert all(np.isfinite(gradient).all() for gradient in gradients.values())
    parameters = list(model.parameters())
    assert {p.dtype for p in parameters} == {p.grad.dtype for p in parameters} == {torch.float32}
    assert {p.grad.device.type for p in parameters} == {device}


@torch_devices
def test_torch_compiled_is_eager(device: str) -> None:
    network = resdsl.loads(NET)
    x = images(network).to(device)
    eager, other = module(network, device), module(network, device)
    wanted = torch_step(eager, x, eager)
    compiler = "inductor" if device == "cuda" else "aot_eager"  # which needs no C++
    found = torch_step(other, x, torch.compile(other, backend=compiler, fullgraph=True))
    for ours, theirs in zip(found, wanted, strict=True):
        assert_close(ours, theirs, EXACT)


# ------------------------------------------------------------------ flax


@contextmanager
def default(device: str) -> Iterator[None]:
    """JAX computes there."""
    (at, *_) = jax.devices(device)
    with jax.default_device(at):
        assert jnp.zeros(1).devices() == {at}
        yield


@nnx.jit
def flax_step(model: Any, x: Any) -> tuple[Any, Any]:
    """The output of a training step, and its gradients; the statistics are updated."""

    def loss(model: Any) -> Any:
        output = model(x)
        wide = output.astype(jnp.promote_types(output.dtype, "float32"))
        return (wide**2).sum(), output

    gradients, output = nnx.grad(loss, has_aux=True)(model)
    return output, gradients


@flax_devices
@pytest.mark.parametrize("name", list(STEPS))
def test_flax_computes_what_torch_does_on_the_cpu(name: str, device: str) -> None:
    """Every stage, the output, the gradients of a step and its statistics."""
    network = STEPS[name]
    with default(device):
        proof = network.verify(["flax"], dtype="float64")
    assert proof.ok, [row for row in proof.rows if not row.ok]


@flax_devices
def test_flax_in_bfloat16_on_weights_of_float32(device: str) -> None:
    network = resdsl.loads(NET)
    with default(device):
        x = jnp.asarray(images(network).permute(0, 2, 3, 1).numpy(), "float32")
        results = []
        for dtype in ("bfloat16", "float32"):
            model = network.build("flax", dtype=dtype, param_dtype="float32")
            output, gradients = flax_step(model, x)
            model.eval()
            used = nnx.jit(lambda model, x: model(x))(model, x)
            assert output.dtype == used.dtype == dtype
            found = [*jax.tree.leaves(nnx.state(model)), *jax.tree.leaves(gradients)]
            assert {str(leaf.dtype) for leaf in found} == {"float32"}
            assert all(bool(jnp.isfinite(leaf).all()) for leaf in found)
            results.append({"trained": np.float64(output), "used": np.float64(used)})
        assert_close(*results, DEPTH * ROUNDING)


@flax_devices
@pytest.mark.parametrize("name", list(RUNS))
def test_flax_in_loops_is_unrolled(name: str, device: str) -> None:
    network = RUNS[name]
    x = images(network).permute(0, 2, 3, 1).numpy()
    results, tree = [], None
    with double(), default(device):
        for repeat in ("unroll", "scan"):
            model = network.build("flax", repeat=repeat, param_dtype="float64")
            tree = tree or backend.read(model)
            backend.write(model, tree)
            output, gradients = flax_step(model, jnp.asarray(x))
            after = backend.read(model)
            nnx.update(model, gradients)
            results.append((backend.read(model), after, {"output": np.asarray(output)}))
    for scanned, unrolled in zip(*reversed(results), strict=True):
        assert_close(scanned, unrolled, EXACT)

"""Training images a second on a GPU, next to torchvision's and timm's: `make bench ARGS=gpu`.

One process a framework, because both want the device's memory for themselves. In it the models of
one net take turns with the same images, loss and optimiser: cross entropy, SGD with momentum.
float32 is with TF32, which is what JAX does by default; bfloat16 computes on weights of float32.
The batch of `Setup` wants a device of 40 GB.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import resdsl

ROOT = Path(__file__).resolve().parents[1]
FIRST = "torchvision"  # what the others are compared with
CLASSES, RATE, MOMENTUM = 1000, 0.01, 0.9

Run = Callable[[int], float]  # takes so many steps, waits until they are done: the last loss


@dataclass(frozen=True)
class Setup:
    """What is measured. A rate is of the median round; each model takes `steps` steps a round."""

    device: str = "cuda"
    nets: Sequence[str] = ("torchvision/resnet50", "torchvision/resnet152")
    """Shipped nets; what follows the last slash is the name of the others' models."""
    precisions: Sequence[str] = ("float32", "bfloat16")
    batch: int = 128
    side: int = 224
    rounds: int = 7
    steps: int = 5
    compiler: str = "inductor"


def table(setup: Setup) -> bool:
    """Print the table, or in one line why there is none; say whether all ran that could."""
    missing, beside, ok = [], dict[tuple[str, str], float](), True
    for framework in FRAMEWORKS:
        command = [sys.executable, "-m", "bench.gpu", framework, json.dumps(asdict(setup))]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                kind, *values = json.loads(line)
                if kind == "missing":
                    missing += values
                elif kind == "about":
                    size = f"batch {setup.batch} of 3x{setup.side}x{setup.side}; float32 with TF32"
                    print(f"\n{values[0]}\n{size:<58}   images/s  / torchvision")
                else:
                    net, precision, model, rate = values
                    if model == FIRST:
                        beside[net, precision] = rate
                    than = beside.get((net, precision))
                    ratio = f"{rate / than:15.2f}" if than else ""
                    print(f"{net:<24}{precision:<10}{model:<24}{rate:11.1f}{ratio}", flush=True)
        ok &= process.returncode == 0
    if missing:
        print(f"GPU: nothing measured with {'; nor with '.join(missing)}")
    return ok


def rates(runs: dict[str, Run], setup: Setup) -> dict[str, float]:
    """Images a second. A round before those that count fills caches and compiles kernels."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(1 + setup.rounds):
        for name, run in runs.items():
            start = perf_counter()
            run(setup.steps)
            seconds[name].append(perf_counter() - start)
    return {k: setup.batch * setup.steps / median(v[1:]) for k, v in seconds.items()}


def torch_device(setup: Setup) -> str:
    """The device's name; raises what torch says where there is none."""
    import torch

    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    return torch.cuda.get_device_name() if setup.device == "cuda" else setup.device


def torch_runs(net: str, precision: str, setup: Setup) -> dict[str, Run]:
    """Torchvision's and ours, as they are and compiled, and timm's."""
    import torch

    from tests.torchvision_shim import import_timm, import_torchvision

    network, name = resdsl.load(net), net.rpartition("/")[2]
    theirs, ours = import_torchvision().models.get_model, network.build
    models = {
        FIRST: theirs(name),
        "timm": import_timm().create_model(name),
        "ours": ours("torch"),
        f"{FIRST}, compiled": torch.compile(theirs(name), backend=setup.compiler),
        "ours, compiled": torch.compile(ours("torch"), backend=setup.compiler),
    }
    return {what: torch_run(model, precision, setup) for what, model in models.items()}


def torch_run(model: Any, precision: str, setup: Setup) -> Run:
    """A model and its optimiser."""
    import torch
    from torch.nn.functional import cross_entropy

    device, last = setup.device, torch.channels_last
    model = model.to(device=device, memory_format=last).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    images = torch.randn(setup.batch, 3, setup.side, setup.side).to(device, memory_format=last)
    labels = torch.arange(setup.batch, device=device) % CLASSES

    def run(steps: int) -> float:
        for _ in range(steps):
            with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
                loss = cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        getattr(torch, device).synchronize()
        return loss.item()

    return run


def flax_device(setup: Setup) -> str:
    """The device's name; raises what JAX says where there is none."""
    import jax

    device = jax.devices("gpu" if setup.device == "cuda" else setup.device)[0]
    jax.config.update("jax_default_device", device)  # type: ignore[no-untyped-call]
    return str(device.device_kind)


def flax_runs(net: str, precision: str, setup: Setup) -> dict[str, Run]:
    """Ours alone: a step is one program, and the memory of the old state is the new one's."""
    import jax
    import jax.numpy as jnp
    from flax import nnx

    split: Any = nnx.split
    graph, params, rest = split(resdsl.load(net).build("flax", dtype=precision), nnx.Param, ...)
    images = jax.random.normal(jax.random.key(0), (setup.batch, setup.side, setup.side, 3))
    labels = jnp.arange(setup.batch) % CLASSES

    def loss_of(params: Any, rest: Any, images: Any, labels: Any) -> Any:
        model: Any = nnx.merge(graph, params, rest, copy=True)
        chances = jax.nn.log_softmax(model(images).astype("float32"))
        value = -jnp.take_along_axis(chances, labels[:, None], 1).mean()
        return value, nnx.state(model, nnx.Not(nnx.Param))

    def step(state: Any, images: Any, labels: Any) -> Any:
        params, rest, speed = state
        gradients = jax.value_and_grad(loss_of, has_aux=True)
        (loss, rest), slopes = gradients(params, rest, images, labels)
        speed = jax.tree.map(lambda v, g: MOMENTUM * v + g, speed, slopes)
        return (jax.tree.map(lambda p, v: p - RATE * v, params, speed), rest, speed), loss

    program = jax.jit(step, donate_argnums=0)
    state = params, rest, jax.tree.map(jnp.zeros_like, params)

    def run(steps: int) -> float:
        nonlocal state
        for _ in range(steps):
            state, loss = program(state, images, labels)
        jax.block_until_ready(state)  # type: ignore[no-untyped-call]
        return float(loss)

    return {"ours, flax": run}


FRAMEWORKS = {
    "torch": (("torch", "torchvision", "timm"), torch_device, torch_runs),
    "flax": (("jax", "flax"), flax_device, flax_runs),
}


def measure(framework: str, setup: Setup) -> None:
    """Say what is found, a line of JSON each."""
    packages, device, runs = FRAMEWORKS[framework]
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    try:
        print(json.dumps(["about", f"{device(setup)}: {versions}"]), flush=True)
    except (AssertionError, RuntimeError) as error:  # a build without CUDA asserts it
        print(json.dumps(["missing", f"{versions}: {str(error).splitlines()[0]}"]))
        return
    for net in setup.nets:
        for precision in setup.precisions:
            for model, rate in rates(runs(net, precision, setup), setup).items():
                print(json.dumps(["rate", net, precision, model, rate]), flush=True)


if __name__ == "__main__":
    measure(sys.argv[1], Setup(**json.loads(sys.argv[2])))

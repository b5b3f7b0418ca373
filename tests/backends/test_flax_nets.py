"""Whole nets in Flax against PyTorch on the same weights: nets made to trip whoever folds regions
into classes, and random ones. Every shipped net has its parameters, by their canonical names.
"""

from __future__ import annotations

import math

import pytest
from flax import nnx
from resdsl_flax import backend
from resdsl_flax.build import load

import resdsl
from resdsl.ir.weights import weights
from tests.backends.flax_pairs import abstract, assert_same_outputs, double
from tests.backends.generate import Writer
from tests.backends.test_equal_interpreter import TRICKY
from tests.zoo.zoo import ONE_OF_EACH

QUICK = [*TRICKY][::6]
CHEAP = [
    "cifar/resnet20", "classics/lenet5", "classics/alexnet", "examples/siamese",
    "examples/two_headed", "torchvision/mobilenet_v2", "dense/unet", "resnet18",
]  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in QUICK else [pytest.mark.proof]) for n in TRICKY]
)
def test_tricky(name: str) -> None:
    with double():
        assert_same_outputs(resdsl.loads(TRICKY[name], name="m"))


@pytest.mark.parametrize("name", sorted({*QUICK, "a shared repeat", "quoted numbers"}))
def test_what_the_state_calls_the_weights(name: str) -> None:
    network = resdsl.loads(TRICKY[name], name="m")
    create = load(network.source("flax", repeat="unroll"), network.name).create
    state = nnx.state(nnx.eval_shape(create), nnx.Any(nnx.Param, nnx.BatchStat))
    found = {".".join(map(str, path)): leaf.shape for path, leaf in nnx.to_flat_state(state)}
    shapes = {path: weight.shape for path, (_, weight) in weights(network.ir).items()}
    layouts = backend.layouts(network.ir)
    assert {at.name: at.native_shape(shapes[path]) for path, at in layouts.items()} == found


@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=[] if n % 12 == 0 else [pytest.mark.proof]) for n in range(60)]
)
def test_random_nets(seed: int) -> None:
    with double():
        assert_same_outputs(resdsl.loads(Writer(seed).spec(), name="m"))


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in CHEAP else [pytest.mark.proof]) for n in ONE_OF_EACH]
)
def test_a_shipped_net_has_its_weights_by_their_names(name: str) -> None:
    network = resdsl.load(name)
    shapes = backend.shapes(abstract(network, "float32"))
    own = weights(network.ir)
    assert shapes == {path: weight.shape for path, (_, weight) in own.items()}
    trained = [weight.shape for _, weight in own.values() if weight.role == "trainable"]
    assert sum(map(math.prod, trained)) == network.stats().params_training


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_shipped_net_emits(name: str) -> None:
    compile(resdsl.load(name).source("flax"), name, "exec")

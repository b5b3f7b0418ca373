"""Max pools in Flax and their gradients, against PyTorch: dilated ones, of which JAX itself has no
gradient, those with a last window beyond the image, and adaptive ones.
"""

from __future__ import annotations

import jax
import numpy as np
import pytest
import torch

import resdsl
from tests.backends.flax_pairs import double, first, last

POOLS = (
    "maxpool(2, dilation=2)",
    "maxpool(3, 2, dilation=[2, 1])",
    "maxpool(2x3, [3, 1], pad=[1, 2], dilation=[3, 2])",
    "maxpool(3, 2, pad=1, dilation=2, ceil=true)",
    "maxpool(2, 3, dilation=[1, 3], ceil=true)",
    "maxpool(3, 1, pad=same, dilation=3)",
    "maxpool(2x3, 2, pad=same_upper, dilation=2)",
    "maxpool(3, 2, pad=1, ceil=true)",
    "adaptive_maxpool(4x5)",
)
SHAPE = (3, 10, 9)
rng = np.random.default_rng(0)
DISTINCT = rng.permutation(np.arange(2 * 3 * 10 * 9)).reshape(2, *SHAPE) / 7 - 30
TIES = rng.integers(-2, 3, (2, *SHAPE)).astype("float64")


def network(pool: str) -> resdsl.Network:
    return resdsl.loads(f"input image: {'x'.join(map(str, SHAPE))}\nx: {pool}\noutput x")


@pytest.mark.parametrize("image", [DISTINCT, TIES], ids=["distinct", "ties"])
@pytest.mark.parametrize("pool", POOLS)
def test_the_largest_and_who_has_its_gradient(pool: str, image: np.ndarray) -> None:
    x = torch.tensor(image, requires_grad=True)
    y = network(pool).build("torch")(x)
    slope = np.arange(y.numel()).reshape(y.shape) + 0.5
    y.backward(torch.tensor(slope))
    with double():
        found, back = jax.vjp(network(pool).build("flax"), last(image))
        (gradient,) = back(jax.numpy.asarray(last(slope)))
    np.testing.assert_array_equal(first(np.asarray(found)), y.detach().numpy())
    assert x.grad is not None
    np.testing.assert_array_equal(first(np.asarray(gradient)), x.grad.numpy())


def test_what_is_not_a_number_stays() -> None:
    image = TIES.copy()
    image[0, 0, 4, 4] = np.nan
    with double():
        found = first(np.asarray(network(POOLS[0]).build("flax")(last(image))))
    np.testing.assert_array_equal(found, network(POOLS[0]).build("torch")(torch.tensor(image)))


def test_only_a_dilated_pool_is_written_so() -> None:
    for pool in POOLS:
        source = network(pool).source("flax")
        assert ("max_pool_dilated(" in source) == ("dilation" in pool)
    assert "def max_pool" not in network("maxpool(3, 2, pad=1)").source("flax")

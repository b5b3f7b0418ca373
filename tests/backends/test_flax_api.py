"""What users of a Flax model rely on: training, dtypes, initial weights, a file of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx
from resdsl_flax import backend
from resdsl_flax.build import load
from resdsl_flax.reserved import RESERVED

import resdsl
from tests.backends.flax_pairs import TOLERANCE, double, inputs_of, last, pair
from tests.backends.nets import SMALL, WITH_AUX

NET = """
model net
input image: 3x9x11
stage one: conv_bn_act(4)
stage two: basic(4) x2
head: gap -> fc(5)
output logits
"""
INITS = """
model inits
input image: 3x9x9
a: conv(64)
b: conv(64, groups=2)
c: conv_transpose(64, 3, groups=4)
d: conv(64)
e: conv_bn(64)
f: fc(100)
output y
init conv = he_normal(mode=fan_in)
init d = trunc_normal(std=0.5)
init e = xavier_uniform
init bn = 0
init fc.bias = uniform(bound=2)
"""


def test_a_training_step_moves_the_statistics_as_in_torch() -> None:
    text = NET.replace("conv_bn_act(4)", "conv(4) -> bn(momentum=0.3, eps=0.01) -> relu")
    network = resdsl.loads(text)
    with double():
        ours, theirs = pair(network)
        (x,) = inputs_of(network)
        theirs.train()(x).sum().backward()

        def loss(model: nnx.Module) -> jax.Array:
            return model(jnp.asarray(last(x.numpy()))).sum()

        ours.train()
        gradients = nnx.jit(nnx.grad(loss))(ours)
        state = {k: v.numpy() for k, v in theirs.state_dict().items()}
        for path, value in backend.read(ours).items():
            assert np.abs(value - state[path]).max() <= TOLERANCE * np.abs(state[path]).max(), path
        found = backend.read(
            nnx.merge(nnx.graphdef(ours), gradients, nnx.state(ours, nnx.BatchStat))
        )
        for path, value in theirs.named_parameters():
            scale = max(value.grad.abs().max().item(), 1e-4)
            assert np.abs(found[path] - value.grad.numpy()).max() <= TOLERANCE * scale, path


def test_an_optimizer_learns() -> None:
    optax = pytest.importorskip("optax")
    model = resdsl.loads(NET).build("flax")
    optimizer = nnx.Optimizer(model, optax.sgd(0.1), wrt=nnx.Param)
    x, y = jnp.ones((4, 9, 11, 3)) * jnp.arange(4)[:, None, None, None], jnp.arange(4)

    @nnx.jit
    def step(model: nnx.Module, optimizer: nnx.Optimizer) -> jax.Array:
        def loss(model: nnx.Module) -> jax.Array:
            return optax.softmax_cross_entropy_with_integer_labels(model(x), y).mean()

        value, gradients = nnx.value_and_grad(loss)(model)
        optimizer.update(model, gradients)
        return value

    losses = [float(step(model, optimizer)) for _ in range(10)]
    assert losses[-1] < losses[0]


def test_it_computes_in_bfloat16_on_weights_of_float32() -> None:
    model = resdsl.loads(SMALL).build("flax", dtype=jnp.bfloat16)
    assert dtypes(model, nnx.Param) == {"float32"}
    x = jnp.ones((2, 33, 35, 3))
    for training in (True, False):
        model.train() if training else model.eval()
        assert model(x).dtype == jnp.bfloat16
    assert dtypes(model, nnx.BatchStat) == {"float32"}
    half = resdsl.loads(SMALL).build("flax", param_dtype=jnp.bfloat16)
    assert dtypes(half, nnx.Param) == {"bfloat16"}
    assert dtypes(half, nnx.BatchStat) == {"float32"}


@pytest.mark.parametrize("option", ["dtype", "param_dtype"])
@pytest.mark.parametrize("dtype", ["nonsense", "int32", torch.float32])
def test_what_is_no_dtype_is_refused_at_once(option: str, dtype: object) -> None:
    with pytest.raises(TypeError, match=f"`{option}` must be a floating point dtype of JAX"):
        resdsl.loads(NET).build("flax", **{option: dtype})


def dtypes(model: nnx.Module, kind: type[nnx.Variable]) -> set[str]:
    return {str(leaf.dtype) for leaf in jax.tree.leaves(nnx.state(model, kind))}


def test_training_is_a_mode_of_the_model() -> None:
    model = resdsl.loads(WITH_AUX).build("flax")
    x = jnp.ones((2, 17, 17, 3))
    assert model(x).aux.shape == (2, 4)
    model.eval()
    result = model(x)
    assert result.aux is None
    assert result.scores.shape == (2, 5)
    model.train()
    assert model(x).aux is not None


def test_features_on_request() -> None:
    model = resdsl.loads(SMALL).build("flax")
    model.eval()
    logits, features = model(jnp.ones((2, 33, 35, 3)), return_features=True)
    assert logits.shape == (2, 7)
    assert {name: value.shape for name, value in features.items()} == {
        "one": (2, 33, 35, 8),
        "two": (2, 17, 18, 16),
    }


def test_dropout_and_drop_path_fall_in_training_only() -> None:
    text = "model m\ninput image: 2x8x8\n{}\noutput y\n"
    x = jnp.ones((400, 8, 8, 2))
    for op in ("dropout(0.3)", "drop_path(0.3)"):
        model = resdsl.loads(text.format(op)).build("flax")
        y = model(x)
        assert abs(float((y != 0).mean()) - 0.7) < 0.07
        assert jnp.allclose(y[y != 0], 1 / 0.7)
        assert bool((y.reshape(400, -1) == y[:, :1, 0, 0]).all()) == (op == "drop_path(0.3)")
        model.eval()
        assert (model(x) == x).all()


# ---------------------------------------------------------------- initial weights


def test_weights_begin_as_the_net_says() -> None:
    network = resdsl.loads(INITS)
    made = load(network.source("flax"), network.name)
    for model in (made.create(3), made.Inits(rngs=nnx.Rngs(3))):
        w = backend.read(model)
        for path, fan in (("a", 27), ("b", 288)):
            assert w[f"{path}.weight"].std() == pytest.approx((2 / fan) ** 0.5, rel=0.1), path
        assert w["d.weight"].std() == pytest.approx(0.5, rel=0.02)
        assert np.abs(w["d.weight"]).max() <= 2
        bound = (6 / (576 + 576)) ** 0.5
        assert bound * 0.99 < np.abs(w["e.conv1.weight"]).max() <= bound
        assert (w["e.bn1.weight"] == 0).all()
        assert (w["e.bn1.running_var"] == 1).all()
        assert (w["a.bias"] == 0).all()
        assert 1.8 < np.abs(w["f.bias"]).max() <= 2
        first, second = w["a.weight"].flatten(), w["b.weight"].flatten()[: w["a.weight"].size]
        assert abs(np.corrcoef(first, second)[0, 1]) < 0.1


def test_a_seed_says_which_weights() -> None:
    first, again, other = (resdsl.loads(NET).build("flax", seed=seed) for seed in (1, 1, 2))
    path = "one.conv1.weight"
    assert (backend.read(first)[path] == backend.read(again)[path]).all()
    assert (backend.read(first)[path] != backend.read(other)[path]).any()


# ---------------------------------------------------------------- the file


def test_emitting_loads_no_framework_and_the_file_stands_alone(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    (tmp_path / "net.res").write_text(NET)
    emit = (
        "import sys, resdsl; text = resdsl.load('net.res').source('flax'); "
        "assert not {'jax', 'flax', 'numpy', 'torch'} & set(sys.modules); "
        f"open({str(file)!r}, 'w').write(text)"
    )
    subprocess.run([sys.executable, "-c", emit], cwd=tmp_path, check=True)
    use = (
        "import sys; sys.path.insert(0, '.'); import net, jax.numpy as jnp; "
        "model = net.create(); model.eval(); "
        "assert model(jnp.ones((1, 9, 11, 3))).shape == (1, 5); "
        "assert not any(name.startswith('resdsl') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", use], cwd=tmp_path, check=True)


def test_reserved_names_are_those_of_flax() -> None:
    own = {name for name in {*dir(nnx.Module), *dir(nnx.Sequential)} if not name.startswith("__")}
    assert own | {"layers", "deterministic", "use_running_average", "_draws"} <= RESERVED
    text = "input i: 3x9x9\ntrain: conv(4)\nlayers: conv(4)\nclass: conv(4)\n"
    ours = resdsl.loads(text).build("flax")
    assert sorted(backend.shapes(ours))[1::2] == ["class.weight", "layers.weight", "train.weight"]
    assert backend.owns(ours)
    assert not backend.owns(torch.nn.Identity())


def test_weights_come_back_as_they_were_written() -> None:
    model = resdsl.loads(SMALL).build("flax", seed=1)
    other = resdsl.loads(SMALL).build("flax", seed=2)
    tree = backend.read(model)
    backend.write(other, tree)
    back = backend.read(other)
    assert all((back[path] == value).all() for path, value in tree.items())
    assert set(back) == set(tree)

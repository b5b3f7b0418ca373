"""Repeats as loops in Flax: the same function, the same weights by the same names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from resdsl_flax import backend

import resdsl
from resdsl.codegen.load import load_module
from tests.backends.flax_pairs import double

TOLERANCE = 1e-12
HEAD = "head: gap -> fc(3)\noutput logits\n"
PLAIN = "input image: 4x5x5\ns: plain(4) x3"
DROPS = (
    "block unit(out) {\n  add {\n    | conv(out, 3) -> bn -> dropout(0.5) -> drop_path(0.5)\n"
    "    | identity\n  }\n}\nmodel m\ninput image: 4x6x6\ns: unit(4) x3"
)

EQUAL = {  # name -> (the net, how many loops `scan` makes)
    "groups, strides, dilation, uneven padding, and blocks between the runs": (
        "block unit(out) {\n  add {\n"
        "    | conv(out, 3, groups=2, bias=true) -> bn -> relu\n"
        "      conv(out, 2, dilation=2, pad=same_upper) -> bn\n"
        "    | identity\n  }\n}\n"
        "block half(out) {\n  mul {\n"
        "    | conv(out, 3, stride=2, pad=1) -> bn -> resize(size=[8, 7])\n"
        "    | identity\n  }\n}\n"
        "model m\ninput image: 4x8x7\n"
        's: {\n  "0": unit(4)\n  "1": unit(4)\n  "2": unit(4)\n  "3": plain(4)\n'
        '  "4": half(4)\n  "5": half(4)\n}',
        2,
    ),
    "a loop of loops": (
        "block pair(out) {\n  s: plain(out) x2\n  conv(out, 1) -> bn\n}\n"
        "model m\ninput image: 4x4x4\nt: pair(4) x3",
        2,
    ),
    "bare tensors": (
        "input image: 4x5x4\ns: convnext_block(k=3, mlp=2) x3\n"
        "scale: layer_scale\nhead: gap -> fc(3)\noutput t\n",
        1,
    ),
    "without convolutions": (
        "input image: 4x4x4\ntokens: conv(8, 2, 2, pad=0) -> tokens\n"
        "encoder: vit_block(heads=2) x3\nt: token(0) -> fc(3)\noutput t\n",
        1,
    ),
}


@contextmanager
def quick() -> Iterator[None]:
    """XLA compiles fast what need not be fast."""
    jax.config.update("jax_disable_most_optimizations", True)
    try:
        yield
    finally:
        jax.config.update("jax_disable_most_optimizations", False)


def net(text: str) -> resdsl.Network:
    return resdsl.loads(text if "output " in text else f"{text}\n{HEAD}")


def models(text: str, **options: Any) -> tuple[Any, Any]:
    """Unrolled, and with loops, on the same weights."""
    made = net(text)
    unrolled, scanned = (made.build("flax", repeat=r, **options) for r in ("unroll", "scan"))
    backend.write(scanned, backend.read(unrolled))
    return unrolled, scanned


def abstract(network: resdsl.Network, repeat: str = "scan", **options: Any) -> Any:
    """The model with shapes for weights."""
    source = network.source("flax", repeat=repeat)
    create = load_module(source, network.name, "flax").create
    return nnx.eval_shape(lambda: create(**options))


def loops(network: resdsl.Network, repeat: str) -> int:
    """How many members are loops."""
    source = network.source("flax", repeat=repeat)
    return source.count("Repeat(") - source.count("class Repeat(")


def images(network: resdsl.Network, dtype: str = "float32") -> Any:
    channels, *size = network.ir.main.inputs[0].shape
    return jax.random.normal(jax.random.key(0), (2, *size, channels), dtype)


def step(model: Any, x: Any) -> Any:
    """A loss, and its gradients; the statistics are updated."""
    return nnx.value_and_grad(lambda model: jnp.sin(3 * model(x)).sum())(model)


@nnx.jit
def both(model: Any, x: Any) -> Any:
    """The outputs in inference, then the loss and the gradients of one step."""
    model.eval()
    outputs = model(x)
    model.train()
    return outputs, *step(model, x)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.proof] if i else []) for i, n in enumerate(EQUAL)]
)
def test_a_loop_is_the_same_function(name: str) -> None:
    text, count = EQUAL[name]
    assert loops(net(text), "scan") == count
    assert loops(net(text), "unroll") == 0
    results = []
    with double(), quick():
        for model in models(text, param_dtype="float64"):
            outputs, loss, gradients = both(model, images(net(text), "float64"))
            found = {"outputs": np.asarray(outputs), "loss": np.asarray(loss)}
            found |= {f"{path} after": array for path, array in backend.read(model).items()}
            nnx.update(model, gradients)
            results.append(found | backend.read(model))
    expected, found = results
    assert found.keys() == expected.keys()
    for what, array in expected.items():
        error = np.abs(found[what] - array).max()
        assert error <= TOLERANCE * max(np.abs(array).max(), 0.1), f"{what}: differs by {error:.3g}"


@pytest.mark.parametrize(
    ("stride", "dilation", "window", "padding"),
    [
        (1, 1, (1, 1), ((0, 0), (0, 0))),
        (3, 1, (2, 3), ((0, 1), (0, 1))),
        (2, 2, (3, 2), ((2, 0), (1, 3))),
    ],
)
def test_gradients_of_the_convolution_of_loops(
    stride: int, dilation: int, window: tuple[int, int], padding: Any
) -> None:
    conv_in_loop = load_module(net(PLAIN).source("flax", repeat="scan"), "m", "flax").conv_in_loop
    settings = {
        "rhs_dilation": (dilation, dilation),
        "dimension_numbers": ("NHWC", "HWIO", "NHWC"),
        "feature_group_count": 2,
    }

    @jax.jit
    def gradients(x: Any, kernel: Any) -> Any:
        def loss(conv: Any, x: Any, kernel: Any) -> Any:
            return (conv(x, kernel, (stride, stride), padding, **settings) ** 2).sum()

        convs = jax.lax.conv_general_dilated, conv_in_loop
        return [jax.grad(loss, (1, 2))(conv, x, kernel) for conv in convs]

    with double(), quick():
        x = jax.random.normal(jax.random.key(0), (2, 7, 8, 4))
        kernel = jax.random.normal(jax.random.key(1), (*window, 2, 6))
        for a, b in zip(*gradients(x, kernel), strict=True):
            np.testing.assert_allclose(b, a, rtol=0, atol=TOLERANCE * float(np.abs(a).max()))


# ---------------------------------------------------------------- names, and how weights begin


@pytest.mark.parametrize("name", EQUAL)
def test_names_and_shapes_are_those_of_the_unrolled_model(name: str) -> None:
    made = net(EQUAL[name][0])
    assert backend.shapes(abstract(made)) == backend.shapes(abstract(made, "unroll"))


def test_each_block_of_a_loop_begins_with_weights_of_its_own() -> None:
    model = net("input image: 32x4x4\ns: plain(32) x3\ninit conv = normal(0.1)").build(
        "flax", repeat="scan"
    )
    (repeat,) = model.s.layers
    assert len(repeat) == len(list(repeat)) == 3
    weights, seen = backend.read(model), set()
    for i, block in enumerate(repeat):
        kernel = np.asarray(block.conv1.kernel[...])
        assert (kernel.transpose(3, 2, 0, 1) == weights[f"s.{i}.conv1.weight"]).all()
        assert abs(kernel.std() - 0.1) < 0.005
        seen.add(kernel.tobytes())
    assert len(seen) == 3


def test_what_is_said_of_members_holds_for_those_of_a_loop() -> None:
    text = 's: {\n  "0": plain(4)\n  "1": plain(4)\n  "2": plain(4)\n  "3": basic(4)\n}\n'
    rules = "init s.bn1.gamma = 3\ninit s.3.bn2.gamma = 2"
    found = backend.read(net(f"input image: 4x5x5\n{text}{rules}").build("flax", repeat="scan"))
    for i in range(4):
        assert (found[f"s.{i}.bn1.weight"] == 3).all()
        assert (found[f"s.{i}.bn2.weight"] == (2 if i == 3 else 1)).all()


def test_members_that_do_not_begin_alike_are_no_loop() -> None:
    assert loops(net(f"{PLAIN}\ninit s.1.conv1 = normal(1)"), "scan") == 0


# ---------------------------------------------------------------- what is a loop


def test_auto_scans_from_seven_equal_blocks_on() -> None:
    assert loops(resdsl.load("resnet50"), "auto") == 0
    assert loops(resdsl.load("resnet101"), "auto") == 1
    assert loops(resdsl.load("resnet152"), "auto") == 2
    assert loops(resdsl.load("resnet50"), "scan") == 4


def test_blocks_that_change_the_shape_are_no_loop() -> None:
    made = net("input image: 4x32x32\ns: {\n  conv(4, 3, stride=2) -> bn -> relu\n} x3")
    assert loops(made, "scan") == 0


def test_only_what_is_equal_is_a_loop() -> None:
    source = net("input image: 4x5x5\nt: plain(8) x4").source("flax", repeat="scan")
    assert "Plain(4, **dtypes, rngs=rngs)" in source
    assert "Repeat(3, Plain, 8, **dtypes, rngs=rngs)" in source


def test_an_unknown_word_for_repeat() -> None:
    with pytest.raises(ValueError, match="repeat is 'loop', and none of auto, unroll, scan"):
        resdsl.load("resnet50").source("flax", repeat="loop")


# ---------------------------------------------------------------- as users train


def test_every_block_drops_by_itself_and_every_step_anew() -> None:
    model = net("input image: 8x8x8\ns: {\n  dropout(0.5)\n  p: prelu\n} x3").build(
        "flax", repeat="scan"
    )
    stage = nnx.jit(lambda model, x: model.s(x))
    x = jnp.ones((2, 8, 8, 8))
    first, second = stage(model, x), stage(model, x)
    assert abs(float((first != 0).mean()) - 0.125) < 0.05, "equal masks would keep a half"
    assert (first != second).any()
    model.eval()
    assert (stage(model, x) == x).all()


def test_gradients_of_jax_itself() -> None:
    graph, params, rest = nnx.split(abstract(net(DROPS)), nnx.Param, ...)

    def loss(params: Any, rest: Any, x: Any) -> Any:
        model = nnx.merge(graph, params, rest, copy=True)
        return model(x).sum(), nnx.state(model, nnx.BatchStat)

    gradients, _ = jax.eval_shape(jax.grad(loss, has_aux=True), params, rest, images(net(DROPS)))
    assert jax.tree.structure(gradients) == jax.tree.structure(params)


@pytest.mark.parametrize("text", [DROPS, EQUAL["without convolutions"][0]])
def test_computing_in_bfloat16(text: str) -> None:
    model = abstract(net(text), dtype=jnp.bfloat16)
    output = nnx.eval_shape(
        lambda model, x: (step(model, x), model(x))[1], model, images(net(text))
    )
    assert output.dtype == jnp.bfloat16


@pytest.mark.parametrize("block", ["basic(4)", "plain(4)"])
@pytest.mark.parametrize(
    ("computed", "given"),
    [
        (None, "bfloat16"),
        ("bfloat16", "float32"),
        ("bfloat16", "bfloat16"),
        ("float16", "bfloat16"),
    ],
)
def test_a_loop_takes_what_its_blocks_take(block: str, computed: Any, given: str) -> None:
    made = net(f"input image: 4x5x5\nstage s: {block} x3")
    assert loops(made, "scan") == 1
    dtypes = []
    for repeat in ("unroll", "scan"):
        model = abstract(made, repeat, dtype=computed)
        output, maps = nnx.eval_shape(
            lambda model, x: model(x, return_features=True), model, images(made, given)
        )
        dtypes.append((output.dtype, maps["s"].dtype))
    assert dtypes[0] == dtypes[1]

"""How weights of the emitted module begin: what the spec says, and where it says nothing."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

import resdsl

DRAWS = """
model draws
input image: 64x9x9
a: conv(256, 3)
b: conv(128, 1, groups=2)
n: bn
f: flatten -> fc(500)
output y
"""


def built(extra: str = "") -> dict[str, Tensor]:
    torch.manual_seed(0)
    return resdsl.loads(DRAWS + extra).build("torch", dtype=torch.float64).state_dict()


def assert_normal(weight: Tensor, std: float) -> None:
    """Mean, deviation and tails of N(0, std^2), within five standard errors."""
    n = weight.numel()
    assert abs(weight.mean().item()) < 5 * std / math.sqrt(n)
    assert abs(weight.std().item() / std - 1) < 5 / math.sqrt(2 * n)
    beyond = (weight.abs() > 2 * std).double().mean().item()
    assert abs(beyond - 0.0455) < 5 * math.sqrt(0.0455 / n)


def assert_uniform(weight: Tensor, bound: float) -> None:
    n = weight.numel()
    assert weight.abs().max().item() <= bound
    assert weight.abs().max().item() > bound * (1 - 20 / n)
    assert abs(weight.std().item() / (bound / math.sqrt(3)) - 1) < 5 / math.sqrt(n)
    assert abs(weight.mean().item()) < 5 * bound / math.sqrt(3 * n)


def test_where_a_spec_says_nothing() -> None:
    state = built()
    assert_normal(state["a.weight"], math.sqrt(2 / (256 * 9)))
    assert_normal(state["b.weight"], math.sqrt(2 / 128))
    assert_uniform(state["f.fc1.weight"], 1 / math.sqrt(128 * 81))
    for name in ("a.bias", "b.bias", "f.fc1.bias", "n.bias", "n.running_mean"):
        assert not state[name].any(), name
    assert (state["n.weight"] == 1).all()
    assert (state["n.running_var"] == 1).all()


@pytest.mark.parametrize(
    ("rule", "check", "value"),
    [
        ("he_normal(fan_in)", assert_normal, math.sqrt(2 / (64 * 9))),
        ("he_normal(fan_out)", assert_normal, math.sqrt(2 / (256 * 9))),
        ("he_normal", assert_normal, math.sqrt(2 / (256 * 9))),
        ("he_uniform(fan_in)", assert_uniform, math.sqrt(6 / (64 * 9))),
        ("xavier_normal", assert_normal, math.sqrt(2 / ((64 + 256) * 9))),
        ("xavier_uniform", assert_uniform, math.sqrt(6 / ((64 + 256) * 9))),
        ("normal(0.03)", assert_normal, 0.03),
        ("trunc_normal(0.02)", assert_normal, 0.02),
        ("uniform(0.2)", assert_uniform, 0.2),
        ("fan_in_uniform", assert_uniform, 1 / math.sqrt(64 * 9)),
    ],
)
def test_what_a_spec_says(rule: str, check: object, value: float) -> None:
    state = built(f"init a.weight = {rule}\n")
    assert callable(check)
    check(state["a.weight"], value)
    assert_normal(state["b.weight"], math.sqrt(2 / 128))


def test_constants_and_precedence() -> None:
    state = built(
        "init conv = normal(0.5)\ninit b = 0.25\ninit f.fc1.bias = 1\ninit n.weight = 0\n"
    )
    assert_normal(state["a.weight"], 0.5)
    assert (state["b.weight"] == 0.25).all()
    assert (state["f.fc1.bias"] == 1).all()
    assert not state["n.weight"].any()


def test_an_op_s_own_init() -> None:
    text = DRAWS.replace("conv(256, 3)", "conv(256, 3, init=normal(0.7))")
    torch.manual_seed(0)
    assert_normal(
        resdsl.loads(text).build("torch", dtype=torch.float64).state_dict()["a.weight"], 0.7
    )


def test_a_sub_model_with_an_init_of_its_own_is_told_by_its_path() -> None:
    text = (
        "model trunk { input image: 3x16x16\nconv(4) -> conv(4) -> conv(4)\ninit conv = 0.5 }\n"
        "model m { input image: 3x16x16\nconv(3) -> conv(3)\nt: trunk\nconv(3) -> conv(3) }"
    )
    net = resdsl.loads(text, name="m.res")
    assert 'isinstance(module, nn.Conv2d) and name.startswith("t.")' in net.source()
    for path, weight in net.build().named_parameters():
        if path.endswith("weight"):
            assert bool((weight == 0.5).all()) == path.startswith("t."), path

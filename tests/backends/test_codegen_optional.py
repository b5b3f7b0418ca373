"""Blocks whose instances lack steps of each other, or are shared with other settings."""

from __future__ import annotations

from random import Random

import pytest
import torch
from torch import Tensor

import resdsl
from tests.backends.compare import assert_same, randomise
from tests.backends.interpreter import interpret

CONDITIONS = [
    "p",
    "q",
    "not p",
    "p and q",
    "w > 4",
    "d > 1",
    "o == A",
    "o != B",
    "@in.channels != w",
]
ACTS = ["relu", "tanh", "gelu", "affine(0.5, 1)"]


class Writer:
    """A spec with one block of many conditions, and calls of it; every label is of one step."""

    def __init__(self, seed: int) -> None:
        self.rng, self.count = Random(seed), 0

    def spec(self) -> str:
        block = ["block u(w, d = 1, p = false, q = false, o: A|B|C = A) {", *self.body(2), "}"]
        shared = self.rng.random() < 0.5
        lines = ["model m", "input image: 4x9x8", *(["share z = u(4)"] if shared else [])]
        lines += [f"l{i}: u({self.arguments()})" for i in range(self.rng.randint(2, 7))]
        if shared:
            uses = ["z -> z", "z -> z(d=2)", "z(d=3) -> tanh -> z(d=2) -> z"]
            lines += ["conv(4, 1)", self.rng.choice(uses)]
        return "\n".join([*lines, "output out", *block, ""])

    def arguments(self) -> str:
        given = [str(self.rng.choice([4, 4, 6, 8]))]
        for word in ("d=2", "p=true", "q=true", f"o={self.rng.choice('ABC')}"):
            given += [word] if self.rng.random() < 0.4 else []
        return ", ".join(given)

    def label(self, step: str) -> str:
        self.count += 1
        return f"s{self.count}: {step}"

    def body(self, depth: int) -> list[str]:
        lines = [self.label("conv(w, 1)")]
        for _ in range(self.rng.randint(1, 4)):
            kind = self.rng.random()
            condition = self.rng.choice(CONDITIONS)
            if kind < 0.35:
                lines += [f"if {condition} {{", self.step(), self.step(), "}"]
            elif kind < 0.5 and depth:
                guard = f"when {condition}: " if self.rng.random() < 0.6 else ""
                merge = self.rng.choice(["add", "mul", "maximum"])
                other = self.rng.choice(["identity", self.label("conv(w, 1)")])
                lines += [
                    f"{merge} {{",
                    "| " + "\n".join(self.body(depth - 1)),
                    f"| {guard}{other}",
                    "}",
                ]
            elif kind < 0.6 and depth:
                lines += ["add {", f"| {self.label('conv(w, 3)')}", "| if @in.channels != w {",
                          self.label("@in -> conv(w, 1)"), "} else { @in }", "}"]  # fmt: skip
            else:
                lines.append(self.step())
        return lines

    def step(self) -> str:
        kinds = ["conv(w, 3)", "conv(w, 3, dilation=d)", "bn", "squeeze_excite(reduction=2)"]
        return self.rng.choice([*ACTS, *map(self.label, kinds)])


def images(network: resdsl.Network) -> list[Tensor]:
    made = torch.Generator().manual_seed(4)
    shapes = [item.shape for item in network.ir.main.inputs]
    return [torch.randn(2, *shape, generator=made, dtype=torch.float64) for shape in shapes]


def assert_interpreted(text: str) -> str:
    """The built module is the graph, in eval and in training. The source."""
    network = resdsl.loads(text, name="m")
    model = network.build("torch", dtype=torch.float64)
    randomise(model)
    inputs, state = images(network), {k: v.clone() for k, v in model.state_dict().items()}
    for train in (False, True):
        with torch.no_grad():
            ours = model.train(train)(*inputs)
            theirs = interpret(network.ir, state, inputs, train=train)
        if all(tensor.isfinite().all() for tensor in theirs.values()):
            assert_same(ours, theirs, f"train={train}")
    return network.source("torch")


@pytest.mark.parametrize("seed", range(60))
def test_random_blocks(seed: int) -> None:
    try:
        assert_interpreted(Writer(seed).spec())
    except resdsl.ResdslError as error:
        assert "declare a second `share`" in str(error)  # noqa: PT017


def whole(body: str, blocks: str = "") -> str:
    return f"model m\ninput image: 3x13x11\n{body}\noutput out\n{blocks}\n"


def test_alternatives_are_if_and_else() -> None:
    block = (
        "block u(w, pool: avg|max = avg) { conv_bn(w) -> relu -> conv_bn(w) -> relu\n"
        "if pool == avg { avgpool(3, 1, pad=1) } else { maxpool(3, 1, pad=1) }\nconv_bn(w) }"
    )
    source = assert_interpreted(whole("a: u(4)\nb: u(6, max)\nc: u(4)", block))
    assert source.count("class ") == 2
    assert 'if self.pool == "avg":' in source
    assert "else:" in source


def test_a_shared_block_with_other_settings_is_told_so_at_each_call() -> None:
    block = "block u(w, d = 1) { conv(w, dilation=d) -> relu }"
    source = assert_interpreted(whole("conv(4)\nshare z = u(4)\nz -> z(d=2) -> z", block))
    assert "def forward(self, x: Tensor, d: int = 1) -> Tensor:" in source
    assert "x = self.z(x, d=2)" in source
    assert source.count("self.z = U()") == 1


def test_a_shared_block_that_skips_a_step() -> None:
    block = "block u(w, p = false) { conv(w)\nif p { relu }\nbn }"
    source = assert_interpreted(whole("conv(4)\nshare z = u(4)\nz -> z(p=true) -> z", block))
    assert "self.z(x, p=True)" in source


def test_what_no_one_class_can_hold_is_refused_in_words() -> None:
    text = "model m\ninput t: 4x12\nshare z = attention(heads=2)\nz -> z(heads=3)\noutput y\n"
    network = resdsl.loads(text)
    with pytest.raises(resdsl.ResdslError, match="the uses of the shared `z` differ"):
        network.source("torch")


def test_an_optional_gate_in_the_middle() -> None:
    block = "block u(w, se: op = identity) { conv(w) -> se -> relu }"
    body = "a: u(8)\nb: u(8, se=squeeze_excite(reduction=2))\nc: u(8)"
    source = assert_interpreted(whole(body, block))
    assert "if self.fc1 is not None:" in source
    assert source.count("class ") == 2

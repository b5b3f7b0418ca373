"""The standard blocks: documented, well named, and not bent by a spec's defaults."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.ir.weights import weights
from resdsl.paths import std_root
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parse import parse

BLOCKS = {
    block.name.text: block
    for path in sorted(std_root().glob("*.res"))
    for block in parse(Source(path.name, path.read_text("utf-8"))).blocks
}
PUBLIC = [name for name in BLOCKS if not name.startswith("_")]


def names(text: str, *, input: str = "64x56x56") -> list[str]:
    """The weights of a net that is one labelled step."""
    net = resdsl.loads(f"model m\ninput image: {input}\nb: {text}\noutput y\n")
    return [path.removeprefix("b.") for path in weights(net.ir) if path.endswith("weight")]


def counts(text: str) -> tuple[int, int, list[tuple[int, ...]]]:
    stats = resdsl.loads(text).stats()
    return stats.params, stats.macs, list(stats.outputs.values())


@pytest.mark.parametrize("name", PUBLIC)
def test_every_block_says_what_it_is_and_its_shapes(name: str) -> None:
    doc = BLOCKS[name].doc
    assert doc
    assert "In and out: " in doc or ("In: " in doc and "Out: " in doc) or "Further arguments" in doc


def test_every_convolution_states_what_it_depends_on() -> None:
    for name, block in BLOCKS.items():
        for call in _calls(block.body):
            if call.name == "conv":
                args = call.args or ()
                assert "pad" in {a.name.text for a in args if a.name}, name
                assert sum(a.name is None and not a.is_rest for a in args) == 3, name


def _calls(body: tuple[tree.Statement, ...]) -> list[tree.CallStep]:
    """All calls below these statements."""
    found: list[tree.CallStep] = []
    pending: list[object] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, tree.CallStep):
            found.append(node)
        if isinstance(node, tree.Tree):
            pending += [getattr(node, slot) for slot in node.__slots__]
        elif isinstance(node, tuple):
            pending += node
    return found


STD_NET = """
model m
{default}
input image: 32x57x57
conv_bn_act(32) -> conv_relu(32, 1) -> dwconv -> top_down(@image)
basic(64, 2) -> bottleneck(32) -> plain(64) -> preact_basic(64) -> preact_bottleneck(32, 2)
squeeze_excite -> inception(8, 8, 8, 8, 8, 8) -> dense_layer(8) -> transition
mlpconv([16, 16, 8], 3) -> highway -> maxout_unit(16)
inverted_residual(40, 2) -> shuffle_unit(40) -> convnext_block -> separable(48)
aspp(40, [2, 3]) -> fcn_head(20) -> classifier(10)
output y
"""


@pytest.mark.parametrize(
    "default",
    ["conv(k=5)", "conv(pad=valid)", "conv(bias=true)", "conv(bias=false)", "conv(stride=2)",
     "maxpool(ceil=true)", "avgpool(ceil=true)", "maxpool(pad=1)", "fc(bias=false)"],
)  # fmt: skip
def test_a_default_for_an_op_does_not_bend_the_blocks(default: str) -> None:
    plain = counts(STD_NET.format(default=""))
    assert counts(STD_NET.format(default=f"default {default}")) == plain


def test_defaults_for_norms_and_blocks_reach_them() -> None:
    net = resdsl.loads(STD_NET.format(default="default bn(eps=0.01), basic(shortcut=A)"))
    norms = [op for op, _ in weights(net.ir).values() if op.kind == "bn"]
    assert {op.eps for op in norms} == {0.01}
    assert net.stats().params < resdsl.loads(STD_NET.format(default="")).stats().params


def test_a_norm_goes_to_every_part_of_a_unit() -> None:
    for unit in ("basic(128, 2, norm=gn(8))", "bottleneck(64, 2, shortcut=D, norm=gn(8))"):
        net = resdsl.loads(f"model m\ninput image: 64x56x56\nb: {unit}\noutput y\n")
        assert net.stats().buffers == 0


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("basic(64)", "conv1 bn1 conv2 bn2"),
        ("basic(128, 2)", "conv1 bn1 conv2 bn2 downsample.0 downsample.1"),
        ("basic(128, 2, shortcut=A)", "conv1 bn1 conv2 bn2"),
        ("basic(64, shortcut=C)", "conv1 bn1 conv2 bn2 downsample.0 downsample.1"),
        ("basic(128, 2, shortcut=D)", "conv1 bn1 conv2 bn2 downsample.1 downsample.2"),
        ("basic(128, shortcut=D)", "conv1 bn1 conv2 bn2 downsample.1 downsample.2"),
        ("basic(64, se=squeeze_excite)", "conv1 bn1 conv2 bn2 se.fc1 se.fc2"),
        ("bottleneck(16)", "conv1 bn1 conv2 bn2 conv3 bn3"),
        ("bottleneck(64)", "conv1 bn1 conv2 bn2 conv3 bn3 downsample.0 downsample.1"),
        ("plain(64)", "conv1 bn1 conv2 bn2"),
        ("preact_basic(64, 2)", "bn1 conv1 bn2 conv2 downsample"),
        ("preact_basic(128, 2, shortcut=A)", "bn1 conv1 bn2 conv2"),
        ("preact_bottleneck(16)", "bn1 conv1 bn2 conv2 bn3 conv3"),
        ("separable(64)", "conv_dw bn1 conv_pw bn2"),
        (
            "inverted_residual(64)",
            "block.0.0 block.0.1 block.1.0 block.1.1 block.2.0 block.2.1",
        ),
        ("inverted_residual(64, expand=1)", "block.0.0 block.0.1 block.1.0 block.1.1"),
        (
            "inverted_residual(64, expand=1, se=squeeze_excite)",
            "block.0.0 block.0.1 block.1.fc1 block.1.fc2 block.2.0 block.2.1",
        ),
        ("shuffle_unit(64)", "branch2.0 branch2.1 branch2.3 branch2.4 branch2.5 branch2.6"),
        ("preact_bottleneck(16, first=true)", "conv1 bn1 conv2 bn2 conv3"),
        ("dense_layer(32)", "norm1 conv1 norm2 conv2"),
        ("dense_layer(32, bottleneck=0)", "norm1 conv1"),
        ("highway", "gate transform"),
        ("mlpconv([32, 16, 8], 5)", "conv1 conv2 conv3"),
        ("transition", "norm conv"),
        (
            "aspp(8, [2, 4])",
            "convs.0.0 convs.0.1 convs.1.0 convs.1.1 convs.2.0 convs.2.1 convs.3.1 convs.3.2 "
            "project.0 project.1",
        ),
        ("fcn_head(4)", "0 1 4"),
        ("squeeze_excite", "fc1 fc2"),
    ],
)  # fmt: skip
def test_members_are_named_as_the_field_names_them(step: str, expected: str) -> None:
    assert [path.removesuffix(".weight") for path in names(step)] == expected.split()


def test_the_strides_of_v1_and_v1_5() -> None:
    v1, v15 = (
        counts(
            f"model m\ninput image: 256x56x56\nb: bottleneck(128, 2, stride_at={at})\noutput y\n"
        )
        for at in (1, 2)
    )
    assert v1[0] == v15[0]
    assert v1[1] < v15[1]
    assert v1[2] == v15[2] == [(512, 28, 28)]
    assert counts("model m\ninput image: 256x56x56\nb: bottleneck(128, 2)\noutput y\n") == v1

"""Calls of the standard blocks, drawn for a tensor of a given rank."""

from __future__ import annotations

from collections.abc import Callable

from resdsl.ir.shape import Shape
from tests.fuzz.drawing import Pick
from tests.fuzz.drawn_ops import divisors

ACTS = (
    "relu", "gelu", "silu", "tanh", "sigmoid", "leaky_relu(0.2)", "prelu(shared=true)",
    "hardswish", "relu6", "identity", "affine(0.5, 0.25)",
)  # fmt: skip
NORMS = ("bn", "gn(1)", "ln", "bn(affine=false)", "identity", "bn(eps=1e-3)")
Written = Callable[[Pick, Shape], str]


def _conv(pick: Pick, x: Shape) -> str:
    name = pick.one(["conv_bn_act", "conv_bn", "conv_relu"])
    more = {
        "conv_relu": ["", f", act={pick.one(ACTS)}"],
        "conv_bn": ["", f", norm={pick.one(NORMS)}"],
    }
    rest = pick.one(more.get(name, ["", f", norm={pick.one(NORMS)}, act={pick.one(ACTS)}"]))
    return f"{name}({pick.number(1, 6)}, {pick.one([3, 1, 5])}, {pick.one([1, 1, 2])}{rest})"


def _residual(pick: Pick, x: Shape) -> str:
    name = pick.one(["basic", "bottleneck", "plain", "preact_basic", "preact_bottleneck"])
    width = pick.one([4, 2, x[0]])
    parts = [str(width), f"stride={pick.one([1, 1, 2, 3])}"]
    if name in ("basic", "bottleneck"):
        parts.append(f"shortcut={pick.one('BACD')}")
        if pick.some(0.2):
            parts.append("se=squeeze_excite(hidden=2)")
    if name == "bottleneck":
        parts += [f"out={pick.one([width, 4, 6])}", f"stride_at={pick.one([1, 2])}"]
        parts.append(f"groups={pick.one(divisors(width))}, dilation={pick.one([1, 1, 2])}")
    if name == "preact_bottleneck":
        parts.append("expansion=2")
    if name == "preact_basic" and pick.some(0.3):
        parts.append("drop=0.1")
    parts.append(f"norm={pick.one(NORMS)}")
    return f"{name}({', '.join(parts)}, act={pick.one(ACTS)})"


def _mobile(pick: Pick, x: Shape) -> str:
    even, stride = x[0] + x[0] % 2, pick.one([1, 2])
    return pick.one(
        [
            f"inverted_residual({pick.one([x[0], 4])}, {stride}, expand={pick.one([2, 1])})",
            f"separable({pick.number(1, 6)}, {stride}, act={pick.one(ACTS)})",
            f"shuffle_unit({even}, {stride})",
            f"dwconv({pick.one([3, 1, 5])}, {stride}, multiplier={pick.one([1, 2])})",
            f"squeeze_excite(hidden={pick.number(1, 4)}, act={pick.one(ACTS)})",
        ]
    )


def _others(pick: Pick, x: Shape) -> str:
    unit = pick.one(["conv_relu", "conv_bn"])
    return pick.one(
        [
            f"convnext_block(k={pick.one([3, 5])}, mlp=2, act={pick.one(ACTS)})",
            f"dense_layer({pick.number(1, 4)}, bottleneck=2)",
            f"inception(1, 1, 2, 1, 2, {pick.number(1, 3)}, unit={unit})",
            "transition",
            f"aspp({pick.number(1, 4)}, [2], drop=0.0, norm=ln, act={pick.one(ACTS)})",
            f"shortcut({pick.number(1, 6)}, {pick.one([1, 2])}, {pick.one('BACD')})",
            "neg",
            "one_minus",
        ]
    )


def _encoder(pick: Pick, x: Shape) -> str:
    return f"vit_block({pick.one(divisors(x[1]))}, mlp=2, act={pick.one(ACTS)})"


STANDARD: dict[int, list[Written]] = {
    3: [_conv, _residual, _mobile, _others],
    2: [_encoder],
    1: [lambda pick, x: pick.one(["neg", "one_minus"])],
}
"""By the rank of the tensor."""

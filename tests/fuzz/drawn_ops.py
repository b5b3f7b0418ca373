"""Arguments of the ops, drawn for an input of a given shape.

Each function gives {field: value} for one kind; a field that is not there has its default. What
cannot be is dropped by `drawn_op`, so a function need not be exact; it should mostly be right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.ir.op import Op
from resdsl.ir.shape import Shape
from tests.fuzz.drawing import Pick, call, channels, inferred, text

Fields = dict[str, Any]
Widths = dict[str, int]
"""Expressions that are known where a step is drawn, with their values: `2 * w` is 8."""


def divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def given(**fields: Any) -> Fields:
    """Without those that are None: they keep their defaults."""
    return {name: value for name, value in fields.items() if value is not None}


def _pair(pick: Pick, values: list[Any]) -> Any:
    """One of `values` for both directions, or one for each."""
    first = pick.one(values)
    if first is None or not pick.some(0.25):
        return first
    return (first, pick.one([v for v in values if v is not None]))


def _conv(pick: Pick, x: Shape) -> Fields:
    groups = pick.one([1, 1, *divisors(x[0])])
    return given(
        out=groups * pick.number(1, max(1, 6 // groups)),
        k=_pair(pick, [None, 1, 2, 3, 4, 5]),
        stride=_pair(pick, [None, None, 1, 2, 3]),
        pad=pick.one([None, None, "same", "same_upper", "valid", _pair(pick, [0, 1, 2, 3])]),
        dilation=_pair(pick, [None, None, 1, 2, 3]),
        groups=groups if groups > 1 else None,
        bias=pick.one([None, False, True]),
    )


def _conv_transpose(pick: Pick, x: Shape) -> Fields:
    groups = pick.one([1, 1, *divisors(x[0])])
    return given(
        out=groups * pick.number(1, max(1, 6 // groups)),
        k=_pair(pick, [1, 2, 3, 4]),
        stride=_pair(pick, [None, 1, 2, 3]),
        pad=_pair(pick, [None, None, 0, 1, 2]),
        output_pad=_pair(pick, [None, None, None, 0, 1]),
        groups=groups if groups > 1 else None,
        dilation=_pair(pick, [None, None, 1, 2]),
        bias=pick.one([None, False, True]),
    )


def _window(pick: Pick, x: Shape) -> Fields:
    return given(
        k=_pair(pick, [2, 1, 3, 4]),
        stride=_pair(pick, [None, 1, 2, 3]),
        pad=pick.one([None, None, "same", "same_upper", "valid", _pair(pick, [0, 1, 2])]),
        ceil=pick.one([None, True]),
    )


def _maxpool(pick: Pick, x: Shape) -> Fields:
    """With no window that steps over all of the image: its largest element were -inf."""
    dilations = [d for d in (2, 3) if d <= min(x[1:])]
    return _window(pick, x) | given(dilation=_pair(pick, [None, None, 1, *dilations]))


def _avgpool(pick: Pick, x: Shape) -> Fields:
    return _window(pick, x) | given(include_pad=pick.one([None, False, True]))


def _size(pick: Pick, x: Shape) -> Fields:
    return {"size": _pair(pick, [1, 2, 3, 5, 7, 11])}


def _resize(pick: Pick, x: Shape) -> Fields:
    mode = pick.one([None, "nearest", "bilinear"])
    align = pick.one([None, False, True]) if mode == "bilinear" else None
    if pick.some(0.5):
        target: Fields = {"factor": _pair(pick, [2, 0.5, 1, 1.5, 0.7, 3])}
    else:
        target = {"size": _pair(pick, [1, 2, 3, 5, 8, 13])}
    return target | given(mode=mode, align_corners=align)


def _crop(pick: Pick, x: Shape) -> Fields:
    """Of the sides of the image as they are, and less."""
    height, width = (pick.one([side, 1 + side // 2, max(1, side - 1), 1]) for side in x[1:])
    return {"size": (height, width)}


def _norm(pick: Pick, x: Shape) -> Fields:
    return given(eps=pick.one([None, 1e-3, 0.1]), affine=pick.one([None, False, True]))


def _bn(pick: Pick, x: Shape) -> Fields:
    return _norm(pick, x) | given(momentum=pick.one([None, 0.01, 0.5, 1.0, 0.0]))


def _gn(pick: Pick, x: Shape) -> Fields:
    return {"groups": pick.one(divisors(channels(x)))} | _norm(pick, x)


def _lrn(pick: Pick, x: Shape) -> Fields:
    return given(
        size=pick.one([None, 1, 2, 3, 4]), alpha=pick.one([None, 0.1]),
        beta=pick.one([None, 0.5]), k=pick.one([None, 2.0]),
    )  # fmt: skip


def _prelu(pick: Pick, x: Shape) -> Fields:
    shared = True if len(x) == 2 else pick.one([None, False, True])
    return given(shared=shared, slope=pick.one([None, 0.1]))


def _slice(pick: Pick, x: Shape) -> Fields:
    wide = min(channels(x), 50)
    start = pick.number(0, wide - 1)
    return {"start": start, "stop": pick.number(start + 1, wide)}


def _groups(pick: Pick, x: Shape) -> Fields:
    return {"groups": pick.one(divisors(x[0]))}


def _zero_pad(pick: Pick, x: Shape) -> Fields:
    sides = [0, 1, 2, 3]
    count = pick.one([1, 2, 4])
    return {"pad": pick.one(sides) if count == 1 else tuple(pick.one(sides) for _ in range(count))}


def _attention(pick: Pick, x: Shape) -> Fields:
    flags = [None, False, True]
    return given(
        heads=pick.one(divisors(x[1])), qkv_bias=pick.one(flags), proj_bias=pick.one(flags)
    )


def _fc(pick: Pick, x: Shape) -> Fields:
    flatten = pick.one([None, False, True]) if len(x) == 3 else None
    return given(out=pick.number(1, 6), bias=pick.one([None, False, True]), flatten=flatten)


def _none(pick: Pick, x: Shape) -> Fields:
    return {}


IMAGE, SEQUENCE, VECTOR = 3, 2, 1
DRAWN: dict[str, tuple[tuple[int, ...], Callable[[Pick, Shape], Fields]]] = {
    "conv": ((3,), _conv),
    "conv_transpose": ((3,), _conv_transpose),
    "maxpool": ((3,), _maxpool),
    "avgpool": ((3,), _avgpool),
    "gap": ((3,), _none),
    "adaptive_avgpool": ((3,), _size),
    "adaptive_maxpool": ((3,), _size),
    "channel_mean": ((3,), _none),
    "channel_max": ((3,), _none),
    "bn": ((1, 3), _bn),
    "ln": ((1, 2, 3), _norm),
    "gn": ((1, 3), _gn),
    "instance_norm": ((3,), _norm),
    "lrn": ((3,), _lrn),
    "relu": ((1, 2, 3), _none),
    "relu6": ((1, 2, 3), _none),
    "leaky_relu": ((1, 2, 3), lambda pick, x: given(slope=pick.one([None, 0.2]))),
    "prelu": ((1, 2, 3), _prelu),
    "sigmoid": ((1, 2, 3), _none),
    "hardsigmoid": ((1, 2, 3), _none),
    "hardswish": ((1, 2, 3), _none),
    "silu": ((1, 2, 3), _none),
    "gelu": ((1, 2, 3), lambda pick, x: given(approximate=pick.one([None, "none", "tanh"]))),
    "tanh": ((1, 2, 3), _none),
    "softmax": ((1, 2, 3), _none),
    "dropout": ((1, 2, 3), lambda pick, x: given(p=pick.one([None, 0.1, 0.0, 1.0]))),
    "drop_path": ((1, 2, 3), lambda pick, x: {"p": pick.one([0.1, 0.0, 0.5])}),
    "resize": ((3,), _resize),
    "crop": ((3,), _crop),
    "affine": (
        (1, 2, 3),
        lambda pick, x: given(scale=pick.one([None, -1, 0.5]), shift=pick.one([None, 0.25, -1])),
    ),
    "layer_scale": ((1, 2, 3), lambda pick, x: given(value=pick.one([None, 0.1]))),
    "flatten": ((1, 2, 3), _none),
    "slice": ((1, 2, 3), _slice),
    "channel_shuffle": ((3,), _groups),
    "subsample": ((3,), lambda pick, x: {"stride": _pair(pick, [1, 2, 3])}),
    "pad_channels": ((3,), lambda pick, x: {"out": x[0] + pick.number(0, 3)}),
    "zero_pad": ((3,), _zero_pad),
    "tokens": ((3,), _none),
    "token": ((2,), lambda pick, x: given(index=pick.one([None, 0, x[0] - 1]))),
    "class_token": ((2,), _none),
    "position_embedding": ((2,), _none),
    "attention": ((2,), _attention),
    "fc": ((1, 2, 3), _fc),
}
MERGES = ("add", "concat", "mul", "maximum")
OF_RANK = {rank: [k for k, (ranks, _) in DRAWN.items() if rank in ranks] for rank in (1, 2, 3)}
_OFTEN = {
    3: ["conv"] * 5 + ["bn", "conv_transpose", "maxpool", "avgpool", "instance_norm", "lrn"],
    2: ["attention", "class_token", "position_embedding"],
    1: [],
}
_LOWERING = {"flatten", "fc", "token", "gap"}
"""Kinds after which little is left to draw: of an image, less often than the others."""


def drawn_op(pick: Pick, x: Shape, widths: Widths) -> tuple[str, Shape] | None:
    """One op on a tensor of this shape, as text, and the shape that it makes."""
    rank = len(x)
    kind = pick.one(OF_RANK[rank] + _OFTEN[rank])
    if kind in _LOWERING and rank > 1 and pick.some(0.6):
        return None
    fields = DRAWN[kind][1](pick, x)
    words = {name: text(value) for name, value in fields.items()}
    if widths and "out" in fields and kind != "pad_channels" and pick.some(0.5):
        words["out"] = pick.one(list(widths))
        fields["out"] = widths[words["out"]]
    shape = inferred(kind, fields, x)
    return None if shape is None else (call(kind, words, pick.number(0, 3)), shape)


def covered() -> set[str]:
    """The kinds that can be drawn."""
    return {*DRAWN, *MERGES} & set(Op.registry)

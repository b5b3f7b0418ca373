"""What the figures of papers draw as a layer, and what they write on it: `3×3 conv, 128, /2`.

A norm, an activation, a dropout and all else that only passes on what comes in belongs to the layer
that it follows.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from resdsl.draw.words import short, times
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape

Sort = Literal["input", "conv", "fc", "pool", "other"]
"""What kind of box: `conv` is coloured by its channels."""


class Layer(NamedTuple):
    """A box's text in a figure; `terse` is what a table writes, with `stride` after it where the
    layer stands alone.
    """

    text: str
    sort: Sort
    terse: str
    stride: str = ""


def layer_of(op: Op, inputs: tuple[Shape, ...], output: Shape) -> Layer | None:
    """The layer that an op is; None of what follows one."""
    o: Any = op
    if op.kind in ("conv", "conv_transpose"):
        return _conv(o, inputs[0], "conv" if op.kind == "conv" else "up-conv")
    if op.kind == "fc":
        return Layer(f"fc {o.out}", "fc", f"{o.out}-d fc")
    if op.kind in ("maxpool", "avgpool"):
        return _pool(o, "max pool" if op.kind == "maxpool" else "avg pool")
    if op.kind == "gap":
        return Layer("avg pool", "pool", "average pool")
    if op.kind in ("adaptive_avgpool", "adaptive_maxpool"):
        said = f"{'avg' if op.kind == 'adaptive_avgpool' else 'max'} pool {times(o.size)}"
        return Layer(said, "pool", said)
    if op.kind == "attention":
        said = f"attention, {o.heads} head{'s' * (o.heads != 1)}"
        return Layer(said, "fc", said)
    if op.kind == "resize":
        return _resize(inputs[0], output)
    if op.kind in ("channel_shuffle", "channel_mean", "channel_max"):
        said = op.kind.replace("_", " ")
        return Layer(said, "other", said)
    if op.weighted_layers:  # of a plug-in: nothing is known but its name
        return Layer(op.kind, "other", op.kind)
    return None


def _conv(op: Any, before: Shape, noun: str) -> Layer:
    size, stride = times(op.k), short(op.stride)
    depthwise = op.groups == before[0] > 1
    more = f", {op.groups} groups" if op.groups > 1 and not depthwise else ""
    if op.dilation != (1, 1):
        more += f", dilation {short(op.dilation)}"
    step = "" if op.stride == (1, 1) else f", {'/' if noun == 'conv' else '×'}{stride}"
    noun = f"dw {noun}" if depthwise else noun
    said = f"{size} {noun}, {op.out}{step}{more}"
    aside = ", stride " + stride if op.stride != (1, 1) else ""
    name = "" if noun == "conv" else f" {noun}"
    return Layer(said, "conv", f"{size}{name}, {op.out}{more}", aside)


def _pool(op: Any, name: str) -> Layer:
    """A window that moves on by more than one is named as the paper does: `pool, /2`."""
    noun = "pool" if name == "max pool" else name
    size = "" if op.k[0] in (2, 3) and op.k[0] == op.k[1] else f"{times(op.k)} "
    aside = f", stride {short(op.stride)}" if op.stride != (1, 1) else ""
    if op.stride == (1, 1):
        return Layer(f"{times(op.k)} {noun}", "pool", f"{times(op.k)} {name}")
    return Layer(f"{size}{noun}, /{short(op.stride)}", "pool", f"{times(op.k)} {name}", aside)


def _resize(before: Shape, after: Shape) -> Layer:
    ratios = {a / b for a, b in zip(after[1:], before[1:], strict=True)}
    ratio = ratios.pop() if len(ratios) == 1 else 0
    by = f"×{ratio:.0f}" if ratio >= 1 and ratio == int(ratio) else times(after[1:])
    return Layer(f"resize, {by}", "other", f"resize {by}")

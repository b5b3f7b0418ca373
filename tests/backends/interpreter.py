"""The graph, run node by node: a second way to the function that the emitted source computes.

It knows regions, calls and shared instances from the data of the IR alone, and nothing of the
code generator, which folds them into classes, arguments and loops.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from resdsl.ir.graph import Net, Region
from resdsl.ir.shape import channel_axis

Weights = dict[str, Tensor]
MORE = 99  # rows and columns: more than a window hangs over the edge


def interpret(net: Net, state: Weights, inputs: list[Tensor], train: bool) -> dict[str, Tensor]:
    """{output: tensor} of the net with these weights; running statistics in `state` move along."""
    values = _region(net, net.main, state, inputs, "", {}, train)
    return {o.name: values[o.value] for o in net.main.outputs if train or not o.train}


def _region(
    net: Net,
    region: Region,
    state: Weights,
    inputs: list[Tensor],
    prefix: str,
    lent: dict[str, str],
    train: bool,
) -> dict[int, Tensor]:
    values = dict(enumerate(inputs))
    for node in region.nodes:
        if node.train and not train:
            continue
        path = lent.get(node.name, prefix + node.name)
        given = [values[v] for v in node.inputs]
        if node.type == "op":
            start = path + "."
            own = {k.removeprefix(start): v for k, v in state.items() if k.startswith(start)}
            own |= {"": state[path]} if node.op.bare else {}
            values[node.output] = KINDS[node.op.kind](node.op, own, train, *given)
            assert values[node.output].shape[1:] == region.shapes[node.output], path
            continue
        callee = net.regions[node.region]
        names = {inner: lent.get(here, prefix + here) for inner, here in node.lends}
        made = _region(net, callee, state, given, path + ".", names, train)
        for output, value in zip(callee.outputs, node.outputs, strict=True):
            if output.value in made:
                values[value] = made[output.value]
    return values


def _channels(x: Tensor) -> int:
    return 1 + channel_axis(tuple(x.shape[1:]))


def _wide(weight: Tensor, x: Tensor) -> Tensor:
    return weight[:, None, None] if x.ndim == 4 else weight


def _padded(op: Any, x: Tensor, value: float = 0.0) -> Tensor:
    (top, bottom), (left, right) = op.pads(tuple(x.shape[1:]))
    return F.pad(x, (left, right, top, bottom), value=value)


def _conv(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    bias = w.get("bias")
    return F.conv2d(_padded(op, x), w["weight"], bias, op.stride, 0, op.dilation, op.groups)


def _transposed(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    return F.conv_transpose2d(
        x, w["weight"], w.get("bias"), op.stride, op.pad, op.output_pad, op.groups, op.dilation
    )


def _maxpool(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    """Every offset of the kernel alone: its rows and columns, a stride apart; then the largest."""
    rows, columns = op.infer(tuple(x.shape[1:]))[1:]
    x = F.pad(_padded(op, x, float("-inf")), (0, MORE, 0, MORE), value=float("-inf"))
    (s, t), (d, e) = op.stride, op.dilation
    seen = [
        x[:, :, d * u : d * u + s * rows : s, e * v : e * v + t * columns : t]
        for u in range(op.k[0])
        for v in range(op.k[1])
    ]
    return torch.stack(seen).amax(0)


def _avgpool(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    if isinstance(op.pad, tuple):
        return F.avg_pool2d(x, op.k, op.stride, op.pad, op.ceil, op.include_pad)
    sums, ones = (
        F.avg_pool2d(_padded(op, t), op.k, op.stride, divisor_override=1)
        for t in (x, torch.ones_like(x))
    )
    return sums / (op.k[0] * op.k[1] if op.include_pad else ones)


def _bn(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    return F.batch_norm(
        x, w["running_mean"], w["running_var"], w.get("weight"), w.get("bias"), train,
        op.momentum, op.eps,
    )  # fmt: skip


def _ln(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    axis = _channels(x)
    y = (x - x.mean(axis, keepdim=True)) / torch.sqrt(
        x.var(axis, unbiased=False, keepdim=True) + op.eps
    )
    return y * _wide(w["weight"], x) + _wide(w["bias"], x) if op.affine else y


def _attention(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    batch, n, d = x.shape
    q, k, v = (
        part.reshape(batch, n, op.heads, -1).transpose(1, 2)
        for part in F.linear(x, w["in_proj_weight"], w.get("in_proj_bias")).chunk(3, 2)
    )
    scores = (q @ k.transpose(2, 3) / sqrt(d // op.heads)).softmax(3)
    joined = (scores @ v).transpose(1, 2).reshape(batch, n, d)
    return F.linear(joined, w["out_proj.weight"], w.get("out_proj.bias"))


def _fc(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    if x.ndim == 4 and not op.flatten:
        return F.conv2d(x, w["weight"][:, :, None, None], w.get("bias"))
    return F.linear(x.flatten(1) if x.ndim == 4 else x, w["weight"], w.get("bias"))


def _resize(op: Any, w: Weights, train: bool, x: Tensor, *like: Tensor) -> Tensor:
    size = op.infer(tuple(x.shape[1:]), *(tuple(t.shape[1:]) for t in like))[1:]
    align = op.align_corners if op.mode == "bilinear" else None
    return F.interpolate(x, size, mode=op.mode, align_corners=align)


def _crop(op: Any, w: Weights, train: bool, x: Tensor, *like: Tensor) -> Tensor:
    height, width = op.infer(tuple(x.shape[1:]), *(tuple(t.shape[1:]) for t in like))[1:]
    rows, columns = ((a - b) // 2 for a, b in zip(x.shape[2:], (height, width), strict=True))
    return x[:, :, rows : rows + height, columns : columns + width]


def _shuffle(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    return x.unflatten(1, (op.groups, -1)).transpose(1, 2).flatten(1, 2)


def _zero_pad(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    top, bottom, left, right = op.pad
    return F.pad(x, (left, right, top, bottom))


def _random(op: Any, w: Weights, train: bool, x: Tensor) -> Tensor:
    if train:
        raise NotImplementedError("what dropout does in training is chance")
    return x


def _product(tensors: tuple[Tensor, ...]) -> Tensor:
    y = tensors[0]
    for t in tensors[1:]:
        y = y * t
    return y


def _largest(tensors: tuple[Tensor, ...]) -> Tensor:
    return torch.stack(tensors).amax(0) if len(tensors) > 1 else tensors[0]


def _simple(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda op, w, train, *tensors: function(op, *tensors)


KINDS: dict[str, Callable[..., Tensor]] = {
    "conv": _conv, "conv_transpose": _transposed, "maxpool": _maxpool, "avgpool": _avgpool,
    "bn": _bn, "ln": _ln, "attention": _attention, "fc": _fc, "resize": _resize,
    "crop": _crop, "channel_shuffle": _shuffle, "zero_pad": _zero_pad,
    "dropout": _random, "drop_path": _random,
    "gn": lambda op, w, _, x: F.group_norm(x, op.groups, w.get("weight"), w.get("bias"), op.eps),
    "instance_norm": lambda op, w, _, x: F.group_norm(
        x, x.shape[1], w.get("weight"), w.get("bias"), op.eps),
    "lrn": _simple(lambda op, x: F.local_response_norm(x, op.size, op.alpha, op.beta, op.k)),
    "relu": _simple(lambda op, x: x.clamp(min=0)),
    "relu6": _simple(lambda op, x: x.clamp(0, 6)),
    "leaky_relu": _simple(lambda op, x: torch.where(x > 0, x, op.slope * x)),
    "prelu": lambda op, w, _, x: torch.where(
        x > 0, x, x * (w["weight"] if op.shared else _wide(w["weight"], x))),
    "sigmoid": _simple(lambda op, x: torch.sigmoid(x)),
    "hardsigmoid": _simple(lambda op, x: (x + 3).clamp(0, 6) / 6),
    "hardswish": _simple(lambda op, x: x * (x + 3).clamp(0, 6) / 6),
    "silu": _simple(lambda op, x: x * torch.sigmoid(x)),
    "gelu": _simple(lambda op, x: F.gelu(x, approximate=op.approximate)),
    "tanh": _simple(lambda op, x: torch.tanh(x)),
    "softmax": _simple(lambda op, x: x.softmax(_channels(x))),
    "gap": _simple(lambda op, x: x.mean((2, 3), keepdim=True)),
    "adaptive_avgpool": _simple(lambda op, x: F.adaptive_avg_pool2d(x, op.size)),
    "adaptive_maxpool": _simple(lambda op, x: F.adaptive_max_pool2d(x, op.size)),
    "channel_mean": _simple(lambda op, x: x.mean(1, keepdim=True)),
    "channel_max": _simple(lambda op, x: x.amax(1, keepdim=True)),
    "affine": _simple(lambda op, x: op.scale * x + op.shift),
    "layer_scale": lambda op, w, _, x: w[""] * x,
    "identity": _simple(lambda op, x: x),
    "flatten": _simple(lambda op, x: x.flatten(1)),
    "slice": _simple(lambda op, x: x.narrow(_channels(x), op.start, op.stop - op.start)),
    "subsample": _simple(lambda op, x: x[:, :, :: op.stride[0], :: op.stride[1]]),
    "pad_channels": _simple(lambda op, x: F.pad(x, (0, 0, 0, 0, 0, op.out - x.shape[1]))),
    "tokens": _simple(lambda op, x: x.flatten(2).transpose(1, 2)),
    "token": _simple(lambda op, x: x[:, op.index]),
    "class_token": lambda op, w, _, x: torch.cat([w[""].expand(len(x), -1, -1), x], 1),
    "position_embedding": lambda op, w, _, x: x + w[""],
    "add": _simple(lambda op, *xs: sum(xs[1:], xs[0])),
    "mul": _simple(lambda op, *xs: _product(xs)),
    "maximum": _simple(lambda op, *xs: _largest(xs)),
    "concat": _simple(lambda op, *xs: torch.cat(xs, _channels(xs[0]))),
}  # fmt: skip

"""Operators that can be written in several ways, each as the one step that it is.

A step gets the sketch, the tensor that came out, and the operator's arguments by name; it gives
None where nothing better is known than the operator's own name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from resdsl.weights import match_steps as steps
from resdsl.weights.match_graph import Sketch, Value
from resdsl.weights.match_views import length, merged, place
from resdsl.weights.tree import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

Step = Callable[..., Value | list[Value] | None]


def _same(sketch: Sketch, out: Tensor, self: Value, **_: Any) -> Value | None:
    return self


def _same_numbers(sketch: Sketch, out: Tensor, self: Value, **_: Any) -> Value | None:
    """Copies; what rounds is no step of this table."""
    return self if out.is_floating_point() else None


def _restrided(sketch: Sketch, out: Tensor, self: Value, **_: Any) -> Value | None:
    """Torch writes the strides of dimensions of size one anew; nothing else is understood."""
    shape, strides = tuple(out.shape), out.stride()
    real = [(n, stride) for n, stride in zip(shape, strides, strict=True) if n != 1]
    dense = sorted(real, key=lambda pair: pair[1])
    if tuple(map(length, self.dims)) != shape or out.storage_offset():
        raise WeightsError("the module addresses memory (as_strided)")
    if [stride for _, stride in dense] != [
        math.prod(n for n, _ in dense[:i]) for i in range(len(dense))
    ]:
        raise WeightsError("the module addresses memory (as_strided)")
    return self


def _reshape(sketch: Sketch, out: Tensor, self: Value, **given: Any) -> Value | None:
    if "dtype" in given:  # the same bytes, and other numbers
        return None
    return steps.reshape(self, tuple(out.shape))


def _permute(sketch: Sketch, out: Tensor, self: Value, dims: Sequence[int]) -> Value | None:
    return Value(self.node, tuple(self.dims[i] for i in dims))


def _transpose(
    sketch: Sketch, out: Tensor, self: Value, dim0: int = 0, dim1: int = -1
) -> Value | None:
    dims = list(self.dims)
    dims[dim0], dims[dim1] = dims[dim1], dims[dim0]
    return Value(self.node, tuple(dims))


def _convolution(
    sketch: Sketch, out: Tensor, input: Value, weight: Value, bias: Value | None, **facts: Any
) -> Value | None:
    rank = len(weight.dims) - 2
    said = {
        key: tuple(v) * (rank if len(v) == 1 else 1) if isinstance(v, list) else v
        for key, v in facts.items()
    }
    if not said["transposed"]:
        del said["output_padding"]
    return steps.convolve(sketch, input, weight, bias, said, tuple(out.shape))


def _mm(sketch: Sketch, out: Tensor, self: Value, mat2: Value) -> Value | None:
    return steps.contract(sketch, self, [1], mat2, [0], 1, 1)


def _addmm(
    sketch: Sketch, out: Tensor, self: Value, mat1: Value, mat2: Value, beta: float, alpha: float
) -> Value | None:
    if beta != 1 or alpha != 1:
        return None
    made = steps.contract(sketch, mat1, [1], mat2, [0], 1, 1)
    return made and steps.elementwise(sketch, "add", (), [made, self], commutes=True)


def _batch_norm(
    sketch: Sketch,
    out: Tensor,
    input: Value,
    weight: Value | None,
    bias: Value | None,
    running_mean: Value | None,
    running_var: Value | None,
    eps: float,
    training: bool = False,
    **_: Any,
) -> Value | None:
    parts = [weight, bias, running_mean, running_var]
    if training:
        return None
    facts = (("eps", float(eps)), ("has", tuple(part is not None for part in parts)))
    units = ((),) * (len(input.dims) - 2)
    operands = [Value(part.node, part.dims + units) for part in parts if part]
    return steps.elementwise(sketch, "batch_norm", facts, [input, *operands])


def _layer_norm(
    sketch: Sketch,
    out: Tensor,
    input: Value,
    normalized_shape: Sequence[int],
    weight: Value | None,
    bias: Value | None,
    eps: float,
) -> Value | None:
    last = [atom for dim in input.dims[-len(normalized_shape) :] for atom in dim]
    over = merged(sorted(last, key=place))
    has = (weight is not None, bias is not None)
    facts = (("eps", float(eps)), ("over", over), ("has", has))
    return steps.elementwise(sketch, "layer_norm", facts, [input, *filter(None, (weight, bias))])


def _reduction(kind: str) -> Step:
    def step(
        sketch: Sketch,
        out: Tensor,
        self: Value,
        dim: Sequence[int] | None = None,
        keepdim: bool = False,
        dtype: Any = None,
    ) -> Value | None:
        rank = len(self.dims)
        over = [i % rank for i in dim] if dim else range(rank)
        return steps.reduce(sketch, kind, self, over, keepdim)

    return step


def _max_pool(
    sketch: Sketch,
    out: Tensor,
    self: Value,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    **_: Any,
) -> Value | None:
    """Where its windows end is said by the size of what it makes: `ceil_mode` says nothing more."""
    kernel = _pair(kernel_size)
    facts = (
        ("kernel", kernel),
        ("stride", _pair(stride) or kernel),
        ("padding", _pair(padding)),
        ("dilation", _pair(dilation)),
    )
    return sketch.other("max_pool", facts, [self], tuple(out.shape))


def _avg_pool(
    sketch: Sketch,
    out: Tensor,
    self: Value,
    kernel_size: Sequence[int],
    stride: Sequence[int],
    padding: Sequence[int],
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Value | None:
    """Windows that lie inside divide by their size, whatever is said of others."""
    kernel, pads = _pair(kernel_size), _pair(padding)
    moves = _pair(stride) or kernel
    size = tuple(map(length, self.dims[-2:]))
    shape = tuple(out.shape)
    windows = zip(size, kernel, moves, shape[-2:], strict=True)
    inside = not any(pads) and all((o - 1) * s + k <= n for n, k, s, o in windows)
    if inside and divisor_override is None:
        return _inner_pool(sketch, self, kernel, moves, shape)
    facts = (
        ("kernel", kernel),
        ("stride", moves),
        ("padding", pads),
        ("ceil", ceil_mode),
        ("count_pads", count_include_pad),
        ("divisor", divisor_override),
    )
    return sketch.other("avg_pool", facts, [self], shape)


def _adaptive_avg_pool(
    sketch: Sketch, out: Tensor, self: Value, output_size: Sequence[int]
) -> Value | None:
    size, made = tuple(map(length, self.dims[-2:])), _pair(output_size)
    if any(n % o for n, o in zip(size, made, strict=True)):
        return None
    kernel = tuple(n // o for n, o in zip(size, made, strict=True))
    return _inner_pool(sketch, self, kernel, kernel, tuple(out.shape))


def _adaptive_max_pool(
    sketch: Sketch, out: Tensor, self: Value, output_size: Sequence[int]
) -> Value | None:
    rank = len(self.dims)
    whole = set(_pair(output_size)) == {1}
    return steps.reduce(sketch, "max", self, [rank - 2, rank - 1], True) if whole else None


def _inner_pool(
    sketch: Sketch,
    value: Value,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    shape: tuple[int, ...],
) -> Value | None:
    if set(kernel) == {1} and set(stride) == {1}:
        return value
    if set(shape[-2:]) == {1} and kernel == tuple(map(length, value.dims[-2:])):
        rank = len(value.dims)
        return steps.reduce(sketch, "mean", value, [rank - 2, rank - 1], True)
    facts = (("kernel", kernel), ("stride", stride))
    return sketch.other("avg_pool", facts, [value], shape)


def _pad(
    sketch: Sketch, out: Tensor, self: Value, pad: Sequence[int], value: float
) -> Value | None:
    if not any(pad):
        return self
    facts = (("pad", tuple(pad)), ("value", float(value)))
    zeros = value == 0 and len(pad) == 2 * (len(self.dims) - 2)
    return steps.pad(sketch, self, pad[-2::-2], facts, zeros, tuple(out.shape))


def _cat(sketch: Sketch, out: Tensor, tensors: Sequence[Value], dim: int) -> Value | None:
    return steps.concat(sketch, tensors, dim % out.dim(), tuple(out.shape))


def _expand(sketch: Sketch, out: Tensor, self: Value, **_: Any) -> Value | None:
    shape = tuple(out.shape)
    if tuple(map(length, self.dims)) == shape:
        return self
    before = ((),) * (len(shape) - len(self.dims)) + self.dims
    real = tuple(dim for dim, size in zip(before, shape, strict=True) if size != 1)
    return sketch.other("expand", (), [Value(self.node, real)], shape)


def _slice(
    sketch: Sketch,
    out: Tensor,
    self: Value,
    dim: int,
    start: int | None,
    end: int | None,
    step: int,
) -> Value | None:
    dim, first = dim % out.dim(), start or 0
    size = length(self.dims[dim])
    begin = min(first, size) if first >= 0 else max(0, first + size)
    return steps.part(sketch, self, dim, begin, step, tuple(out.shape), False)


def _select(sketch: Sketch, out: Tensor, self: Value, dim: int, index: int) -> Value | None:
    dim = dim % len(self.dims)
    return _taken(sketch, self, dim, index % length(self.dims[dim]))


def _unbind(sketch: Sketch, out: Tensor, self: Value, dim: int) -> list[Value]:
    dim = dim % len(self.dims)
    return [_taken(sketch, self, dim, i) for i in range(length(self.dims[dim]))]


def _taken(sketch: Sketch, value: Value, dim: int, index: int) -> Value:
    shape = list(map(length, value.dims))
    shape[dim] = 1
    return steps.part(sketch, value, dim, index, 1, tuple(shape), True)


def _split(sketch: Sketch, out: Tensor, self: Value, dim: int, split_size: int) -> list[Value]:
    total = length(self.dims[dim])
    sizes = [min(split_size, total - i) for i in range(0, total, split_size)]
    return _split_sizes(sketch, out, self, dim, sizes)


def _split_sizes(
    sketch: Sketch, out: Tensor, self: Value, dim: int, split_sizes: Sequence[int]
) -> list[Value]:
    dim = dim % len(self.dims)
    shape = list(map(length, self.dims))
    found, start = [], 0
    for size in split_sizes:
        shape[dim] = size
        found.append(steps.part(sketch, self, dim, start, 1, tuple(shape), False))
        start += size
    return found


def _pair(sizes: Sequence[int]) -> tuple[int, ...]:
    found = tuple(sizes)
    return found * 2 if len(found) == 1 else found


STEPS: dict[str, Step] = {
    **dict.fromkeys(("clone", "alias", "detach", "lift_fresh", "contiguous"), _same),
    "_to_copy": _same_numbers,
    "expand": _expand,
    "slice": _slice,
    "select": _select,
    "unbind": _unbind,
    "split": _split,
    "split_with_sizes": _split_sizes,
    "as_strided": _restrided,
    **dict.fromkeys(("view", "_unsafe_view", "reshape", "squeeze", "unsqueeze"), _reshape),
    "permute": _permute,
    **dict.fromkeys(("t", "transpose"), _transpose),
    "convolution": _convolution,
    "mm": _mm,
    "addmm": _addmm,
    **dict.fromkeys(("native_batch_norm", "_native_batch_norm_legit_no_training"), _batch_norm),
    "native_layer_norm": _layer_norm,
    "mean": _reduction("mean"),
    "sum": _reduction("sum"),
    "amax": _reduction("max"),
    "max_pool2d_with_indices": _max_pool,
    "avg_pool2d": _avg_pool,
    "_adaptive_avg_pool2d": _adaptive_avg_pool,
    "adaptive_max_pool2d": _adaptive_max_pool,
    "constant_pad_nd": _pad,
    "cat": _cat,
}

COMMUTING = frozenset({"add", "mul", "maximum", "minimum"})
"""Pointwise operators of two operands that do not know which came first."""

_CLAMPS = {"clamp": ("min", "max"), "clamp_min": ("min", ""), "hardtanh": ("min_val", "max_val")}


def said(name: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What a pointwise operator is, and what it says besides its operands."""
    if name == "relu":
        return "clamp", {"low": 0, "high": None}
    if name in _CLAMPS:
        low, high = (given.get(key) for key in _CLAMPS[name])
        return "clamp", {"low": low, "high": high}
    rest = {key: v for key, v in given.items() if not isinstance(v, Value)}
    return name, {key: v for key, v in rest.items() if key != "alpha" or v != 1}

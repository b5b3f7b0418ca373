"""Rows of the table: pooling and resizing."""

from __future__ import annotations

from typing import Any

from resdsl.ops.padding import Two, reach
from resdsl.ops.pool import AdaptivePool, AvgPool, MaxPool, WindowPool
from resdsl.ops.resize import Resize
from resdsl_onnx.writer import Scope

Bins = list[tuple[int, int]]  # from, to


def maxpool(op: MaxPool, s: Scope) -> Any:
    """`MaxPool`. What pads a whole window or more, ONNX Runtime refuses: that is padded before."""
    begins, ends = _sides(op, s)
    x = s.x
    if any(pad >= k for side in (begins, ends) for pad, k in zip(side, op.k, strict=True)):
        x = _padded(s, begins, ends, float("-inf"))
        begins = ends = 0, 0
    return s.node(
        "MaxPool", x, kernel_shape=op.k, strides=op.stride, pads=(*begins, *ends),
        dilations=op.dilation,
    )  # fmt: skip


def avgpool(op: AvgPool, s: Scope) -> Any:
    """`AveragePool`. What `ceil` adds never counts, so padding that counts is added before it."""
    x, count = s.x, op.include_pad
    begins, ends = _sides(op, s)
    (_, bottom), (_, right) = op.pads(s.shape)
    if count and ends != (bottom, right):
        x, count = _padded(s, begins, (bottom, right), 0.0), False
        begins, ends = (0, 0), (ends[0] - bottom, ends[1] - right)
    return s.node(
        "AveragePool", x, kernel_shape=op.k, strides=op.stride, pads=(*begins, *ends),
        count_include_pad=int(count),
    )  # fmt: skip


def _sides(op: WindowPool, s: Scope) -> tuple[Two, Two]:
    """Padding (top, left), (bottom, right), with what `ceil` adds: then all round down."""
    begins, ends = [], []
    for axis, (before, after) in enumerate(op.pads(s.shape)):
        span = reach(op.k[axis], op.spread()[axis])
        needed = (s.output[1 + axis] - 1) * op.stride[axis] + span
        begins.append(before)
        ends.append(max(after, needed - s.shape[1 + axis] - before))
    return (begins[0], begins[1]), (ends[0], ends[1])


def _padded(s: Scope, begins: Two, ends: Two, value: float) -> Any:
    pads = s.integers("pads", (0, 0, *begins, 0, 0, *ends))
    return s.node("Pad", s.x, pads, s.numbers("padding", value), part="pad")


def gap(op: object, s: Scope) -> Any:
    """`GlobalAveragePool`."""
    return s.node("GlobalAveragePool", s.x)


# ---------------------------------------------------------------- adaptive pools


def adaptive_avgpool(op: AdaptivePool, s: Scope) -> Any:
    """A plain pool where the bins are alike, else a product with the matrix of the means."""
    if op.size == (1, 1):
        return gap(op, s)
    if kernel := _even(op, s):
        return s.node("AveragePool", s.x, kernel_shape=kernel, strides=kernel)
    means = [
        [[(a <= i < b) / (b - a) for i in range(s.shape[1 + axis])] for a, b in bins]
        for axis, bins in enumerate(_bins(op, s))
    ]
    return _by_matrices(s, means)


def adaptive_maxpool(op: AdaptivePool, s: Scope) -> Any:
    """A plain pool where the bins are alike; else the rows of each bin, then its columns, are put
    side by side, the last one again where a bin is shorter."""
    if op.size == (1, 1):
        return s.node("GlobalMaxPool", s.x)
    if kernel := _even(op, s):
        return s.node("MaxPool", s.x, kernel_shape=kernel, strides=kernel)
    rows, columns = (_indices(bins) for bins in _bins(op, s))
    bands = s.node("Gather", s.x, s.integers("rows", rows), part="row_bins", axis=2)
    tall = s.node("ReduceMax", bands, s.integers("row_axis", (3,)), part="row_max", keepdims=0)
    cells = s.node("Gather", tall, s.integers("columns", columns), part="column_bins", axis=3)
    return s.node("ReduceMax", cells, s.integers("column_axis", (4,)), keepdims=0)


def _even(op: AdaptivePool, s: Scope) -> Two | None:
    """The size of the bins where all are alike and none overlap."""
    (height, width), (rows, columns) = s.shape[1:], op.size
    if height % rows or width % columns:
        return None
    return height // rows, width // columns


def _bins(op: AdaptivePool, s: Scope) -> tuple[Bins, Bins]:
    """Of the rows, and of the columns."""
    tall, wide = (
        [(i * size // out, -(-(i + 1) * size // out)) for i in range(out)]
        for size, out in zip(s.shape[1:], op.size, strict=True)
    )
    return tall, wide


def _indices(bins: Bins) -> list[list[int]]:
    longest = max(b - a for a, b in bins)
    return [[min(a + i, b - 1) for i in range(longest)] for a, b in bins]


def _by_matrices(s: Scope, matrices: list[list[list[float]]]) -> Any:
    """A x B^T of each channel, for matrices A and B."""
    down, across = matrices
    tall = s.node("MatMul", s.numbers("down", down), s.x, part="rows")
    turned = [list(column) for column in zip(*across, strict=True)]
    return s.node("MatMul", tall, s.numbers("across", turned))


# ---------------------------------------------------------------- resize


def resize(op: Resize, s: Scope) -> Any:
    """`Resize`; where `nearest` divides unevenly, the very rows and columns that it takes."""
    before, after = s.shape[1:], s.output[1:]
    if op.mode == "nearest" and any(b % a for a, b in zip(before, after, strict=True)):
        rows, columns = ([i * a // b for i in range(b)] for a, b in zip(before, after, strict=True))
        tall = s.node("Gather", s.x, s.integers("rows", rows), part="row", axis=2)
        return s.node("Gather", tall, s.integers("columns", columns), axis=3)
    how: dict[str, Any] = {"mode": "nearest", "nearest_mode": "floor"}
    how["coordinate_transformation_mode"] = "asymmetric"
    if op.mode == "bilinear":
        corners = "align_corners" if op.align_corners else "half_pixel"
        how = {"mode": "linear", "coordinate_transformation_mode": corners}
    sizes = s.integers("sizes", after)
    return s.node("Resize", s.x, None, None, sizes, axes=(2, 3), **how)


def resize_by_matrices(op: Resize, s: Scope) -> Any:
    """As `resize`, the weights of the rows and columns as matrices."""
    if op.mode == "nearest":
        return resize(op, s)
    sides = zip(s.shape[1:], s.output[1:], strict=True)
    return _by_matrices(s, [_weights(a, b, op.align_corners) for a, b in sides])


def _weights(before: int, after: int, corners: bool) -> list[list[float]]:
    """For each row after, the share of each row before."""
    found = []
    for row in range(after):
        at = (
            row * (before - 1) / max(after - 1, 1)
            if corners
            else (row + 0.5) * before / after - 0.5
        )
        at = min(max(at, 0.0), before - 1.0)
        low = int(at)
        shares = [0.0] * before
        shares[low] += 1 - (at - low)
        shares[min(low + 1, before - 1)] += at - low
        found.append(shares)
    return found

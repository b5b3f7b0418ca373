"""The arithmetic of sliding windows: paddings and output sizes."""

from __future__ import annotations

from typing import Literal

from resdsl.diagnostics import RuleError
from resdsl.ir.op import NaturalPair, Op
from resdsl.ir.shape import Shape, show

Padding = Literal["same", "same_upper", "valid"] | NaturalPair
"""`same`: dilation * (k - 1) // 2 on both sides, whatever the stride (torch's habit); `same_upper`: output
ceil(size / stride), the odd row at the end (TensorFlow's and ONNX's SAME); `valid`: none; or rows, columns."""

Sides = tuple[int, int]  # before, after


def sides(pad: Padding, size: int, kernel: int, stride: int, dilation: int, axis: int) -> Sides:
    """The rows (axis 0) or columns (axis 1) of padding before and after."""
    if pad == "valid":
        return 0, 0
    reach = dilation * (kernel - 1)
    if pad == "same":
        return reach // 2, reach // 2
    if pad == "same_upper":
        total = max((-(-size // stride) - 1) * stride + reach + 1 - size, 0)
        return total // 2, total - total // 2
    return pad[axis], pad[axis]


def slide(op: Op, shape: Shape, kernel: tuple[int, int], stride: tuple[int, int], dilation: tuple[int, int],
          pads: tuple[Sides, Sides], ceil: bool = False) -> tuple[int, int]:  # fmt: skip
    """Output height and width of a window that slides over `shape`.

    floor((size + pads - dilation (k - 1) - 1) / stride) + 1, or with `ceil` the ceiling, less a last window that
    would start in the padding after the input (as Caffe and torch have it).
    """
    out = []
    for axis in (0, 1):
        size, (before, after) = shape[1 + axis], pads[axis]
        span = size + before + after - dilation[axis] * (kernel[axis] - 1) - 1
        if span < 0:
            reach = dilation[axis] * (kernel[axis] - 1) + 1
            raise RuleError(
                f"`{op.kind}` needs {'height' if axis == 0 else 'width'} >= {reach}, "
                f"got {size} + {before + after} of padding in {show(shape)}",
                field="k",
            )
        steps = -(-span // stride[axis]) if ceil else span // stride[axis]
        if ceil and steps * stride[axis] >= size + before:
            steps -= 1
        out.append(steps + 1)
    return out[0], out[1]

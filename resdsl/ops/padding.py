"""The arithmetic of sliding windows: paddings and output sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Discriminator, Tag

from resdsl.diagnostics import RuleError
from resdsl.ir.op import NaturalPair, Op, Window
from resdsl.ir.shape import Shape, show


def _form(value: object) -> str:
    return "word" if isinstance(value, str) else "numbers"


Padding = Annotated[
    Annotated[Literal["same", "same_upper", "valid"], Tag("word")]
    | Annotated[NaturalPair, Tag("numbers")],
    Discriminator(_form),
]
"""`same`: dilation * (k - 1) // 2 on both sides, whatever the stride (torch's habit);
`same_upper`: output ceil(size / stride), the odd row at the end (TensorFlow's and ONNX's SAME);
`valid`: none; or a number for all sides, or (rows, columns)."""

Two = tuple[int, int]  # vertical, horizontal
Sides = tuple[int, int]  # before, after


def reach(kernel: int, dilation: int) -> int:
    """How many rows (or columns) a dilated kernel spans."""
    return dilation * (kernel - 1) + 1


def pads(
    pad: Padding, shape: Shape, kernel: Two, stride: Two, dilation: Two
) -> tuple[Sides, Sides]:
    """Padding (top, bottom), (left, right) on an image of this shape."""
    above, beside = (
        _sides(pad, shape[1 + axis], reach(kernel[axis], dilation[axis]), stride[axis], axis)
        for axis in (0, 1)
    )
    return above, beside


def _sides(pad: Padding, size: int, span: int, stride: int, axis: int) -> Sides:
    if pad == "valid":
        return 0, 0
    if pad == "same":
        return (span - 1) // 2, (span - 1) // 2
    if pad == "same_upper":
        total = max((-(-size // stride) - 1) * stride + span - size, 0)
        return total // 2, total - total // 2
    return pad[axis], pad[axis]


def slide(
    op: Op,
    shape: Shape,
    kernel: Two,
    stride: Two,
    dilation: Two,
    padding: tuple[Sides, Sides],
    ceil: bool = False,
) -> Two:
    """Output height and width of a window that slides over `shape`.

    floor((size + pads - dilation (k - 1) - 1) / stride) + 1, or with `ceil` the ceiling, less a
    last window that would start in the padding after the input (as Caffe and torch have it).
    """
    out = []
    for axis, name in enumerate(("height", "width")):
        size, (before, after) = shape[1 + axis], padding[axis]
        span = reach(kernel[axis], dilation[axis])
        free = size + before + after - span
        steps = -(-free // stride[axis]) if ceil else free // stride[axis]
        if steps < 0:
            padded = f" + {before + after} of padding" if before + after else ""
            raise RuleError(
                f"`{op.kind}` spans {span} in {name}, got {size}{padded} of {show(shape)}",
                field="k",
            )
        if ceil and steps * stride[axis] >= size + before:
            steps -= 1
        out.append(steps + 1)
    return out[0], out[1]


def uneven(
    pad: Padding, shape: Shape, kernel: Two, stride: Two, dilation: Two
) -> Iterator[RuleError]:
    """W305: `pad=same` where a window spans an even number of rows or columns. It has no middle:
    equal padding on both sides does not keep the size, and frameworks differ in what `same` means.
    """
    for axis, name in enumerate(("rows", "columns")):
        span, size = reach(kernel[axis], dilation[axis]), shape[1 + axis]
        if pad != "same" or span % 2:
            continue
        each = (span - 1) // 2
        effect = f"has no middle: it pads {each} on both sides"
        if stride[axis] == 1:
            effect = f"does not keep the size: {size - 1} {name} of {size}"
        yield RuleError(
            f"`pad=same` with an even kernel (={kernel[axis]}) {effect}",
            field="k",
            code="W305",
            help="take an odd kernel; or say what is meant: `pad=same_upper` (the odd one at the "
            f"end, as in TensorFlow) or `pad={each}`",
        )
        return


def windows(kernel: Two, stride: Two, dilation: Two) -> tuple[Window, Window]:
    """What one position of a sliding window sees, vertically and horizontally."""
    tall, wide = (Window(reach(kernel[a], dilation[a]), stride[a]) for a in (0, 1))
    return tall, wide

"""ONNX's reference evaluator, with convolutions and pools as a few numpy calls each: its own take
minutes for a net of 224 x 224 images, its `ConvTranspose` fails with several groups, and its `Erf`
is of single precision.

A convolution or pool is a sum, or a maximum, over the positions of its window, of strided views of
the padded image.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from math import erf
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

Two = list[int]


def evaluator(source: bytes | Path) -> Any:
    """An `onnx.reference.ReferenceEvaluator` of a model, as bytes or as a file."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    model = onnx.load_from_string(source) if isinstance(source, bytes) else onnx.load(source)
    return ReferenceEvaluator(model, new_ops=_ops())


def views(
    x: NDArray[Any], kernel: Two, strides: Two, dilations: Two, pads: list[int], fill: float
) -> Iterator[tuple[tuple[int, int], NDArray[Any]]]:
    """For each position of the kernel, what it sees of each window of the padded image."""
    import numpy

    top, left, bottom, right = pads
    sides = ((0, 0), (0, 0), (top, bottom), (left, right))
    x = numpy.pad(x, sides, constant_values=fill) if any(pads) else x
    spans = [d * (k - 1) for k, d in zip(kernel, dilations, strict=True)]
    high, wide = (
        (size - span - 1) // stride * stride + 1
        for size, span, stride in zip(x.shape[2:], spans, strides, strict=True)
    )
    for u in range(kernel[0]):
        for v in range(kernel[1]):
            a, b = u * dilations[0], v * dilations[1]
            yield (u, v), x[:, :, a : a + high : strides[0], b : b + wide : strides[1]]


def conv(
    x: NDArray[Any], weight: NDArray[Any], bias: NDArray[Any] | None, group: int, **window: Any
) -> NDArray[Any]:
    """`Conv`: a product of matrices for each position of the kernel."""
    total: Any = 0.0
    out, each, *kernel = weight.shape
    by_group = weight.reshape(group, out // group, each, *kernel)
    for (u, v), seen in views(x, kernel, fill=0.0, **window):
        shape = seen.shape
        total = total + by_group[..., u, v] @ seen.reshape(shape[0], group, each, -1)
    made: NDArray[Any] = total.reshape(shape[0], out, *shape[2:])
    return made if bias is None else made + bias[:, None, None]


def conv_transpose(
    x: NDArray[Any],
    weight: NDArray[Any],
    bias: NDArray[Any] | None,
    group: int,
    extra: Two,
    strides: Two,
    dilations: Two,
    pads: list[int],
) -> NDArray[Any]:
    """`ConvTranspose`: each position of the kernel adds a product to every `strides`-th element."""
    import numpy

    (batch, channels, *area), (_, each, *kernel) = x.shape, weight.shape
    full = [
        (size - 1) * stride + d * (k - 1) + 1 + more
        for size, stride, d, k, more in zip(area, strides, dilations, kernel, extra, strict=True)
    ]
    made = numpy.zeros((batch, group * each, *full), x.dtype)
    by_group = weight.reshape(group, channels // group, each, *kernel)
    flat = x.reshape(batch, group, channels // group, -1)
    for (u, v), seen in views(made, kernel, strides, dilations, [0, 0, 0, 0], 0.0):
        product = by_group[..., u, v].swapaxes(1, 2) @ flat
        seen[:, :, : area[0], : area[1]] += product.reshape(batch, group * each, *area)
    top, left, bottom, right = pads
    made = made[:, :, top : full[0] - bottom, left : full[1] - right]
    return made if bias is None else made + bias[:, None, None]


def max_pool(x: NDArray[Any], kernel: Two, **window: Any) -> NDArray[Any]:
    """`MaxPool`."""
    import numpy

    seen = (view for _, view in views(x, kernel, fill=-numpy.inf, **window))
    return reduce(numpy.maximum, seen)


def average_pool(x: NDArray[Any], kernel: Two, pads_count: bool, **window: Any) -> NDArray[Any]:
    """`AveragePool`."""
    import numpy

    def total(y: NDArray[Any], fill: float) -> NDArray[Any]:
        return reduce(numpy.add, (seen for _, seen in views(y, kernel, fill=fill, **window)))

    mean: NDArray[Any] = total(x, 0.0) / total(numpy.ones_like(x[:1, :1]), float(pads_count))
    return mean


def _ops() -> list[Any]:
    """These as ops of the evaluator, with the attributes that our models write."""
    import numpy
    from onnx.reference.op_run import OpRun

    class Erf(OpRun):
        def _run(self, x: Any) -> Any:
            return (numpy.vectorize(erf, otypes=[x.dtype])(x),)

    class Conv(OpRun):
        def _run(self, x: Any, weight: Any, bias: Any = None, group: int = 1, **how: Any) -> Any:
            return (conv(x, weight, bias, group, **_window(how)),)

    class ConvTranspose(OpRun):
        def _run(
            self, x: Any, weight: Any, bias: Any = None, group: int = 1,
            output_padding: Any = None, **how: Any,
        ) -> Any:  # fmt: skip
            extra = output_padding or [0, 0]
            return (conv_transpose(x, weight, bias, group, extra, **_window(how)),)

    class MaxPool(OpRun):
        def _run(self, x: Any, kernel_shape: Any = None, **how: Any) -> Any:
            return (max_pool(x, kernel_shape, **_window(how)),)

    class AveragePool(OpRun):
        def _run(
            self, x: Any, kernel_shape: Any = None, count_include_pad: int = 0, **how: Any
        ) -> Any:
            return (average_pool(x, kernel_shape, bool(count_include_pad), **_window(how)),)

    return [Conv, ConvTranspose, MaxPool, AveragePool, Erf]


def _window(how: dict[str, Any]) -> dict[str, Any]:
    defaults = {"strides": [1, 1], "dilations": [1, 1], "pads": [0, 0, 0, 0]}
    return {name: how.get(name) or default for name, default in defaults.items()}

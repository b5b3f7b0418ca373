"""The tree of weights, and whether one fits: everything that does not is named, and only then may
anything be changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from resdsl.ir.shape import Shape, show

if TYPE_CHECKING:
    from numpy.typing import NDArray

Tree: TypeAlias = "dict[str, NDArray[Any]]"
"""Canonical path -> array in canonical layout; trainable weights and buffers."""

COUNTER = "num_batches_tracked"
"""Torch's batch norms count batches under this name. It is no weight, and left out everywhere."""


FLOATS = ("float64", "float32", "float16", "bfloat16")
"""What weights can be."""


class WeightsError(ValueError):
    """Weights that do not fit, or that cannot be read; nothing was changed."""


def is_counter(path: str) -> bool:
    """A batch counter of torch's batch norms."""
    return path.rpartition(".")[2] == COUNTER


def shapes(tree: Tree) -> dict[str, Shape]:
    """Path -> shape."""
    return {path: array.shape for path, array in tree.items()}


def dtypes(tree: Tree) -> dict[str, str]:
    """Path -> dtype."""
    return {path: array.dtype.name for path, array in tree.items()}


def check(
    own: Mapping[str, Shape],
    found: Mapping[str, Shape],
    where: str,
    types: Mapping[str, str] | None = None,
    lost: Iterable[str] = (),
) -> None:
    """Raises WeightsError unless `found` has the paths and the shapes of `own`, its `types` are
    floating ones, and nothing is `lost`.

    The message names all that is missing, extra, of another shape or type, or truncated, a line
    each; its first line is about `where`: a file, a model.
    """
    lines = [
        f"missing: {path} ({_shape(shape)})" for path, shape in own.items() if path not in found
    ]
    lines += [
        f"extra: {path} ({_shape(shape)})" for path, shape in found.items() if path not in own
    ]
    lines += [
        f"another shape: {path} is {_shape(found[path])}, not {_shape(shape)}"
        for path, shape in own.items()
        if path in found and found[path] != shape
    ]
    lines += [
        f"another type: {path} is {dtype}, and weights are {', '.join(FLOATS)}"
        for path, dtype in (types or {}).items()
        if path in own and dtype not in FLOATS
    ]
    lines += [f"truncated: {path}" for path in lost]
    if lines:
        raise WeightsError(listing(f"{where} does not fit", lines))


def listing(head: str, lines: Iterable[str]) -> str:
    """A head, and its lines below it."""
    return "\n  ".join([f"{head}:", *lines])


def _shape(shape: Shape) -> str:
    return show(shape) or "a scalar"

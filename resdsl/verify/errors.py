"""How far two sets of arrays are apart."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from resdsl.verify.runner import Arrays

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLOOR = 1e-4
"""A layer's gradient is measured at least against this part of the net's largest: what is zero but
for rounding, such as that of a bias before a batch norm, has no error of its own.
"""


def relative(found: NDArray[Any] | None, right: NDArray[Any], least: float = 0.0) -> float:
    """max|found - right| / max|right|, or / `least` where that is more; infinite where either is
    not finite, or the shapes differ.
    """
    import numpy

    if found is None or found.shape != right.shape:
        return inf
    if not right.size:
        return 0.0
    with numpy.errstate(all="ignore"):  # what overflows is not finite, and told so
        error, scale = float(abs(found - right).max()), max(float(abs(right).max()), least)
    if error == 0.0:
        return 0.0
    return error / scale if isfinite(error) and isfinite(scale) and scale else inf


def by_name(found: Arrays, right: Arrays) -> dict[str, float]:
    """Name -> relative error."""
    return {name: relative(found.get(name), array) for name, array in right.items()}


def by_statement(found: Arrays, right: Arrays) -> dict[str, float]:
    """Top-level statement -> the largest relative error of its tensors."""
    errors = ((path, relative(found.get(path), array)) for path, array in right.items())
    return _worst(errors)


def of_gradients(found: Arrays, right: Arrays) -> dict[str, float]:
    """Top-level statement -> the largest relative error of its layers. The tensors of a layer are
    one vector.
    """
    largest = {path: float(abs(array).max()) for path, array in right.items()}
    least = FLOOR * max(largest.values(), default=0.0)
    scales: dict[str, float] = {}
    for path, size in largest.items():
        layer = path.rpartition(".")[0]
        scales[layer] = max(scales.get(layer, least), size)
    return _worst(
        (path, relative(found.get(path), array, scales[path.rpartition(".")[0]]))
        for path, array in right.items()
    )


def _worst(errors: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for path, error in errors:
        name = path.partition(".")[0]
        found[name] = max(found.get(name, 0.0), error)
    return found

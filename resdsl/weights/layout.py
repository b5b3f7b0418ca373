"""How a framework keeps a tensor: what it is called canonically, and where its axes are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resdsl.ir.shape import Shape

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Layout:
    """`name` is the tensor's last canonical level (`weight`); its canonical axis i is the
    framework's axis `axes[i]`, or the same one where `axes` is empty. With None the framework has
    no such axis: it is of size one.

    Flax's `kernel` of a convolution, (rows, columns, in, out), is `Layout("weight", (3, 2, 0, 1))`.
    """

    name: str
    axes: tuple[int | None, ...] = ()

    def canonical(self, native: NDArray[Any]) -> NDArray[Any]:
        """The framework's array in canonical layout: a view."""
        shown = native.transpose(self._known()) if self.axes else native
        return shown.reshape(self.canonical_shape(native.shape)) if None in self.axes else shown

    def native(self, canonical: NDArray[Any]) -> NDArray[Any]:
        """A canonical array in the framework's layout: a view."""
        units = tuple(i for i, axis in enumerate(self.axes) if axis is None)
        shown = canonical.squeeze(units)
        return shown.transpose(_inverse(self._known())) if self.axes else shown

    def canonical_shape(self, native: Shape) -> Shape:
        """Of `canonical(array)`, for an array of shape `native`."""
        return tuple(
            1 if axis is None else native[axis] for axis in self.axes or range(len(native))
        )

    def native_shape(self, canonical: Shape) -> Shape:
        """Of `native(array)`, for an array of shape `canonical`."""
        if not self.axes:
            return canonical
        known = [size for size, axis in zip(canonical, self.axes, strict=True) if axis is not None]
        return tuple(known[place] for place in _inverse(self._known()))

    def _known(self) -> tuple[int, ...]:
        """The framework's axes, in canonical order."""
        return tuple(axis for axis in self.axes if axis is not None)


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(axes)), key=axes.__getitem__))

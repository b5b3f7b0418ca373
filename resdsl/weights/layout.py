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
    framework's axis `axes[i]`, or the same one where `axes` is empty.

    Flax's `kernel` of a convolution, (rows, columns, in, out), is `Layout("weight", (3, 2, 0, 1))`.
    """

    name: str
    axes: tuple[int, ...] = ()

    def canonical(self, native: NDArray[Any]) -> NDArray[Any]:
        """The framework's array in canonical layout: a view."""
        return native.transpose(self.axes) if self.axes else native

    def native(self, canonical: NDArray[Any]) -> NDArray[Any]:
        """A canonical array in the framework's layout: a view."""
        return canonical.transpose(self._places()) if self.axes else canonical

    def canonical_shape(self, native: Shape) -> Shape:
        """Of `canonical(array)`, for an array of shape `native`."""
        return tuple(native[axis] for axis in self.axes) if self.axes else native

    def native_shape(self, canonical: Shape) -> Shape:
        """Of `native(array)`, for an array of shape `canonical`."""
        return tuple(canonical[axis] for axis in self._places()) if self.axes else canonical

    def _places(self) -> tuple[int, ...]:
        """Where each of the framework's axes is among the canonical ones."""
        return tuple(sorted(range(len(self.axes)), key=self.axes.__getitem__))

"""The Flax NNX backend: `backend` is what the entry point of group `resdsl.backends` names.

Emitting needs neither jax nor flax; `build` and what handles weights import them when they run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import Header
from resdsl.ir.graph import Net
from resdsl.ir.shape import Shape

if TYPE_CHECKING:
    from jax.typing import DTypeLike

    from resdsl.weights.layout import Layout
    from resdsl.weights.tree import Tree
    from resdsl_flax.run import FlaxRunner


class FlaxBackend:
    """Nets as files and modules of Flax NNX."""

    name = "flax"
    suffix = ".py"
    framework = "flax"
    quick = frozenset({"float32", "float64"})
    emit_options = frozenset({"repeat"})

    def emit(self, net: Net, header: Header, repeat: str = "auto") -> str:
        """One file that needs jax and flax alone. Of runs of equal blocks, `repeat` makes a loop:
        of all (`scan`), of none (`unroll`), or of long ones (`auto`)."""
        from resdsl_flax.emit import emit

        return emit(net, header, repeat)

    def build(
        self,
        source: str,
        net: Net,
        seed: int = 0,
        dtype: DTypeLike | None = None,
        param_dtype: DTypeLike | None = None,
    ) -> Any:
        """The `nnx.Module` that the file makes. It computes in `dtype` on weights of
        `param_dtype`."""
        from resdsl_flax.build import build

        return build(source, net.name, seed, dtype, param_dtype)

    def owns(self, model: object) -> bool:
        """Whether it is a model of Flax NNX."""
        from resdsl_flax.weights import owns

        return owns(model)

    def shapes(self, model: Any) -> dict[str, Shape]:
        """Canonical path -> shape."""
        from resdsl_flax.weights import shapes

        return shapes(model)

    def read(self, model: Any) -> Tree:
        """A copy of the weights, in canonical layout."""
        from resdsl_flax.weights import read

        return read(model)

    def write(self, model: Any, tree: Tree) -> None:
        """Set the weights."""
        from resdsl_flax.weights import write

        write(model, tree)

    def layouts(self, net: Net) -> dict[str, Layout]:
        """What the state of a model calls the weights, and where their axes are."""
        from resdsl_flax.layouts import layouts

        return layouts(net)

    def runner(self, net: Net, dtype: str, weights: Tree) -> FlaxRunner:
        """The net with these weights, from arrays to arrays."""
        from resdsl_flax.run import FlaxRunner

        return FlaxRunner(net, dtype, weights)


backend = FlaxBackend()

"""The PyTorch backend: `backend` is what the entry point of group `resdsl.backends` names.

Emitting needs no torch; all else imports it when it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import Header
from resdsl.ir.graph import Net
from resdsl.ir.shape import Shape
from resdsl.weights.layout import Layout
from resdsl.weights.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from resdsl.verify.runner import Arrays
    from resdsl.weights.match_graph import Graph
    from resdsl_torch.run import TorchRunner


class TorchBackend:
    """Nets as files and modules of PyTorch."""

    name = "torch"
    suffix = ".py"
    emit_options: frozenset[str] = frozenset()
    framework = "torch"
    quick = frozenset({"float32", "float64"})

    def emit(self, net: Net, header: Header) -> str:
        """One file that needs torch alone."""
        from resdsl_torch.emit import emit

        return emit(net, header)

    def build(
        self,
        source: str,
        net: Net,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> Any:
        """The `nn.Module` that the file makes, on `device` and in `dtype`."""
        from resdsl_torch.build import build

        return build(source, net.name, device, dtype)

    def owns(self, model: Any) -> bool:
        """Whether `model` is an `nn.Module`."""
        from resdsl_torch.weights import owns

        return owns(model)

    def shapes(self, model: Any) -> dict[str, Shape]:
        """Of all weights, by canonical path."""
        from resdsl_torch.weights import shapes

        return shapes(model)

    def read(self, model: Any) -> Tree:
        """A copy of all weights."""
        from resdsl_torch.weights import read

        return read(model)

    def write(self, model: Any, tree: Tree) -> None:
        """Set all weights in place."""
        from resdsl_torch.weights import write

        write(model, tree)

    def layouts(self, net: Net) -> dict[str, Layout]:
        """What a state dict calls the weights; their axes are canonical."""
        from resdsl_torch.weights import layouts

        return layouts(net)

    def trace(self, model: Any, inputs: Sequence[Shape]) -> Graph:
        """What any `nn.Module` computes."""
        from resdsl_torch.trace import trace

        return trace(model, inputs)

    def trace_net(self, net: Net) -> Graph:
        """What the module of a net computes."""
        from resdsl_torch.trace import trace_net

        return trace_net(net)

    def runner(self, net: Net, dtype: str, weights: Arrays) -> TorchRunner:
        """The net with these weights, from arrays to arrays."""
        from resdsl_torch.run import TorchRunner

        return TorchRunner(net, dtype, weights)


backend = TorchBackend()

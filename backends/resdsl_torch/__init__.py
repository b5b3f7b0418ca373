"""The PyTorch backend: `backend` is what the entry point of group `resdsl.backends` names.

Emitting needs no torch; `build` and `weights` import it when they run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import Header
from resdsl.ir.graph import Net

if TYPE_CHECKING:
    import torch


class TorchBackend:
    """Nets as files and modules of PyTorch."""

    name = "torch"
    suffix = ".py"
    emit_options: frozenset[str] = frozenset()

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


backend = TorchBackend()

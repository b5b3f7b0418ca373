"""From the source of a file to its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import MissingFramework
from resdsl.codegen.load import load_module

if TYPE_CHECKING:
    import torch


def build(
    source: str, name: str, device: str | torch.device | None, dtype: torch.dtype | None
) -> Any:
    """The model of a file, on a device (by default the CPU) and in a dtype (by default float32)."""
    try:
        import torch
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise MissingFramework("torch", "torch") from None
    module = load_module(source, name, "torch")
    model = [value for value in vars(module).values() if isinstance(value, type)][-1]
    if torch.device(device or "cpu").type == "meta":
        with torch.device("meta"):
            return model().to(dtype=dtype)
    return model().to(device=device, dtype=dtype)

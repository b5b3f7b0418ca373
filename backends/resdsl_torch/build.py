"""Running what was emitted: the same text, compiled, and shown by tracebacks and debuggers."""

from __future__ import annotations

import hashlib
import linecache
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import MissingFramework

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
    module = load_module(source, name)
    model = [value for value in vars(module).values() if isinstance(value, type)][-1]
    if torch.device(device or "cpu").type == "meta":
        with torch.device("meta"):
            return model().to(dtype=dtype)
    return model().to(device=device, dtype=dtype)


def load_module(source: str, name: str) -> ModuleType:
    """The source as a module. It is in `sys.modules`, so that its classes pickle in this process;
    the same source is one module."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    key = f"resdsl_torch.built.{name}_{digest}"
    if key in sys.modules:
        return sys.modules[key]
    filename = f"<resdsl {name}>"
    if filename in linecache.cache:
        filename = f"<resdsl {name} {digest}>"
    module = ModuleType(key)
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), vars(module))
    sys.modules[key] = module
    return module

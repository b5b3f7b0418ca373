"""Running what was emitted: the same text, compiled, and shown by tracebacks and debuggers."""

from __future__ import annotations

import hashlib
import linecache
import sys
from types import ModuleType


def load_module(source: str, name: str, backend: str) -> ModuleType:
    """The source as a module. It is in `sys.modules`, so that its classes pickle in this process;
    the same source is one module."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    key = f"resdsl_{backend}.built.{name}_{digest}"
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

"""resdsl: a small language for neural network architectures, and a compiler for it.

net = resdsl.load("resnet50", classes=10)
net.stats().params
model = net.build("torch")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from resdsl.diagnostics import Diagnostic, ResdslError
    from resdsl.frameworks import transfer
    from resdsl.network import Network, load, loads
    from resdsl.weights.tree import WeightsError
    from resdsl.zoo import SpecNotFound

__all__ = [
    "Diagnostic",
    "Network",
    "ResdslError",
    "SpecNotFound",
    "WeightsError",
    "load",
    "loads",
    "transfer",
]

_HOMES = {
    "Diagnostic": "resdsl.diagnostics",
    "Network": "resdsl.network",
    "ResdslError": "resdsl.diagnostics",
    "SpecNotFound": "resdsl.zoo",
    "WeightsError": "resdsl.weights.tree",
    "load": "resdsl.network",
    "loads": "resdsl.network",
    "transfer": "resdsl.frameworks",
}


def __getattr__(name: str) -> Any:
    # at first use: the command line sets up its process before anything heavy is imported
    if name not in _HOMES:
        raise AttributeError(f"module 'resdsl' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

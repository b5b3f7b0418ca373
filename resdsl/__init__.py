"""resdsl: a small language for neural network architectures, and a compiler for it.

net = resdsl.load("resnet50", classes=10)
net.stats().params
model = net.build("torch")
"""

from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.network import Network, load, loads
from resdsl.zoo import SpecNotFound

__all__ = ["Diagnostic", "Network", "ResdslError", "SpecNotFound", "load", "loads"]

"""torchvision beside a CPU build of torch.

Its compiled operators do not load there, and its Python part then fails on two of them, which no
classification net uses. They are declared here, without a kernel, so that the nets can be imported
as references.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

import pytest

_declared: list[object] = []  # a library's declarations live as long as it does


def import_torchvision() -> ModuleType:
    """The module torchvision, with its operators declared where they cannot be loaded. A test
    module is skipped where it is not installed.

    Call it before anything that imports torchvision by itself, timm for one.
    """
    _need("torchvision")
    if "torchvision" in sys.modules:
        return sys.modules["torchvision"]
    try:
        return importlib.import_module("torchvision")
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
    _declare()
    return importlib.import_module("torchvision")


def import_timm() -> ModuleType:
    """The module timm, which imports torchvision."""
    _need("timm")
    import_torchvision()
    return importlib.import_module("timm")


def _need(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed", allow_module_level=True)


def _declare() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _declared.append(library)

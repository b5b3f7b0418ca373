"""The weights in a torch module: its state dict without batch norm's batch counters.

Names are canonical but for labels that torch uses itself: `double.weight` is `double_.weight` here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from resdsl.codegen.names import attribute, label
from resdsl.ir.graph import Net
from resdsl.ir.shape import Shape
from resdsl.ir.weights import weights
from resdsl.weights.layout import Layout
from resdsl.weights.tree import Tree, WeightsError, is_counter
from resdsl_torch.reserved import RESERVED

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn


def owns(model: Any) -> bool:
    """A torch module; there is none where torch was never imported."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


def layouts(net: Net) -> dict[str, Layout]:
    """Canonical path -> the key in the state dict."""
    return {path: Layout(_native(path)) for path in weights(net)}


def shapes(model: nn.Module) -> dict[str, Shape]:
    """Canonical path -> shape."""
    return {path: tuple(tensor.shape) for path, tensor in _tensors(model).items()}


def read(model: nn.Module) -> Tree:
    """A copy of all weights, on the CPU."""
    return {path: _array(tensor) for path, tensor in _with_data(model).items()}


def write(model: nn.Module, tree: Tree) -> None:
    """Set all weights in place; each stays on its device and of its dtype."""
    import torch

    with torch.no_grad():
        for path, tensor in _with_data(model).items():
            tensor.copy_(_tensor(tree[path]))


def canonical(key: str) -> str:
    """The path of a key of the state dict."""
    return ".".join(label(level, RESERVED) for level in key.split("."))


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    state = getattr(model, "_orig_mod", model).state_dict()  # what torch.compile wraps
    return {canonical(key): tensor for key, tensor in state.items() if not is_counter(key)}


def _with_data(model: nn.Module) -> dict[str, Tensor]:
    tensors = _tensors(model)
    if any(tensor.is_meta for tensor in tensors.values()):
        raise WeightsError("the model is on the meta device, where tensors have no data")
    return tensors


def _array(tensor: Tensor) -> NDArray[Any]:
    import torch

    own = tensor.detach().to("cpu", copy=True).contiguous()
    if own.dtype != torch.bfloat16:
        return own.numpy()
    import ml_dtypes

    return own.view(torch.int16).numpy().view(ml_dtypes.bfloat16)


def _tensor(array: NDArray[Any]) -> Tensor:
    import numpy
    import torch

    known = array if array.dtype.kind == "f" else array.astype(numpy.float32)  # bfloat16, exactly
    return torch.from_numpy(numpy.require(known, requirements="W"))


def _native(path: str) -> str:
    return ".".join(attribute(level, RESERVED) for level in path.split("."))

"""What a torch module computes: it runs once without data, and every operator is written down."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import Header
from resdsl.ir.graph import Net
from resdsl.ir.shape import Shape
from resdsl.weights.match_graph import Graph, Sketch
from resdsl.weights.tree import WeightsError, is_counter
from resdsl_torch.build import build
from resdsl_torch.emit import emit
from resdsl_torch.trace_record import Recorder
from resdsl_torch.weights import canonical

if TYPE_CHECKING:
    from torch import Tensor, nn

BATCH = 2
"""Not 1: a dimension of one index says nothing."""


def trace(model: nn.Module, inputs: Sequence[Shape]) -> Graph:
    """The graph of a module in inference, its weights by their keys in the state dict.

    The module stays as it is, and may be on the meta device.
    """
    import torch
    from torch.utils import _pytree
    from torch.utils._python_dispatch import TorchDispatchMode

    bare = _without_data(model).eval()
    state = {k: t for k, t in bare.state_dict(keep_vars=True).items() if not is_counter(k)}
    dtype = next((t.dtype for t in state.values() if t.is_floating_point()), torch.float32)
    sketch = Sketch()
    record = Recorder(sketch)

    class Recording(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            return record(func, args, kwargs or {})

    aliases = [key for key, tensor in state.items() if not record.learn_weight(key, tensor)]
    images = [torch.empty(BATCH, *shape, dtype=dtype, device="meta") for shape in inputs]
    for index, image in enumerate(images):
        record.learn(image, sketch.input(index, tuple(image.shape)))
    try:
        with torch.no_grad(), Recording():  # type: ignore[no-untyped-call]
            result = bare(*images)
    except WeightsError:
        raise
    except Exception as error:
        shapes = ", ".join("x".join(map(str, image.shape)) for image in images)
        why = str(error).split("\n")[0]
        raise WeightsError(f"the module does not run without data on {shapes}: {why}") from error
    outputs = [record.value(leaf) for leaf in _pytree.tree_leaves(result) if _is_tensor(leaf)]
    return sketch.graph(outputs, aliases)


def trace_net(net: Net) -> Graph:
    """The graph of the module that `compile` writes, its weights by their canonical paths."""
    source = emit(net, Header(net.name, (), "", "", ""))
    found = trace(build(source, net.name, "meta", None), [entry.shape for entry in net.main.inputs])
    nodes = tuple(replace(node, key=node.key and canonical(node.key)) for node in found.nodes)
    return replace(found, nodes=nodes, unused=tuple(map(canonical, found.unused)))


def _without_data(model: nn.Module) -> Any:
    """A copy on the meta device; no tensor is copied for it."""
    tensors = [*model.parameters(), *model.buffers()]
    return copy.deepcopy(model, {id(tensor): _empty(tensor) for tensor in tensors})


def _empty(tensor: Tensor) -> Tensor:
    import torch

    bare = torch.empty_like(tensor, device="meta")
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(bare, requires_grad=False)
    return bare


def _is_tensor(leaf: Any) -> bool:
    import torch

    return isinstance(leaf, torch.Tensor)

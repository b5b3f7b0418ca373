"""What PyTorch itself makes of a net on the meta device: shapes, parameters, multiply-adds."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

import resdsl
from resdsl.ir.shape import Shape
from tests.fuzz.counted import Counts


class _Touched(TorchFunctionMode):
    """The parameters and buffers that a call computes with."""

    def __init__(self) -> None:
        super().__init__()
        self.tensors: dict[int, Tensor] = {}

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        for leaf in tree_leaves((args, kwargs)):
            if isinstance(leaf, Tensor):
                self.tensors[id(leaf)] = leaf
        return func(*args, **(kwargs or {}))

    def elements(self, tensors: Any) -> int:
        return sum(t.numel() for t in tensors if id(t) in self.tensors)


@torch.no_grad()
def counts(network: resdsl.Network) -> Counts:
    """Of the module that the emitted source makes, in inference and in training."""
    model = network.build("torch", device="meta")
    main = network.ir.main
    model.eval()
    with FlopCounterMode(display=False) as flops, _Touched() as touched:
        result = model(*_inputs(network, 1))
    shapes = _shapes([o.name for o in main.outputs if not o.train], result)
    shapes_training = shapes
    if any(o.train for o in main.outputs):
        result = model.train()(*_inputs(network, 2))
        shapes_training = _shapes([o.name for o in main.outputs], result)
    return Counts(
        shapes=shapes,
        shapes_training=shapes_training,
        params=touched.elements(model.parameters()),
        params_training=sum(p.numel() for p in model.parameters()),
        buffers=touched.elements(_statistics(model)),
        macs=flops.get_total_flops() // 2,
        weights={
            name: tuple(tensor.shape)
            for name, tensor in model.state_dict().items()
            if not name.endswith("num_batches_tracked")
        },
    )


def _statistics(model: nn.Module) -> list[Tensor]:
    return [b for name, b in model.named_buffers() if not name.endswith("num_batches_tracked")]


def _inputs(network: resdsl.Network, batch: int) -> list[Tensor]:
    return [torch.empty(batch, *i.shape, device="meta") for i in network.ir.main.inputs]


def _shapes(names: list[str], result: object) -> dict[str, Shape]:
    """By the name of the output; a module of one output returns it bare."""
    if isinstance(result, Tensor):
        (name,) = names
        return {name: tuple(result.shape[1:])}
    found = result._asdict()  # type: ignore[attr-defined]
    return {name: tuple(t.shape[1:]) for name, t in found.items() if t is not None}

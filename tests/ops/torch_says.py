"""What torch itself says of a plain module: shapes on the meta device, state, multiply-adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from resdsl import ops  # noqa: F401  (fills the registry)
from resdsl.diagnostics import RuleError
from resdsl.ir.op import Op

Shape = tuple[int, ...]
BATCH = 2


def make(kind: str, *args: Any, **fields: Any) -> Op:
    """An op as a spec calls it: fields by position, then by name."""
    rule = Op.registry[kind]
    return rule(**dict(zip(rule.model_fields, args, strict=False)), **fields)


def output_of(plain: Callable[..., Tensor], *inputs: Shape) -> Shape:
    """The shape that torch computes, without the batch."""
    return tuple(plain(*(torch.empty(BATCH, *s, device="meta") for s in inputs)).shape[1:])


def agree(op: Op, plain: nn.Module | Callable[..., Tensor], *inputs: Shape) -> None:
    """Shape of the output, names and shapes of weights and buffers, and MACs are torch's."""
    shape = op.infer(*inputs)
    on_meta = plain.to("meta") if isinstance(plain, nn.Module) else plain
    with FlopCounterMode(display=False) as counter:
        assert shape == output_of(on_meta, *inputs)
    assert op.macs(inputs, shape) * 2 * BATCH == counter.get_total_flops()
    weights = op.weights(*inputs)
    if op.bare:  # in the module it has some name or other
        ((name, _),) = _parameters(plain)
        weights = {name: weights[""]}
    assert {k: w.shape for k, w in weights.items() if w.role == "trainable"} == {
        k: tuple(p.shape) for k, p in _parameters(plain)
    }
    assert {k: w.shape for k, w in weights.items() if w.role == "buffer"} == {
        k: tuple(b.shape) for k, b in _buffers(plain) if k != "num_batches_tracked"
    }


def _parameters(plain: object) -> list[tuple[str, Tensor]]:
    return list(plain.named_parameters()) if isinstance(plain, nn.Module) else []


def _buffers(plain: object) -> list[tuple[str, Tensor]]:
    return list(plain.named_buffers()) if isinstance(plain, nn.Module) else []


def refuses(op: Op, *inputs: Shape, field: str | None, says: str) -> RuleError:
    """`infer` raises, naming the field, with `says` in its message."""
    with pytest.raises(RuleError) as caught:
        op.infer(*inputs)
    assert caught.value.field == field
    assert says in caught.value.message
    return caught.value


def rejects(kind: str, field: str, **fields: Any) -> None:
    """The class itself refuses the value of this field, and nothing else."""
    with pytest.raises(ValidationError) as caught:
        Op.registry[kind](**fields)
    assert {error["loc"][0] for error in caught.value.errors()} == {field}

"""Arguments seen from inside a region: tensors become its inputs, all else its `args`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from resdsl.elaborate.values import UNKNOWN, Block, Env, OpValue, Symbol, Value, text
from resdsl.ir.builder import Tensor
from resdsl.ir.graph import Arg


def args_of(block: Block, env: Env, handed: dict[str, Arg]) -> tuple[tuple[str, Arg], ...]:
    """The evaluated parameters, with those that `...` stood for: for readers and constructors."""
    own = {p.name.text: env.bindings[p.name.text].value for p in block.definition.params if p.name}
    found = {name: plain(value) for name, value in own.items()}
    return tuple((k, v) for k, v in (found | handed).items() if v is not UNKNOWN)


def plain(value: Value) -> Any:
    """A value as `Region.args` holds it, or UNKNOWN for a tensor and what holds one."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        items = tuple(plain(v) for v in value)
        return UNKNOWN if UNKNOWN in items else items
    return text(value) if isinstance(value, OpValue) else UNKNOWN


def each_tensor(value: Value, found: list[Tensor]) -> None:
    """The tensors in a value, in the order in which `replace_tensors` meets them."""

    def note(tensor: Tensor) -> Tensor:
        found.append(tensor)
        return tensor

    replace_tensors(value, note)


def replace_tensors(value: Value, make: Callable[[Tensor], Tensor]) -> Value:
    """`value` with every tensor in it replaced."""
    if isinstance(value, Tensor):
        return make(value)
    if isinstance(value, list | tuple):
        return [replace_tensors(v, make) for v in value]
    if isinstance(value, Symbol) and value.value is not UNKNOWN:
        return Symbol(value.name, replace_tensors(value.value, make))
    if isinstance(value, OpValue):
        return OpValue(
            value.callee,
            tuple(replace(g, value=replace_tensors(g.value, make)) for g in value.args),
            tuple((k, replace(g, value=replace_tensors(g.value, make))) for k, g in value.named),
        )
    return value

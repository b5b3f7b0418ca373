"""What every tensor of a running module is, operator by operator."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from resdsl.weights.match_graph import Facts, Sketch, Value
from resdsl.weights.match_steps import elementwise
from resdsl.weights.tree import WeightsError
from resdsl_torch.trace_ops import COMMUTING, STEPS, said

if TYPE_CHECKING:
    from torch import Tensor

_PLACES = frozenset({"memory_format", "device", "layout", "pin_memory", "non_blocking"})
"""Arguments that say where numbers lie, and not which."""


class Recorder:
    """Writes operators down in a sketch, where every tensor that is alive has a value."""

    def __init__(self, sketch: Sketch) -> None:
        from torch.utils.weak import WeakIdKeyDictionary

        self.sketch = sketch
        self._values: MutableMapping[Tensor, Value] = WeakIdKeyDictionary()
        self._weights: dict[int, Tensor] = {}

    def learn(self, tensor: Tensor, value: Value) -> None:
        """What a tensor is."""
        self._values[tensor] = value

    def learn_weight(self, key: str, tensor: Tensor) -> bool:
        """A tensor of the checkpoint. False where it is known under another key."""
        if id(tensor) in self._weights:
            return False
        self._weights[id(tensor)] = tensor
        self.learn(tensor, self.sketch.weight(key, tuple(tensor.shape)))
        return True

    def value(self, tensor: Tensor) -> Value:
        """What a tensor is; of one that no operator made, its numbers."""
        if tensor in self._values:
            return self._values[tensor]
        if tensor.is_meta:
            shape = "x".join(map(str, tensor.shape)) or "a scalar"
            raise WeightsError(f"the module uses a tensor ({shape}) that is not in its state dict")
        import torch

        data = tensor.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes()
        digest = hashlib.sha256(data).hexdigest()
        return self.sketch.other("constant", (("data", digest),), [], tuple(tensor.shape))

    def __call__(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Run an operator, and write it down."""
        # before it runs: an operator in place changes what its operands are
        given = self._arguments(func, args, kwargs)
        result = func(*args, **kwargs)
        self._record(func, given, args, result, _rounded((args, kwargs), result))
        return result

    def _arguments(
        self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """All arguments by name, defaults included, with values for tensors."""
        from torch import Tensor
        from torch.utils import _pytree

        found = {}
        for i, argument in enumerate(func._schema.arguments):
            given = kwargs.get(argument.name, argument.default_value)
            found[argument.name] = args[i] if i < len(args) else given
        return _pytree.tree_map_only(Tensor, self.value, found)  # type: ignore[no-any-return]

    def _record(
        self, func: Any, given: dict[str, Any], args: Sequence[Any], result: Any, rounded: str
    ) -> None:
        import torch
        from torch.utils import _pytree

        name = func._schema.name.removeprefix("aten::")
        if func._schema.is_mutable:
            name = name.removesuffix("_")
        outputs = [out for out in _pytree.tree_leaves(result) if isinstance(out, torch.Tensor)]
        if not outputs:
            return
        step, pointwise = STEPS.get(name), torch.Tag.pointwise in func.tags
        if func._schema.is_mutable and (step is None or len(outputs) > 1) and not pointwise:
            raise WeightsError(f"the module writes into a tensor, with {func}")
        if rounded:
            step, given = None, {**given, "dtype": rounded}
        values = step(self.sketch, outputs[0], **given) if step else None
        if values is None:
            values = self._plain(name, given, outputs, pointwise)
        elif isinstance(values, Value):
            values = [values]
        if func._schema.is_mutable:
            self._overwrite(args[0], values[0])
        for output, made in zip(outputs, values, strict=False):
            self.learn(output, made)

    def _plain(
        self, name: str, given: dict[str, Any], outputs: list[Tensor], pointwise: bool
    ) -> list[Value]:
        """A step that has no other way of being written."""
        from torch.utils import _pytree

        operands = [v for v in _pytree.tree_leaves(given, _is_value) if _is_value(v)]
        facts = _facts(given)
        if pointwise and operands:
            kind, rest = said(name, given)
            commutes = name in COMMUTING and len(operands) == 2
            made = elementwise(self.sketch, kind, _facts(rest), operands, commutes)
            if made is not None:
                return [made]
        shapes = [tuple(output.shape) for output in outputs]
        if len(outputs) == 1:
            return [self.sketch.other(name, facts, operands, shapes[0])]
        whole = self.sketch.other(name, facts, operands, ())
        return [
            self.sketch.other("part", (("number", i),), [whole], shape)
            for i, shape in enumerate(shapes)
        ]

    def _overwrite(self, target: Tensor, value: Value) -> None:
        """All views of what was overwritten show the new numbers."""
        storage = target.untyped_storage()._cdata
        old = self.value(target)
        if any(storage == weight.untyped_storage()._cdata for weight in self._weights.values()):
            raise WeightsError("the module writes into one of its weights")
        for other, seen in list(self._values.items()):
            if other is target or other.untyped_storage()._cdata != storage:
                continue
            if seen.node != old.node or old.dims != value.dims:
                raise WeightsError("the module writes into a part of a tensor")
            self.learn(other, Value(value.node, seen.dims))
        self.learn(target, value)


def _rounded(operands: Any, result: Any) -> str:
    """The floating dtype of what comes out, where an operand has another one; "" else."""
    import torch
    from torch.utils import _pytree

    def floats(tree: Any) -> list[Tensor]:
        leaves = (leaf for leaf in _pytree.tree_leaves(tree) if isinstance(leaf, torch.Tensor))
        return [leaf for leaf in leaves if leaf.is_floating_point()]

    for out in floats(result)[:1]:
        # a scalar takes the dtype of the tensor that it meets
        if any(t.dtype != out.dtype for t in floats(operands) if t.dim() or not out.dim()):
            return str(out.dtype)
    return ""


def _is_value(leaf: Any) -> bool:
    return isinstance(leaf, Value)


def _facts(given: dict[str, Any]) -> Facts:
    """What is said besides the operands, numbers as numbers."""
    return tuple((key, _fact(v)) for key, v in sorted(given.items()) if key not in _PLACES)


def _fact(value: Any) -> Any:
    if isinstance(value, Value):
        return "..."
    if isinstance(value, list | tuple):
        return tuple(map(_fact, value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value if value is None or isinstance(value, bool) else str(value)

"""The graph while it is written: nodes, constants and weights under the net's own names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resdsl.ir.flat import FlatNode
from resdsl.ir.op import Op, path_of
from resdsl.ir.shape import Shape

if TYPE_CHECKING:
    import onnx_ir as ir
    from numpy.typing import ArrayLike

BATCH = "batch"
"""The name of the first dimension, whose size is not fixed."""


@dataclass
class Writer:
    """What all ops of a graph have in common.

    `dtype` is numpy's name of the type of every number. `taken` are the names of values so far:
    two values of a graph may not have one name.
    """

    dtype: str
    weights: dict[str, ir.Value]
    taken: set[str]
    nodes: list[ir.Node] = field(default_factory=list)

    def fresh(self, name: str) -> str:
        """The name, or one like it that no other value has."""
        found, count = name, 2
        while found in self.taken:
            found, count = f"{name}~{count}", count + 1
        self.taken.add(found)
        return found

    def value(self, name: str, shape: Shape) -> ir.Value:
        """A tensor of batches, under this very name."""
        import onnx_ir as ir

        return ir.val(name, self.data_type, [BATCH, *shape])

    @property
    def data_type(self) -> ir.DataType:
        import numpy
        import onnx_ir as ir

        return ir.DataType.from_numpy(numpy.dtype(self.dtype))

    def add(self, op_type: str, name: str, inputs: tuple[Any, ...], output: Any, **how: Any) -> Any:
        """Append a node that makes the value `output`; its scopes are split by slashes."""
        import onnx_ir as ir

        path = name.replace(".", "/")
        while inputs[-1:] == (None,):  # optional ones at the end are left out
            inputs = inputs[:-1]
        node = ir.node(
            op_type, inputs, how, outputs=[output], name=path,
            metadata_props={"namespace": path.rpartition("/")[0]},
        )  # fmt: skip
        self.nodes.append(node)
        return output


class Scope:
    """One application of an op, for a row of the table: what goes in, and how nodes are added."""

    def __init__(self, writer: Writer, node: FlatNode, inputs: Sequence[ir.Value]) -> None:
        self._writer, self._node = writer, node
        self.inputs = inputs
        self.shapes, self.output = node.shapes, node.output

    @property
    def op(self) -> Op:
        return self._node.op

    @property
    def x(self) -> ir.Value:
        """The first input."""
        return self.inputs[0]

    @property
    def shape(self) -> Shape:
        """Of the first input."""
        return self.shapes[0]

    def weight(self, name: str = "") -> ir.Value | None:
        """A weight of the op, by default of a bare one; None where it has none of this name."""
        return self._writer.weights.get(path_of(self._node.path, name))

    def node(
        self, op_type: str, *inputs: ir.Value | None, part: str = "", **attributes: Any
    ) -> ir.Value:
        """The node that makes the op's output; with `part`, one on the way there."""
        key = f"{self._node.key}.{part}" if part else self._node.key
        name = self._writer.fresh(key)
        if part:
            import onnx_ir as ir

            return self._writer.add(op_type, key, inputs, ir.val(name), **attributes)  # type: ignore[no-any-return]
        output = self._writer.value(name, self.output)
        return self._writer.add(op_type, key, inputs, output, **attributes)  # type: ignore[no-any-return]

    def numbers(self, part: str, values: ArrayLike) -> ir.Value:
        """A constant of the graph's type."""
        return self._constant(part, values, self._writer.dtype)

    def integers(self, part: str, values: ArrayLike) -> ir.Value:
        """A constant of whole numbers: a shape, axes, indices."""
        return self._constant(part, values, "int64")

    def _constant(self, part: str, values: ArrayLike, dtype: str) -> ir.Value:
        import numpy
        import onnx_ir as ir

        return self.node("Constant", part=part, value=ir.tensor(numpy.asarray(values, dtype)))

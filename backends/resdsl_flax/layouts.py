"""What the state of a model calls its weights, and where their axes are: for files."""

from __future__ import annotations

from resdsl.codegen.backend import Header
from resdsl.codegen.load import load_module
from resdsl.ir.graph import Net
from resdsl.weights.layout import Layout
from resdsl_flax.emit import emit
from resdsl_flax.weights import variables


def layouts(net: Net) -> dict[str, Layout]:
    """Canonical path -> the name in the state, `conv1.kernel`, and the axes.

    They are those of the model without loops, where each block has weights of its own. Makes no
    arrays.
    """
    from flax import nnx

    source = emit(net, Header(net.name, (), "", "", ""), "unroll")
    model = nnx.eval_shape(load_module(source, net.name, "flax").create)
    names = {id(node): ".".join(map(str, path)) for path, node in nnx.iter_graph(model)}
    return {path: Layout(names[id(var)], at.axes) for (path,), _, var, at in variables(model)}

"""The model's own scopes as functions: in the graph each is one node, that opens into its nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, groupby
from typing import TYPE_CHECKING, NamedTuple

from resdsl.ir.graph import Call, Net, Node

if TYPE_CHECKING:
    import onnx_ir as ir

DOMAIN, VERSION = "resdsl", 1


class Part(NamedTuple):
    """The flat nodes `start` to `stop` of a net, under one label."""

    label: str
    start: int
    stop: int


def parts(net: Net) -> Iterator[Part]:
    """All nodes of the flat view, in a row: each call of the model's region, and between calls what
    has one label.

    What is in a row runs at once: a part as one node never makes a cycle, wherever its values are
    used and whoever owns its weights.
    """
    sizes: dict[str, int] = {}

    def size(node: Node) -> int:
        return sizes[node.region] if isinstance(node, Call) else 1

    for name, region in net.regions.items():  # callees come before callers
        sizes[name] = sum(map(size, region.nodes))

    def together(numbered: tuple[int, Node]) -> tuple[str, int]:
        index, node = numbered
        return node.name.partition(".")[0], index if isinstance(node, Call) else -1

    stop = 0
    for (label, _), nodes in groupby(enumerate(net.main.nodes), together):
        start, stop = stop, stop + sum(size(node) for _, node in nodes)
        yield Part(label, start, stop)


def outline(model: ir.Model, labelled: Iterable[tuple[str, Sequence[ir.Node]]]) -> None:
    """Make a function of each part that has several nodes, under its label, or with `#2` after it.
    Names inside stay, and weights stay the model's: a function takes those that it needs as inputs.
    """
    for label, nodes in labelled:
        if len(nodes) > 1:
            function = _outlined(model.graph, label, nodes)
            model.functions[function.identifier()] = function
            model.graph.opset_imports[DOMAIN] = VERSION


def _outlined(graph: ir.Graph, label: str, nodes: Sequence[ir.Node]) -> ir.Function:
    """The function of these nodes of the graph, which calls it in their place."""
    import onnx_ir as ir

    inside = set(nodes)
    others = {node.name for node in graph if node not in inside}
    names = chain([label], (f"{label}#{number}" for number in count(2)))
    name = next(name for name in names if name not in others)
    used = dict.fromkeys(v for node in nodes for v in node.inputs if v is not None)
    taken = [value for value in used if value.producer() not in inside]
    taken.sort(key=ir.Value.is_initializer)
    given = [
        value
        for node in nodes
        for value in node.outputs
        if value.is_graph_output() or any(use.node not in inside for use in value.uses())
    ]
    imports = {"": graph.opset_imports[""]}
    body = ir.GraphView(taken, given, nodes=nodes, opset_imports=imports).clone()
    call = ir.Node(
        DOMAIN, name, taken, num_outputs=len(given), name=name, metadata_props={"namespace": ""}
    )
    ir.convenience.replace_nodes_and_values(graph, nodes[-1], nodes, [call], given, call.outputs)
    return ir.Function(DOMAIN, name, graph=body, attributes=())

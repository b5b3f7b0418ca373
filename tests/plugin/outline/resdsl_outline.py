"""A whole backend, outside of resdsl: a net as an outline in plain text, a line for each layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.codegen.backend import Header
from resdsl.ir.graph import Net, OpNode, Region
from resdsl.ir.shape import show


class OutlineBackend:
    """Its framework is the str: what `build` makes is the text itself."""

    name = "outline"
    suffix = ".txt"
    emit_options: frozenset[str] = frozenset()

    def emit(self, net: Net, header: Header) -> str:
        """The title and the counts, then a line for each op, indented below what it is in."""
        return "\n".join([header.title, header.counts, *_lines(net, net.main, "")]) + "\n"

    def build(self, source: str, net: Net, **options: Any) -> Any:
        """The source, with every option of the caller in a line at its end."""
        return source + "".join(f"{key} = {value}\n" for key, value in options.items())


def _lines(net: Net, region: Region, indent: str) -> Iterator[str]:
    for node in region.nodes:
        shape = show(region.shapes[node.output])
        if isinstance(node, OpNode):
            yield f"{indent}{node.name}: {node.op.kind} {shape}"
            continue
        yield f"{indent}{node.name}: {shape}"
        yield from _lines(net, net.regions[node.region], indent + "  ")


backend = OutlineBackend()

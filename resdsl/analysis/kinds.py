"""What a line of a net is made of, in a few words: `bottleneck × 4`, `gap, fc`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from resdsl.ir.graph import Call, Net, OpNode

_MOST = 3


def kind(net: Net, node: OpNode | Call) -> str:
    """An op's kind, a block's name, or what a scope holds."""
    if isinstance(node, OpNode):
        return str(node.op.kind)
    callee = net.regions[node.region]
    if callee.block or callee.kind == "model":
        return callee.block or "model"
    return kinds(net, callee.nodes)


def kinds(net: Net, nodes: Iterable[OpNode | Call]) -> str:
    """Equal neighbours are folded; where that leaves many, each kind stands once, with a number.

    What is in a scope counts as if it stood here.
    """
    names = list(_names(net, nodes))
    runs = [(name, len(list(run))) for name, run in groupby(names)]
    if len(runs) > _MOST:
        runs = list(Counter(names).items())
    said = [name if times == 1 else f"{name} × {times}" for name, times in runs[:_MOST]]
    return ", ".join(said) + (", …" if len(runs) > _MOST else "")


def _names(net: Net, nodes: Iterable[OpNode | Call]) -> Iterator[str]:
    for node in nodes:
        callee = net.regions[node.region] if isinstance(node, Call) else None
        if callee is not None and callee.kind == "scope":
            yield from _names(net, callee.nodes)
        else:
            yield kind(net, node)

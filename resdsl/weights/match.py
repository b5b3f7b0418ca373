"""Which weight of one model is which of another: the two compute the same, step by step.

Colours tell steps apart, by all that a step is made from and by all that is made from it, until
nothing more can be told. Steps that still share a colour are alike in both models. One pair of
them is then taken to be the same, the first of each, and colours spread from there.
In the end the pairing is checked edge by edge: with it both models give the same numbers, so that
a choice between alike parts cannot have been wrong. A pairing that fails this check is refused.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from resdsl.weights.match_graph import Edge, Graph, Node
from resdsl.weights.tree import WeightsError, listing

Colours = list[int]


@dataclass(frozen=True)
class Matched:
    """Pairs of nodes, (there, here), in the order of `there`; and those weights whose partner was
    one of several that are alike.
    """

    pairs: tuple[tuple[int, int], ...]
    alike: tuple[str, ...] = ()


def match(there: Graph, here: Graph) -> Matched:
    """The pairing of two models. Raises WeightsError where they do not compute the same."""
    graphs = (there, here)
    table: dict[Any, int] = {}
    seeds: tuple[Colours, Colours] = ([0] * len(there.nodes), [0] * len(here.nodes))
    alike: tuple[str, ...] = ()
    while True:
        found = _settled(graphs, seeds, table)
        if Counter(found[0]) != Counter(found[1]):
            raise WeightsError(_why(graphs, alike))
        classes = _classes(found[1])
        several = next((i for i, c in enumerate(found[0]) if len(classes[c]) > 1), None)
        if several is None:
            break
        if not alike:
            twins = (
                n.key for n, c in zip(there.nodes, found[0], strict=True) if len(classes[c]) > 1
            )
            alike = tuple(filter(None, twins))
        first = classes[found[0][several]][0]
        seeds = found
        seeds[0][several] = seeds[1][first] = len(table)
        table["chosen", len(table)] = len(table)
    pairs = tuple((i, classes[colour][0]) for i, colour in enumerate(found[0]))
    _check(graphs, dict(pairs))
    return Matched(pairs, alike)


def _classes(colours: Colours) -> dict[int, list[int]]:
    classes = defaultdict(list)
    for index, colour in enumerate(colours):
        classes[colour].append(index)
    return classes


def _settled(
    graphs: tuple[Graph, Graph], colours: tuple[Colours, Colours], table: dict[Any, int]
) -> tuple[Colours, Colours]:
    """Colours that tell apart all that can be told apart from these."""
    count = 0
    while True:
        made = [_below(g, c, table) for g, c in zip(graphs, colours, strict=True)]
        first, second = (_above(g, c, table) for g, c in zip(graphs, made, strict=True))
        colours = (first, second)
        if len(set(first) | set(second)) <= count:
            return colours
        count = len(set(first) | set(second))


def _below(graph: Graph, seeds: Colours, table: dict[Any, int]) -> Colours:
    """By what a step is, and what it is made from."""
    colours: Colours = []
    for node, seed in zip(graph.nodes, seeds, strict=True):
        operands = [(edge.label, colours[edge.source]) for edge in node.edges]
        if node.commutes:
            operands.sort(key=repr)
        said = (seed, _kind(node), tuple(operands))
        colours.append(table.setdefault(said, len(table)))
    return colours


def _above(graph: Graph, seeds: Colours, table: dict[Any, int]) -> Colours:
    """By what is made from a step."""
    uses: list[list[tuple[str, int]]] = [[] for _ in graph.nodes]
    colours = [0] * len(graph.nodes)
    for index in range(len(graph.nodes) - 1, -1, -1):
        said = ("above", seeds[index], tuple(sorted(uses[index])))
        colours[index] = table.setdefault(said, len(table))
        for edge in graph.nodes[index].edges:
            uses[edge.source].append((repr(edge.label), colours[index]))
    return colours


def _kind(node: Node) -> Any:
    size = 1
    for axis in node.axes:
        size *= axis
    # a weight may lie in any layout
    return (node.kind, node.facts, size if node.kind == "weight" else node.axes)


def _check(graphs: tuple[Graph, Graph], pairs: dict[int, int]) -> None:
    """Every step is the same step of the same operands."""
    there, here = graphs
    for index, node in enumerate(there.nodes):
        other = here.nodes[pairs[index]]
        mine = Counter((repr(e.label), pairs[e.source]) for e in node.edges)
        same = mine == Counter((repr(e.label), e.source) for e in other.edges)
        if not same or _kind(node) != _kind(other):
            name = describe(there, index)
            raise WeightsError(f"several parts are alike, and it cannot be told which is {name}")


def _why(graphs: tuple[Graph, Graph], alike: Sequence[str]) -> str:
    """Where two models begin to differ."""
    if alike:
        head = "several parts are alike, and it cannot be told which is which"
        return listing(head, alike)
    table: dict[Any, int] = {}
    colours = [_below(graph, [0] * len(graph.nodes), table) for graph in graphs]
    found: list[tuple[str, Graph, int]] = []
    for side, name in enumerate(("there", "here")):
        others = set(colours[1 - side])
        lost = (i for i, colour in enumerate(colours[side]) if colour not in others)
        steps = (i for i in lost if graphs[side].nodes[i].edges or not graphs[side].nodes[i].key)
        if (index := next(steps, None)) is not None:
            found.append((name, graphs[side], index))
    alike_words = len(found) == 2 and len({_words(graph, i)[0] for _, graph, i in found}) == 1
    lines = []
    for name, graph, index in found:
        lines.append(f"{name}: {describe(graph, index)}")
        if alike_words:  # then it is fed with something else, or in another order
            lines += [f"  of {_operand(graph, edge)}" for edge in graph.nodes[index].edges]
    if not lines:
        lines = ["the same steps come in another number"]
    return listing("the two models do not compute the same; they differ first in", lines)


def describe(graph: Graph, index: int) -> str:
    """A step in words: what it is, and its weights, or what it comes behind."""
    return "".join(_words(graph, index))


def _words(graph: Graph, index: int) -> tuple[str, str]:
    node = graph.nodes[index]
    facts = [f"{name} {_shown(value)}" for name, value in node.facts if value != "..."]
    made = [f"making {'x'.join(map(str, node.axes))}"] if node.axes else []
    words = ", ".join([node.kind.replace("_", " ").strip(), *facts, *made])
    keys = list(_keys(graph, node.edges)) or ([node.key] if node.key else [])
    if keys:
        return words, f", with {', '.join(keys)}"
    behind = next(_behind(graph, index), "")
    return words, f", behind {behind}" if behind else ""


def _operand(graph: Graph, edge: Edge) -> str:
    """What feeds a step, and how that one sees it."""
    needed = {edge.source}
    for index in range(edge.source, -1, -1):
        if index in needed:
            needed |= {inner.source for inner in graph.nodes[index].edges}
    said = [dict(graph.nodes[i].facts)["index"] for i in sorted(needed) if _is_input(graph, i)]
    origin = f", of input {' and '.join(map(str, said))}" if said else ""
    seen = f", seen as {_shown(edge.label[1:])}" if edge.label[1:] else ""
    return describe(graph, edge.source) + origin + seen


def _is_input(graph: Graph, index: int) -> bool:
    return graph.nodes[index].kind == "input"


def _keys(graph: Graph, edges: Sequence[Edge]) -> Iterator[str]:
    return (graph.nodes[e.source].key for e in edges if graph.nodes[e.source].key)


def _behind(graph: Graph, index: int) -> Iterator[str]:
    """The weights of the steps before."""
    while graph.nodes[index].edges:
        index = max(edge.source for edge in graph.nodes[index].edges)
        yield from _keys(graph, graph.nodes[index].edges)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        numbers = all(isinstance(part, int) and not isinstance(part, bool) for part in value)
        return ("x" if numbers else " ").join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)

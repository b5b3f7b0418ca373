"""The picture of a difference as DOT: a cluster for each net, equal heights for what belongs
together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from resdsl.analysis.diff import Diff
from resdsl.draw.diff.cells import Cell, Row, rows
from resdsl.draw.diff.looks import Look, looks
from resdsl.draw.dot import SIZE, quoted
from resdsl.draw.fonts import FAMILY
from resdsl.draw.palette import Theme, palette
from resdsl.extras import needs
from resdsl.files import MADE
from resdsl.report.diff import titles


def dot(diff: Diff, theme: Theme = "light") -> str:
    """DOT text. Whatever comes from the specs is a quoted label. Needs the package graphviz."""
    return _Writer(diff, theme).write()


class _Writer:
    def __init__(self, diff: Diff, theme: Theme) -> None:
        self.diff = diff
        self.colours = palette(theme)
        self.looks = looks(theme)
        self.rows = rows(diff)
        self.ids = {id(row): number for number, row in enumerate(_all(self.rows))}

    def write(self) -> str:
        with needs("graph"):
            from graphviz import Digraph

        graph = Digraph(comment=MADE)
        colours = self.colours
        graph.attr(
            rankdir="TB", newrank="true", nodesep="0.5", ranksep="0.25", bgcolor=colours.page,
            fontname=FAMILY, fontcolor=colours.ink,
        )  # fmt: skip
        graph.attr("node", shape="box", fontname=FAMILY, fontsize=str(SIZE))
        graph.attr("edge", color=colours.flow, arrowsize="0.6")
        for side, title in zip("ab", titles(self.diff), strict=True):
            with graph.subgraph(name=f"cluster_{side}") as inner:
                inner.attr(label=quoted(title), penwidth="0", fontsize="14")
                self.column(inner, self.rows, side)
        before = ""
        for row in _all(self.rows):
            number = self.ids[id(row)]
            if row.a and row.b:
                self.level(graph, number, self.looks[row.mark])
            here = f"a{number}" if row.a else f"b{number}"
            if before:  # a row below another one is drawn below it
                graph.edge(before, here, style="invis")
            before = here
        return str(graph.source)

    def column(self, graph: Any, found: Sequence[Row], side: str) -> str:
        """The cells of one net, those inside a frame in a cluster; the id of the last one."""
        above = ""
        for row in found:
            cell = row.a if side == "a" else row.b
            if cell is None:
                continue
            node, look = f"{side}{self.ids[id(row)]}", self.looks[row.mark]
            if row.inside:
                with graph.subgraph(name=f"cluster_{node}") as inner:
                    inner.attr(color=look.ink, penwidth=str(look.width), label="")
                    self.node(inner, node, cell, look)
                    last = self.column(inner, row.inside, side) or node
            else:
                self.node(graph, node, cell, look)
                last = node
            if above and cell.flows:
                graph.edge(above, node)
            above = last
        return above

    def node(self, graph: Any, name: str, cell: Cell, look: Look) -> None:
        """A box that begins with its sign."""
        said = [f"{line.strong}  {line.text}".strip() for line in cell.lines]
        quiet = look.fill == self.colours.page
        graph.node(
            name,
            label=quoted(f"{look.sign} {said[0]}", *said[1:], end="\\l"),
            style="filled,dashed" if look.dashes else "filled",
            fillcolor=look.fill,
            color=look.ink,
            fontcolor=self.colours.muted if quiet else self.colours.ink,
            penwidth=str(look.width),
        )

    def level(self, graph: Any, number: int, look: Look) -> None:
        """Both cells of a row on one height."""
        with graph.subgraph() as same:
            same.attr(rank="same")
            same.edge(f"a{number}", f"b{number}", dir="none", style="dotted", color=look.ink)


def _all(found: Sequence[Row]) -> Iterator[Row]:
    for row in found:
        yield row
        yield from _all(row.inside)

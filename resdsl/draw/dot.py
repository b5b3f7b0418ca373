"""A picture as Graphviz DOT: clusters for what is open, ids made here, labels drawn as text.

Boxes are as wide as their text in DejaVu Sans, the widest of the fonts that are asked for: so no
text is cut off, whatever the renderer knows of fonts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resdsl.draw.fonts import FAMILY, text_width
from resdsl.draw.labels import title, words
from resdsl.draw.palette import Palette, Theme, palette
from resdsl.draw.picture import Box, Edge, Picture
from resdsl.draw.words import times
from resdsl.extras import needs
from resdsl.files import MADE
from resdsl.report.text import visible

if TYPE_CHECKING:
    from graphviz import Digraph

SIZE = 11
_PAD = 9
MARKS = {"add": "+", "mul": "×", "maximum": "max"}
"""Small circles instead of boxes, as in the figures of papers."""


def dot(picture: Picture, theme: Theme = "light") -> str:
    """DOT text. Orange arrows are shortcuts, dashed where they project; what exists only in
    training is dotted and grey. Raises MissingExtra without the package graphviz.
    """
    return _Writer(picture, palette(theme)).write()


class _Writer:
    def __init__(self, picture: Picture, colours: Palette) -> None:
        self.picture, self.colours = picture, colours

    def write(self) -> str:
        with needs("graph"):
            from graphviz import Digraph

        graph = Digraph(comment=MADE)
        colours = self.colours
        graph.attr(
            label=quoted(title(self.picture)), labelloc="t", fontname=FAMILY, fontsize="14",
            fontcolor=colours.ink, bgcolor=colours.page, rankdir="TB", nodesep="0.25",
            ranksep="0.3", pad="0.2",
        )  # fmt: skip
        graph.attr(
            "node", shape="box", style="rounded,filled", fontname=FAMILY, fontsize=str(SIZE),
            fontcolor=colours.ink, color=colours.line, margin="0.1,0.06", height="0.3",
        )  # fmt: skip
        graph.attr(
            "edge", fontname=FAMILY, fontsize=str(SIZE - 2), fontcolor=colours.muted,
            color=colours.flow, arrowsize="0.6",
        )  # fmt: skip
        for box in self.picture.root.children:
            self.box(graph, box)
        for edge in self.picture.edges():
            self.edge(graph, edge)
        return str(graph.source)

    def box(self, graph: Digraph, box: Box) -> None:
        if not box.children:
            graph.node(box.id, id=box.id, tooltip=quoted(box.path or box.name), **self.leaf(box))
            return
        with graph.subgraph(name=f"cluster_{box.id}") as inner:
            inner.attr(
                id=box.id, label=quoted(*words(box), end="\\l"), labeljust="l", fontname=FAMILY,
                fontsize=str(SIZE), fontcolor=self.colours.ink, style=_style("rounded,filled", box),
                fillcolor=self.colours.fills[box.role], color=self.colours.line, margin="10",
                penwidth="2" if box.times > 1 else "1",
            )  # fmt: skip
            for child in box.children:
                self.box(inner, child)

    def leaf(self, box: Box) -> dict[str, str]:
        fill = self.colours.fills[box.family or box.role]
        if box.kind in MARKS:
            wide = max(22, text_width(MARKS[box.kind], SIZE) + 8)
            return {
                "label": quoted(MARKS[box.kind]), "shape": "circle", "width": f"{wide / 72:.2f}",
                "fixedsize": "shape", "margin": "0", "fillcolor": fill,
                "style": _style("filled", box),
            }  # fmt: skip
        lines = words(box)
        wide = max(text_width(visible(line), SIZE) for line in lines) + 2 * _PAD
        made = {
            "label": quoted(*lines),
            "width": f"{wide / 72:.2f}",
            "fillcolor": fill,
            "style": _style("rounded,filled", box),
        }
        if box.times > 1:
            made["peripheries"] = "2"
        if box.role in ("input", "output"):
            made["shape"] = "oval"
            made["style"] = _style("filled", box)
            made["width"] = f"{wide * 1.3 / 72:.2f}"
        return made

    def edge(self, graph: Digraph, edge: Edge) -> None:
        facts: dict[str, Any] = {}
        if _is_new(edge):
            facts["label"] = f"\N{NO-BREAK SPACE}{times(edge.shape)}"  # beside the arrow
        if edge.role != "flow":
            facts |= {"color": self.colours.shortcut, "weight": "1"}
        else:
            facts["weight"] = "300"  # an open cluster holds together with 128
        if edge.role == "projection":
            facts["style"] = "dashed"
        if edge.train:
            facts |= {"style": "dotted", "color": self.colours.muted, "weight": "0"}
        graph.edge(edge.source.id, edge.target.id, **facts)


def quoted(*lines: str, end: str = "\\n") -> str:
    """A label that Graphviz draws as these lines, whatever is in them; centred, or with the end
    `\\l` to the left.

    A backslash begins an escape (`\\N` is the node's name), `&lt;` is an entity even in a plain
    label, and what stands in angle brackets would be HTML.
    """
    from graphviz import escape, nohtml

    escaped = [escape(visible(line).replace("&", "&amp;")) for line in lines]
    last = end if end == "\\l" else ""
    label: str = nohtml(end.join(escaped) + last)
    return label


def _is_new(edge: Edge) -> bool:
    """Whether the shape is not that of the arrow before it, through a norm or an activation."""
    source = edge.source
    return edge.role != "flow" or not (
        source.family in ("norm", "act") and source.inputs[0].shape == edge.shape
    )


def _style(style: str, box: Box) -> str:
    return f"{style},dotted" if box.train else style

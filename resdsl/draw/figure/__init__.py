"""Figure 3 of the ResNet paper, for any nets: a column each, their stages in the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from resdsl.analysis.stats import stats
from resdsl.draw.figure.graph import TooManyBoxes, graph_of
from resdsl.draw.figure.place import Placed, place
from resdsl.ir.graph import Net
from resdsl.limits import MAX_FIGURE_BOXES
from resdsl.report.tables import human

__all__ = ["Figure", "TooManyBoxes", "figure"]


class HasNet(Protocol):
    """A `Network`, which is of a higher floor."""

    @property
    def ir(self) -> Net: ...


@dataclass(frozen=True, repr=False)
class Figure:
    """A picture of nets side by side; a notebook shows it."""

    names: tuple[str, ...]
    placed: Placed

    def svg(self) -> str:
        """The text of an SVG file."""
        from resdsl.draw.figure.svg import svg

        named = ", ".join(self.names)
        return svg(self.placed, named, _description(self.placed))

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"<resdsl figure of {', '.join(self.names)}>"


def figure(nets: Iterable[Net | HasNet], fold: bool = False, flops: bool = False) -> Figure:
    """The figure of `nets`. `fold` draws a run of equal blocks once, with their number; `flops`
    writes parameters and multiply-adds below each title. Raises TooManyBoxes.
    """
    found = [net if isinstance(net, Net) else net.ir for net in nets]
    graphs = [graph_of(net, fold) for net in found]
    if sum(node.layer is not None for graph in graphs for node in graph.nodes) > MAX_FIGURE_BOXES:
        raise TooManyBoxes
    notes = [_counts(net) if flops else [] for net in found]
    return Figure(tuple(net.name for net in found), place(graphs, notes))


def _counts(net: Net) -> list[str]:
    counts = stats(net)
    return [f"{human(counts.params)} params, {human(counts.macs)} multiply-adds"]


def _description(placed: Placed) -> str:
    """For those who hear it: the layers of each net from its input on."""
    return " ".join(
        f"{column.title.text}: {', '.join(box.text for box in column.boxes)}."
        for column in placed.columns
    )

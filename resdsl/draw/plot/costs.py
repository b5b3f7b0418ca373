"""Multiply-adds against parameters: a point a net, families joined, names beside the points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from resdsl.draw.palette import Palette
from resdsl.draw.plot.data import Point, families
from resdsl.draw.plot.labels import Rect, place
from resdsl.draw.plot.style import MARKERS, SERIES, Form, amount, shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = 8.0
_MARKER = 5.5
_LOG = 8
"""An axis whose ends differ by this factor is logarithmic."""


def costs(points: Sequence[Point], form: Form, colours: Palette) -> Figure:
    """A net more to the right has more parameters, one further up takes longer."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.6, 4.4), layout="constrained")
    figure.set_label("Multiply-adds against parameters")
    axes = figure.subplots()
    axes.grid(True)
    _scale(axes, "x", [point.params for point in points])
    _scale(axes, "y", [point.macs for point in points])
    axes.set_xlabel("parameters")
    axes.set_ylabel("multiply-adds (batch 1)")
    groups = list(families(points).values())
    for number, members in enumerate(groups):
        colour = SERIES[number % len(SERIES)]
        xs, ys = [point.params for point in members], [point.macs for point in members]
        axes.plot(xs, ys, color=colour, linewidth=0.9, zorder=3)
        for point in members:
            axes.plot(
                [point.params],
                [point.macs],
                color=colour,
                marker=MARKERS[number % len(MARKERS)],
                markersize=_MARKER + 3.5 * _above(point, groups[number + 1 :]),
                markeredgecolor=colours.page,
                markeredgewidth=0.5,
                zorder=4,
            )
    figure.draw_without_rendering()  # now it is known where the points stand
    _name(axes, groups, form, colours)
    return figure


def _above(point: Point, later: Sequence[Sequence[Point]]) -> int:
    """How many nets with the same counts are drawn over this one, which shows as a rim."""
    at = (point.params, point.macs)
    return sum((other.params, other.macs) == at for members in later for other in members)


def _scale(axes: Any, side: str, values: Sequence[int]) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    axis = axes.xaxis if side == "x" else axes.yaxis
    limits = axes.set_xlim if side == "x" else axes.set_ylim
    low, high = min(values), max(values)
    if low > 0 and high / low >= _LOG:
        (axes.set_xscale if side == "x" else axes.set_yscale)("log")
        room = (high / low) ** 0.09
        limits(low / room, high * room)
        axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=20))
        axis.set_minor_formatter(NullFormatter())
    else:
        room = (high - low or high or 1) * 0.12
        limits(max(low - room, 0 if low else -room), high + room)
        steps = [1, 2, 2.5, 5, 10]
        axis.set_major_locator(MaxNLocator("auto", integer=True, steps=steps, min_n_ticks=1))
    axis.set_major_formatter(FuncFormatter(amount))


def _name(axes: Any, groups: Sequence[Sequence[Point]], form: Form, colours: Palette) -> None:
    lines = [
        [tuple(axes.transData.transform((p.params, p.macs))) for p in members] for members in groups
    ]
    at = [spot for line in lines for spot in line]
    names = [shown(point.name, form) for members in groups for point in members]
    box = axes.get_window_extent()
    page = Rect(box.x0 + 2, box.y0 + 2, box.x1 - 2, box.y1 - 2)
    points = [point for members in groups for point in members]
    for point, label in zip(points, place(names, at, lines, page, SIZE), strict=True):
        lead = {"arrowstyle": "-", "color": colours.muted, "linewidth": 0.5, "shrinkB": 2}
        axes.annotate(
            label.text,
            (point.params, point.macs),
            label.at,
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=SIZE,
            color=colours.ink,
            zorder=5,
            bbox={"boxstyle": "square,pad=0.05", "color": colours.page, "alpha": 0.75, "lw": 0},
            arrowprops=lead if label.lead else None,
        )

"""Profiles along depth: what each layer computes, weighs and leaves in memory, stages shaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any

from resdsl.draw.fonts import text_width
from resdsl.draw.palette import Palette
from resdsl.draw.plot.data import Layer, Profile
from resdsl.draw.plot.style import SERIES, Form, amount, shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STAGE_SIZE = 7.5
_FEW = 150
"""So many bars have gaps between them."""
_FLAT = 8
"""Nets share a scale where their largest layers differ by no more than this factor."""


@dataclass(frozen=True)
class _Measure:
    field: str
    title: str
    colour: str
    binary: bool = False


_MEASURES = (
    _Measure("macs", "multiply-adds\n(batch 1)", SERIES[0]),
    _Measure("params", "parameters", SERIES[1]),
    _Measure(
        "activation_memory", "activations, {unit}\n({dtype}, batch {batch})", SERIES[2], binary=True
    ),
)


def profile(nets: Sequence[Profile], form: Form, colours: Palette) -> Figure:
    """A column a net, a row a measure: its scale is the same in all columns, unless that would
    flatten some. The thin line is the sum up to there.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0 if len(nets) == 1 else 1.2 + 3.6 * len(nets), 5.6))
    figure.set_layout_engine("constrained")
    figure.set_label("Profile of " + ", ".join(shown(net.name, form) for net in nets))
    panels = figure.subplots(len(_MEASURES), len(nets), sharex="col", squeeze=False)
    for measure, row in zip(_MEASURES, panels, strict=True):
        _row(row, nets, measure, colours)
    for net, axes in zip(nets, panels[-1], strict=True):
        axes.set_xlabel(f"layer, in order of execution ({len(net.layers)})")
    figure.draw_without_rendering()  # now it is known how wide the stages are
    tops = [*zip(nets, panels[0], strict=True)]
    rise = max(_name_stages(axes, net, form, colours) for net, axes in tops)
    for net, axes in tops:
        axes.set_title(shown(net.name, form), pad=rise + 8, weight="bold")
    return figure


def _row(
    panels: Sequence[Any], nets: Sequence[Profile], measure: _Measure, colours: Palette
) -> None:
    most = [max((getattr(layer, measure.field) for layer in net.layers), default=0) for net in nets]
    unit, prefix = _unit(measure, max(most))
    alike = max(most) <= _FLAT * min(most)
    for net, axes, top in zip(nets, panels, most, strict=True):
        _panel(axes, net, measure, unit, colours)
        axes.set_ylim(0, 1.08 * (max(most) if alike else top) / unit or 1)
        axes.tick_params(labelleft=not alike or axes is panels[0])
        values = [getattr(layer, measure.field) for layer in net.layers]
        _sums(axes, values, colours, last=axes is panels[-1])
    panels[0].set_ylabel(
        measure.title.format(unit=prefix, dtype=nets[0].dtype, batch=nets[0].batch)
    )


def _panel(axes: Any, net: Profile, measure: _Measure, unit: int, colours: Palette) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    values = [getattr(layer, measure.field) / unit for layer in net.layers]
    for number, (start, end, _) in enumerate(_stages(net.layers)):
        if number % 2 == 0:
            axes.axvspan(start + 0.5, end + 0.5, color=colours.line, alpha=0.13, linewidth=0)
    axes.grid(True, axis="y")
    if len(values) <= _FEW:
        axes.bar(range(1, len(values) + 1), values, 0.82, color=measure.colour, zorder=3)
    else:
        edges = [0.5 + number for number in range(len(values) + 1)]
        axes.stairs(values, edges, fill=True, color=measure.colour, zorder=3)
    axes.set_xlim(0.5, (len(values) or 1) + 0.5)
    axes.xaxis.set_major_locator(
        MaxNLocator(integer=True, nbins=8, steps=[1, 2, 5, 10], min_n_ticks=1)
    )
    axes.yaxis.set_major_formatter(FuncFormatter(amount))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=unit == 1))


def _sums(axes: Any, values: Sequence[int], colours: Palette, last: bool) -> None:
    from matplotlib.ticker import FixedLocator, PercentFormatter

    whole = sum(values) or 1
    right = axes.twinx()
    right.plot(
        range(1, len(values) + 1),
        [so_far / whole for so_far in accumulate(values)],
        color=colours.ink,
        linewidth=0.9,
        zorder=4,
    )
    right.set_ylim(0, 1.08)
    right.yaxis.set_major_locator(FixedLocator([0, 0.5, 1]))
    right.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    right.tick_params(right=last, labelright=last)
    if last:
        right.set_ylabel("sum so far", color=colours.muted)


def _name_stages(axes: Any, net: Profile, form: Form, colours: Palette) -> float:
    """Write names over the stages: level where there is room for that, else upright; none over a
    narrow stage whose neighbour's name is in the way. How high they stand, in points.
    """
    layer = axes.get_window_extent().width / (len(net.layers) or 1)
    found = [
        (start * layer, (end - start) * layer, shown(name, form))
        for start, end, name in _stages(net.layers)
    ]
    line = _STAGE_SIZE * 1.2
    high, free = 0.0, float("-inf")
    for left, wide, name in found:
        long = text_width(name, _STAGE_SIZE)
        level = long + 10 < wide
        if not level and wide < line and left + wide / 2 - line / 2 < free:
            continue
        free = left + wide / 2 + (long if level else line) / 2
        axes.annotate(
            name,
            ((left + wide / 2) / layer + 0.5, 1),
            (0, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            rotation=0 if level else 90,
            ha="center",
            va="bottom",
            fontsize=_STAGE_SIZE,
            color=colours.muted,
            annotation_clip=False,
        )
        high = max(high, _STAGE_SIZE if level else long)
    return high


def _stages(layers: Sequence[Layer]) -> list[tuple[int, int, str]]:
    """First layer, the one behind the last, and the name of each top-level statement."""
    found = []
    for name, group in groupby(enumerate(layers), key=lambda one: one[1].stage):
        numbers = [number for number, _ in group]
        found.append((numbers[0], numbers[-1] + 1, name))
    return found


def _unit(measure: _Measure, most: int) -> tuple[int, str]:
    """What one on the axis is, and its name: of bytes a power of 1024."""
    if not measure.binary:
        return 1, ""
    for power, prefix in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if most >= 1024**power:
            return 1024**power, prefix
    return 1, "bytes"

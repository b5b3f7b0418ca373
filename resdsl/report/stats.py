"""The counts of a net as a table, in text and as the rows that HTML shows too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from resdsl.analysis.rows import Level, Row
from resdsl.analysis.stats import Stats
from resdsl.ir.shape import Shape, show
from resdsl.report.tables import Column, Table, human, memory, side_by_side
from resdsl.report.text import visible

Flops = Literal["1x", "2x"]

LEGEND = {
    "1x": "FLOPs = multiply-adds, as in the ResNet paper; --flops 2x counts two for each",
    "2x": "FLOPs = 2 x multiply-adds; the ResNet paper counts one for each",
}

FOLDS = "1-3  ×3 = three equal repeats: params, FLOPs and activations are their sums"


def stats_table(stats: Stats, level: Level = "stage", flops: Flops = "1x") -> str:
    """The net's name and sizes, a row for each part, and the totals; no newline at the end.

    Equal repeats below the top level are folded into one row, `1-3  ×3`. Its figures and those of
    the rows inside are of all three, so that rows always sum to the one they are in.
    """
    legend = [LEGEND[flops]] if level == "stage" else [LEGEND[flops], FOLDS]
    table = rows_table(stats, level, flops).text()
    parts = [heading(stats), *legend, "", table, "", totals(stats, flops)]
    return "\n".join([*parts, *suspended(stats)])


def heading(stats: Stats) -> str:
    """`resnet50   3x224x224 → 1000`; several inputs or outputs with their names."""
    return visible(f"{stats.name}   {_tensors(stats.inputs)} → {_tensors(stats.outputs)}")


def _tensors(shapes: Mapping[str, Shape]) -> str:
    many = len(shapes) > 1
    return ", ".join(
        f"{name} {show(shape)}" if many else show(shape) for name, shape in shapes.items()
    )


def rows_table(stats: Stats, level: Level, flops: Flops) -> Table:
    """A row for each part down to `level`, and the totals below a rule."""
    table = Table(
        [
            Column("name"),
            Column("kind"),
            Column("output", right=True),
            Column("params", right=True),
            Column("FLOPs", right=True),
            Column("activations", right=True),
            Column("field", right=True),
            Column("depth", right=True),
        ]
    )
    for name, row, times in _listed(stats.rows, level):
        table.rows.append(_cells(name, row, times, flops))
    table.rows.append(None)
    params, macs = f"{stats.params:,}", f"{stats.macs * _factor(flops):,}"
    activations = memory(stats.activation_memory)
    table.rows.append(["total", "", "", params, macs, activations, "", str(stats.depth)])
    return table


def totals(stats: Stats, flops: Flops) -> str:
    """The totals, rounded and exact."""
    macs = stats.macs * _factor(flops)
    facts = [("parameters", f"{human(stats.params)}  ({stats.params:,})")]
    if stats.params_training != stats.params:
        more = f"{human(stats.params_training)}  ({stats.params_training:,}, with auxiliary heads)"
        facts.append(("in training", more))
    if stats.buffers:
        facts.append(("buffers", f"{human(stats.buffers)}  ({stats.buffers:,})"))
    facts.append(("FLOPs", f"{human(macs)}  ({macs:,})"))
    facts.append(("depth", f"{stats.depth} weighted layers"))
    facts.append(("field", _field(stats.receptive_field)))
    sizes = f"weights {memory(stats.weight_memory)}, activations {memory(stats.activation_memory)}"
    facts.append(("memory", f"{sizes}  (batch {stats.batch}, {stats.dtype})"))
    return side_by_side(facts)


def suspended(stats: Stats) -> list[str]:
    """The lines that say what was not checked; none where all was."""
    lines = [f"    expect {visible(line)}" for line in stats.suspended]
    return ["", "  overridden, so these are not checked:", *lines] if lines else []


def _factor(flops: Flops) -> int:
    return 2 if flops == "2x" else 1


def _listed(
    rows: Sequence[Row], level: Level, depth: int = 0, times: int = 1
) -> Iterator[tuple[str, Row, int]]:
    """Rows with their names, indented, and how many of them the line stands for.

    A run of equal ones stands in its last, opened in its first.
    """
    indent = "  " * depth
    for run in _runs(rows) if depth else ([row] for row in rows):
        first, last, many = run[0], run[-1], times * len(run)
        name = f"{first.name}-{last.name}  ×{len(run)}" if len(run) > 1 else first.name
        yield indent + name, last, many
        if first.opens(level):
            yield from _listed(first.children, level, depth + 1, many)


def _runs(rows: Sequence[Row]) -> Iterator[list[Row]]:
    run: list[Row] = []
    for row in rows:
        if run and not _alike(run[-1], row):
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _alike(one: Row, other: Row) -> bool:
    """One repeat and the next, of one definition and counted alike; labels are never folded."""
    if not (one.name.isdecimal() and other.name.isdecimal() and one.definition):
        return False
    follows = int(other.name) == int(one.name) + 1
    return follows and _counted(one) == _counted(other)


def _counted(row: Row) -> tuple[object, ...]:
    return row.definition, row.train, row.params, row.params_training, row.macs


def _cells(name: str, row: Row, times: int, flops: Flops) -> list[str]:
    params = times * (row.params_training if row.train else row.params)
    return [
        name,
        row.kind + ("  (training only)" if row.train else ""),
        show(row.output),
        f"({params:,})" if row.train else f"{params:,}",
        f"{times * row.macs * _factor(flops):,}",
        memory(times * row.activation_memory),
        _field(row.receptive_field),
        str(row.depth),
    ]


def _field(field: tuple[int | None, int | None]) -> str:
    tall, wide = ("all" if side is None else str(side) for side in field)
    return tall if tall == wide else f"{tall}x{wide}"

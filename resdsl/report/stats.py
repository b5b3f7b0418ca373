"""The counts of a net as a table, in text and as the rows that HTML shows too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from resdsl.analysis.rows import Level, Row
from resdsl.analysis.stats import Stats
from resdsl.ir.shape import show
from resdsl.report.tables import Column, Table, human, memory, side_by_side
from resdsl.report.text import visible

Flops = Literal["1x", "2x"]

LEGEND = {
    "1x": "FLOPs: one for each multiply-add, as in the ResNet paper (--flops 2x counts two)",
    "2x": "FLOPs: two for each multiply-add (the ResNet paper counts one: --flops 1x)",
}


def stats_table(stats: Stats, level: Level = "stage", flops: Flops = "1x") -> str:
    """The net's name and sizes, a row for each part, and the totals. Ends without a newline.

    Equal neighbours below the top level are folded into one row, `1-3  ×3`, whose numbers are those of
    each; what is inside them is shown once.
    """
    parts = [heading(stats), "", rows_table(stats, level, flops).text(), "", totals(stats, flops)]
    return "\n".join([*parts, *(f"  {visible(line)}" for line in notes(stats, flops))])


def heading(stats: Stats) -> str:
    """`resnet50   3x224x224 → 1000`."""
    inputs = ", ".join(map(show, stats.inputs.values()))
    outputs = ", ".join(map(show, stats.outputs.values()))
    return f"{visible(stats.name)}   {inputs} → {outputs}"


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
    for name, row in _listed(stats.rows, level, 0):
        table.rows.append(_cells(name, row, flops))
    table.rows.append(None)
    total = f"{stats.macs * _factor(flops):,}"
    table.rows.append(
        [
            "total",
            "",
            "",
            f"{stats.params:,}",
            total,
            memory(stats.activation_memory),
            "",
            str(stats.depth),
        ]
    )
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


def notes(stats: Stats, flops: Flops) -> Iterator[str]:
    """What is counted, and what was not checked."""
    yield ""
    yield LEGEND[flops]
    if stats.suspended:
        yield "overridden, so that the spec's own figures are not checked:"
        yield from (f"  expect {line}" for line in stats.suspended)


def _factor(flops: Flops) -> int:
    return 2 if flops == "2x" else 1


def _listed(rows: Sequence[Row], level: Level, depth: int) -> Iterator[tuple[str, Row]]:
    """Rows with their names, indented; a run of equal ones stands in its last, opened in its first."""
    indent = "  " * depth
    for run in _runs(rows) if depth else ([row] for row in rows):
        first, last = run[0], run[-1]
        times = f"{first.name}-{last.name}  ×{len(run)}" if len(run) > 1 else first.name
        yield indent + times, last
        if first.opens(level):
            yield from _listed(first.children, level, depth + 1)


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
    """Calls of one definition that count alike: they differ only in where they stand."""
    counts = one.params == other.params and one.params_training == other.params_training
    return bool(one.definition) and one.definition == other.definition and counts


def _cells(name: str, row: Row, flops: Flops) -> list[str]:
    train = "  (training only)" if row.train else ""
    return [
        name,
        row.kind + train,
        show(row.output),
        f"{row.params:,}",
        f"{row.macs * _factor(flops):,}",
        memory(row.activation_memory),
        _field(row.receptive_field),
        str(row.depth),
    ]


def _field(field: tuple[int | None, int | None]) -> str:
    tall, wide = ("all" if side is None else str(side) for side in field)
    return tall if tall == wide else f"{tall}x{wide}"

"""Tables in plain text: columns aligned, thin rules, numbers to the right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from resdsl.ir.shape import show
from resdsl.report.text import visible, width

GAP = "  "
RULE = "─"


@dataclass(frozen=True)
class Column:
    title: str
    right: bool = False
    """Numbers stand to the right."""


@dataclass
class Table:
    """`rows` of cells, one for each column; None is a rule. Cells are escaped when shown."""

    columns: Sequence[Column]
    rows: list[Sequence[str] | None] = field(default_factory=list)

    def text(self, indent: str = "  ") -> str:
        """The table, without a newline at the end."""
        shown = [row and [visible(cell) for cell in row] for row in self.rows]
        titles = [column.title for column in self.columns]
        filled = [row for row in shown if row]
        widths = [max(map(width, cells)) for cells in zip(titles, *filled, strict=True)]
        rule = indent + RULE * (sum(widths) + len(GAP) * (len(widths) - 1))
        lines = [self._line(titles, widths, indent), rule]
        lines += [self._line(row, widths, indent) if row else rule for row in shown]
        return "\n".join(lines)

    def _line(self, cells: Sequence[str], widths: Sequence[int], indent: str) -> str:
        padded = []
        for column, cell, columns in zip(self.columns, cells, widths, strict=True):
            space = " " * (columns - width(cell))
            padded.append(space + cell if column.right else cell + space)
        return (indent + GAP.join(padded)).rstrip()


def human(number: int, unit: str = "") -> str:
    """Four digits and a prefix: 3857973248 -> `3.858 G`, 25557032 -> `25.56 M`, 640 -> `640`."""
    for power, prefix in ((12, "T"), (9, "G"), (6, "M"), (3, "k")):
        scaled = number / 10**power
        if scaled >= 0.99995:  # what would be rounded to 1.000
            digits = 3 if scaled < 9.9995 else 2 if scaled < 99.995 else 1 if scaled < 999.95 else 0
            return f"{scaled:.{digits}f} {prefix}{unit}"
    return f"{number} {unit}".rstrip()


def memory(count: int) -> str:
    """Bytes in powers of 1024: `97.49 MiB`."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024 or unit == "TiB":
            break
        size /= 1024
    digits = 0 if unit == "B" else 2 if size < 100 else 1
    return f"{size:.{digits}f} {unit}"


def zoo_table(entries: Iterable[Mapping[str, Any]]) -> str:
    """The shipped nets: `name`, `year`, `input`, `params`, `macs`, `paper` of each."""
    table = Table(
        [
            Column("name"),
            Column("year", right=True),
            Column("input", right=True),
            Column("params", right=True),
            Column("MACs", right=True),
            Column("paper"),
        ]
    )
    for e in entries:
        facts = show(e["input"]), human(e["params"]), human(e["macs"])
        table.rows.append([str(e["name"]), str(e["year"]), *facts, str(e["paper"])])
    return table.text(indent="")


def side_by_side(pairs: Iterable[tuple[str, str]], indent: str = "  ") -> str:
    """Facts in two columns: what, and how much."""
    pairs = [(what, visible(much)) for what, much in pairs]
    first = max((width(what) for what, _ in pairs), default=0)
    padded = [what + " " * (first - width(what)) for what, _ in pairs]
    return "\n".join(f"{indent}{a}{GAP}{b}" for a, (_, b) in zip(padded, pairs, strict=True))

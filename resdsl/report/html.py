"""Tables as HTML, for notebooks. Everything from a spec is escaped."""

from __future__ import annotations

from html import escape

from resdsl.analysis.diff import Diff
from resdsl.analysis.stats import Stats
from resdsl.report import diff as told
from resdsl.report.stats import LEGEND, heading, rows_table, suspended, totals
from resdsl.report.tables import Table
from resdsl.report.text import visible

_CELL = "padding: 0.15em 0.7em; white-space: pre; "


def html(result: Stats | Diff) -> str:
    """A result as a notebook shows it."""
    return stats_html(result) if isinstance(result, Stats) else diff_html(result)


def stats_html(stats: Stats) -> str:
    """The counts of a net, a row for each top-level statement."""
    below = "\n".join([totals(stats, "1x"), *suspended(stats)])
    return (
        f"<div><strong>{escape(heading(stats))}</strong><div>{escape(LEGEND['1x'])}</div>"
        f"{table_html(rows_table(stats, 'stage', '1x'))}<pre>{escape(below)}</pre></div>"
    )


def diff_html(diff: Diff) -> str:
    """What is different in two nets: the totals, what changed, and what was renamed."""
    a, b = told.titles(diff)
    parts = [f"<strong>{escape(visible(f'{a} → {b}'))}</strong>"]
    if not diff:
        return f"<div>{parts[0]} equal</div>"
    lines = [f"<div>{escape(line)}</div>" for line in told.net_lines(diff)]
    parts += [table_html(told.totals_table(diff)), *lines]
    if rows := told.rows(diff):
        parts += [table_html(told.parts_table(rows)), f"<div>{escape(told.LEGEND)}</div>"]
    if renamed := list(told.rename_lines(diff)):
        parts.append(f"<div>renamed: {escape(', '.join(renamed))}</div>")
    return f"<div>{''.join(parts)}</div>"


def table_html(table: Table) -> str:
    """One table; a rule is a line above the row that follows it."""
    aligned = ["right" if column.right else "left" for column in table.columns]

    def row(tag: str, cells: list[str], line: str) -> str:
        styled = zip(aligned, cells, strict=True)
        inside = "".join(
            f'<{tag} style="{_CELL}text-align: {side};{line}">{escape(visible(cell))}</{tag}>'
            for side, cell in styled
        )
        return f"<tr>{inside}</tr>"

    body, line = [], ""
    for cells in table.rows:
        if cells is None:
            line = " border-top: 1px solid;"
            continue
        body.append(row("td", list(cells), line))
        line = ""
    head = row("th", [column.title for column in table.columns], "")
    return f"<table><thead>{head}</thead><tbody>{''.join(body)}</tbody></table>"

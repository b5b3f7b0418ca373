"""The table as Markdown and as HTML. Everything from a spec is text."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from resdsl.draw.table.cells import Line
from resdsl.files import MADE
from resdsl.report.text import visible

if TYPE_CHECKING:
    from resdsl.draw.table import Table

_CELL = "padding: 0.2em 0.8em; text-align: center; border-top: 1px solid;"
_STACK = (
    "display: inline-block; vertical-align: middle; padding: 0 0.4em; border: solid;"
    " border-width: 0 1px; border-radius: 0.15em;"
)


def markdown(table: Table) -> str:
    """A table as GitHub reads it; a cell that nets share is in each of their columns."""
    columns = len(table.names)
    head = ["layer name", "output size", *map(_marked, table.names)]
    lines = [f"<!-- {MADE} -->", "", _row(head), "|---|---|" + ":-:|" * columns]
    for entry in table.entries:
        shared = entry.shared(columns)
        cells = ["<br>".join(map(_flat, shared + entry.cell(n, columns))) for n in range(columns)]
        lines.append(_row([_marked(entry.name), entry.size, *cells]))
    lines += [_row([what, "", *numbers]) for what, numbers in table.sums]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _flat(line: Line) -> str:
    """`[3×3, 64; 3×3, 64] × 2`."""
    said = "; ".join(map(_marked, line.texts))
    return f"[{said}]{_times(line)}" if line.stack else said


def _times(line: Line) -> str:
    return f" × {line.times}" if line.times > 1 else ""


def _marked(text: str) -> str:
    """With nothing that Markdown or HTML reads as a mark. An `_` within a word is none."""
    found = re.sub(r"([\\`*\[\]{}|~$#!:@])", r"\\\1", escape(visible(text), quote=False))
    return re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", found)


def fragment(table: Table) -> str:
    """A `table` of HTML, for a notebook or a page."""
    columns = len(table.names)
    titles = ["layer name", "output size", *table.names]
    rows = ["<tr>" + "".join(_head(title, "col") for title in titles) + "</tr>"]
    for entry in table.entries:
        shared = entry.shared(columns)
        cells = [entry.cell(n, columns) for n in range(columns)]
        alone = bool(shared) and any(cells)
        first = _head(entry.name, "row", 1 + alone) + _data(escape(entry.size), rows=1 + alone)
        if shared:
            rows.append(f"<tr>{first}{_data(_lines(shared), columns)}</tr>")
            first = ""
        if any(cells) or not shared:
            rows.append(f"<tr>{first}{''.join(_data(_lines(cell)) for cell in cells)}</tr>")
    for what, numbers in table.sums:
        cells_ = "".join(_data(escape(number)) for number in numbers)
        rows.append(f"<tr>{_head(what, 'row')}{_data('')}{cells_}</tr>")
    body = "\n".join(rows[1:])
    return (
        f'<table style="border-collapse: collapse">\n<caption>{escape(_caption(table))}</caption>\n'
        f"<thead>{rows[0]}</thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
    )


def page(table: Table) -> str:
    """A whole file."""
    return (
        f'<!DOCTYPE html>\n<!-- {MADE} -->\n<html lang="en">\n<meta charset="utf-8">\n'
        f"<title>{escape(_caption(table))}</title>\n{fragment(table)}</html>\n"
    )


def _caption(table: Table) -> str:
    return f"Architectures: {', '.join(map(visible, table.names))}"


def _head(text: str, scope: str, rows: int = 1) -> str:
    spans = f' rowspan="{rows}"' * (rows > 1)
    return f'<th scope="{scope}"{spans} style="{_CELL}">{escape(visible(text))}</th>'


def _data(inside: str, columns: int = 1, rows: int = 1) -> str:
    spans = f' colspan="{columns}"' * (columns > 1) + f' rowspan="{rows}"' * (rows > 1)
    return f'<td{spans} style="{_CELL}">{inside}</td>'


def _lines(lines: tuple[Line, ...]) -> str:
    return "<br>".join(map(_stack, lines))


def _stack(line: Line) -> str:
    said = "<br>".join(escape(visible(text)) for text in line.texts)
    return f'<span style="{_STACK}">{said}</span>{_times(line)}' if line.stack else said

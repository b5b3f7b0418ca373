"""The table as plain text: stacks in brackets of several lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl.draw.table.cells import Line
from resdsl.report.tables import GAP, RULE
from resdsl.report.text import visible, width

if TYPE_CHECKING:
    from resdsl.draw.table import Table


def text(table: Table) -> str:
    """All lines, with a newline at the end of each."""
    columns = len(table.names)
    head = ["layer name", "output size", *map(visible, table.names)]
    rows = []  # of each entry its shared lines, and the lines of each cell
    for entry in table.entries:
        shared = [row for line in entry.shared(columns) for row in drawn(line)]
        cells = [
            [row for line in entry.cell(n, columns) for row in drawn(line)] for n in range(columns)
        ]
        rows.append((visible(entry.name), entry.size, shared, cells))
    widths = [width(title) for title in head]
    for name, size, _, cells in rows:
        widths[0], widths[1] = max(widths[0], width(name)), max(widths[1], width(size))
        for n, cell in enumerate(cells, 2):
            widths[n] = max([widths[n], *map(width, cell)])
    for _, numbers in table.sums:
        for n, number in enumerate(numbers, 2):
            widths[n] = max(widths[n], width(number))
    whole = sum(widths[2:]) + len(GAP) * (columns - 1)
    most = max((width(line) for _, _, shared, _ in rows for line in shared), default=0)
    widths[-1] += max(0, most - whole)
    whole = max(whole, most)
    rule = RULE * (sum(widths) + len(GAP) * (columns + 1))
    lines = [_line(head, widths), rule]
    for name, size, shared, cells in rows:
        left = _line([name, size], widths[:2], strip=False)
        blank = " " * width(left)
        found = [" " * ((whole - width(line)) // 2) + line for line in shared]
        for n in range(max(map(len, cells), default=0)):
            found.append(_line([cell[n] if n < len(cell) else "" for cell in cells], widths[2:]))
        found = found or [""]
        lines += [((blank if n else left) + GAP + line).rstrip() for n, line in enumerate(found)]
        lines.append(rule)
    lines += [_line([what, "", *numbers], widths) for what, numbers in table.sums]
    return "\n".join(lines) + "\n"


def drawn(line: Line) -> list[str]:
    """`⎡3×3, 64⎤ × 2` and `⎣3×3, 64⎦` below it."""
    texts = [visible(text) for text in line.texts]
    if not line.stack:
        return texts
    most = max(map(width, texts))
    padded = [" " * ((most - width(t)) // 2) + t for t in texts]
    padded = [t + " " * (most - width(t)) for t in padded]
    last, middle = len(padded) - 1, (len(padded) - 1) // 2
    rows = []
    for n, text in enumerate(padded):
        left, right = ("[", "]") if not last else _BRACKETS[(n > 0) + (n == last)]
        times = f" × {line.times}" if n == middle and line.times > 1 else ""
        rows.append(left + text + right + times)
    return rows


_BRACKETS = (("⎡", "⎤"), ("⎢", "⎥"), ("⎣", "⎦"))


def _line(cells: list[str], widths: list[int], strip: bool = True) -> str:
    padded = [cell + " " * (w - width(cell)) for cell, w in zip(cells, widths, strict=True)]
    joined = GAP.join(padded)
    return joined.rstrip() if strip else joined

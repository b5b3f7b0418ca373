"""The rows of several nets beside each other: by name, else by output size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from typing import Any

from resdsl.draw.figure.graph import Size
from resdsl.draw.figure.rows import area
from resdsl.draw.table.cells import Line, Row
from resdsl.draw.words import times


@dataclass
class Entry:
    """One row of the table. `cells`: by column; a net without this row has none."""

    rows: dict[int, Row] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The names that nets have for it, each once."""
        return " / ".join(dict.fromkeys(row.name for row in self.rows.values()))

    @property
    def size(self) -> str:
        """`56×56`; where nets differ, each once."""
        return ", ".join(dict.fromkeys(said(row.size) for row in self.rows.values()))

    def shared(self, columns: int) -> tuple[Line, ...]:
        """The lines that all of several columns begin with."""
        if columns < 2 or len(self.rows) < columns:
            return ()
        first, *others = (row.lines for row in self.rows.values())
        count = 0
        while count < len(first) and all(
            lines[: count + 1] == first[: count + 1] for lines in others
        ):
            if first[count].stack and any(lines != first for lines in others):
                break  # a stack is the heart of a cell, and stays there
            count += 1
        return first[:count]

    def cell(self, column: int, columns: int) -> tuple[Line, ...]:
        """The lines of one column, less the shared."""
        row = self.rows.get(column)
        return row.lines[len(self.shared(columns)) :] if row else ()

    def to_data(self, columns: int) -> dict[str, Any]:
        """JSON-ready: all lines of each net, the shared ones too."""
        cells = [asdict(self.rows[n]) if n in self.rows else None for n in range(columns)]
        return {"name": self.name, "cells": cells}

    def first(self) -> Row:
        """The row of the first net that has it."""
        return self.rows[min(self.rows)]


def said(size: Size) -> str:
    """`56×56`, `197 tokens`."""
    return f"{size[0]} tokens" if len(size) == 1 else times(size)


def grid(nets: Sequence[Sequence[Row]]) -> list[Entry]:
    """Every row of every net once, each net's in their order."""
    entries: list[Entry] = []
    for column, rows in enumerate(nets):
        names = [entry.first().name for entry in entries]
        merged: list[Entry] = []
        matcher = SequenceMatcher(None, names, [row.name for row in rows], autojunk=False)
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag == "equal":
                merged += _joined(entries[a:b], rows[c:d], column)
            else:
                merged += _by_size(entries[a:b], rows[c:d], column)
        entries = merged
    return entries


def _joined(entries: Sequence[Entry], rows: Sequence[Row], column: int) -> Iterator[Entry]:
    for entry, row in zip(entries, rows, strict=True):
        entry.rows[column] = row
        yield entry


def _by_size(entries: Sequence[Entry], rows: Sequence[Row], column: int) -> Iterator[Entry]:
    sizes = [entry.first().size for entry in entries]
    matcher = SequenceMatcher(None, sizes, [row.size for row in rows], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from _joined(entries[a:b], rows[c:d], column)
            continue
        old, new = list(entries[a:b]), [Entry({column: row}) for row in rows[c:d]]
        while old and new:
            larger = old if area(old[0].first().size) >= area(new[0].first().size) else new
            yield larger.pop(0)
        yield from old + new

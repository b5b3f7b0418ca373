"""Diagnostics as text, as compilers print them: the place, the line, a caret under the very token.

    error[E111]: expected the end of the line, found `64`
     --> m.res:1:6
    1 | conv 64
      |      ^^
      = help: arguments go in parentheses: `conv(64, ...)`

Whatever the input holds, what is printed holds no control character of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from resdsl.diagnostics import Diagnostic, Label
from resdsl.report.text import Line, visible, width
from resdsl.source import Source, Span

COLUMNS = 100
"""A longer source line is cut around its marks."""

_LEAD = 12  # columns kept before a mark in a cut line
_LONGEST = 1_000  # characters of a message
_CALLS = 6  # a longer trace is cut in its middle


def render(diagnostic: Diagnostic) -> str:
    """One diagnostic, without a newline at the end."""
    title = f"{diagnostic.severity}[{diagnostic.code}]: {_brief(diagnostic.message)}"
    trace = _shortened(diagnostic.trace)
    marks = [_Mark.of(label.span, label.message) for label in diagnostic.labels]
    if diagnostic.span:
        marks.insert(0, _Mark.of(diagnostic.span, "", primary=True))
    calls = [_Mark.of(call.span, "") for call in trace if isinstance(call, Label)]
    gutter = len(str(max((mark.line for mark in (*marks, *calls)), default=0)))
    lines = [title]
    for source in _in_order(marks):
        own = [mark for mark in marks if mark.source is source]
        lines += _place(own, "-->" if source is marks[0].source else ":::", gutter)
    lines += [part for note in diagnostic.notes for part in _said("note", note, gutter)]
    if diagnostic.help:
        lines += _said("help", diagnostic.help, gutter)
    for call in trace:
        if isinstance(call, int):
            lines.append(f"note: ... {call} more calls ...")
        else:
            lines.append(f"note: {_brief(call.message)}")
            lines += _place([_Mark.of(call.span, "", primary=True)], "-->", gutter)
    return "\n".join(lines)


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """Several, apart by an empty line."""
    return "\n\n".join(map(render, diagnostics))


def to_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """JSON-ready: what an editor or a script needs. Lines and columns count from 1."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "place": _data(diagnostic.span) if diagnostic.span else None,
        "labels": [_data(label.span) | {"message": label.message} for label in diagnostic.labels],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
        "trace": [_data(call.span) | {"message": call.message} for call in diagnostic.trace],
    }


def _data(span: Span) -> dict[str, Any]:
    """`end_column` is one past the last character."""
    (line, column), (end_line, end_column) = _position(span, span.start), _position(span, span.end)
    place = {"file": span.source.name, "line": line, "column": column}
    return place | {"end_line": end_line, "end_column": end_column, "text": span.text}


def _position(span: Span, offset: int) -> tuple[int, int]:
    return span.source.position(min(max(offset, 0), len(span.source.text)))


@dataclass(frozen=True)
class _Mark:
    """A span on the line where it starts: columns `start` to `stop` of the shown line, from 0."""

    source: Source
    line: int
    column: int
    shown: Line
    start: int
    stop: int
    message: str
    primary: bool

    @staticmethod
    def of(span: Span, message: str, primary: bool = False) -> _Mark:
        """A span that goes on is marked to the end of its first line; an empty one has one mark."""
        line, column = _position(span, span.start)
        shown = _line(span.source.line(line))
        start = shown.column(column - 1)
        stop = shown.column(column - 1 + max(span.end - span.start, 0))
        return _Mark(
            span.source, line, column, shown, start, max(stop, start + 1), _brief(message), primary
        )


@lru_cache(maxsize=8)
def _line(text: str) -> Line:
    """Several marks are often on one line, and a line may be a whole file."""
    return Line(text)


def _brief(message: str) -> str:
    """A message may quote what is written, and that may be of any length."""
    return visible(message if len(message) <= _LONGEST else message[:_LONGEST] + "…")


def _in_order(marks: Sequence[_Mark]) -> list[Source]:
    found: dict[int, Source] = {}
    for mark in marks:
        found.setdefault(id(mark.source), mark.source)
    return list(found.values())


def _shortened(trace: tuple[Label, ...]) -> list[Label | int]:
    """The calls that led here; of many the innermost and the outermost, how many are missing."""
    if len(trace) <= _CALLS:
        return list(trace)
    ends = _CALLS // 2
    return [*trace[:ends], len(trace) - 2 * ends, *trace[-ends:]]


def _said(word: str, text: str, gutter: int) -> list[str]:
    first, *more = text.splitlines() or [""]
    lead = f"{' ' * gutter} = {word}: "
    return [lead + _brief(first), *(" " * len(lead) + _brief(line) for line in more)]


def _place(marks: Sequence[_Mark], arrow: str, gutter: int) -> list[str]:
    """The marked lines of one source."""
    head = marks[0]
    lines = [f"{' ' * gutter}{arrow} {visible(head.source.name)}:{head.line}:{head.column}"]
    before = 0
    for number in sorted({mark.line for mark in marks}):
        if before and number > before + 1:
            lines.append("...")
        before = number
        for group in _together([mark for mark in marks if mark.line == number]):
            lines += _marked(group, number, gutter)
    return lines


def _together(marks: Sequence[_Mark]) -> list[list[_Mark]]:
    """The marks of one line: all at once, but one by one where a long line has to be cut."""
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.stop))
    span = ordered[-1].stop - ordered[0].start
    if ordered[0].shown.starts[-1] <= COLUMNS or span <= COLUMNS - 2 * _LEAD:
        return [ordered]
    return [[mark] for mark in ordered]


def _marked(marks: Sequence[_Mark], number: int, gutter: int) -> list[str]:
    """One source line, and below it its marks and what they say."""
    code, left, right = _cut(marks)
    blank = f"{' ' * gutter} |"
    lines = [f"{number:>{gutter}} | {code}".rstrip()]
    at = [(max(m.start, left[0]) - left[0] + left[1], min(m.stop, right), m) for m in marks]
    spots = [(start, max(stop - left[0] + left[1], start + 1), mark) for start, stop, mark in at]
    under = [" "] * max(stop for _, stop, _ in spots)
    for start, stop, mark in sorted(spots, key=lambda spot: spot[2].primary):
        under[start:stop] = ("^" if mark.primary else "-") * (stop - start)
    waiting = [(start, mark.message) for start, _, mark in spots if mark.message]
    last = spots[-1]
    row = "".join(under)
    if last[2].message and last[1] == len(row):
        row += f" {waiting.pop()[1]}"
    lines.append(f"{blank} {row}")
    if waiting:
        lines.append(f"{blank} {_bars(waiting)}")
    while waiting:
        start, message = waiting.pop()
        bars = _bars([spot for spot in waiting if spot[0] < start])
        lines.append(f"{blank} {bars.ljust(start)}{message}")
    return lines


def _bars(waiting: Sequence[tuple[int, str]]) -> str:
    row = [" "] * (max((start for start, _ in waiting), default=-1) + 1)
    for start, _ in waiting:
        row[start] = "|"
    return "".join(row)


def _cut(marks: Sequence[_Mark]) -> tuple[str, tuple[int, int], int]:
    """The code to show; the column it begins at and where that is shown; the column it ends at."""
    shown = marks[0].shown
    end = shown.starts[-1]
    if end <= COLUMNS:
        return "".join(shown.cells).rstrip(), (0, 0), max(end, *(m.stop for m in marks))
    start = max(min(mark.start for mark in marks) - _LEAD, 0)
    stop = start + COLUMNS
    code, begins = shown.cut(start, stop)
    left = "…" if begins else ""
    right = "…" if stop < end else ""
    return left + code + right, (begins, width(left)), begins + width(code) + 1

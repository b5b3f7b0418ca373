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
from itertools import groupby
from typing import Any, Literal

from resdsl.diagnostics import Diagnostic, Label
from resdsl.report.style import Paint, Role, plain
from resdsl.report.text import Line, visible, width
from resdsl.source import Source, Span

COLUMNS = 100
"""A longer source line is cut around its marks."""

_LEAD = 12  # columns kept before a mark in a cut line
_LONGEST = 1_000  # characters of a message
_CALLS = 6  # a longer trace is cut in its middle


def render(diagnostic: Diagnostic, paint: Paint = plain) -> str:
    """One diagnostic, without a newline at the end.

    What a label says of the primary span itself stands beside the carets.
    """
    severity: Role = diagnostic.severity
    trace = _shortened(diagnostic.trace)
    labels = list(diagnostic.labels)
    marks = []
    if diagnostic.span:
        own = next((label for label in labels if label.span == diagnostic.span), None)
        if own:
            labels.remove(own)
        marks.append(_Mark.of(diagnostic.span, own.message if own else "", severity))
    marks += [_Mark.of(label.span, label.message) for label in labels]
    calls = [_Mark.of(call.span, "") for call in trace if isinstance(call, Label)]
    page = _Page(paint, len(str(max((mark.line for mark in (*marks, *calls)), default=0))))
    title = f"{diagnostic.severity}[{diagnostic.code}]"
    page.lines.append(paint(severity, title) + paint("message", f": {_brief(diagnostic.message)}"))
    for source in dict.fromkeys(mark.source for mark in marks):
        in_it = [mark for mark in marks if mark.source == source]
        page.place(in_it, "-->" if source == marks[0].source else ":::")
    for note in diagnostic.notes:
        page.say("note", note)
    if diagnostic.help:
        page.say("help", diagnostic.help)
    for call in trace:
        said = f"... {call} more calls ..." if isinstance(call, int) else _brief(call.message)
        page.lines.append(f"{paint('note', 'note')}: {said}")
        if isinstance(call, Label):
            page.place([_Mark.of(call.span, "", severity)], "-->")
    return "\n".join(page.lines)


def render_all(diagnostics: Iterable[Diagnostic]) -> str:
    """Several, apart by an empty line."""
    return "\n\n".join(map(render, diagnostics))


def to_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """JSON-ready: what an editor or a script needs. Lines and columns count from 1."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "place": span_data(diagnostic.span) if diagnostic.span else None,
        "labels": [
            span_data(label.span) | {"message": label.message} for label in diagnostic.labels
        ],
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
        "trace": [span_data(call.span) | {"message": call.message} for call in diagnostic.trace],
    }


def span_data(span: Span) -> dict[str, Any]:
    """A place, JSON-ready: `end_column` is one past the last character."""
    (line, column), (end_line, end_column) = _position(span, span.start), _position(span, span.end)
    place = {"file": span.source.name, "line": line, "column": column}
    return place | {"end_line": end_line, "end_column": end_column, "text": span.text}


def _position(span: Span, offset: int) -> tuple[int, int]:
    return span.source.position(min(max(offset, 0), len(span.source.text)))


def in_words(diagnostic: Diagnostic) -> list[str]:
    """Message, notes and help as lines, for formats that have one text for all of them."""
    notes = [f"note: {note}" for note in diagnostic.notes]
    helps = [f"help: {diagnostic.help}"] if diagnostic.help else []
    return "\n".join([diagnostic.message, *notes, *helps]).splitlines()


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
    role: Role

    @staticmethod
    def of(span: Span, message: str, role: Role = "frame") -> _Mark:
        """A span that goes on is marked to the end of its first line; an empty one has one mark."""
        line, column = _position(span, span.start)
        shown = _line(span.source.line(line))
        start = shown.column(column - 1)
        stop = shown.column(column - 1 + max(span.end - span.start, 0))
        return _Mark(
            span.source, line, column, shown, start, max(stop, start + 1), _brief(message), role
        )


@lru_cache(maxsize=8)
def _line(text: str) -> Line:
    """Several marks are often on one line, and a line may be a whole file."""
    return Line(text)


def _brief(message: str) -> str:
    """A message may quote what is written, and that may be of any length."""
    return visible(message if len(message) <= _LONGEST else message[:_LONGEST] + "…")


def _shortened(trace: tuple[Label, ...]) -> list[Label | int]:
    """The calls that led here; of many the innermost and the outermost, how many are missing."""
    if len(trace) <= _CALLS:
        return list(trace)
    ends = _CALLS // 2
    return [*trace[:ends], len(trace) - 2 * ends, *trace[-ends:]]


class _Page:
    """The lines of one diagnostic, and the gutter that holds their numbers."""

    def __init__(self, paint: Paint, gutter: int) -> None:
        self.paint, self.gutter = paint, gutter
        self.lines: list[str] = []

    def frame(self, sign: str, text: str, number: int | None = None) -> None:
        """A line that begins with its number, if it has one, and a sign of the frame."""
        head = self.paint("frame", f"{'' if number is None else number:>{self.gutter}}{sign}")
        self.lines.append(f"{head} {text}" if text else head)

    def say(self, word: Literal["note", "help"], text: str) -> None:
        first, *more = text.splitlines() or [""]
        self.frame(" =", f"{self.paint(word, word)}: {_brief(first)}")
        indent = " " * (self.gutter + len(f" = {word}: "))
        self.lines += [indent + _brief(line) for line in more]

    def place(self, marks: Sequence[_Mark], arrow: str) -> None:
        """The marked lines of one source."""
        head = marks[0]
        self.frame(arrow, f"{visible(head.source.name)}:{head.line}:{head.column}")
        before = 0
        for number in sorted({mark.line for mark in marks}):
            if before and number > before + 1:
                self.lines.append(self.paint("frame", "..."))
            before = number
            for group in _together([mark for mark in marks if mark.line == number]):
                self.mark(group, number)

    def mark(self, marks: Sequence[_Mark], number: int) -> None:
        """One source line, and below it its marks and what they say."""
        code, left, right = _cut(marks)
        self.frame(" |", code.rstrip(), number)
        at = [(max(m.start, left[0]) - left[0] + left[1], min(m.stop, right), m) for m in marks]
        spots = [
            (start, max(stop - left[0] + left[1], start + 1), mark) for start, stop, mark in at
        ]
        row = _Row()
        for start, stop, mark in sorted(spots, key=lambda spot: spot[2].role != "frame"):
            row.put(start, ("-" if mark.role == "frame" else "^") * (stop - start), mark.role)
        waiting = [(start, mark) for start, _, mark in spots if mark.message]
        _, stop, last = spots[-1]
        if last.message and stop == len(row.cells):
            row.put(stop + 1, waiting.pop()[1].message, last.role)
        self.frame(" |", row.text(self.paint))
        if waiting:
            self.frame(" |", _bars(waiting).text(self.paint))
        while waiting:
            start, mark = waiting.pop()
            row = _bars([spot for spot in waiting if spot[0] < start])
            row.put(start, mark.message, mark.role)
            self.frame(" |", row.text(self.paint))


class _Row:
    """Signs in their columns, each with its role."""

    def __init__(self) -> None:
        self.cells: list[tuple[str, Role | None]] = []

    def put(self, start: int, text: str, role: Role) -> None:
        missing = start + len(text) - len(self.cells)
        self.cells += [(" ", None)] * missing
        self.cells[start : start + len(text)] = [(char, role) for char in text]

    def text(self, paint: Paint) -> str:
        runs = groupby(self.cells, key=lambda cell: cell[1])
        parts = ((role, "".join(char for char, _ in cells)) for role, cells in runs)
        return "".join(paint(role, part) if role else part for role, part in parts)


def _bars(waiting: Sequence[tuple[int, _Mark]]) -> _Row:
    """What leads from the marks down to their messages."""
    row = _Row()
    for start, mark in waiting:
        row.put(start, "|", mark.role)
    return row


def _together(marks: Sequence[_Mark]) -> list[list[_Mark]]:
    """The marks of one line: all at once, but one by one where a long line has to be cut."""
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.stop))
    span = ordered[-1].stop - ordered[0].start
    if ordered[0].shown.starts[-1] <= COLUMNS or span <= COLUMNS - 2 * _LEAD:
        return [ordered]
    return [[mark] for mark in ordered]


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

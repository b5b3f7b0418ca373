"""Diagnostics as workflow commands, which GitHub shows beside the lines of a pull request.

::error file=nets/m.res,line=1,col=6,endLine=1,endColumn=8,title=E111::expected ...
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics import Diagnostic
from resdsl.report.diagnostics import in_words, span_data
from resdsl.report.files import file_of, from_here
from resdsl.report.text import visible
from resdsl.source import Span


def github(diagnostics: Sequence[Diagnostic]) -> str:
    """One line for each; nothing for none."""
    return "".join(f"{_command(diagnostic)}\n" for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    properties = _place(diagnostic.span) if diagnostic.span else {}
    properties["title"] = diagnostic.code
    stated = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    said = "\n".join(map(visible, in_words(diagnostic)))
    return f"::{diagnostic.severity} {stated}::{_escaped(said)}"


def _place(span: Span) -> dict[str, object]:
    """The columns are left out where a span goes over several lines: no column may be said then."""
    path = file_of(span.source)
    if path is None:
        return {}
    data = span_data(span)
    place = {"file": from_here(path) or path.as_posix(), "line": data["line"]}
    if data["line"] != data["end_line"]:
        return place | {"endLine": data["end_line"]}
    return place | {
        "col": data["column"],
        "endLine": data["end_line"],
        "endColumn": data["end_column"],
    }


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")

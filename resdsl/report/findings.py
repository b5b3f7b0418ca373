"""All findings of a run as text: the diagnostics, their number, and where to read more.

error[E201]: unknown block or op `cnov`
...

2 errors and 1 warning
For more: resdsl explain E201 E310
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics import Diagnostic
from resdsl.report.diagnostics import render
from resdsl.report.style import Paint, plain

SHOWN = 20
"""Diagnostics of one run; the rest is counted. Errors come before warnings here."""

_CODES = 5  # named in the last line


def render_run(diagnostics: Sequence[Diagnostic], paint: Paint = plain, among: str = "") -> str:
    """The text of a run that found something; `among` says in how many files, as `in 2 files`."""
    errors_first = sorted(range(len(diagnostics)), key=lambda i: _is_warning(diagnostics[i]))
    shown = [diagnostics[i] for i in sorted(errors_first[:SHOWN])]
    rest = [diagnostics[i] for i in errors_first[SHOWN:]]
    parts = [render(d, paint) for d in shown]
    if rest:
        parts.append(paint("message", f"... and {counted(rest, 'more ')}"))
    codes = list(dict.fromkeys(d.code for d in shown))[:_CODES]
    last = f"For more: resdsl explain {' '.join(codes)}"
    if among or len(diagnostics) > 1:
        number = f"{counted(diagnostics)} {among}".rstrip()
        last = f"{paint('message', number)}\n{last}"
    return "\n\n".join([*parts, last])


def counted(diagnostics: Sequence[Diagnostic], more: str = "") -> str:
    """`3 errors and 1 warning`; `nothing` where there is none."""
    warnings = sum(map(_is_warning, diagnostics))
    numbers = {"error": len(diagnostics) - warnings, "warning": warnings}
    said = [f"{n} {more}{what}{'s' * (n != 1)}" for what, n in numbers.items() if n]
    return " and ".join(said) or "nothing"


def _is_warning(diagnostic: Diagnostic) -> bool:
    return diagnostic.severity == "warning"

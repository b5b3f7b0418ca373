"""What a run says in all: how many findings are shown, how the rest is counted, colour by role."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from resdsl.diagnostics import Diagnostic, Label
from resdsl.report.findings import SHOWN, counted, render_run
from resdsl.report.style import Role, paint_for, plain
from resdsl.source import Source, Span

SPEC = Source("m.res", "conv 64\nrelu\n")


def found(errors: int, warnings: int = 0) -> list[Diagnostic]:
    codes = ["W301"] * warnings + ["E110"] * errors
    return [Diagnostic(code, f"number {i}") for i, code in enumerate(codes)]


def test_one_finding_is_followed_by_where_to_read_more() -> None:
    assert render_run(found(1)) == "error[E110]: number 0\n\nFor more: resdsl explain E110"


def test_several_are_counted() -> None:
    last = render_run(found(2, 1)).splitlines()[-2:]
    assert last == ["2 errors and 1 warning", "For more: resdsl explain W301 E110"]
    assert render_run(found(1), among="in 1 of 3 files").splitlines()[-2] == (
        "1 error in 1 of 3 files"
    )


def test_codes_of_the_last_line_are_few() -> None:
    many = [Diagnostic(f"E{n}", "m") for n in range(110, 120)]
    assert render_run(many).splitlines()[-1] == "For more: resdsl explain E110 E111 E112 E113 E114"


@pytest.mark.parametrize(
    ("errors", "warnings", "rest"),
    [
        (20, 0, None),
        (21, 0, "1 more error"),
        (27, 0, "7 more errors"),
        (18, 3, "1 more warning"),
        (21, 2, "1 more error and 2 more warnings"),
    ],
)
def test_twenty_are_shown_and_the_rest_is_counted(
    errors: int, warnings: int, rest: str | None
) -> None:
    text = render_run(found(errors, warnings))
    assert text.count("]: number ") == SHOWN
    assert [line for line in text.splitlines() if line.startswith("...")] == (
        [f"... and {rest}"] if rest else []
    )
    assert text.count("error[") == min(errors, SHOWN), "no error hides behind warnings"


def test_nothing_is_counted_as_nothing() -> None:
    assert counted([]) == "nothing"


def test_each_part_has_the_paint_of_its_role() -> None:
    def marked(role: Role, text: str) -> str:
        return f"<{role}:{text}>"

    span = Span(SPEC, 5, 7)
    diagnostic = Diagnostic(
        "E111",
        "extra text",
        span,
        labels=(Label(span, "this"), Label(Span(SPEC, 8, 12), "that")),
        notes=("n",),
        help="h",
        trace=(Label(span, "called"),),
    )
    assert render_run([diagnostic], marked).splitlines() == [
        "<error:error[E111]><message:: extra text>",
        "<frame: -->> m.res:1:6",
        "<frame:1 |> conv 64",
        "<frame:  |>      <error:^^> <error:this>",
        "<frame:2 |> relu",
        "<frame:  |> <frame:----> <frame:that>",
        "<frame:  => <note:note>: n",
        "<frame:  => <help:help>: h",
        "<note:note>: called",
        "<frame: -->> m.res:1:6",
        "<frame:1 |> conv 64",
        "<frame:  |>      <error:^^>",
        "",
        "For more: resdsl explain E111",
    ]
    warning = render_run([Diagnostic("W301", "m", span)], marked)
    assert warning.startswith("<warning:warning[W301]>")
    assert "<warning:^^>" in warning


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "colour"),
    [
        (Terminal, {}, True),
        (Terminal, {"NO_COLOR": ""}, True),
        (Terminal, {"NO_COLOR": "0"}, False),
        (Terminal, {"TERM": "dumb"}, False),
        (io.StringIO, {}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    stream: Callable[[], io.StringIO],
    environment: dict[str, str],
    colour: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    paint = paint_for(stream())
    assert (paint is not plain) == colour
    assert ("\x1b[" in render_run(found(1), paint)) == colour

"""Diagnostics as people see them, and that no input makes the renderer fail or obey."""

from __future__ import annotations

import json
import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resdsl.diagnostics import CODES, Diagnostic, Label
from resdsl.report.diagnostics import COLUMNS, render, render_all, to_data
from resdsl.report.style import coloured
from resdsl.source import Source, Span

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
SPEC = Source(
    "m.res",
    "conv 64\n"
    "add {\n"
    "  | conv_bn(256, 3, 2)\n"
    "\t| identity\n"
    "}\n"
    "\n"
    "let x = foo(a, bb)\n"
    "stage conv4_x: basic(256) x2\n",
)
STD = Source("std/residual.res", "block basic(c) {\n  conv(c)\n}\n")


def at(source: Source, text: str, skip: int = 0) -> Span:
    start = -1
    for _ in range(skip + 1):
        start = source.text.index(text, start + 1)
    return Span(source, start, start + len(text))


def shows(diagnostic: Diagnostic, text: str) -> None:
    assert render(diagnostic) == dedent(text).strip("\n")


def test_the_token_at_fault_is_underlined() -> None:
    shows(
        Diagnostic(
            "E111",
            "expected the end of the line, found `64`",
            at(SPEC, "64"),
            help="arguments go in parentheses: `conv(64, ...)`",
        ),
        """
        error[E111]: expected the end of the line, found `64`
         --> m.res:1:6
        1 | conv 64
          |      ^^
          = help: arguments go in parentheses: `conv(64, ...)`
        """,
    )


def test_labels_stand_on_their_own_lines_and_tabs_are_spaces() -> None:
    shows(
        Diagnostic(
            "E310",
            "the branches of `add` end in different shapes",
            at(SPEC, "add"),
            labels=(
                Label(at(SPEC, "conv_bn(256, 3, 2)"), "256x28x28"),
                Label(at(SPEC, "identity"), "64x56x56"),
            ),
            notes=("one line", "two\nlines"),
            help="use a projecting shortcut",
        ),
        """
        error[E310]: the branches of `add` end in different shapes
         --> m.res:2:1
        2 | add {
          | ^^^
        3 |   | conv_bn(256, 3, 2)
          |     ------------------ 256x28x28
        4 |     | identity
          |       -------- 64x56x56
          = note: one line
          = note: two
                  lines
          = help: use a projecting shortcut
        """,
    )


def test_several_labels_share_a_line() -> None:
    shows(
        Diagnostic(
            "E207",
            "too many arguments",
            at(SPEC, "bb"),
            labels=(
                Label(at(SPEC, "foo"), "the function"),
                Label(at(SPEC, "a,"), "its argument"),
            ),
        ),
        """
        error[E207]: too many arguments
         --> m.res:7:16
        7 | let x = foo(a, bb)
          |         --- -- ^^
          |         |   |
          |         |   its argument
          |         the function
        """,
    )


def test_labels_elsewhere_name_their_file_and_gaps_are_marked() -> None:
    shows(
        Diagnostic(
            "E223",
            "`c` must be a number",
            at(SPEC, "basic"),
            labels=(Label(at(STD, "c)"), "declared here"), Label(at(SPEC, "conv"), "and this")),
        ),
        """
        error[E223]: `c` must be a number
         --> m.res:8:16
        1 | conv 64
          | ---- and this
        ...
        8 | stage conv4_x: basic(256) x2
          |                ^^^^^
         ::: std/residual.res:1:13
        1 | block basic(c) {
          |             -- declared here
        """,
    )


def test_what_is_said_of_the_primary_span_stands_beside_the_carets() -> None:
    span = at(SPEC, "bb")
    shows(
        Diagnostic(
            "E207",
            "too many arguments",
            span,
            labels=(Label(at(SPEC, "foo"), "takes one"), Label(span, "the second")),
        ),
        """
        error[E207]: too many arguments
         --> m.res:7:16
        7 | let x = foo(a, bb)
          |         ---    ^^ the second
          |         |
          |         takes one
        """,
    )


def test_two_readings_of_one_file_are_one_file() -> None:
    again = Source(SPEC.name, "".join(list(SPEC.text)))
    text = render(Diagnostic("E205", "twice", at(SPEC, "x"), (Label(at(again, "add"), "first"),)))
    assert text.count("m.res") == 1


def test_the_trace_shows_each_call() -> None:
    call = Label(at(SPEC, "basic(256)"), "in the expansion of `basic`, called here")
    shows(
        Diagnostic("E311", "`conv` takes an image", at(STD, "conv(c)"), trace=(call,)),
        """
        error[E311]: `conv` takes an image
         --> std/residual.res:2:3
        2 |   conv(c)
          |   ^^^^^^^
        note: in the expansion of `basic`, called here
         --> m.res:8:16
        8 | stage conv4_x: basic(256) x2
          |                ^^^^^^^^^^
        """,
    )


def test_a_deep_trace_is_cut_in_its_middle() -> None:
    calls = tuple(Label(at(SPEC, "basic"), f"call {i}") for i in range(30))
    text = render(Diagnostic("E311", "deep", trace=calls))
    noted = [line for line in text.splitlines() if line.startswith("note")]
    kept = ["call 0", "call 1", "call 2", "... 24 more calls ...", "call 27", "call 28", "call 29"]
    assert noted == [f"note: {what}" for what in kept]


def test_the_gutter_is_as_wide_as_the_largest_number() -> None:
    source = Source("long.res", "\n" * 99 + "gap(3)\n")
    shows(
        Diagnostic("E207", "too many", at(source, "3"), labels=(Label(Span(source, 0, 0), "top"),)),
        """
        error[E207]: too many
           --> long.res:100:5
          1 |
            | - top
        ...
        100 | gap(3)
            |     ^
        """,
    )


@pytest.mark.parametrize("text", ["", "\n", "conv(64)", "conv(64)\n", "\n\n\n"])
def test_the_end_of_a_file_can_be_pointed_at(text: str) -> None:
    end = Span(Source("e.res", text), len(text), len(text))
    last = text.split("\n")[-1]
    lines = render(Diagnostic("E110", "unexpected end", end)).splitlines()
    assert lines[1].endswith(f"e.res:{text.count(chr(10)) + 1}:{len(last) + 1}")
    assert lines[3].endswith(" " * len(last) + "^")


def test_no_text_is_at_fault() -> None:
    assert render(Diagnostic("E211", "no parameter `x`", help="try `y`")) == (
        "error[E211]: no parameter `x`\n  = help: try `y`"
    )


def test_warnings_say_so() -> None:
    assert render(Diagnostic("W301", "hm")).startswith("warning[W301]: hm")


def test_a_span_of_several_lines_is_marked_on_its_first() -> None:
    start = SPEC.text.index("add")
    lines = render(Diagnostic("E120", "never closed", Span(SPEC, start, start + 40))).splitlines()
    assert lines[2:] == ["2 | add {", "  | ^^^^^"]


def test_wide_characters_take_two_columns() -> None:
    source = Source("w.res", "漢字é conv")
    shows(
        Diagnostic("E201", "unknown", at(source, "conv")),
        """
        error[E201]: unknown
         --> w.res:1:5
        1 | 漢字é conv
          |       ^^^^
        """,
    )


def test_long_lines_are_cut_around_each_mark() -> None:
    source = Source("l.res", "a" * 300 + " FIRST " + "b" * 400 + " SECOND")
    text = render(
        Diagnostic("E110", "long", at(source, "FIRST"), (Label(at(source, "SECOND"), "other"),))
    )
    lines = text.splitlines()
    assert all(len(line) <= COLUMNS + 10 for line in lines)
    for code, marks, word in ((lines[2], lines[3], "FIRST"), (lines[4], lines[5], "SECOND")):
        start = code.index(word)
        assert marks[start : start + len(word)] in ("^" * 5, "-" * 6)
        assert set(marks[:start]) == {" ", "|"}
    assert lines[2][4] == lines[2][-1] == lines[4][4] == "…"


def test_control_characters_are_seen_and_not_obeyed() -> None:
    source = Source("\x1b[31mred", "a\x1b[2Jb\x00\u202e\x85\rc\td")
    diagnostic = Diagnostic(
        "E100",
        "\x1b]0;title\x07 in\na line",
        at(source, "d"),
        labels=(Label(at(source, "b"), "\x1b[0m"),),
        notes=("\x9b31m",),
        help="\u2066",
    )
    text = render(diagnostic)
    assert all(line.isprintable() for line in text.split("\n"))
    assert text.startswith("error[E100]: \\x1b]0;title\\x07 in\\na line\n --> \\x1b[31mred:1:")
    assert "1 | a\\x1b[2Jb\\x00\\u{202e}\\x85\\rc" in text


def test_several_are_apart() -> None:
    assert render_all([Diagnostic("E110", "a"), Diagnostic("E110", "b")]) == (
        "error[E110]: a\n\nerror[E110]: b"
    )


SOURCES = st.builds(Source, st.text(max_size=5), st.text(max_size=400))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Spans that may lie anywhere, even outside their source or back to front."""
    source = draw(SOURCES)
    ends = st.integers(-3, len(source.text) + 3)
    return Span(source, draw(ends), draw(ends))


LABELS = st.lists(st.builds(Label, spans(), st.text(max_size=20)), max_size=4).map(tuple)


DIAGNOSTICS = st.builds(
    Diagnostic,
    st.sampled_from(sorted(CODES)),
    st.text(max_size=30),
    st.none() | spans(),
    LABELS,
    st.lists(st.text(max_size=20), max_size=2).map(tuple),
    st.none() | st.text(max_size=20),
    LABELS,
)


@given(DIAGNOSTICS)
def test_whatever_it_holds_it_is_rendered(diagnostic: Diagnostic) -> None:
    text = render(diagnostic)
    assert all(line.isprintable() for line in text.split("\n"))
    assert ESCAPES.sub("", render(diagnostic, coloured)) == text, "colour changes no character"
    assert json.loads(json.dumps(to_data(diagnostic)))["code"] == diagnostic.code


@given(SOURCES, st.data())
def test_labels_of_one_source_share_its_lines(source: Source, data: st.DataObject) -> None:
    ends = st.integers(0, len(source.text))
    labels = data.draw(st.lists(st.tuples(ends, ends, st.text(max_size=9)), max_size=5))
    made = tuple(Label(Span(source, min(a, b), max(a, b)), text) for a, b, text in labels)
    assert render(Diagnostic("E110", "m", Span(source, 0, 1), made))


def test_json_has_lines_and_columns() -> None:
    data = to_data(Diagnostic("E111", "m", at(SPEC, "add {\n  |"), help="h"))
    assert data["place"] == {
        "file": "m.res", "line": 2, "column": 1, "end_line": 3, "end_column": 4,
        "text": "add {\n  |",
    }  # fmt: skip
    assert (data["severity"], data["help"], data["trace"]) == ("error", "h", [])

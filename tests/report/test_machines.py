"""The formats for programs: SARIF is valid, a workflow command is one line that reads back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resdsl.diagnostics import Diagnostic, Label
from resdsl.paths import std_root
from resdsl.report.github import github
from resdsl.report.sarif import sarif
from resdsl.report.text import json_text
from resdsl.source import Source, Span
from tests.report.test_diagnostics import LABELS, spans

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "data" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")
)
VALID = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
COMMAND = re.compile(r"::(error|warning) ([^:\n]*)::([^\n]*)\n")

CODES = st.sampled_from(["E110", "E310", "E604"])
TEXTS = st.text(st.sampled_from("a:,%\r\n{}0\"'`é漢\x1b\0\u2028"), max_size=12)
DIAGNOSTICS = st.builds(
    Diagnostic,
    CODES,
    TEXTS,
    st.none() | spans(),
    LABELS,
    st.lists(TEXTS, max_size=2).map(tuple),
    st.none() | TEXTS,
    LABELS,
)


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    """A file in a folder below the current one, whose names have to be escaped."""
    path = tmp_path / "my nets" / "a:b,c%.res"
    path.parent.mkdir()
    path.write_text("add {\n  | relu\n}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Source("my nets/a:b,c%.res", "add {\n  | relu\n}\n")


def results(*diagnostics: Diagnostic) -> list[dict[str, Any]]:
    log = json.loads(json.dumps(sarif(diagnostics)))
    VALID.validate(log)
    return log["runs"][0]["results"]


# ---------------------------------------------------------------- SARIF


def test_a_result_has_its_places_and_all_its_words(spec: Source) -> None:
    found = Diagnostic(
        "E310",
        "branches of {2}",
        Span(spec, 0, 3),
        labels=(Label(Span(spec, 10, 14), "this {one}"),),
        notes=("a note",),
        help="write\nthis",
        trace=(Label(Span(spec, 0, 5), "called here"),),
    )
    (result,) = results(found)
    place = {"uri": "my%20nets/a%3Ab%2Cc%25.res", "uriBaseId": "%SRCROOT%"}
    assert result == {
        "ruleId": "E310",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "branches of {{2}}\nnote: a note\nhelp: write\nthis"},
        "locations": [{"physicalLocation": {
            "artifactLocation": place,
            "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 4},
        }}],
        "relatedLocations": [
            {"id": 1, "message": {"text": "this {{one}}"}, "physicalLocation": {
                "artifactLocation": place,
                "region": {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 9},
            }},
            {"id": 2, "message": {"text": "called here"}, "physicalLocation": {
                "artifactLocation": place,
                "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 6},
            }},
        ],
    }  # fmt: skip


def test_columns_are_code_points() -> None:
    source = Source("<stdin>", "𝒳𝒳 conv")
    (result,) = results(Diagnostic("E110", "m", Span(source, 3, 7)))
    assert sarif([])["runs"][0]["columnKind"] == "unicodeCodePoints"
    assert result["locations"][0]["physicalLocation"]["region"]["startColumn"] == 4


def test_each_code_that_occurs_is_a_rule_with_its_page() -> None:
    codes = ["E604", "E110", "E604"]
    (run,) = sarif([Diagnostic(code, "m") for code in codes])["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["E110", "E604"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == codes
    assert rules[0]["shortDescription"] == {"text": "unexpected text"}
    assert "## What" in rules[0]["help"]["markdown"]


def test_files_outside_of_the_folder_have_a_uri_of_their_own(spec: Source) -> None:
    std = Source("std/residual.res", "block")
    places = [spec, std, Source("<stdin>", "m")]
    found = results(*(Diagnostic("E110", "m", Span(s, 0, 1)) for s in places))
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"] for r in found]
    assert [("uriBaseId" in uri) for uri in uris] == [True, False, False]
    assert uris[1]["uri"] == (std_root() / "residual.res").as_uri()
    assert unquote(uris[2]["uri"]) == "<stdin>"


@given(st.lists(DIAGNOSTICS, max_size=3))
def test_whatever_is_found_the_log_is_valid(diagnostics: list[Diagnostic]) -> None:
    assert len(results(*diagnostics)) == len(diagnostics)


def test_the_schema_refuses_what_is_no_log() -> None:
    log = sarif([Diagnostic("E110", "m")])
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not VALID.is_valid(log)


# ---------------------------------------------------------------- workflow commands


def read_back(line: str) -> tuple[str, dict[str, str], str]:
    """A command as GitHub reads it."""
    match = COMMAND.fullmatch(line)
    assert match, line
    stated = dict(part.split("=", 1) for part in match[2].split(","))
    return match[1], {k: unquote(v) for k, v in stated.items()}, unquote(match[3])


def test_a_command_has_the_place_and_all_words(spec: Source) -> None:
    found = Diagnostic("E310", "50% of :: it", Span(spec, 0, 3), notes=("n",), help="a\nb")
    assert github([found]) == (
        "::error file=my nets/a%3Ab%2Cc%25.res,line=1,col=1,endLine=1,endColumn=4,title=E310"
        "::50%25 of :: it%0Anote: n%0Ahelp: a%0Ab\n"
    )


def test_a_span_over_several_lines_has_no_columns(spec: Source) -> None:
    _, stated, _ = read_back(github([Diagnostic("W301", "m", Span(spec, 0, 12))]))
    assert stated == {"file": spec.name, "line": "1", "endLine": "2", "title": "W301"}


def test_what_is_in_no_file_names_none() -> None:
    lines = github([Diagnostic("E211", "m", Span(Source("--set x", "1"), 0, 1))])
    assert lines == "::error title=E211::m\n"


@given(DIAGNOSTICS)
def test_whatever_it_holds_a_command_is_one_line(diagnostic: Diagnostic) -> None:
    severity, stated, message = read_back(github([diagnostic]))
    assert (severity, stated["title"]) == (diagnostic.severity, diagnostic.code)
    assert all(line.isprintable() for line in message.split("\n"))


# ---------------------------------------------------------------- JSON


@given(st.text())
def test_json_can_be_written_and_reads_back(text: str) -> None:
    written = json_text({"text": text})
    assert json.loads(written.encode("utf-8")) == {"text": text}
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", written)


def test_half_a_character_is_escaped() -> None:
    assert json_text("é\udcff\x9b") == r'"é\udcff\u009b"'

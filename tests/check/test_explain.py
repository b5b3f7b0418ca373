"""`resdsl explain`: the page of a code, or the list of all."""

from __future__ import annotations

import json

import pytest

from resdsl.diagnostics import CODES
from resdsl.explanations import page
from tests.check.conftest import Resdsl
from tests.command import on_a_terminal


def test_a_page_in_a_pipe_is_markdown(resdsl: Resdsl) -> None:
    done = resdsl("explain", "e310")
    assert done.out == page("E310").text
    assert done.out.startswith("# E310: ")


def test_several_pages_follow_each_other(resdsl: Resdsl) -> None:
    done = resdsl("explain", "E310", "W301")
    assert done.out == f"{page('E310').text}\n{page('W301').text}"


def test_without_a_code_all_are_listed(resdsl: Resdsl) -> None:
    lines = resdsl("explain").out.splitlines()
    assert lines == [f"{code}  {title}" for code, title in CODES.items()]


def test_json(resdsl: Resdsl) -> None:
    (one,) = json.loads(resdsl("explain", "E310", "--json").out)
    assert set(one) == {"code", "title", "what", "why", "example", "fixed"}
    assert [p["code"] for p in json.loads(resdsl("explain", "--json").out)] == list(CODES)


@pytest.mark.parametrize(
    ("code", "hint"), [("E31O", "did you mean `E3"), ("\x1b[2J", "`resdsl explain` lists them")]
)
def test_an_unknown_code_is_a_usage_error(code: str, hint: str, resdsl: Resdsl) -> None:
    done = resdsl("explain", code)
    assert (done.code, done.out) == (2, "")
    assert hint in done.err
    assert "\x1b" not in done.err


def test_a_terminal_shows_no_markdown() -> None:
    shown = on_a_terminal("explain", "E310")
    assert "E310: branches that end in different shapes" in shown
    assert "##" not in shown
    assert "```" not in shown


@pytest.mark.parametrize("word", ["E31", "310", "e31"])
def test_a_part_of_a_code_finds_it(resdsl: Resdsl, word: str) -> None:
    done = resdsl("explain", word)
    assert done.code == 2
    assert "did you mean `E310`?" in done.err

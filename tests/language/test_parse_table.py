"""The built grammar: it is the one of grammar.lark, and it has no conflict."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

import lark
import pytest

from resdsl.source import Source
from resdsl.syntax import parse as parser
from resdsl.syntax import table
from resdsl.syntax.builder import Builder
from resdsl.syntax.layout import Layout

DATA = Path(__file__).parent / "data"


def test_the_table_is_that_of_the_grammar() -> None:
    built = json.loads(table.TABLE.read_text(encoding="utf-8"))
    digest = hashlib.sha256(table.GRAMMAR.read_bytes()).hexdigest()
    assert built["grammar"] == digest, "run `python -m resdsl.syntax.build`"


def test_the_table_has_the_rules_of_a_fresh_build() -> None:
    loaded, fresh = table.load(None, Layout()), table.build(None, Layout())
    assert {(str(rule), rule.alias) for rule in loaded.rules} == {
        (str(rule), rule.alias) for rule in fresh.rules
    }
    assert {(t.name, t.pattern.value, t.priority) for t in loaded.terminals} == {
        (t.name, t.pattern.value, t.priority) for t in fresh.terminals
    }


def test_the_grammar_has_no_conflict(caplog: pytest.LogCaptureFixture) -> None:
    lark.logger.addHandler(caplog.handler)
    level = lark.logger.level
    lark.logger.setLevel(logging.DEBUG)
    try:
        table.build(None, Layout(), debug=True)
    finally:
        lark.logger.setLevel(level)
        lark.logger.removeHandler(caplog.handler)
    assert "conflict" not in caplog.text


def test_another_lark_builds_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    path = DATA / "sharing.res"
    source = Source(path.name, path.read_text(encoding="utf-8"))
    expected = parser.parse(source)
    monkeypatch.setattr(lark, "__version__", "0.0")
    parser._parser.cache_clear()
    try:
        assert parser.parse(source) == expected
    finally:
        parser._parser.cache_clear()


def test_every_rule_makes_a_node() -> None:
    """Lark makes a Tree of its own where the builder has no method."""
    builder = Builder(lambda span: pytest.fail("not called"))
    for rule in table.load(None, Layout()).rules:
        name = rule.alias or rule.origin.name
        if rule.options.expand1 and not rule.alias:
            continue  # hands its only child on
        if not name.startswith("_"):
            assert callable(getattr(builder, name, None)), name

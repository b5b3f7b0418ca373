"""Diagnostics as SARIF 2.1.0 (docs.oasis-open.org/sarif), which code hosts and editors import."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from resdsl.diagnostics import CODES, Diagnostic, Label
from resdsl.explanations import page
from resdsl.report.diagnostics import in_words, span_data
from resdsl.report.files import file_of, from_here
from resdsl.source import Source, Span

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"


def sarif(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """One run, JSON-ready: a result for each diagnostic, and a rule for each code that occurs."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    driver = {"name": "resdsl", "version": version("resdsl"), "rules": [_rule(c) for c in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": _message("the folder that resdsl ran in")}},
        "invocations": [{"executionSuccessful": True}],
        "results": [
            _result(diagnostic, codes.index(diagnostic.code)) for diagnostic in diagnostics
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    text = page(code).text
    return {
        "id": code,
        "shortDescription": {"text": CODES[code]},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": "warning" if code.startswith("W") else "error"},
    }


def _result(diagnostic: Diagnostic, rule: int) -> dict[str, Any]:
    result = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity,
        "message": _message("\n".join(in_words(diagnostic))),
    }
    if diagnostic.span:
        result["locations"] = [{"physicalLocation": _place(diagnostic.span)}]
    if related := [*diagnostic.labels, *diagnostic.trace]:
        result["relatedLocations"] = [_related(label, i) for i, label in enumerate(related, 1)]
    return result


def _related(label: Label, number: int) -> dict[str, Any]:
    place = _place(label.span)
    return {"id": number, "physicalLocation": place, "message": _message(label.message)}


def _message(text: str) -> dict[str, str]:
    """Braces are doubled (section 3.11.5): a single one would begin a placeholder."""
    return {"text": text.replace("{", "{{").replace("}", "}}")}


def _place(span: Span) -> dict[str, Any]:
    data = span_data(span)
    region = {
        "startLine": data["line"],
        "startColumn": data["column"],
        "endLine": data["end_line"],
        "endColumn": data["end_column"],
    }
    return {"artifactLocation": _artifact(span.source), "region": region}


def _artifact(source: Source) -> dict[str, str]:
    path = file_of(source)
    if path is None:
        return {"uri": quote(os.fsencode(source.name))}
    inside = from_here(path)
    if inside is None:
        return {"uri": path.as_uri()}
    return {"uri": quote(os.fsencode(inside)), "uriBaseId": ROOT}

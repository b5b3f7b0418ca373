"""The command line inside the test's own process."""

from __future__ import annotations

import sys

import pytest

from resdsl import cli


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """How `resdsl` with these words ends, as its entry point runs it."""
    monkeypatch.setattr(sys, "argv", ["resdsl", *map(str, words)])
    monkeypatch.setattr(cli.gc, "disable", lambda: None)  # the process goes on
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)

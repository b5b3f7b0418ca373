"""The command line inside the test's own process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from resdsl import cli

GOOD = "input image: 3x8x8\nconv(4)\noutput y\n"


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Resdsl = Callable[..., Done]


@pytest.fixture
def resdsl(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Resdsl:
    """`resdsl` with some arguments, as its entry point runs it."""

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["resdsl", *arguments])
        monkeypatch.setattr(cli.gc, "disable", lambda: None)
        with pytest.raises(SystemExit) as stop:
            cli.main()
        written = capsys.readouterr()
        return Done(int(stop.value.code or 0), written.out, written.err)

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path

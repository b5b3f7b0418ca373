"""The command line inside the test's own process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import command

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
        code = command.run(monkeypatch, *arguments)
        written = capsys.readouterr()
        return Done(code, written.out, written.err)

    return run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path

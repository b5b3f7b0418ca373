"""The command line: inside the test's own process, and on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from resdsl import cli

MAIN = (sys.executable, "-c", "from resdsl.cli import main; main()")


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    """How `resdsl` with these words ends, as its entry point runs it."""
    monkeypatch.setattr(sys, "argv", ["resdsl", *map(str, words)])
    monkeypatch.setattr(cli.gc, "disable", lambda: None)  # the process goes on
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """All that a terminal gets from a command: output and errors alike."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*MAIN, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "NO_COLOR": "", **environment},
    )
    os.close(theirs)
    read = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        read += part
    os.close(ours)
    process.wait(timeout=60)
    return read.decode("utf-8").replace("\r\n", "\n")

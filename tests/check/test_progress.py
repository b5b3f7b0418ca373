"""What is seen of work that takes long: on a terminal, while it lasts; elsewhere nothing."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from resdsl.cli import progress
from resdsl.cli.progress import MANY, tracked, waiting
from tests.command import MAIN, on_a_terminal

GONE = "\x1b[1A\x1b[2K"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def as_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """In place of standard error; within a test, for pytest has its own place before."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    return shown


def test_many_have_a_bar_that_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = as_terminal(monkeypatch)
    assert list(tracked(range(MANY), MANY, "Counting")) == [*range(MANY)]
    bar, gone, rest = terminal.getvalue().rpartition(GONE)
    assert "Counting" in bar and "100%" in bar and gone and rest == ""


def test_what_is_printed_meanwhile_goes_where_it_would_have_gone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = as_terminal(monkeypatch)
    monkeypatch.setattr(progress, "SOON", 0)
    for number in tracked(range(MANY), MANY, "Counting"):
        print("out", number)
    with waiting("Comparing"):
        seen(terminal, "Comparing")
        print("x" * 500)
    out = capsys.readouterr().out.splitlines()
    assert out == [*(f"out {number}" for number in range(MANY)), "x" * 500]


def test_few_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = as_terminal(monkeypatch)
    assert list(tracked(range(MANY - 1), MANY - 1, "Counting")) == [*range(MANY - 1)]
    assert terminal.getvalue() == ""


def test_waiting_shows_the_time_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = as_terminal(monkeypatch)
    monkeypatch.setattr(progress, "SOON", 0)
    with waiting("Comparing"):
        seen(terminal, "Comparing")
    bar, gone, rest = terminal.getvalue().rpartition(GONE)
    assert "0:00:0" in bar and gone and rest == ""


def test_what_is_done_soon_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = as_terminal(monkeypatch)
    monkeypatch.setattr(progress, "SOON", 60)
    with waiting("Comparing"):
        pass
    assert terminal.getvalue() == ""


def seen(terminal: Terminal, words: str) -> None:
    """Wait until it is shown."""
    end = time.monotonic() + 30
    while words not in terminal.getvalue():
        assert time.monotonic() < end
        time.sleep(0.01)


def _failing() -> Iterator[int]:
    yield 1
    raise KeyboardInterrupt


def test_an_interrupted_bar_goes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = as_terminal(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        list(tracked(_failing(), MANY, "Counting"))
    monkeypatch.setattr(progress, "SOON", 0)

    @waiting("Comparing")
    def fails() -> None:
        seen(terminal, "Comparing")
        raise OSError("lost")

    with pytest.raises(OSError, match="lost"):
        fails()
    assert terminal.getvalue().endswith(GONE)
    assert terminal.getvalue().count("\x1b[?25l") == terminal.getvalue().count("\x1b[?25h") == 2


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_a_pipe_and_a_dumb_terminal_get_nothing(
    stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = stream()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("TERM", "dumb")
    assert len(list(tracked(range(MANY), MANY, "Counting"))) == MANY
    with waiting("Comparing"):
        pass
    assert shown.getvalue() == ""


def test_the_bar_has_no_thread_because_check_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    as_terminal(monkeypatch)
    before = threading.active_count()
    assert {threading.active_count() for _ in tracked(range(MANY), MANY, "x")} == {before}


def test_list_and_verify_show_it() -> None:
    bar, gone, table = on_a_terminal("list", "cifar/").rpartition(GONE)
    assert "Counting" in bar and gone and table.startswith("name")
    bar, gone, table = on_a_terminal("verify", "classics/lenet5", "-b", "onnx").rpartition(GONE)
    assert "Comparing" in bar and gone and "the same net" in table


def test_colour_is_not_forced_on_anyone() -> None:
    bar, gone, _ = on_a_terminal("list", "cifar/", NO_COLOR="1").rpartition(GONE)
    assert gone and "\x1b[3" not in bar and "\x1b[9" not in bar


def test_a_pipe_gets_the_table_alone() -> None:
    done = subprocess.run([*MAIN, "list", "cifar/"], capture_output=True, check=True)
    assert done.stderr == b"" and b"\x1b" not in done.stdout


def test_rich_is_loaded_for_a_terminal_alone() -> None:
    program = (
        "import sys; from resdsl.cli.progress import tracked; list(tracked('a' * 99, 99, 'x'));"
        "print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"

"""`resdsl fmt` as a user runs it: what it writes, what it leaves, what it says."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from resdsl import files
from resdsl.syntax.format import Unfaithful
from tests.check.conftest import Done, Resdsl, folder, resdsl

__all__ = ["folder", "resdsl"]  # the fixtures

ODD = "a:relu   # one\n"
NEAT = "a: relu  # one\n"
BAD = "a: relu(\n"


def write(path: Path, text: str = ODD) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def read(path: Path) -> str:
    return path.read_bytes().decode()


def test_a_file_is_rewritten_once(folder: Path, resdsl: Resdsl) -> None:
    path = write(folder / "a.res")
    assert resdsl("fmt", "a.res") == Done(0, "", "1 file formatted\n")
    assert read(path) == NEAT
    before = path.stat().st_mtime_ns, path.stat().st_ino
    assert resdsl("fmt", "a.res") == Done(0, "", "0 files formatted, 1 unchanged\n")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert [each.name for each in folder.iterdir()] == ["a.res"]


def test_folders_without_hidden_ones(folder: Path, resdsl: Resdsl) -> None:
    paths = [write(folder / name) for name in ("a.res", "b/c.res", "b/.git/d.res", "b/e.txt")]
    assert resdsl("fmt", ".", "b/c.res").err == "2 files formatted\n"
    assert [read(path) for path in paths] == [NEAT, NEAT, ODD, ODD]


def test_a_file_that_is_named_may_have_any_name(folder: Path, resdsl: Resdsl) -> None:
    path = write(folder / "a.txt")
    assert resdsl("fmt", "a.txt").code == 0
    assert read(path) == NEAT


def test_check_names_what_would_change(folder: Path, resdsl: Resdsl) -> None:
    path = write(folder / "a.res")
    write(folder / "b.res", NEAT)
    done = resdsl("fmt", "--check", ".")
    assert done == Done(1, "would change: a.res\n", "1 file would change, 1 unchanged\n")
    assert read(path) == ODD
    assert resdsl("fmt", "--check", "b.res").code == 0


def test_diff_shows_what_would_change(folder: Path, resdsl: Resdsl) -> None:
    path = write(folder / "a.res", "a:relu # \x1b[31m\r\nb: bn")
    done = resdsl("fmt", "--diff", "a.res")
    assert done == Done(
        0,
        "--- a.res\n+++ a.res\n@@ -1,2 +1,2 @@\n-a:relu # \\x1b[31m\\r\n-b: bn\n"
        "\\ No newline at end of file\n"
        "+a: relu  # \\x1b[31m\n+b: bn\n",
        "1 file would change\n",
    )
    assert "\r\n" in read(path)
    assert resdsl("fmt", "--diff", "--check", "a.res").code == 1


def test_a_terminal_sees_the_diff_in_colours(
    folder: Path, resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "a.res")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[31m-a:relu   # one\x1b[0m\n\x1b[32m+a: relu" in resdsl("fmt", "--diff", ".").out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in resdsl("fmt", "--diff", ".").out


def test_standard_input_to_standard_output(resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch) -> None:
    def give(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    give("\ufeffa:relu # é\r\n")
    assert resdsl("fmt", "-") == Done(0, "a: relu  # é\n", "1 file formatted\n")
    give(ODD)
    assert resdsl("fmt", "-", "--check") == Done(1, "would change: -\n", "1 file would change\n")
    give(BAD)
    done = resdsl("fmt", "-")
    assert (done.code, done.out) == (1, "")
    assert "<stdin>:1:8" in done.err


def test_a_wrong_file_stays_and_the_others_are_formatted(folder: Path, resdsl: Resdsl) -> None:
    bad, good = write(folder / "a.res", BAD), write(folder / "b.res")
    done = resdsl("fmt", ".")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error[E121]: this `(` is never closed\n --> a.res:1:8\n")
    assert done.err.endswith("1 file formatted, 1 refused\n")
    assert (read(bad), read(good)) == (BAD, NEAT)


@pytest.mark.parametrize("option", [(), ("--check",), ("--diff",)])
def test_a_missing_file(folder: Path, resdsl: Resdsl, option: tuple[str, ...]) -> None:
    write(folder / "b.res", NEAT)
    done = resdsl("fmt", *option, "a.res", "b.res")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error[E600]: there is no file `a.res`\n")


def test_a_folder_without_specs(folder: Path, resdsl: Resdsl) -> None:
    done = resdsl("fmt", ".")
    assert (done.code, done.out) == (2, "")
    assert "there is no *.res file below `.`" in done.err


def test_a_file_that_is_not_text(folder: Path, resdsl: Resdsl) -> None:
    path = folder / "a.res"
    path.write_bytes(b"a:relu # \xff\n")
    done = resdsl("fmt", "a.res")
    assert done.code == 1
    assert done.err.startswith("error[E601]: a.res is not UTF-8 text (byte 9)")
    assert path.read_bytes() == b"a:relu # \xff\n"


def test_a_file_that_is_too_long(folder: Path, resdsl: Resdsl) -> None:
    write(folder / "a.res", "#" * 200_000)
    assert resdsl("fmt", "a.res").err.startswith("error[E500]")


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("", ""),
        ("\n\n", ""),
        ("\ufeff", ""),
        ("# one\n\n\n  # two  ", "# one\n\n# two\n"),
        ("\ufeff## doc\r\nblock b{}\r\n", "## doc\nblock b {}\n"),
    ],
)
def test_texts_with_little_in_them(folder: Path, resdsl: Resdsl, text: str, new: str) -> None:
    path = write(folder / "a.res", text)
    assert resdsl("fmt", "a.res").code == 0
    assert read(path) == new


def test_a_link_stays_a_link_and_permissions_stay(folder: Path, resdsl: Resdsl) -> None:
    path = write(folder / "real" / "a.txt")
    path.chmod(0o640)
    link = folder / "a.res"
    link.symlink_to(path)
    assert resdsl("fmt", ".").code == 0
    assert link.is_symlink() and read(path) == NEAT
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_pipe_is_not_waited_for(folder: Path, resdsl: Resdsl) -> None:
    os.mkfifo(folder / "a.res")
    done = resdsl("fmt", "--check", ".")
    assert done.code == 3
    assert "cannot format `a.res`: it is no regular file" in done.err + done.out


def test_a_link_to_nothing(folder: Path, resdsl: Resdsl) -> None:
    (folder / "a.res").symlink_to(folder / "nowhere")
    assert resdsl("fmt", ".").code == 2


def test_a_file_that_may_not_be_written(
    folder: Path, resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = write(folder / "a.res"), write(folder / "b.res", NEAT)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # the tests may run as root
    done = resdsl("fmt", ".")
    assert done.code == 3
    assert done.err.startswith("error[E600]: cannot format `a.res`: Permission denied\n")
    assert done.err.endswith("0 files formatted, 1 unchanged, 1 refused\n")
    assert (read(path), read(other)) == (ODD, NEAT)


def test_a_folder_that_may_not_be_written(
    folder: Path, resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write(folder / "a.res")
    monkeypatch.setattr(files.tempfile, "mkstemp", refuse)
    assert resdsl("fmt", ".").code == 3
    assert read(path) == ODD


def test_a_fault_of_the_formatter_changes_nothing(
    folder: Path, resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(folder / "a.res")
    monkeypatch.setattr("resdsl.syntax.format.render", lambda doc: "a: relu\n")  # without `# one`
    done = resdsl("fmt", "a.res")
    assert done.code == 1
    assert "`a.res` would say something else: a fault of the formatter" in done.err
    assert read(path) == ODD


@pytest.mark.parametrize("text", ["a: bn  # one\n", "a: relu( # one\n", "a: relu\n# one\n# two\n"])
def test_no_unfaithful_text_is_returned(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from resdsl.source import Source
    from resdsl.syntax.format import format

    monkeypatch.setattr("resdsl.syntax.format.render", lambda doc: text)
    with pytest.raises(Unfaithful):
        format(Source("a.res", ODD))

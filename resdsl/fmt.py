"""`fmt`: files in the layout of `resdsl.syntax.format`, written only where that changes them."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from resdsl import files, zoo
from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.elaborate.library import decode
from resdsl.limits import MAX_FILE_BYTES
from resdsl.source import Source
from resdsl.syntax.format import Unfaithful, format

STDIN = "-"

_STYLES: dict[str, dict[str, Any]] = {
    "-": {"fg": "red"},
    "+": {"fg": "green"},
    "@": {"fg": "cyan"},
}


@dataclass(frozen=True, slots=True)
class Formatted:
    """One text before and after. Where `diagnostics` say why not, it stays as it is."""

    path: str
    old: str = ""
    new: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    exit_code: int = 0

    @property
    def changed(self) -> bool:
        return self.old != self.new


def format_all(paths: Sequence[str], write: bool) -> Iterator[Formatted]:
    """Each file, those of folders too; `-` is standard input. `write` puts the new texts in place.

    Raises `zoo.SpecNotFound` for a folder without a *.res file.
    """
    for path in zoo.spec_files(paths):
        yield _format(path, write)


def diff(one: Formatted, colours: bool = False) -> str:
    """What changes, as a unified diff; with nothing in it that a terminal would obey."""
    from resdsl.report.text import visible

    lines = unified_diff(_lines(one.old), _lines(one.new), one.path, one.path, lineterm="")
    shown = (_coloured(visible(part), colours) for line in lines for part in line.split("\n"))
    return "".join(f"{line}\n" for line in shown)


def summary(results: Iterable[Formatted], write: bool) -> str:
    """`2 files formatted, 50 unchanged, 1 refused`."""
    results = list(results)
    changed = sum(one.changed for one in results)
    refused = sum(bool(one.diagnostics) for one in results)
    unchanged = len(results) - changed - refused
    files = "1 file" if changed == 1 else f"{changed} files"
    said = [f"{files} formatted" if write else f"{files} would change"]
    said += [f"{unchanged} unchanged"] if unchanged else []
    said += [f"{refused} refused"] if refused else []
    return ", ".join(said)


def _format(path: str, write: bool) -> Formatted:
    try:
        source = _read(path)
        new = format(source)
        if write and path != STDIN and new != source.text:
            _write(Path(path), new)
    except ResdslError as error:
        return Formatted(path, diagnostics=error.diagnostics, exit_code=1)
    except Unfaithful:
        message = f"`{path}` would say something else: a fault of the formatter, please report it"
        return _refused(path, message, 1)
    except FileNotFoundError:
        return _refused(path, f"there is no file `{path}`", 2)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return _refused(path, f"cannot format `{path}`: {reason}", 3)
    return Formatted(path, source.text, new)


def _refused(path: str, message: str, exit_code: int) -> Formatted:
    return Formatted(path, diagnostics=(Diagnostic("E600", message),), exit_code=exit_code)


def _read(path: str) -> Source:
    if path == STDIN:
        return decode(sys.stdin.buffer.read(MAX_FILE_BYTES + 1), "<stdin>")
    if not stat.S_ISREG(Path(path).stat().st_mode):  # a pipe would be waited for
        raise ValueError("it is no regular file")
    with Path(path).open("rb") as file:
        return decode(file.read(MAX_FILE_BYTES + 1), path)


def _write(path: Path, text: str) -> None:
    if not os.access(path, os.W_OK):  # a file is replaced, which its own permissions do not forbid
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    files.write_text(path, text)


def _lines(text: str) -> list[str]:
    """The lines; the last one says so where it does not end, as `patch` reads it."""
    *lines, last = text.split("\n")
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines


def _coloured(line: str, colours: bool) -> str:
    if not colours or line[:1] not in _STYLES:
        return line
    from typer import style

    return style(line, **_STYLES[line[0]])

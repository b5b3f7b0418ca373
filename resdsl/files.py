"""Writing files so that what was there is never lost and half of one is never left."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MADE = "made by resdsl"
"""What every picture and page says of itself, so that a newer one may replace it."""

_MARKS = re.compile(
    rb"(?:<\?xml [^>\n]*\?>\n|<!doctype html>\n)?<!-- made by resdsl -->\n"  # SVG, HTML, Markdown
    rb"|(?://|%) made by resdsl\n"  # DOT, LaTeX
    rb"|---\nconfig:\n(?:  [^\n]*\n)*---\n%%[^\n]* made by resdsl\n"  # Mermaid
    rb'|\{\n  "generator": "made by resdsl",\n'  # JSON
    rb'|\{\n  "label": "[^\n]* \(made by resdsl\)",\n  "graphs": '  # Model Explorer's
    rb"|\x89PNG\r\n.{25,100}tEXtSoftware\0made by resdsl",
    re.IGNORECASE | re.DOTALL,
)
_MARKED_PDF = re.compile(rb"%PDF-.*\n% made by resdsl\nstartxref\n\d+\n%%EOF\s*", re.DOTALL)
_ENDS = 4096  # bytes in which a mark is looked for


def is_marked(path: Path) -> bool:
    """Whether the file is a picture or page that resdsl made: by the mark of its format, where that
    format has it.
    """
    with path.open("rb") as file:
        head = file.read(_ENDS)
        file.seek(max(0, path.stat().st_size - _ENDS))
        tail = file.read(_ENDS)
    return bool(_MARKS.match(head)) or bool(_MARKED_PDF.fullmatch(head[:8] + tail))


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary file beside `path`, then put it in its place in one step.

    An existing file keeps its permissions; a link is followed, so that it stays a link; what is no
    file, a device or a pipe, is written to. What fails is an OSError about `path`.
    """
    with named(path):
        if path.exists() and not path.is_file():
            write(path)
            return
        target = path.resolve() if path.is_symlink() else path
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        try:
            write(temporary)
            mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
            temporary.chmod(mode)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """What the system refuses inside is an OSError about `path`, the file that the user named, and
    not about a temporary one on the way there.
    """
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_text(path: Path, text: str) -> None:
    """`text` as UTF-8 with newlines as they are, atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, data: bytes) -> None:
    """`data`, atomically."""
    write_atomically(path, lambda temporary: _flushed(temporary, data))


def _flushed(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        if path.is_file():
            os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

"""Where the source of a span is, for programs that open it."""

from __future__ import annotations

import os
from pathlib import Path

from resdsl.paths import specs_root, std_root
from resdsl.source import Source


def file_of(source: Source) -> Path | None:
    """The absolute path of a source's file; None for standard input, `--set` and the like."""
    try:
        places = (Path(), std_root().parent, specs_root().parent)
        found = [place / source.name for place in places if (place / source.name).is_file()]
    except (OSError, ValueError):  # too long, a null
        return None
    return Path(os.path.abspath(found[0])) if found else None  # noqa: PTH100 (links stay links)


def from_here(path: Path) -> str | None:
    """The path from the current folder, with slashes; None where it lies outside."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else None

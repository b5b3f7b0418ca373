"""Where the files that ship with resdsl are, however it was installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def as_written(path: Path) -> Path:
    """A path as one would write it here: from the working folder on, where it lies in that."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def std_root() -> Path:
    """The folder of the standard blocks."""
    return _PACKAGE / "std"


def specs_root() -> Path:
    """The folder of the shipped nets: inside the package in a wheel, beside it in a checkout."""
    packed = _PACKAGE / "specs"
    return packed if packed.is_dir() else _PACKAGE.parent / "specs"

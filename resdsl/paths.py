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


def shown(path: Path) -> str:
    """How readers are told of a file: what ships by its place, `specs/resnet50.res`, wherever that
    was installed; others as they were named.
    """
    for root in (std_root(), specs_root()):
        if path.is_relative_to(root):
            return f"{root.name}/{path.relative_to(root).as_posix()}"
    return str(path)

"""What a backend is, and where backends are found: the entry points of group `resdsl.backends`.

Built-in backends come through the same door as those of other distributions.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from inspect import signature
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol, cast

from resdsl.extras import MissingExtra
from resdsl.ir.graph import Net
from resdsl.ir.shape import show

if TYPE_CHECKING:
    from resdsl.analysis.stats import Stats

GROUP = "resdsl.backends"


class Backend(Protocol):
    """Turns nets into source, and source into something that runs."""

    name: str
    suffix: str
    """How the names of its files end: `.py`."""
    emit_options: frozenset[str]
    """The keywords that `emit` takes besides; all others are for `build`."""

    def emit(self, net: Net, header: Header, **options: Any) -> str | bytes:
        """One self-contained file: the same bytes anywhere, and no framework needed."""
        ...

    def build(self, source: Any, net: Net, **options: Any) -> Any:
        """What the file makes when it runs: a module of the framework, which is imported here.
        `source` is what `emit` gave; the path of a file where that was TooLarge.
        """
        ...


class UnknownBackend(Exception):
    """No backend, or more than one, has this name."""


class MissingFramework(MissingExtra):
    """The framework that a backend builds for is not installed."""


class TooLarge(Exception):
    """What was emitted is more than one file holds. `save(file, overwrite)` writes it as several,
    side by side; it raises FileExistsError before it replaces one that resdsl did not write.
    """

    def __init__(self, message: str, save: Callable[[Path, bool], None]) -> None:
        super().__init__(message)
        self.save = save


@contextmanager
def loadable(emit: Callable[[], str | bytes]) -> Iterator[str | bytes | Path]:
    """What `emit` gives; where that is too large for one file, the path of a temporary one with the
    others beside it. Those are gone afterwards: who maps them into memory keeps what they hold.
    """
    try:
        source = emit()
    except TooLarge as large:
        with TemporaryDirectory(prefix="resdsl.", ignore_cleanup_errors=True) as folder:
            file = Path(folder) / "model"
            large.save(file, False)
            yield file
    else:
        yield source


def find_backend(name: str) -> Backend:
    """The backend of this name. Raises UnknownBackend, which lists what there is."""
    found = _installed()
    if name not in found:
        known = ", ".join(f"`{other}`" for other in found) or "none"
        raise UnknownBackend(f"there is no backend `{name}`; installed: {known}")
    origins = found[name]
    if len(origins) > 1:
        places = " and ".join(f"`{point.value}`" for point in origins)
        raise UnknownBackend(f"several distributions offer a backend `{name}`: {places}")
    return cast(Backend, origins[0].load())


def words_of(backend: str, options: Mapping[str, Any]) -> list[str]:
    """The words of `resdsl compile` for these keywords of `emit`, without those that are as by
    default. A file of weights is there by its name, as a spec is; weights in none are FILE.
    """
    defaults = signature(find_backend(backend).emit).parameters
    found = []
    for name, value in sorted(options.items()):
        if name == "weights" and value is not None:
            value = Path(value).name if isinstance(value, str | os.PathLike) else "FILE"
        if name not in defaults or value != defaults[name].default:
            found += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return found


def installed() -> list[str]:
    """The names of all backends, sorted."""
    return list(_installed())


def _installed() -> dict[str, list[EntryPoint]]:
    """name -> its entry points, sorted; one that is seen twice on the path is one."""
    found: dict[str, dict[str, EntryPoint]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: (p.name, p.value)):
        found.setdefault(point.name, {})[point.value] = point
    return {name: list(points.values()) for name, points in found.items()}


# ---------------------------------------------------------------- the head of a file

_MARK = re.compile(r'"""[^\n]*, as resdsl \S+ wrote it')


def is_generated(text: str) -> bool:
    """The text begins as the files do that resdsl writes."""
    return _MARK.match(text) is not None


@dataclass(frozen=True)
class Header:
    """What the docstring of a file says of its net. The notes may hold any text."""

    title: str
    notes: tuple[tuple[str, str], ...]
    counts: str
    command: str
    version: str

    @classmethod
    def of(cls, net: Net, stats: Stats, command: str) -> Header:
        """From a net, its counts, and the command that compiles it."""
        inputs = ", ".join(show(shape) for shape in stats.inputs.values())
        more = stats.params_training - stats.params
        training = f" (and {more:,} in training)" if more else ""
        counts = f"{stats.params:,} parameters{training}, {stats.macs:,} multiply-adds at {inputs}"
        return cls(net.name, tuple(net.notes.items()), counts, command, _version())

    def docstring(self) -> str:
        """The text, whose first line `is_generated` knows."""
        facts = [*self.notes, ("counts", self.counts), ("command", self.command)]
        width = max(len(key) for key, _ in facts)
        lines = [f"{key + ':':{width + 1}} {' '.join(value.split())}" for key, value in facts]
        return "\n".join([f"{self.title}, as resdsl {self.version} wrote it.", "", *lines])


@cache
def _version() -> str:
    try:
        return version("resdsl")
    except PackageNotFoundError:
        return "0"

"""The shipped nets with their figures, as `resdsl list` shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from resdsl.diagnostics import Diagnostic
from resdsl.elaborate.library import Library, read
from resdsl.network import Network, load
from resdsl.zoo import SpecNotFound, zoo


@dataclass(frozen=True, slots=True)
class Entry:
    """One shipped net. `paper` and `year` are its notes; `input` is its input's shape (or the
    first's), params and macs are as in `stats`.
    """

    name: str
    year: str
    paper: str
    input: tuple[int, ...]
    params: int
    macs: int


def names(part: str = "") -> list[str]:
    """Every shipped net with `part` in its name, in either case: every model that says what it
    counts. A family's model that leaves that to its members is the rule, and none of its nets.
    Raises `SpecNotFound` where no name has it.
    """
    found = [name for name in zoo() if part.casefold() in name.casefold() and _is_counted(name)]
    if not found:
        message = f"no shipped net has `{part}` in its name"
        raise SpecNotFound(Diagnostic("E600", message, help="`resdsl list` names the nets"))
    return found


def catalogue(names: Iterable[str]) -> Iterator[Entry]:
    """These nets with their figures."""
    return (_entry(name, load(name)) for name in names)


def _is_counted(name: str) -> bool:
    path = zoo()[name].path
    scope = Library(path.parent).open(read(path, None), path.parent)
    return scope.models[name.rpartition("/")[2]].is_counted


def _entry(name: str, net: Network) -> Entry:
    counts = net.stats()
    notes = net.ir.notes
    shape = next(iter(counts.inputs.values()))
    return Entry(
        name, notes.get("year", ""), notes.get("paper", ""), shape, counts.params, counts.macs
    )

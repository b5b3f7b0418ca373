"""The shipped nets with their figures, as `resdsl list` shows them."""

from __future__ import annotations

from dataclasses import dataclass

from resdsl.diagnostics import Diagnostic
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


def catalogue(part: str = "") -> list[Entry]:
    """Every shipped net with `part` in its name: every model that says what it counts. A family's
    model that leaves that to its members is the rule, and none of its nets. Raises `SpecNotFound`
    where no name has it.
    """
    names = [name for name in zoo() if part in name]
    if not names:
        message = f"no shipped net has `{part}` in its name"
        raise SpecNotFound(Diagnostic("E600", message, help="`resdsl list` names the nets"))
    return [_entry(name, net) for name in names if (net := load(name)).promises]


def _entry(name: str, net: Network) -> Entry:
    counts = net.stats()
    notes = net.ir.notes
    shape = next(iter(counts.inputs.values()))
    return Entry(
        name, notes.get("year", ""), notes.get("paper", ""), shape, counts.params, counts.macs
    )

"""The shipped nets with their figures, as `resdsl list` shows them."""

from __future__ import annotations

from dataclasses import dataclass

from resdsl.network import Network, load, models
from resdsl.zoo import zoo


@dataclass(frozen=True, slots=True)
class Entry:
    """One shipped net. `paper` and `year` are its notes; params and macs as in `stats`."""

    name: str
    year: str
    paper: str
    params: int
    macs: int


def catalogue() -> list[Entry]:
    """Every file of specs/ by its default model; a file without one, by each of its models."""
    found: list[Entry] = []
    for name in zoo():
        own, default = models(name)
        names = [name] if default else [f"{name}:{model}" for model in own]
        found += [_entry(n, load(n)) for n in names]
    return found


def _entry(name: str, net: Network) -> Entry:
    counts = net.stats()
    notes = net.ir.notes
    return Entry(name, notes.get("year", ""), notes.get("paper", ""), counts.params, counts.macs)

"""Table 1 of the ResNet paper, for any nets: a row a stage, a column a net."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from resdsl.analysis.stats import stats
from resdsl.draw.figure import HasNet
from resdsl.draw.table.cells import rows_of
from resdsl.draw.table.grid import Entry, grid
from resdsl.files import MADE
from resdsl.ir.graph import Net
from resdsl.report.text import json_text

__all__ = ["Table", "table"]

_POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹"


@dataclass(frozen=True, repr=False)
class Table:
    """`names` of the nets, the rows, and the sums of each net; `says_params` is whether parameters
    are shown above the FLOPs. In a notebook it shows itself.
    """

    names: tuple[str, ...]
    entries: tuple[Entry, ...]
    params: tuple[int, ...]
    macs: tuple[int, ...]
    says_params: bool = False

    @property
    def sums(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What stands below the rows: of what, and how much of each net."""
        flops = ("FLOPs", tuple(map(power_of_ten, self.macs)))
        params = ("parameters", tuple(map(power_of_ten, self.params)))
        return (params, flops) if self.says_params else (flops,)

    def to_data(self) -> dict[str, Any]:
        """JSON-ready: of each row a cell for each net, null where it has none."""
        return {
            "generator": MADE,
            "names": self.names,
            "rows": [entry.to_data(len(self.names)) for entry in self.entries],
            "params": self.params,
            "macs": self.macs,
        }

    def json(self) -> str:
        return json_text(self.to_data()) + "\n"

    def text(self) -> str:
        """For a terminal, with brackets as the paper has them."""
        from resdsl.draw.table.text import text

        return text(self)

    def markdown(self) -> str:
        from resdsl.draw.table.markup import markdown

        return markdown(self)

    def latex(self) -> str:
        """A `tabular` for a document that uses amsmath and booktabs."""
        from resdsl.draw.table.latex import latex

        return latex(self)

    def html(self) -> str:
        """A page."""
        from resdsl.draw.table.markup import page

        return page(self)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<resdsl table of {', '.join(self.names)}>"

    def _repr_html_(self) -> str:
        from resdsl.draw.table.markup import fragment

        return fragment(self)


def table(nets: Iterable[Net | HasNet], params: bool = False) -> Table:
    """The table of `nets`: rows stand beside each other where their names agree, else where their
    sizes do. The last is of FLOPs (multiply-adds, as in the paper); `params` adds parameters.
    """
    found = [net if isinstance(net, Net) else net.ir for net in nets]
    counts = [stats(net) for net in found]
    return Table(
        names=tuple(net.name for net in found),
        entries=tuple(grid([rows_of(net) for net in found])),
        params=tuple(count.params for count in counts),
        macs=tuple(count.macs for count in counts),
        says_params=params,
    )


def power_of_ten(number: int) -> str:
    """`1.8×10⁹`: two digits at least, and a power of a thousand."""
    for power in (12, 9, 6, 3):
        if number >= 0.99995 * 10**power:
            return f"{number / 10**power:.1f}×10{''.join(_POWERS[int(d)] for d in str(power))}"
    return str(number)

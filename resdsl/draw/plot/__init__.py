"""Plots of nets' counts: multiply-adds against parameters, and profiles along depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resdsl.analysis.stats import CONVENTION, Stats
from resdsl.draw.palette import Theme
from resdsl.draw.plot.data import Point, Profile, points, profiles
from resdsl.draw.plot.style import Form, rendered


class Plot:
    """Counts of nets, each with what it was asked for as, to be seen; or, profiled, the layers of
    each. Raises TooManyLayers.
    """

    def __init__(self, nets: Sequence[tuple[str, Stats]], profiled: bool = False) -> None:
        self.profiled = profiled
        self.data: list[Profile] | list[Point] = profiles(nets) if profiled else points(nets)

    def to_data(self) -> dict[str, Any]:
        """JSON-ready: what is plotted, and what its counts mean."""
        nets = [net.model_dump(mode="json") for net in self.data]
        return {"nets": nets, "convention": CONVENTION}

    def render(self, form: Form = "svg", theme: Theme = "light") -> str | bytes:
        """A file: text for SVG, bytes otherwise. Raises MissingExtra."""
        from resdsl.draw.plot.costs import costs
        from resdsl.draw.plot.profile import profile

        draw: Any = profile if self.profiled else costs
        return rendered(lambda colours: draw(self.data, form, colours), form, theme)

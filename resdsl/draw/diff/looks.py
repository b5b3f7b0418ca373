"""Sizes in px and colours of the picture of a difference.

A mark is told by its sign and its border as well as by its colour: in grey, and by eyes that see
fewer colours, too. The colours are Okabe and Ito's blue, green and vermilion, darkened for text.
"""

from __future__ import annotations

from dataclasses import dataclass

from resdsl.draw.palette import Palette, Theme, palette

FONT, BIG, SMALL = 12.0, 16.0, 11.0
LEADING = 16.0
"""From one line of a cell to the next."""
PAD = 9.0
"""Between the border of a cell and its text."""
GAP = 16.0
"""Between one row and the next."""
INSET = 12.0
"""From a frame to what is in it."""
GUTTER = 64.0
"""Between the two nets."""
MARGIN = 20.0
BADGE = 11.0
"""Half of the sign's circle."""


@dataclass(frozen=True)
class Look:
    """How a cell of one mark is drawn. `ink`: of its border, its sign, and what changed."""

    sign: str
    says: str
    ink: str
    fill: str
    width: float = 1.0
    dashes: str = ""


def looks(theme: Theme) -> dict[str, Look]:
    """By mark."""
    colours = palette(theme)
    if theme == "dark":
        return _looks(
            colours, ("#7cc0f5", "#15293c"), ("#63d6ab", "#12302a"), ("#ffa973", "#3a2318")
        )
    return _looks(colours, ("#005a94", "#e3effa"), ("#00694a", "#def3ea"), ("#a83e00", "#fcebe1"))


def _looks(
    colours: Palette, changed: tuple[str, str], added: tuple[str, str], removed: tuple[str, str]
) -> dict[str, Look]:
    return {
        "~": Look("~", "changed", *changed, width=1.8),
        "+": Look("+", "added", *added, width=2.4),
        "-": Look("−", "removed", *removed, width=1.8, dashes="6 3"),
        ">": Look(
            "↳", "follows from a change elsewhere", colours.muted, colours.page, dashes="2 2"
        ),
        "=": Look("=", "equal", colours.line, colours.page),
    }

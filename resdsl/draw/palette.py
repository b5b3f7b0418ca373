"""The colours of all pictures, light and dark, by what a box is.

Fills are pale enough (dark enough) for ink on them to have a contrast of 7 : 1, and differ in
lightness, so that they can be told apart in grey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Palette:
    """Hex colours. `fills`: by role of a box, and by family of an op."""

    page: str
    ink: str
    muted: str
    """Of what is said beside, and of what exists only in training."""
    line: str
    """Around boxes."""
    flow: str
    shortcut: str
    fills: Mapping[str, str]


LIGHT = Palette(
    page="#ffffff",
    ink="#1b2230",
    muted="#5d6675",
    line="#8b96a8",
    flow="#4a5466",
    shortcut="#b4480f",
    fills={
        "input": "#ffffff",
        "output": "#ffffff",
        "model": "#eef2f8",
        "stage": "#dfe9f7",
        "block": "#eaf0f9",
        "scope": "#f3f5f8",
        "layer": "#c6dbf7",
        "norm": "#eceef2",
        "act": "#fbeac7",
        "pool": "#cfebd6",
        "merge": "#ffffff",
        "other": "#e9e2f5",
    },
)

DARK = Palette(
    page="#11151c",
    ink="#e8ecf3",
    muted="#a3adbd",
    line="#6a7689",
    flow="#a9b4c6",
    shortcut="#f2a06a",
    fills={
        "input": "#11151c",
        "output": "#11151c",
        "model": "#1a202b",
        "stage": "#1d2a3d",
        "block": "#1a2331",
        "scope": "#171c25",
        "layer": "#25456f",
        "norm": "#2b313c",
        "act": "#54411a",
        "pool": "#1f4a30",
        "merge": "#11151c",
        "other": "#3c3059",
    },
)


def palette(theme: Theme) -> Palette:
    """The colours of that theme."""
    return DARK if theme == "dark" else LIGHT

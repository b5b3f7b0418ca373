"""The colours of widths: one scale from pale to dark, so that grey print shows the same order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import log2

Rgb = tuple[int, int, int]

# ColorBrewer's YlGnBu (Brewer, Harrower: safe for the colour-blind) without its ends, and without
# the middle, on which neither black nor white is easy to read.
_PALE: tuple[Rgb, ...] = (
    (0xED, 0xF8, 0xB1),
    (0xC7, 0xE9, 0xB4),
    (0x7F, 0xCD, 0xBB),
    (0x41, 0xB6, 0xC4),
)
_DARK: tuple[Rgb, ...] = ((0x22, 0x5E, 0xA8), (0x25, 0x34, 0x94))
_MIDDLE = 0.65


def scale(channels: Iterable[int]) -> Mapping[int, Rgb]:
    """A colour for each number of channels, by its logarithm: equal ratios are equal steps."""
    found = sorted(set(channels))
    if not found:
        return {}
    low, high = log2(found[0]), log2(found[-1])
    span = max(high - low, 4)  # two widths of a narrow range are no pale and no dark one
    return {width: _colour((log2(width) - low) / span) for width in found}


def _colour(at: float) -> Rgb:
    """From 0, the palest, to 1, the darkest."""
    if at < _MIDDLE:
        return _between(_PALE, at / _MIDDLE)
    return _between(_DARK, (at - _MIDDLE) / (1 - _MIDDLE))


def _between(stops: tuple[Rgb, ...], at: float) -> Rgb:
    steps = list(pairwise(stops))
    n = min(int(at * len(steps)), len(steps) - 1)
    part = at * len(steps) - n
    one, two = steps[n]
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, two, strict=True))
    return red, green, blue


def text_on(colour: Rgb) -> str:
    """Black or white, whichever is easier to read."""
    light = luminance(colour)
    return "#000" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#fff"


def luminance(colour: Rgb) -> float:
    """Relative luminance (WCAG 2)."""
    linear = [_linear(channel / 255) for channel in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.03928 else float(((channel + 0.055) / 1.055) ** 2.4)


def hexed(colour: Rgb) -> str:
    """`#1d91c0`."""
    return "#" + "".join(f"{channel:02x}" for channel in colour)

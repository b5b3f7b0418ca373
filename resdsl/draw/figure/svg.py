"""A placed figure as SVG: plain shapes and text, nothing that a viewer has to fetch or run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from resdsl.draw.figure.colours import Rgb, hexed, scale, text_on
from resdsl.draw.figure.column import BOX, FONT, SMALL, Box, Bracket, Column, Path, Words
from resdsl.draw.figure.place import Placed
from resdsl.draw.fonts import FAMILY
from resdsl.files import MADE
from resdsl.report.text import visible

_ROUND = 7.0
_INK = "#222"
_PLAIN = {
    "input": (255, 255, 255),
    "pool": (255, 255, 255),
    "other": (255, 255, 255),
    "fc": (0xE6, 0xE6, 0xE6),
}


def svg(placed: Placed, title: str, description: str) -> str:
    """The file, which begins as all that resdsl makes."""
    width, height = _number(placed.width), _number(placed.height)
    colours = scale(
        box.channels for column in placed.columns for box in column.boxes if box.channels
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- {MADE} -->",
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img"'
        f' font-family="{escape(FAMILY)}" font-size="{_number(FONT)}" fill="{_INK}">',
        f"<title>{_text(title)}</title>",
        f"<desc>{_text(description)}</desc>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    end = placed.columns[-1].right if placed.columns else placed.width
    for y in placed.rules:
        along = f"M{_number(placed.columns[0].left)} {_number(y)}H{_number(end)}"
        lines.append(f'<path d="{along}" stroke="#ddd" stroke-width="0.5"/>')
    lines += [_words(words, "#444") for words in placed.margin]
    for column in placed.columns:
        lines += _column(column, colours)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _column(column: Column, colours: Mapping[int, Rgb]) -> Iterator[str]:
    yield "<g>"
    yield _words(column.title)
    yield from (_words(note, "#444") for note in column.notes)
    for path in column.paths:
        yield _path(path)
    for x, y in column.points:
        yield f'<circle cx="{_number(x)}" cy="{_number(y)}" r="1.8"/>'
    for bracket in column.brackets:
        yield from _bracket(bracket)
    for box in column.boxes:
        yield _box(box, colours)
    yield "</g>"


def _box(box: Box, colours: Mapping[int, Rgb]) -> str:
    fill = colours[box.channels] if box.channels else _PLAIN[box.sort]
    dashes = ' stroke-dasharray="3 2"' if box.train else ""
    middle = _number(box.x + box.width / 2), _baseline(box.y + BOX / 2, FONT)
    return (
        f'<rect x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}"'
        f' height="{_number(BOX)}" rx="3" fill="{hexed(fill)}" stroke="{_INK}"'
        f' stroke-width="0.8"{dashes}/>'
        f'<text x="{middle[0]}" y="{middle[1]}" text-anchor="middle"'
        f' fill="{text_on(fill)}">{_text(box.text)}</text>'
    )


def _words(words: Words, fill: str = _INK) -> str:
    bold = ' font-weight="bold"' if words.bold else ""
    return (
        f'<text x="{_number(words.x)}" y="{_baseline(words.y, words.size)}"'
        f' text-anchor="{words.anchor}" font-size="{_number(words.size)}"{bold} fill="{fill}">'
        f"{_text(words.text)}</text>"
    )


def _bracket(bracket: Bracket) -> Iterator[str]:
    x, top, bottom = map(_number, (bracket.x, bracket.top, bracket.bottom))
    inner = _number(bracket.x + 3)
    shape = f"M{inner} {top}H{x}V{bottom}H{inner}"
    yield f'<path d="{shape}" fill="none" stroke="{_INK}" stroke-width="1.1"/>'
    middle = (bracket.top + bracket.bottom) / 2
    yield _words(Words(bracket.x - 4, middle, bracket.text, SMALL, bold=True, anchor="end"))


def _path(path: Path) -> str:
    dashes = ' stroke-dasharray="4 3"' if path.dashed else ""
    points = path.points
    drawn = f'<path d="{_rounded(points)}" fill="none" stroke="{_INK}" stroke-width="1"{dashes}/>'
    if path.arrow and len(points) > 1:
        drawn += _arrow(points[-2], points[-1])
    return drawn


def _arrow(before: tuple[float, float], end: tuple[float, float]) -> str:
    """A head with its tip at the end."""
    dx, dy = end[0] - before[0], end[1] - before[1]
    length = abs(dx) + abs(dy)
    dx, dy = dx / length, dy / length
    back = end[0] - 5 * dx, end[1] - 5 * dy
    wings = (back[0] - 2.4 * dy, back[1] + 2.4 * dx), (back[0] + 2.4 * dy, back[1] - 2.4 * dx)
    corners = " ".join(f"{_number(x)},{_number(y)}" for x, y in (end, *wings))
    return f'<polygon points="{corners}"/>'


def _rounded(points: Sequence[tuple[float, float]]) -> str:
    """A path along the points with its corners rounded."""
    parts = [f"M{_number(points[0][0])} {_number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_ROUND, _distance(before, corner) / 2, _distance(corner, after) / 2)
        one, two = _toward(corner, before, radius), _toward(corner, after, radius)
        ends = " ".join(map(_number, (*corner, *two)))
        parts.append(f"L{_number(one[0])} {_number(one[1])}Q{ends}")
    parts.append(f"L{_number(points[-1][0])} {_number(points[-1][1])}")
    return "".join(parts)


def _distance(one: tuple[float, float], two: tuple[float, float]) -> float:
    return abs(one[0] - two[0]) + abs(one[1] - two[1])


def _toward(start: tuple[float, float], end: tuple[float, float], by: float) -> tuple[float, float]:
    share = by / (_distance(start, end) or 1)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _baseline(middle: float, size: float) -> str:
    """For capitals and digits, 0.73 em high, around this height."""
    return _number(middle + 0.365 * size)


def _number(value: float) -> str:
    """As short as it can be."""
    return f"{value:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    return escape(visible(text))

"""DejaVu Sans, as our pictures are laid out and drawn, and the width of a text in it.

The two files come with resdsl (LICENSE_DEJAVU), so that a PNG or a PDF has its text on a machine
without fonts. DejaVu is among the widest of the sans-serif fonts that our SVGs name: what fits in
its widths fits in any of them.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from unicodedata import combining, east_asian_width

FAMILY = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"
REGULAR = Path(__file__).with_name("DejaVuSans.ttf")
BOLD = Path(__file__).with_name("DejaVuSans-Bold.ttf")


@cache
def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of one line of text in px, at this font size in px: the sum of its advances."""
    font = _font(BOLD if bold else REGULAR)
    return sum(map(font.advance, text)) * size


def missing(text: str, bold: bool = False) -> str:
    """The characters of a text that the font cannot draw, each once."""
    font = _font(BOLD if bold else REGULAR)
    return "".join(dict.fromkeys(c for c in text if ord(c) not in font.glyphs))


class _Font:
    """What a TrueType file says of widths: its tables `head`, `hhea`, `hmtx` and `cmap`."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        (tables,) = struct.unpack_from(">H", data, 4)
        records = (struct.unpack_from(">4sIII", data, 12 + 16 * i) for i in range(tables))
        at = {tag: offset for tag, _, offset, _ in records}
        (self.units,) = struct.unpack_from(">H", data, at[b"head"] + 18)
        (metrics,) = struct.unpack_from(">H", data, at[b"hhea"] + 34)
        self.advances = struct.unpack_from(">" + "Hh" * metrics, data, at[b"hmtx"])[::2]
        self.glyphs = _glyphs(data, at[b"cmap"])

    def advance(self, character: str) -> float:
        """In em. Of a character that another font has to draw, what such fonts usually take."""
        glyph = self.glyphs.get(ord(character))
        if glyph is not None:
            return float(self.advances[min(glyph, len(self.advances) - 1)] / self.units)
        if combining(character):
            return 0.0
        return 1.0 if east_asian_width(character) in "WF" else 0.6


@cache
def _font(path: Path) -> _Font:
    return _Font(path)


def _glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """Character to glyph, from the subtable of format 12 (all of Unicode)."""
    (subtables,) = struct.unpack_from(">H", data, cmap + 2)
    for i in range(subtables):
        (offset,) = struct.unpack_from(">I", data, cmap + 8 + 8 * i)
        form, _, _, _, groups = struct.unpack_from(">HHIII", data, cmap + offset)
        if form == 12:
            found = struct.iter_unpack(">III", data[cmap + offset + 16 :][: 12 * groups])
            return {
                code: glyph + code - first
                for first, last, glyph in found
                for code in range(first, last + 1)
            }
    raise ValueError("a font without a table of all Unicode")

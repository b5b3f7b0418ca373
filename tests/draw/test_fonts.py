"""The widths of texts, against a reader of fonts that others wrote, and the files in the wheel."""

from __future__ import annotations

import subprocess
import sys

import pytest
from fontTools.ttLib import TTFont

from resdsl.draw import fonts


@pytest.mark.parametrize(("path", "bold"), [(fonts.REGULAR, False), (fonts.BOLD, True)])
def test_every_advance_is_the_fonts_own(path: object, bold: bool) -> None:
    font = TTFont(path)
    units = font["head"].unitsPerEm
    for code, glyph in font.getBestCmap().items():
        wanted = font["hmtx"][glyph][0] * 10 / units
        assert fonts.text_width(chr(code), 10, bold) == pytest.approx(wanted), hex(code)


def test_a_text_is_as_wide_as_its_characters() -> None:
    assert fonts.text_width("", 12) == 0
    wide = fonts.text_width("conv 3×3, 64, /2", 12)
    assert wide == pytest.approx(sum(fonts.text_width(c, 12) for c in "conv 3×3, 64, /2"))
    assert fonts.text_width("conv 3×3, 64, /2", 24) == pytest.approx(2 * wide)
    assert fonts.text_width("conv", 12, bold=True) > fonts.text_width("conv", 12)


def test_what_the_font_does_not_have_takes_its_place_all_the_same() -> None:
    assert fonts.missing("conv 残差×") == "残差"
    assert fonts.text_width("残差", 10) == 20
    assert fonts.text_width("\U000e0041", 10) == 6


def test_a_width_needs_no_framework_and_no_extra() -> None:
    program = (
        "import sys; from resdsl.draw.fonts import text_width; text_width('a', 1);"
        "print(sorted({'numpy', 'fontTools', 'matplotlib', 'PIL', 'typer'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"[]"]

"""How plots look, and how they become files: the same bytes for the same data, on any machine."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from resdsl.draw.fonts import FAMILY
from resdsl.draw.palette import Palette, Theme, palette
from resdsl.draw.render import drawable, marked_pdf
from resdsl.extras import needs
from resdsl.files import MADE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Form = Literal["svg", "png", "pdf"]

SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's colours, told apart by the colour-blind; their yellow is too pale for lines."""
MARKERS = "os^Dv*Pp<X>h"
"""Each family has one, so that they are told apart in grey."""

_FONT = "DejaVu Sans"
_DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>\s*")


def rendered(draw: Callable[[Palette], Figure], form: Form, theme: Theme = "light") -> str | bytes:
    """A file of what `draw` draws: text for SVG. Raises MissingExtra."""
    with needs("plot"):
        import_module("matplotlib")
    with styled(palette(theme)):
        figure = draw(palette(theme))
        file = io.BytesIO()
        title = figure.get_label()
        if form == "png":
            figure.savefig(file, format=form, dpi=200, metadata={"Software": MADE})
            return file.getvalue()
        if form == "pdf":
            about = {"Title": title, "Creator": MADE, "CreationDate": None}
            figure.savefig(file, format=form, metadata=about)
            return marked_pdf(file.getvalue())
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format=form, metadata={**nothing, "Title": title})
    svg = _DOCTYPE.sub("", file.getvalue().decode(), count=1).replace(f"'{_FONT}'", FAMILY)
    first, _, rest = svg.partition("\n")
    return f"{first}\n<!-- {MADE} -->\n{rest}"


def shown(text: str, form: Form = "png") -> str:
    """A text as a plot can show it: a file that is drawn has `�` for what the fonts lack."""
    from resdsl.report.text import visible

    return visible(text) if form == "svg" else drawable(visible(text))


def amount(number: float, _: object = None) -> str:
    """A tick: `25 M`, `0.5 G`."""
    for power, prefix in ((12, " T"), (9, " G"), (6, " M"), (3, " k")):
        if abs(number) >= 0.9999 * 10**power:
            return f"{number / 10**power:g}{prefix}"
    return f"{number:g}"


@contextmanager
def styled(colours: Palette) -> Iterator[None]:
    """matplotlib's own defaults and ours, whatever the user's are; then the user's again."""
    import matplotlib

    ours: dict[Any, Any] = {
        "font.family": _FONT, "font.size": 8.5, "text.parse_math": False, "text.usetex": False,
        "figure.dpi": 72, "figure.facecolor": colours.page, "savefig.facecolor": colours.page,
        "axes.facecolor": colours.page, "axes.edgecolor": colours.line, "axes.linewidth": 0.7,
        "axes.labelcolor": colours.ink, "text.color": colours.ink, "xtick.color": colours.muted,
        "ytick.color": colours.muted, "axes.spines.top": False, "axes.spines.right": False,
        "xtick.major.width": 0.7, "ytick.major.width": 0.7, "axes.titlesize": 9.5,
        "axes.axisbelow": True, "grid.color": colours.line, "grid.alpha": 0.25,
        "grid.linewidth": 0.5, "svg.fonttype": "none", "svg.hashsalt": "resdsl",
        "pdf.fonttype": 42,
    }  # fmt: skip
    with matplotlib.rc_context(), warnings.catch_warnings():
        # an SVG keeps characters for the viewer's fonts: matplotlib need not have them
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(ours)
        yield

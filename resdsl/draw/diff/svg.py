"""The picture of a difference as SVG: plain shapes and text, nothing to fetch or to run."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from resdsl.analysis.diff import Diff, Whole
from resdsl.draw.diff.cells import Line, rows
from resdsl.draw.diff.looks import (
    BADGE,
    BIG,
    FONT,
    GAP,
    GUTTER,
    LEADING,
    MARGIN,
    PAD,
    SMALL,
    Look,
    looks,
)  # fmt: skip
from resdsl.draw.diff.place import Arrow, Badge, Box, Placed, place
from resdsl.draw.fonts import FAMILY, text_width
from resdsl.draw.palette import Palette, Theme, palette
from resdsl.files import MADE
from resdsl.report.diff import share, titles
from resdsl.report.tables import human
from resdsl.report.text import visible

_HEAD = 62.0
"""Where the first row begins, below the margin."""


def svg(diff: Diff, theme: Theme = "light") -> str:
    """Both nets side by side, what belongs together on one height."""
    return _Drawing(diff, theme).text()


class _Drawing:
    def __init__(self, diff: Diff, theme: Theme) -> None:
        self.diff = diff
        self.colours: Palette = palette(theme)
        self.looks = looks(theme)
        self.titles = [visible(title) for title in titles(diff)]
        self.totals = [_totals(diff.a), _totals(diff.b)]
        self.changes = _changes(diff)
        heads = [text_width(title, BIG, bold=True) for title in self.titles]
        heads += [text_width(line, SMALL) for line in self.totals]
        heads.append(text_width(self.changes, SMALL, bold=True))
        self.placed: Placed = place(rows(diff), MARGIN + _HEAD, max(heads))

    def text(self) -> str:
        placed = self.placed
        width = 2 * MARGIN + 2 * placed.column + GUTTER
        legend = list(self._legend(width, placed.bottom + GAP + LEADING))
        height = placed.bottom + GAP + LEADING * len(legend) + MARGIN
        title = f"{self.titles[0]} and {self.titles[1]}"
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<!-- {MADE} -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(width)}" height="{_n(height)}"'
            f' viewBox="0 0 {_n(width)} {_n(height)}" role="img" aria-label="{escape(title)}"'
            f' font-family="{escape(FAMILY)}" font-size="{_n(FONT)}" fill="{self.colours.ink}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="100%" height="100%" fill="{self.colours.page}"/>',
            *self._heads(),
            *(self._box(box) for box in placed.boxes),
            *map(self._arrow, placed.arrows),
            *map(self._badge, placed.badges),
            *legend,
            "</svg>",
        ]
        return "\n".join(lines) + "\n"

    def _heads(self) -> Iterator[str]:
        for x, title, totals in zip(self.placed.columns, self.titles, self.totals, strict=True):
            yield self._words(x, MARGIN + 10, title, size=BIG, bold=True)
            yield self._words(x, MARGIN + 30, totals, size=SMALL, fill=self.colours.muted)
        ink = self.looks["~" if self.diff else "="].ink
        fill = ink if self.diff else self.colours.muted
        yield self._words(
            self.placed.columns[1], MARGIN + 46, self.changes, size=SMALL, bold=True, fill=fill
        )

    def _box(self, box: Box) -> str:
        look = self.looks[box.mark]
        fill = self.colours.page if box.frame else look.fill
        dashes = f' stroke-dasharray="{look.dashes}"' if look.dashes else ""
        drawn = [
            f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}"'
            f' height="{_n(box.height)}" rx="5" fill="{fill}" stroke="{look.ink}"'
            f' stroke-width="{_n(look.width)}"{dashes}/>'
        ]
        for k, line in enumerate(box.lines):
            y = box.y + PAD / 2 + LEADING * (k + 0.5)
            drawn.append(self._line(box.x + PAD, y, line, look, k == 0))
        return "".join(drawn)

    def _line(self, x: float, y: float, line: Line, look: Look, first: bool) -> str:
        """One line of a cell; what is no change is muted below the first."""
        drawn = ""
        if line.strong:
            muted = look.sign in "=↳"
            drawn = self._words(x, y, line.strong, bold=True, fill=self.colours.muted * muted)
            x += text_width(line.strong, FONT, bold=True) + 2 * text_width(" ", FONT)
        if line.text:
            plain = self.colours.ink if first and look.sign not in "=↳" else self.colours.muted
            drawn += self._words(x, y, line.text, fill=look.ink if line.change else plain)
        return drawn

    def _arrow(self, arrow: Arrow) -> str:
        x, tip = arrow.x, arrow.bottom
        head = f"M{_n(x - 3.5)} {_n(tip - 6)}L{_n(x)} {_n(tip)}L{_n(x + 3.5)} {_n(tip - 6)}"
        stroke = f'fill="none" stroke="{self.colours.flow}" stroke-width="1.2"'
        return f'<path d="M{_n(x)} {_n(arrow.top)}V{_n(tip)}{head}" {stroke}/>'

    def _badge(self, badge: Badge) -> str:
        look = self.looks[badge.mark]
        quiet = badge.mark in "=>"
        dashes = ' stroke-dasharray="2 3"' if quiet else ""
        line = ""
        for x in (badge.left, badge.right):
            if x is not None:
                line += f"M{_n(x)} {_n(badge.y)}H{_n(badge.x)}"
        drawn = f'<path d="{line}" stroke="{look.ink}" stroke-width="1"{dashes}/>'
        radius = BADGE - 3 if quiet else BADGE
        fill = self.colours.page if quiet else look.ink
        drawn += f'<circle cx="{_n(badge.x)}" cy="{_n(badge.y)}" r="{_n(radius)}" fill="{fill}"/>'
        ink = self.colours.muted if quiet else self.colours.page
        return drawn + self._words(
            badge.x, badge.y, look.sign, bold=not quiet, fill=ink, size=14, anchor="middle"
        )

    def _legend(self, width: float, y: float) -> Iterator[str]:
        """In as many lines as it takes."""
        marks = {badge.mark for badge in self.placed.badges}
        x, drawn = MARGIN, ""
        for mark, look in self.looks.items():
            if mark not in marks:
                continue
            need = 16 + text_width(look.says, SMALL) + 22
            if x > MARGIN and x + need > width - MARGIN:
                yield drawn
                x, y, drawn = MARGIN, y + LEADING, ""
            ink = self.colours.muted if mark in "=>" else look.ink
            drawn += self._words(x + 6, y, look.sign, bold=True, fill=ink, anchor="middle")
            drawn += self._words(x + 16, y, look.says, size=SMALL, fill=self.colours.muted)
            x += need
        if drawn:
            yield drawn

    def _words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = FONT,
        bold: bool = False,
        fill: str = "",
        anchor: str = "",
    ) -> str:
        more = f' font-size="{_n(size)}"' if size != FONT else ""
        more += ' font-weight="bold"' if bold else ""
        more += f' fill="{fill}"' if fill and fill != self.colours.ink else ""
        more += f' text-anchor="{anchor}"' if anchor else ""
        return f'<text x="{_n(x)}" y="{_n(y)}" dy="0.35em"{more}>{escape(text)}</text>'


def _totals(whole: Whole) -> str:
    params, macs = human(whole.params), human(whole.macs)
    return f"{params} parameters · {macs} MACs · depth {whole.depth}"


def _changes(diff: Diff) -> str:
    if not diff:
        return "equal"
    said = []
    for what, count in (("parameters", "params"), ("MACs", "macs")):
        more = diff.delta(count)
        percent = share(getattr(diff.a, count), getattr(diff.b, count)).replace("-", "−")
        sign = "+" if more > 0 else "−"
        said.append(f"{sign}{human(abs(more))} {what} ({percent})" if more else f"{what} equal")
    return " · ".join(said)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

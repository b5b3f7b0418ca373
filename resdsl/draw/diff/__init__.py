"""The picture of a difference: both nets side by side, and what changed between them."""

from __future__ import annotations

from typing import Literal, get_args

from resdsl.analysis.diff import Diff
from resdsl.draw.palette import Theme

Format = Literal["svg", "png", "pdf", "dot", "html"]
FORMATS: tuple[Format, ...] = get_args(Format)


def render(diff: Diff, form: Format, theme: Theme = "light") -> str | bytes:
    """The picture: bytes of a PNG or a PDF, text otherwise. Raises MissingExtra where a package is
    missing.
    """
    from resdsl.draw.diff.svg import svg

    if form == "dot":
        from resdsl.draw.diff.dot import dot

        return dot(diff, theme)
    if form == "html":
        from resdsl.draw.diff.page import page

        return page(diff)
    drawn = svg(diff, theme)
    if form == "svg":
        return drawn
    from resdsl.draw.render import svg_to_pdf, svg_to_png

    return svg_to_png(drawn) if form == "png" else svg_to_pdf(drawn)

"""The picture of a difference: both nets side by side, and what changed between them."""

from __future__ import annotations

from typing import Literal, get_args

from resdsl.analysis.diff import Diff
from resdsl.draw.palette import Theme
from resdsl.draw.render import svg_as

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
    return svg_as(svg(diff, theme), form)

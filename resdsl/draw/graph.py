"""One net, drawn: in every format, from one picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, get_args

from resdsl.draw.dot import dot
from resdsl.draw.explorer import explorer
from resdsl.draw.headers import lift_headings
from resdsl.draw.mermaid import mermaid
from resdsl.draw.outline import TooManyBoxes, picture
from resdsl.draw.palette import Theme
from resdsl.draw.picture import Depth, Picture
from resdsl.draw.render import NoRenderer, RenderError, dot_to_svg, svg_as
from resdsl.extras import MissingExtra
from resdsl.files import write_bytes
from resdsl.ir.graph import Net
from resdsl.source import Source

Format = Literal["svg", "png", "pdf", "dot", "mermaid", "html", "json", "explorer"]
FORMATS: tuple[Format, ...] = get_args(Format)
SUFFIXES: dict[str, Format] = {
    ".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid",
    ".mermaid": "mermaid", ".html": "html", ".json": "json",
}  # fmt: skip


class Graph:
    """A net as a picture, open down to `depth`; it shows itself in a notebook.

    Raises TooManyBoxes where that would be more than anyone can look at.
    """

    def __init__(
        self,
        net: Net,
        source: Source | None = None,
        depth: Depth = "stage",
        theme: Theme | None = None,
    ) -> None:
        """Without a `theme` it is light, but for a page, which is as its reader likes it."""
        self.net, self.source, self.depth, self.theme = net, source, depth, theme

    @property
    def picture(self) -> Picture:
        """The boxes and what runs between them, as data."""
        return picture(self.net, self.depth, self.source.name if self.source else "")

    def render(self, form: Format) -> str | bytes:
        """The drawing: bytes of a PNG or a PDF, text otherwise.

        Raises MissingExtra where a package is missing, NoRenderer where there is no Graphviz, and
        RenderError where it finds no layout in time.
        """
        if form == "html":
            from resdsl.draw.page import page, whole

            picture = whole(self.net, self.source)
            return page(picture, self.source, depth=self.depth, theme=self.theme)
        if form == "json":
            return self.picture.to_json() + "\n"
        if form == "explorer":
            return explorer(self.picture)
        if form == "mermaid":
            return mermaid(self.picture, self.theme or "light")
        text = dot(self.picture, self.theme or "light")
        if form == "dot":
            return text
        return svg_as(lift_headings(dot_to_svg(text, self.depth)), form)

    def save(self, file: str | os.PathLike[str]) -> None:
        """Write the drawing in the format that the file's name ends in. The file is there whole or
        not at all.
        """
        form = form_of(file)
        data = self.render(form)
        write_bytes(Path(file), data.encode() if isinstance(data, str) else data)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """The SVG; where it cannot be drawn here, a text that says why."""
        try:
            return {"image/svg+xml": str(self.render("svg")), "text/plain": repr(self)}
        except (MissingExtra, NoRenderer, RenderError, TooManyBoxes) as error:
            return {"text/plain": f"{self!r}: {error}"}

    def __repr__(self) -> str:
        return f"<resdsl graph of {self.net.name} by {self.depth}>"


def form_of(file: str | os.PathLike[str]) -> Format:
    """The format that a file of this name is of. Raises ValueError."""
    suffix = Path(file).suffix.lower()
    if suffix not in SUFFIXES:
        known = " ".join(SUFFIXES)
        raise ValueError(f"`{Path(file).name}` ends in none of {known}: say which --format")
    return SUFFIXES[suffix]

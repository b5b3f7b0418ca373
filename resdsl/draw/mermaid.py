"""A picture as a Mermaid flowchart, for READMEs: subgraphs for what is open, labels as text."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.draw.labels import title, words
from resdsl.draw.palette import Theme, palette
from resdsl.draw.picture import Box, Edge, Picture
from resdsl.draw.words import times
from resdsl.files import MADE
from resdsl.report.text import visible

_INDENT = "  "
_SHAPES = {"input": ("([", "])"), "output": ("([", "])"), "merge": ("((", "))")}

_CONFIG = """\
---
config:
  theme: {}
  flowchart:
    wrappingWidth: 400
    subGraphTitleMargin:
      top: 4
      bottom: 24
---"""
"""Room for two lines of heading; without it Mermaid draws the second behind what is inside."""


def mermaid(picture: Picture, theme: Theme = "light") -> str:
    """Mermaid text, with a newline at the end. Dashed arrows are shortcuts and what exists only in
    training; the labels of the former say which.
    """
    lines = [_CONFIG.format("dark" if theme == "dark" else "neutral")]
    lines += [f"%% {visible(title(picture))}, {MADE}", "flowchart TD"]
    for box in picture.root.children:
        lines += _box(box, _INDENT)
    lines += [_INDENT + _arrow(edge) for edge in picture.edges()]
    return "\n".join([*lines, *_colours(picture, theme)]) + "\n"


def quoted(*lines: str) -> str:
    """A label that Mermaid draws as these lines: what could be markup is written as entities."""
    return '"' + "<br/>".join(map(_escaped, lines)) + '"'


def _escaped(line: str) -> str:
    plain = frozenset(" _-+.,:/()×")
    return "".join(c if c.isalnum() or c in plain else f"#{ord(c)};" for c in visible(line))


def _box(box: Box, indent: str) -> Iterator[str]:
    label = quoted(*words(box))
    if not box.children:
        begin, end = _SHAPES.get(box.family or box.role, ("[", "]"))
        yield f"{indent}{box.id}{begin}{label}{end}"
        return
    yield f"{indent}subgraph {box.id}[{label}]"
    for child in box.children:
        yield from _box(child, indent + _INDENT)
    yield f"{indent}end"


def _arrow(edge: Edge) -> str:
    line = "-->" if edge.role == "flow" and not edge.train else "-.->"
    if edge.role == "shortcut" and not edge.train:
        line = "==>"
    return f"{edge.source.id} {line}|{quoted(times(edge.shape))}| {edge.target.id}"


def _colours(picture: Picture, theme: Theme) -> Iterator[str]:
    colours = palette(theme)
    used: dict[str, list[str]] = {}
    for box in picture.boxes():
        if box is not picture.root:
            used.setdefault(box.family or box.role, []).append(box.id)
    for name, ids in used.items():
        fill = colours.fills[name]
        yield f"{_INDENT}classDef {name} fill:{fill},stroke:{colours.line},color:{colours.ink}"
        yield f"{_INDENT}class {','.join(ids)} {name}"

"""The lines of text in a box, the same in every form that a picture takes."""

from __future__ import annotations

from resdsl.draw.picture import Box, Picture
from resdsl.report.tables import human

_ONE_LINE = 32
"""Characters of a name and what it is on one line."""


def title(picture: Picture) -> str:
    """`resnet50: 25.56 M params, 3.858 G MACs`."""
    return f"{picture.name}: {counts(picture.root)}"


def words(box: Box) -> list[str]:
    """What a box says: its name, what it is, its figures (of each, where it stands for several)."""
    if box.role in ("input", "output"):
        return [box.name + " (training only)" * box.train]
    what = f"{box.kind} {box.detail}".rstrip()
    if box.times > 1:
        what += f" × {box.times}"
    if _says(box, what):
        said = [what]
    elif len(box.name) + len(what) <= _ONE_LINE:
        said = [f"{box.name}: {what}"]
    else:
        said = [box.name, what]
    if figures := counts(box):
        said.append(f"each {figures}" if box.times > 1 else figures)
    if box.train:
        said.append("training only")
    return said


def _says(box: Box, what: str) -> bool:
    """Whether the name tells nothing new: `bn1` of a `bn`."""
    return box.name.rstrip("0123456789") == box.kind or box.name == what


def counts(box: Box) -> str:
    """`1.22 M params, 950.5 M MACs`; nothing of what has neither."""
    params = box.params_training if box.train else box.params
    said = [f"{human(params)} params"] if params else []
    return ", ".join(said + ([f"{human(box.macs)} MACs"] if box.macs else []))

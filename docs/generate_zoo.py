"""docs/zoo.md: every shipped net with its counts, from the specs themselves."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from resdsl.analysis.stats import Stats
from resdsl.catalogue import names
from resdsl.ir.shape import show
from resdsl.network import Network, load
from resdsl.zoo import zoo

FOLDERS = {
    "": (
        "The paper",
        "The ImageNet nets of [Deep Residual Learning for Image Recognition]"
        "(https://arxiv.org/abs/1512.03385), as its authors released them, the plain nets that it "
        "compares them with, and the two VGG nets that it measures them against.",
    ),
    "cifar": (
        "Nets for CIFAR",
        "For images of 32 x 32 pixels: the paper's, the nets of its Table 6, and those that came "
        "after it.",
    ),
    "classics": (
        "What it builds on, and measures against",
        "Each as its own paper has it. Where a paper leaves something open or contradicts itself, "
        "a note says what was chosen.",
    ),
    "torchvision": (
        "As torchvision has them",
        "Each is the net of that name in `torchvision.models`: its parameters have the same names "
        "and shapes, so that a state dict of one loads into the other, strictly.",
    ),
    "timm": (
        "As timm has them",
        "Nets that torchvision has not, with the names that `timm.create_model` gives.",
    ),
    "dense": ("Detection and segmentation", "Nets whose outputs are maps."),
    "examples": ("Examples of the language", "Small nets that show one thing each."),
}
HEAD = """\
# The zoo

The nets that come with resdsl, made by `make docs` from [specs/](../specs); do not edit. A name is
a SPEC: `resdsl stats torchvision/vgg16_bn`, `resdsl.load("cifar/resnet110")`. The file says the
rest; it reads like the paper's table. `resdsl list` prints this table without the links.

Parameters are those of the net in use (without auxiliary classifiers); multiply-adds are of
convolutions, linear layers and attention, for one image of the given size; layers are the weighted
ones on the longest way. The tests hold every net to somebody else's: those of `torchvision/`,
`timm/` and `dense/` to these packages' modules, the others to plain modules written from the
papers. Compared are the parameters, the multiply-adds as torch counts them, the shapes of the
stages at the net's own size and at an odd one, and the outputs in float64 with shared weights, to
1e-9. `make test` computes the outputs of one net for each way that a family's file can go, and
`make proofs` those of the others; PReLU-nets and the deepest nets have fewer or thinner layers
there, and at their own numbers in the proofs.
"""


def zoo_page() -> str:
    """The whole page."""
    parts = [HEAD.rstrip()]
    order = [*FOLDERS]
    for folder, group in groupby(sorted(names(), key=lambda n: order.index(_folder(n))), _folder):
        nets = {name: load(name) for name in group}
        title, text = FOLDERS[folder]
        rows = [_row(name, net) for name, net in nets.items()]
        notes = [note for net in nets.values() for note in _notes(net)]
        parts += [f"## {title}", text, _TABLE + "\n".join(rows), "\n".join(notes)]
    return "\n\n".join(filter(None, parts)) + "\n"


_TABLE = (
    "| net | paper | input | parameters | multiply-adds | layers |\n|---|---|---|--:|--:|--:|\n"
)
_SAID = {"paper", "arxiv", "year"}


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _row(name: str, net: Network) -> str:
    stats: Stats = net.stats()
    file = zoo()[name].path
    link = f"[`{name}`](../specs/{Path(_folder(name)) / file.name})"
    shapes = ", ".join(show(shape) for shape in stats.inputs.values())
    cells = (link, _paper(net), shapes, f"{stats.params:,}", f"{stats.macs:,}", f"{stats.depth}")
    return f"| {' | '.join(cells)} |"


def _paper(net: Network) -> str:
    """Who and when, linked to the paper where it is on arXiv."""
    notes = net.ir.notes
    if "paper" not in notes:
        return ""
    authors = notes["paper"].partition(":")[0].split(",")
    who = authors[0] + (" et al." if len(authors) > 1 and "et al" not in authors[0] else "")
    said = f"{who} {notes.get('year', '')}".strip()
    return f"[{said}](https://arxiv.org/abs/{notes['arxiv']})" if "arxiv" in notes else said


def _notes(net: Network) -> list[str]:
    """What the spec says besides its paper: a choice, a source."""
    return [
        f"- `{net.spec}`, {name}: {text}"
        for name, text in net.ir.notes.items()
        if name not in _SAID
    ]

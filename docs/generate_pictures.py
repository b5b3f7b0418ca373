"""The pictures of docs/pictures that are text, as they should be today.

Graphs are laid out by the Graphviz that pip installs, whose version constraints.txt has.
"""

from __future__ import annotations

from pathlib import Path

import resdsl
from resdsl.draw.diff import render
from resdsl.draw.figure import figure
from resdsl.draw.headers import lift_headings
from resdsl.draw.palette import Theme
from resdsl.draw.picture import Depth
from resdsl.draw.render import dot_to_svg

PICTURES = Path(__file__).resolve().parent / "pictures"

# Their nets, and the options of `resdsl figure`.
FIGURES: dict[str, tuple[list[str], dict[str, bool]]] = {
    "fig3.svg": (["vgg19", "plain34", "resnet34"], {}),
    "table1.svg": (
        ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
        {"fold": True, "flops": True},
    ),
}
GRAPHS: dict[str, tuple[str, Depth]] = {
    "resnet50": ("resnet50", "block"),
    "unet": ("dense/unet", "stage"),
}
DIFFS = {"diff-resnet50-v1_5": ("resnet50", "torchvision/resnet50")}
THEMES: tuple[Theme, ...] = ("light", "dark")


def pictures() -> dict[Path, str]:
    """The text of each."""
    made = {
        PICTURES / name: figure(map(resdsl.load, specs), **options).svg()
        for name, (specs, options) in FIGURES.items()
    }
    for name, (spec, depth) in GRAPHS.items():
        for theme in THEMES:
            dot = str(resdsl.load(spec).graph(depth, theme).render("dot"))
            svg = lift_headings(dot_to_svg(dot, engine="wasi"))
            made[PICTURES / f"{name}-{theme}.svg"] = svg
    for name, (one, other) in DIFFS.items():
        found = resdsl.load(one).diff(resdsl.load(other))
        made[PICTURES / f"{name}.svg"] = str(render(found, "svg"))
        made[PICTURES / f"{name}-dark.svg"] = str(render(found, "svg", "dark"))
    return made

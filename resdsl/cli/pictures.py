"""The command `graph`: one net as a picture."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from resdsl.cli.common import (
    Force,
    InputOption,
    Json,
    Output,
    Set,
    Spec,
    Theme,
    UsageError,
    app,
    form_of,
    network,
    put,
)
from resdsl.cli.progress import waiting

Depth = Literal["model", "stage", "block", "layer"]
Format = Literal["svg", "png", "pdf", "dot", "mermaid", "html", "json", "explorer"]


@app.command()
def graph(
    spec: Spec,
    depth: Annotated[Depth, typer.Option(help="What is shown open.")] = "stage",
    format_: Annotated[
        Format | None,
        typer.Option(
            "--format",
            "-f",
            help="As which file; explorer is for Model Explorer. Without it, what OUTPUT ends in, "
            "or dot.",
        ),
    ] = None,
    output: Output = None,
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    json: Json = False,
    theme: Annotated[
        Theme | None,
        typer.Option(help="Colours for a light or a dark page; html is as its reader likes it."),
    ] = None,
    force: Force = False,
) -> None:
    """Draw the net: stages as boxes or open, repeats folded, shapes on the arrows."""
    from resdsl.draw.graph import SUFFIXES
    from resdsl.draw.outline import TooManyBoxes
    from resdsl.draw.render import NoRenderer, RenderError

    if json and format_ not in (None, "json"):
        raise UsageError(f"--json is --format json, and not {format_}")
    form = "json" if json else format_ or form_of(output, SUFFIXES, "dot")
    try:
        drawing = network(spec, set_, input_).graph(depth, theme)
        put(output, waiting("Drawing")(lambda: drawing.render(form)), force)
    except NoRenderer as error:
        sys.stdout.write(error.dot)
        raise UsageError(str(error)) from None
    except (TooManyBoxes, RenderError) as error:
        raise UsageError(str(error)) from None

"""The command `graph`: one net as a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from resdsl.cli.common import InputOption, Set, Spec, UsageError, app, network, put
from resdsl.cli.progress import waiting

Depth = Literal["model", "stage", "block", "layer"]
Format = Literal["svg", "png", "pdf", "dot", "mermaid", "html", "json", "explorer"]
Theme = Literal["light", "dark"]


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
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; standard output without it."),
    ] = None,
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    theme: Annotated[Theme, typer.Option(help="Colours for a light or a dark page.")] = "light",
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a file that resdsl did not write.")
    ] = False,
) -> None:
    """Draw the net: stages as boxes or open, repeats folded, shapes on the arrows."""
    from resdsl.draw.graph import form_of
    from resdsl.draw.outline import TooManyBoxes
    from resdsl.draw.render import NoRenderer, RenderError

    try:
        form = format_ or (form_of(output) if output else "dot")
        drawing = network(spec, set_, input_).graph(depth, theme)
        put(output, waiting("Drawing")(lambda: drawing.render(form)), force)
    except NoRenderer as error:
        sys.stdout.write(error.dot)
        raise UsageError(str(error)) from None
    except (ValueError, TooManyBoxes, RenderError) as error:
        raise UsageError(str(error)) from None

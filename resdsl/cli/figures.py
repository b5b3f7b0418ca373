"""Commands that show nets side by side, as papers do: `figure` and `table`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from resdsl.cli import nets, pictures  # noqa: F401 (what stands before these in the help)
from resdsl.cli.common import (
    Force,
    InputOption,
    Json,
    Output,
    Set,
    UsageError,
    app,
    form_of,
    overrides,
    put,
)
from resdsl.cli.progress import tracked

Specs = Annotated[
    list[str],
    typer.Argument(
        metavar="SPEC...", help="Paths, path:model, or names of shipped nets; a column each."
    ),
]
FigureFormat = Literal["svg", "png", "pdf"]
TableFormat = Literal["text", "markdown", "latex", "html", "json"]
FIGURES: dict[str, FigureFormat] = {".svg": "svg", ".png": "png", ".pdf": "pdf"}
TABLES: dict[str, TableFormat] = {
    ".txt": "text",
    ".md": "markdown",
    ".tex": "latex",
    ".html": "html",
    ".json": "json",
}


@app.command()
def figure(
    specs: Specs,
    output: Output = None,
    format_: Annotated[
        FigureFormat | None,
        typer.Option(
            "--format", "-f", help="As which file. Without it, what OUTPUT ends in, or svg."
        ),
    ] = None,
    fold: Annotated[
        bool, typer.Option("--fold", help="Draw equal blocks in a row once, with their number.")
    ] = False,
    flops: Annotated[
        bool, typer.Option("--flops", help="Parameters and multiply-adds below each title.")
    ] = False,
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    force: Force = False,
) -> None:
    """Draw nets side by side, as Figure 3 of the ResNet paper does."""
    from resdsl.draw.figure import TooManyBoxes
    from resdsl.draw.figure import figure as drawn
    from resdsl.draw.render import RenderError, svg_as

    wanted = format_ or form_of(output, FIGURES, "svg")

    def make() -> str | bytes:
        return svg_as(drawn(_networks(specs, set_, input_), fold, flops).svg(), wanted)

    try:
        put(output, make, force)
    except TooManyBoxes as error:
        fewer = "`resdsl graph` draws it by stages" if error.net else "name fewer nets"
        advice = fewer if fold else "--fold draws equal blocks once"
        raise UsageError(f"{error}; {advice}") from None
    except RenderError as error:
        raise UsageError(str(error)) from None


@app.command()
def table(
    specs: Specs,
    output: Output = None,
    format_: Annotated[
        TableFormat | None,
        typer.Option(
            "--format", "-f", help="As which text. Without it, what OUTPUT ends in, or text."
        ),
    ] = None,
    json: Json = False,
    params: Annotated[bool, typer.Option("--params", help="Parameters above the FLOPs.")] = False,
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    force: Force = False,
) -> None:
    """Compare nets stage by stage, as Table 1 of the ResNet paper does."""
    from resdsl.draw.table import table as made

    if json and format_ not in (None, "json"):
        raise UsageError(f"--json is --format json, and not {format_}")
    wanted = "json" if json else format_ or form_of(output, TABLES, "text")
    put(output, lambda: getattr(made(_networks(specs, set_, input_), params), wanted)(), force)


def _networks(specs: list[str], settings: list[str], shapes: list[str]) -> list[Any]:
    """The nets; settings and shapes are for all of them."""
    from resdsl.network import load

    params, inputs = overrides(settings, shapes)
    return [
        load(spec, input=inputs, params=params) for spec in tracked(specs, len(specs), "Reading")
    ]

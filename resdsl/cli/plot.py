"""The command `plot`: what nets cost, side by side or along their depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from resdsl.cli import figures  # noqa: F401 (what stands before this in the help)
from resdsl.cli.common import (
    Dtype,
    Force,
    InputOption,
    Json,
    Output,
    Set,
    Theme,
    UsageError,
    app,
    form_of,
    overrides,
    put,
)
from resdsl.cli.figures import FIGURES, FigureFormat, Specs
from resdsl.cli.progress import tracked


@app.command()
def plot(
    specs: Specs,
    profile: Annotated[
        bool, typer.Option("--profile", help="Each net along its depth instead, layer by layer.")
    ] = False,
    output: Output = None,
    format_: Annotated[
        FigureFormat | None,
        typer.Option(
            "--format", "-f", help="As which file. Without it, what OUTPUT ends in, or svg."
        ),
    ] = None,
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    batch: Annotated[int, typer.Option(min=1, help="Images in a batch, for memory.")] = 1,
    dtype: Annotated[Dtype, typer.Option(help="Of activations, for memory.")] = "float32",
    theme: Annotated[Theme, typer.Option(help="Colours for a light or a dark page.")] = "light",
    json: Json = False,
    force: Force = False,
) -> None:
    """Plot nets' multiply-adds against their parameters, or profiles of their layers."""
    from resdsl.draw.plot import Plot
    from resdsl.draw.plot.data import TooManyLayers
    from resdsl.limits import MAX_NETS_PLOTTED, MAX_NETS_PROFILED
    from resdsl.report.text import json_text

    asked = list(dict.fromkeys(specs))
    most = MAX_NETS_PROFILED if profile else MAX_NETS_PLOTTED
    if len(asked) > most:
        raise UsageError(f"one plot has room for {most} nets, not for {len(asked)}")
    form = format_ or form_of(output, FIGURES, "svg")

    def make() -> str | bytes:
        nets = [(spec, net.stats(batch, dtype)) for spec, net in _nets(asked, set_, input_)]
        plotted = Plot(nets, profile)
        return json_text(plotted.to_data()) + "\n" if json else plotted.render(form, theme)

    try:
        put(output, make, force)
    except TooManyLayers as error:
        raise UsageError(str(error)) from None


def _nets(specs: list[str], settings: list[str], shapes: list[str]) -> Iterator[tuple[str, Any]]:
    """The nets; settings and shapes are for all of them."""
    from resdsl.network import load

    params, inputs = overrides(settings, shapes)
    for spec in tracked(specs, len(specs), "Counting"):
        yield spec, load(spec, input=inputs, params=params)

"""The command `diff`: two nets, or two settings of one."""

from __future__ import annotations

import sys
from functools import partial
from typing import Annotated, Any, Literal

import typer

from resdsl.cli.common import (
    Force,
    InputOption,
    Json,
    Output,
    Set,
    Theme,
    UsageError,
    app,
    form_of,
    network,
    put,
    show_errors,
)
from resdsl.cli.progress import waiting
from resdsl.diagnostics import ResdslError

Format = Literal["text", "json", "svg", "png", "pdf", "dot", "html"]
SUFFIXES: dict[str, Format] = {
    ".txt": "text", ".json": "json", ".svg": "svg", ".png": "png", ".pdf": "pdf", ".dot": "dot",
    ".gv": "dot", ".html": "html",
}  # fmt: skip


@app.command()
def diff(
    a: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="A path, path:model, the name of a shipped net, or - for standard input.",
        ),
    ],
    b: Annotated[str, typer.Argument(metavar="B", help="Another one; A again without it.")] = "",
    set_: Set = [],  # noqa: B006
    set_a: Annotated[
        list[str], typer.Option("--set-a", metavar="NAME=VALUE", help="Of the first alone.")
    ] = [],  # noqa: B006
    set_b: Annotated[
        list[str], typer.Option("--set-b", metavar="NAME=VALUE", help="Of the second alone.")
    ] = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    input_a: Annotated[
        list[str], typer.Option("--input-a", metavar="SHAPE", help="Of the first alone.")
    ] = [],  # noqa: B006
    input_b: Annotated[
        list[str], typer.Option("--input-b", metavar="SHAPE", help="Of the second alone.")
    ] = [],  # noqa: B006
    format_: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="Without it, what OUTPUT ends in, or text."),
    ] = None,
    json: Json = False,
    output: Output = None,
    theme: Annotated[Theme, typer.Option(help="Colours of the picture.")] = "light",
    force: Force = False,
) -> None:
    """Say what is different in two nets, or in two settings of one: which parts, their shapes,
    parameters and multiply-adds.

    Ends in 0 where nothing is, in 1 where something is, in 2 where that could not be found out:
    wrong usage, a missing file, and a spec that is wrong, too.
    """
    from resdsl.draw.render import RenderError

    own = [*set_a, *set_b, *input_a, *input_b]
    if not b and not own:
        raise UsageError("name a second net, or say what is set differently: --set-b, --input-b")
    if a == b == "-":
        raise UsageError("standard input is one net; name the other")
    if json and format_ not in (None, "json"):
        raise UsageError(f"--json is --format json, and not {format_}")
    form = "json" if json else format_ or form_of(output, SUFFIXES, "text")
    try:
        one = network(a, [*set_, *set_a], _inputs(input_, input_a))
        other = network(b or a, [*set_, *set_b], _inputs(input_, input_b))
    except ResdslError as error:  # 1 would say that the two differ
        show_errors(error)
        raise typer.Exit(2) from None
    with waiting("Comparing"):
        found = one.diff(other)
    try:
        make = partial(_made, found, form, theme, to_file=output is not None)
        put(output, waiting("Drawing")(make), force)
    except RenderError as error:
        raise UsageError(str(error)) from None
    raise typer.Exit(int(bool(found)))


def _inputs(both: list[str], own: list[str]) -> list[str]:
    """The shapes of one side: its own before those of both, and all that has no name is one."""
    named = all("=" in shape for shape in (*both, *own))
    return [*both, *own] if named or not own else own


def _made(found: Any, form: Format, theme: Theme, to_file: bool) -> str | bytes:
    if form == "json":
        from resdsl.report.text import json_text

        return json_text(found.to_data()) + "\n"
    if form == "text":
        from resdsl.report.diff import diff_text
        from resdsl.report.style import paint_for, plain

        return diff_text(found, plain if to_file else paint_for(sys.stdout)) + "\n"
    from resdsl.draw.diff import render

    return render(found, form, theme)

"""Commands about one net: `compile`, `stats`; and `list`, of those that are shipped."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from resdsl.cli.common import (
    Dtype,
    Flops,
    Functions,
    InputOption,
    Json,
    Level,
    Repeat,
    Set,
    Spec,
    UsageError,
    app,
    known_backend,
    need_options,
    need_writable,
    network,
    told_warnings,
    write_emitted,
)
from resdsl.cli.progress import tracked


@app.command("compile")
def compile_(
    spec: Spec,
    backend: Annotated[
        str, typer.Option("--backend", "-b", help="The framework to compile to.")
    ] = "torch",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; standard output without it."),
    ] = None,
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="FILE", help="Weights, as safetensors; for onnx."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Of random weights; for onnx.")
    ] = None,
    repeat: Annotated[
        Repeat | None,
        typer.Option("--repeat", help="How equal blocks in a row are written; for flax."),
    ] = None,
    functions: Functions = False,
    features: Annotated[
        bool, typer.Option("--features", help="Stages' maps as outputs too; for onnx.")
    ] = False,
    dtype: Annotated[
        Literal["float32", "float64", "float16"] | None,
        typer.Option("--dtype", help="Of weights and activations; for onnx."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a file that resdsl did not write.")
    ] = False,
) -> None:
    """Write the net as one self-contained module, or for onnx as a model with weights."""
    from resdsl.codegen.backend import TooLarge

    found = known_backend(backend)
    given = {
        "weights": weights, "seed": seed, "repeat": repeat, "functions": functions or None,
        "features": features or None, "dtype": dtype,
    }  # fmt: skip
    options = {name: value for name, value in given.items() if value is not None}
    need_options(found, options)
    if weights is not None and not weights.is_file():
        raise UsageError(f"there is no file {weights}")
    if output is not None:
        need_writable(output, force)
    with told_warnings():
        net = network(spec, set_, input_)
        if output is not None:
            write_emitted(found, output, force, lambda: net.source(backend, **options))
            return
        try:
            data = net.source(backend, **options)
        except TooLarge as error:
            raise UsageError(str(error)) from None
    if isinstance(data, str):
        sys.stdout.write(data)
    elif sys.stdout.isatty():
        raise UsageError("a model is no text for a terminal: -o FILE, or a pipe")
    else:
        sys.stdout.buffer.write(data)


@app.command()
def stats(
    spec: Spec,
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    json: Json = False,
    depth: Annotated[Level, typer.Option(help="How deep the table goes.")] = "stage",
    flops: Annotated[
        Flops, typer.Option(help="1x: a multiply-add is one FLOP, as in the papers; 2x: two.")
    ] = "1x",
    batch: Annotated[int, typer.Option(min=1, help="Images in a batch, for memory.")] = 1,
    dtype: Annotated[
        Dtype, typer.Option(help="Of weights and activations, for memory.")
    ] = "float32",
) -> None:
    """Count parameters, multiply-adds, memory, receptive field and depth."""
    from resdsl.report.stats import stats_table

    found = network(spec, set_, input_).stats(batch=batch, dtype=dtype)
    print(found.to_json(depth) if json else stats_table(found, depth, flops))


@app.command("list")
def list_(
    part: Annotated[
        str, typer.Argument(metavar="[PART]", help="Of a name: `cifar/`, `densenet`.")
    ] = "",
    json: Json = False,
) -> None:
    """List the shipped nets: name, year, input, parameters, multiply-adds, paper."""
    from dataclasses import asdict

    from resdsl.catalogue import catalogue, names
    from resdsl.report.tables import zoo_table
    from resdsl.report.text import json_text

    found = names(part)
    entries = [asdict(one) for one in tracked(catalogue(found), len(found), "Counting")]
    print(json_text(entries) if json else zoo_table(entries))

"""Commands about one net in several frameworks: `convert` its weights, `verify` that they agree."""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from resdsl.cli.common import (
    Functions,
    InputOption,
    Json,
    Set,
    Spec,
    UsageError,
    app,
    known_backend,
    need_options,
    network,
    told_warnings,
    write,
    write_emitted,
)
from resdsl.cli.progress import waiting

if TYPE_CHECKING:
    from resdsl.weights.file import Origin

STDIN = "-"
"""The spec of a net that came from standard input: no name that it could be found by again."""


@app.command()
def convert(
    weights: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="A safetensors file.")],
    to: Annotated[str, typer.Option("--to", help="The framework to write for.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    from_: Annotated[
        str,
        typer.Option("--from", help="Whose names the file has, if it does not say."),
    ] = "torch",
    spec: Annotated[
        str, typer.Option("--spec", metavar="SPEC", help="The net, where the file does not say.")
    ] = "",
    map_: Annotated[
        str,
        typer.Option(
            "--map", metavar="MAP", help="What `adopt` wrote, or the name of a shipped one."
        ),
    ] = "",
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    functions: Functions = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a file that resdsl did not write.")
    ] = False,
) -> None:
    """Rewrite weights with another framework's names and layouts; for onnx, the model with them."""
    from resdsl import frameworks
    from resdsl.codegen.backend import Header
    from resdsl.weights.file import stored
    from resdsl.weights.match_map import read

    source, target = known_backend(from_), known_backend(to)
    if not frameworks.has_layouts(source):
        raise UsageError(f"--from {from_}: it has no files of weights alone")
    if not frameworks.has_layouts(target) and "weights" not in target.emit_options:
        raise UsageError(f"--to {to}: the backend `{to}` takes no weights")
    need_options(target, ["functions"] if functions else [])
    if not weights.is_file():
        raise UsageError(f"there is no file {weights}")
    _need_files(to)
    try:
        keys = read(map_) if map_ else None
    except FileNotFoundError as error:
        raise UsageError(str(error.strerror)) from None
    origin = keys.net if keys else stored(weights).origin
    net = _net(origin, map_ or str(weights), spec, set_, input_)
    with told_warnings():
        tree = frameworks.read_file(net.ir, weights, from_, map_ or None)
    if frameworks.has_layouts(target):
        write(output, frameworks.file_bytes(net.ir, tree, to, net.origin()), force)
        return
    options = {"functions": True} if functions else {}
    words = ["resdsl", "convert", weights.name, "--to", to, "--output", output.name]
    keys_of = Path(map_).name if Path(map_).is_file() else map_  # the name of a shipped one
    for option, value in {"--spec": spec and net.spec, "--map": keys_of}.items():
        words += [option, value] if value else []
    words += [f"--from={from_}"] * (from_ != "torch") + [f"--{option}" for option in options]
    words += [f"--set={setting}" for setting in set_] + [f"--input={shape}" for shape in input_]
    header = Header.of(net.ir, net.stats(), shlex.join(words))
    write_emitted(
        target, output, force, lambda: target.emit(net.ir, header, weights=tree, **options)
    )


@app.command()
def verify(
    spec: Spec,
    backend: Annotated[
        list[str],
        typer.Option("--backend", "-b", help="A framework to compare; all without (repeatable)."),
    ] = [],  # noqa: B006
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    dtype: Annotated[
        Literal["float32", "float64"], typer.Option(help="What the frameworks compute in.")
    ] = "float32",
    batch: Annotated[int, typer.Option(min=2, help="Images in the batch.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Of the weights and the input.")] = 0,
    json: Json = False,
) -> None:
    """Run the net in several frameworks with the same weights, and compare what comes out."""
    from resdsl.report.proof import proof_table
    from resdsl.report.text import json_text

    for name in backend:
        known_backend(name)
    net = network(spec, set_, input_)
    try:
        with waiting("Comparing"):
            data = net.verify(backend, dtype, batch, seed).to_data()
    except ValueError as error:
        raise UsageError(str(error)) from None
    for name, why in data["left_out"].items():
        print(f"resdsl: {name} is left out: {why}", file=sys.stderr)
    print(json_text(data) if json else proof_table(data))
    raise typer.Exit(int(not data["ok"]))


def _need_files(extra: str) -> None:
    """Weights are read with what every framework's extra brings."""
    from resdsl.codegen.backend import MissingFramework

    for name in ("safetensors", "numpy", "ml_dtypes"):
        if find_spec(name) is None:
            raise MissingFramework(name, extra)


def _net(
    origin: Origin | None, file: str, spec: str, settings: list[str], shapes: list[str]
) -> Any:
    """The net of `--spec`, else the one that the file names, if that one is still the same."""
    from resdsl.diagnostics import ResdslError
    from resdsl.network import load

    if spec:
        return network(spec, settings, shapes)
    if settings or shapes:
        raise UsageError("--set and --input are of --spec")
    if origin is None or origin.spec == STDIN:
        raise UsageError(f"{file} does not say of which net it is; --spec does")
    try:
        net = load(origin.spec, params=origin.params, input=origin.input or None)
    except (ResdslError, TypeError, ValueError, OSError):
        net = None
    if net is None or net.ir.digest() != origin.digest:
        raise UsageError(
            f"{file} is of a net `{origin.spec}` that is not here, or not as it was then; "
            "--spec says which to take"
        )
    return net

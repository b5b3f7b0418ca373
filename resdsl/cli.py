"""The command line: thin commands over `resdsl.network`.

Exit codes: 0 fine; 1 the spec is wrong; 2 usage, an unknown backend, a missing file or extra; 3 the
environment failed (disk full, no permission); 130 interrupted.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from resdsl.diagnostics import ResdslError

if TYPE_CHECKING:
    from resdsl.check import Checked

app = typer.Typer(
    name="resdsl",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="A small language for neural network architectures, and a compiler for it.",
)

Spec = Annotated[
    str,
    typer.Argument(
        metavar="SPEC",
        help="A path, path:model, the name of a shipped net, or - for standard input.",
    ),
]
Set = Annotated[
    list[str], typer.Option("--set", metavar="NAME=VALUE", help="Set a parameter of the model.")
]
InputOption = Annotated[
    list[str],
    typer.Option(
        "--input", metavar="SHAPE", help="Set the input's shape: 3x193x160, or name=3x193x160."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


Level = Literal["stage", "block", "layer"]
Flops = Literal["1x", "2x"]
Dtype = Literal["float64", "float32", "bfloat16", "float16"]
Format = Literal["text", "json", "github", "sarif"]


class UsageError(Exception):
    """What the user asked for cannot be: exit code 2."""


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"resdsl {version('resdsl')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    pass


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
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a file that resdsl did not write.")
    ] = False,
) -> None:
    """Write the net as one self-contained module."""
    from resdsl.codegen.backend import UnknownBackend, find_backend

    try:
        find_backend(backend)
    except UnknownBackend as error:
        raise UsageError(str(error)) from None
    text = _network(spec, set_, input_).source(backend)
    if output is None:
        sys.stdout.write(text)
        return
    _write(output, text, force)


def _write(path: Path, text: str, force: bool) -> None:
    from resdsl.codegen.backend import is_generated
    from resdsl.files import write_text

    if path.is_dir():
        raise UsageError(f"{path} is a folder")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}")
    if (
        path.exists()
        and not force
        and not is_generated(path.read_bytes()[:4096].decode("utf-8", "replace"))
    ):
        raise UsageError(f"{path} was not written by resdsl; --force overwrites it")
    write_text(path, text)


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

    found = _network(spec, set_, input_).stats(batch=batch, dtype=dtype)
    print(found.to_json(depth) if json else stats_table(found, depth, flops))


@app.command()
def graph(spec: Spec, set_: Set = [], input_: InputOption = []) -> None:  # noqa: B006
    """Print the net by stage, repeats folded, as Graphviz DOT."""
    from resdsl.report.dot import dot

    sys.stdout.write(dot(_network(spec, set_, input_).ir))


@app.command()
def check(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Specs, folders of them, shipped nets, or -."),
    ],
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    format_: Annotated[
        Format, typer.Option("--format", help="For people, or for programs.")
    ] = "text",
    json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on warnings, too.")] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=0, help="Processes; 0: as the number of files asks.")
    ] = 0,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a file changes.")
    ] = False,
) -> None:
    """Check specs: names, shapes, lints, and what they expect of themselves."""
    from resdsl.check import changes, check_all, report
    from resdsl.report.style import paint_for
    from resdsl.zoo import spec_files

    form: Format = "json" if json else format_
    params, inputs = _overrides(set_, input_)

    def once() -> int:
        files = spec_files(specs)
        results = _with_bar(check_all(files, params, inputs, jobs), len(files))
        sys.stdout.write(report(results, form, paint_for(sys.stdout)))
        sys.stdout.flush()
        failed = any(not r.ok or (strict and r.diagnostics) for r in results)
        return 2 if any(r.missing for r in results) else int(failed)

    if not watch:
        raise typer.Exit(once())
    _can_watch(specs, form)
    _again(once)
    for _ in changes(specs):
        _again(once)


@app.command()
def fmt(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders of them, or -.")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file would change.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what changes.")] = False,
) -> None:
    """Lay out specs in the one canonical way; comments and grouping stay."""
    from resdsl import fmt as formatter
    from resdsl.report.style import coloured, paint_for
    from resdsl.report.text import visible

    write = not check and not diff
    results = list(formatter.format_all(paths, write))
    for one in results:
        if diff:
            sys.stdout.write(formatter.diff(one, paint_for(sys.stdout) is coloured))
        elif check and one.changed:
            print(f"would change: {visible(one.path)}")
        elif write and one.path == formatter.STDIN and not one.diagnostics:
            sys.stdout.buffer.write(one.new.encode())
    sys.stdout.flush()
    if found := [d for one in results for d in one.diagnostics]:
        _report(ResdslError(*found))
    print(formatter.summary(results, write), file=sys.stderr)
    changed = check and any(one.changed for one in results)
    raise typer.Exit(max(int(changed), *(one.exit_code for one in results)))


@app.command()
def explain(
    codes: Annotated[
        list[str], typer.Argument(metavar="[CODE]...", help="Such as E310; all of them without.")
    ] = [],  # noqa: B006
    json: Json = False,
) -> None:
    """Say what an error or a warning means: what, why, an example and its repair."""
    from dataclasses import asdict

    from resdsl.diagnostics import CODES
    from resdsl.explanations import page
    from resdsl.report.style import is_rich
    from resdsl.report.text import json_text

    pages = [page(_code(code)) for code in codes]
    if json:
        print(json_text([asdict(p) for p in pages or map(page, CODES)]))
    elif not pages:
        print("\n".join(f"{code}  {title}" for code, title in CODES.items()))
    elif is_rich(sys.stdout):
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown("\n".join(p.text for p in pages)))
    else:
        sys.stdout.write("\n".join(p.text for p in pages))


@app.command("list")
def list_(json: Json = False) -> None:
    """List the shipped nets: name, year, paper, parameters, multiply-adds."""
    from dataclasses import asdict

    from resdsl.catalogue import catalogue
    from resdsl.report.tables import zoo_table
    from resdsl.report.text import json_text

    entries = [asdict(entry) for entry in catalogue()]
    print(json_text(entries) if json else zoo_table(entries))


def _network(spec: str, settings: list[str], shapes: list[str]) -> Any:
    from resdsl.network import load

    params, inputs = _overrides(settings, shapes)
    return load(spec, input=inputs, params=params)


def _overrides(
    settings: list[str], shapes: list[str]
) -> tuple[dict[str, str], dict[str, str] | None]:
    """What `--set` and `--input` say, as `load` takes it."""
    inputs = dict(_pair("--input", s) if "=" in s else ("", s) for s in shapes)
    return dict(_pair("--set", s) for s in settings), inputs or None


def _pair(option: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier() or not value.strip():
        raise UsageError(f"{option} takes name=value, got `{text}`")
    return name.strip(), value.strip()


def _code(word: str) -> str:
    from resdsl.diagnostics import CODES, did_you_mean

    if word.upper() in CODES:
        return word.upper()
    hint = did_you_mean(word.upper(), CODES) or "`resdsl explain` lists them"
    raise UsageError(f"there is no code `{word}`; {hint}")


def _with_bar(results: Iterator[Checked], total: int) -> list[Checked]:
    """All of them, behind a bar where it takes time and someone is looking; then the bar goes."""
    from resdsl.check import MANY
    from resdsl.report.style import is_rich

    if total < MANY or not is_rich(sys.stderr):
        return list(results)
    with typer.progressbar(results, total, "Checking", file=sys.stderr) as bar:
        found = list(bar)
    print("\x1b[1A\x1b[2K", end="", file=sys.stderr, flush=True)
    return found


def _can_watch(specs: list[str], form: Format) -> None:
    from importlib.util import find_spec

    if "-" in specs or form != "text":
        raise UsageError("--watch is for files, and shows text")
    if find_spec("watchfiles") is None:
        raise UsageError("--watch needs watchfiles: pip install 'resdsl[watch]'")


def _again(once: Callable[[], int]) -> None:
    """One round of `check --watch`."""
    from resdsl.report.style import is_rich

    if is_rich(sys.stdout):
        print("\x1b[2J\x1b[H", end="")
    try:
        once()
    except ResdslError as error:  # a folder that has no spec, for now
        _report(error)
    print("Watching for changes; Ctrl-C ends.", file=sys.stderr, flush=True)


def _report(error: ResdslError) -> None:
    from resdsl.report.findings import render_run
    from resdsl.report.style import paint_for

    sys.stdout.flush()
    print(render_run(error.diagnostics, paint_for(sys.stderr)), file=sys.stderr)


def main() -> None:
    """The entry point: whatever goes wrong ends in words and an exit code."""
    # a short life: collecting garbage and looking for pydantic's plug-ins would be a tenth of it
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if isinstance(sys.stdout, io.TextIOWrapper):  # in what a terminal cannot show there is no error
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(_run())


def _run() -> int:
    from resdsl.report.text import visible
    from resdsl.zoo import SpecNotFound

    try:
        app(standalone_mode=True)
    except ResdslError as error:
        _report(error)
        return 2 if isinstance(error, SpecNotFound) else 1
    except UsageError as error:
        print(f"resdsl: {visible(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"resdsl: {error.strerror or error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    main()

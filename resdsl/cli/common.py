"""What commands share: the app, their options, and the net that they name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from resdsl.diagnostics import ResdslError

if TYPE_CHECKING:
    from resdsl.codegen.backend import Backend

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
Functions = Annotated[
    bool, typer.Option("--functions", help="Stages as functions, boxes in Netron; for onnx.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="The file to write; standard output without it."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a file that resdsl did not write.")]

Level = Literal["stage", "block", "layer"]
Flops = Literal["1x", "2x"]
Dtype = Literal["float64", "float32", "bfloat16", "float16"]
Repeat = Literal["auto", "unroll", "scan"]
Format = Literal["text", "json", "github", "sarif"]
Theme = Literal["light", "dark"]
F = TypeVar("F", bound=str)


class UsageError(Exception):
    """What the user asked for cannot be: exit code 2."""


def network(spec: str, settings: list[str], shapes: list[str]) -> Any:
    """The `Network` that a command is about."""
    from resdsl.network import load

    params, inputs = overrides(settings, shapes)
    return load(spec, input=inputs, params=params)


def overrides(
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


def known_backend(name: str) -> Backend:
    """The backend of this name."""
    from resdsl.codegen.backend import UnknownBackend, find_backend

    try:
        return find_backend(name)
    except UnknownBackend as error:
        raise UsageError(str(error)) from None


def need_options(backend: Backend, options: Iterable[str]) -> None:
    """Refuse an option of `compile` that the backend does not have."""
    for name in options:
        if name not in backend.emit_options:
            raise UsageError(f"the backend `{backend.name}` has no --{name}")


def write(path: Path, data: str | bytes, force: bool) -> None:
    """Write a file, but over no file that resdsl did not write, unless `force`."""
    from resdsl.files import write_bytes

    need_writable(path, force)
    write_bytes(path, data.encode() if isinstance(data, str) else data)


def form_of(output: Path | None, known: Mapping[str, F], default: F) -> F:
    """The format that the name of a file says."""
    if output is None:
        return default
    if output.is_dir():
        raise UsageError(f"{output} is a folder")
    if output.suffix.lower() not in known:
        raise UsageError(f"`{output}` ends in none of {' '.join(known)}: say which --format")
    return known[output.suffix.lower()]


def put(path: Path | None, make: Callable[[], str | bytes], force: bool) -> None:
    """Write what `make` gives to a file, as `write` does, or to standard output; bytes to no
    terminal.
    """
    if path is not None:
        need_writable(path, force)
        write(path, make(), force)
        return
    data = make()
    if isinstance(data, str):
        sys.stdout.write(data)
    elif sys.stdout.isatty():
        raise UsageError("this is no text for a terminal: -o FILE, or a pipe")
    else:
        sys.stdout.buffer.write(data)


def write_emitted(
    backend: Backend, path: Path, force: bool, emit: Callable[[], str | bytes]
) -> None:
    """Write what `emit` gives, as `write` does; what one file does not hold, as several. What the
    backend wrote beside the file that is replaced goes with it.
    """
    from resdsl.codegen.backend import TooLarge

    need_writable(path, force)
    beside: Callable[[Path], set[Path]] = getattr(backend, "beside", lambda file: set())
    old = beside(path)
    try:
        data = emit()
    except TooLarge as large:
        try:
            large.save(path, force)
        except FileExistsError as error:
            raise UsageError(str(error)) from None
    else:
        write(path, data, force)
    for orphan in old - beside(path):
        orphan.unlink(missing_ok=True)


def need_writable(path: Path, force: bool) -> None:
    """Refuse a path at which `write` must not write."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}")
    if path.is_file() and not force and not _is_ours(path):
        raise UsageError(f"{path} was not written by resdsl; --force overwrites it")


def _is_ours(path: Path) -> bool:
    """A module, weights, a map, a model or a picture that resdsl wrote: each says so."""
    from resdsl.codegen.backend import is_generated
    from resdsl.files import is_marked
    from resdsl.weights.match_map import HEAD

    with path.open("rb") as file:
        head = file.read(4096)
    return (
        is_generated(head.decode("utf-8", "replace"))
        or b'"__metadata__":{"resdsl":' in head
        or b"\x12\x06resdsl" in head[:16]
        or head.startswith(HEAD)
        or is_marked(path)
    )


@contextmanager
def told_warnings() -> Iterator[None]:
    """Warnings that come up inside are told in words, each once."""
    import warnings

    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield
    for message in dict.fromkeys(str(one.message) for one in found):
        print(f"resdsl: {message}", file=sys.stderr)


def show_errors(error: ResdslError) -> None:
    """The diagnostics, to standard error."""
    from resdsl.report.findings import render_run
    from resdsl.report.style import paint_for

    sys.stdout.flush()
    print(render_run(error.diagnostics, paint_for(sys.stderr)), file=sys.stderr)

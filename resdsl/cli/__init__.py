"""The command line: thin commands over `resdsl.network`.

Exit codes: 0 fine; 1 the spec is wrong, weights do not fit, or a check says no; 2 usage, an unknown
backend, a missing file or extra; 3 the environment failed (disk full, no permission); 130
interrupted.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from typing import Annotated

try:
    import typer

    # the commands, in the order of the help
    from resdsl.cli import (  # noqa: F401
        diff,
        figures,
        nets,
        pictures,
        plot,
        texts,
        view,
        weights,
        weights_adopt,
    )  # fmt: skip
    from resdsl.cli.common import UsageError, app, show_errors
    from resdsl.diagnostics import ResdslError
except KeyboardInterrupt:  # this takes long enough to be interrupted
    sys.exit(130)

__all__ = ["app", "main"]


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


def main() -> None:
    """The entry point: whatever goes wrong ends in words and an exit code."""
    # a short life: collecting garbage and looking for pydantic's plug-ins would be a tenth of it
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if isinstance(sys.stdout, io.TextIOWrapper):  # in what a terminal cannot show there is no error
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = _run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _run() -> int:
    from resdsl.extras import MissingExtra
    from resdsl.report.text import visible
    from resdsl.weights.tree import WeightsError
    from resdsl.zoo import SpecNotFound

    try:
        app(standalone_mode=True)
    except ResdslError as error:
        show_errors(error)
        return 2 if isinstance(error, SpecNotFound) else 1
    except WeightsError as error:
        print("resdsl:", "\n".join(map(visible, str(error).split("\n"))), file=sys.stderr)
        return 1
    except (UsageError, MissingExtra) as error:
        print(f"resdsl: {visible(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"resdsl: {visible(_words(error))}", file=sys.stderr)
        return 3
    return 0


def _words(error: OSError) -> str:
    """What went wrong, and with which file."""
    words = error.strerror or str(error)
    return words if error.filename is None else f"{error.filename}: {words}"

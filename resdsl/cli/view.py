"""The command `view`: a net as a page that follows its file."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Annotated

import typer

from resdsl.cli.common import InputOption, Set, Spec, app, overrides


@app.command()
def view(
    spec: Spec,
    set_: Set = [],  # noqa: B006
    input_: InputOption = [],  # noqa: B006
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Where to serve; 0: any free one.")
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, and open nothing.")
    ] = False,
) -> None:
    """Show the net in the browser, open it by clicking; a file is followed as it is saved."""
    from resdsl.view import Server, View

    seen = View(spec, *overrides(set_, input_))
    follows = _follows(spec)
    if seen.problem and not follows:  # nobody will repair it
        raise seen.problem
    try:
        server = Server(seen, port)
    except OSError as error:
        words = f"port {port}: {error.strerror}; without --port a free one is taken"
        raise OSError(error.errno, words) from None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{server.url}  Ctrl-C ends.", flush=True)
    if not no_browser and _has_screen():
        import webbrowser

        webbrowser.open(server.url)
    if follows:
        from resdsl.check import changes

        for _ in changes([spec]):
            seen.reload()
    while True:
        time.sleep(3600)


def _has_screen() -> bool:
    """Without one a browser would take over the terminal."""
    screens = "DISPLAY", "WAYLAND_DISPLAY"
    return sys.platform in ("darwin", "win32") or any(map(os.environ.get, screens))


def _follows(spec: str) -> bool:
    """Whether there is a file that may change, and what it takes to notice."""
    from importlib.util import find_spec

    if spec == "-":
        return False
    if find_spec("watchfiles") is None:
        print("To follow the file: pip install 'resdsl[watch]'", file=sys.stderr)
        return False
    return True

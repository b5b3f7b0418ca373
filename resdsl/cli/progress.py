"""What someone at a terminal sees while a command works: a bar, or how long it has taken.

Both are on standard error and go when the work is done. A pipe, a file and a terminal that knows no
escape sequences get nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Timer
from typing import TYPE_CHECKING, TypeVar

from resdsl.report.style import is_rich

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

T = TypeVar("T")

MANY = 16
"""So many things are worth a bar."""
SOON = 0.5
"""After so many seconds, whoever waits is told that something is going on."""


def tracked(items: Iterable[T], total: int, words: str) -> Iterator[T]:
    """The items, behind a bar where they are many."""
    if total < MANY or not is_rich(sys.stderr):
        yield from items
        return
    with _progress(auto_refresh=False) as bar:  # a thread of its own would not do: `check` forks
        yield from bar.track(items, total, description=words)


@contextmanager
def waiting(words: str) -> Iterator[None]:
    """A line that shows for how long one thing has been going on, once that is a while."""
    if not is_rich(sys.stderr):
        yield
        return
    shown = ExitStack()
    timer = Timer(SOON, lambda: shown.enter_context(_clock(words)))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        shown.close()


def _clock(words: str) -> Progress:
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    clock = _progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    clock.add_task(words, total=None)
    return clock


def _progress(*columns: ProgressColumn, auto_refresh: bool = True) -> Progress:
    """On standard error; what a command prints meanwhile goes where it would have gone."""
    from rich.console import Console
    from rich.progress import Progress

    return Progress(
        *columns,
        console=Console(stderr=True),
        auto_refresh=auto_refresh,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )

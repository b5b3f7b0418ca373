"""What someone at a terminal sees while a command works: a bar, or how long it has taken.

Both are on standard error and go when the work is done. A pipe, a file and a terminal that knows no
escape sequences get nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from resdsl.report.style import is_rich

T = TypeVar("T")

MANY = 16
"""So many things are worth a bar."""


def tracked(items: Iterable[T], total: int, words: str) -> Iterator[T]:
    """The items, behind a bar where they are many."""
    if total < MANY or not is_rich(sys.stderr):
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    # without a thread that draws: `check` forks
    yield from track(
        items, words, total, auto_refresh=False, console=Console(stderr=True), transient=True
    )


@contextmanager
def waiting(words: str) -> Iterator[None]:
    """A line that shows for how long, while one thing is done."""
    if not is_rich(sys.stderr):
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(words, total=None)
        yield

"""Passes: functions from a valid net to a valid net, one a file, and how they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from resdsl.ir.graph import Net
from resdsl.ir.verify import verify

Pass = Callable[[Net], Net]


def run(net: Net, passes: Iterable[Pass], check: bool = False) -> Net:
    """The net after all `passes`, in order. With `check`, each must leave a valid net.

    What a pass raises, or breaks, is raised with its name in a note.
    """
    for step in passes:
        try:
            net = step(net)
            if check:
                verify(net)
        except Exception as error:
            error.add_note(f"in the pass `{step.__name__}`")
            raise
    return net

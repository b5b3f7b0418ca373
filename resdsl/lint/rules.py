"""The table of the rules, and the run over it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

from resdsl.diagnostics import Diagnostic
from resdsl.elaborate.library import Library
from resdsl.elaborate.model import RECURSION, Elaborated
from resdsl.lint import allow, branches, flow, stages, twins, unused
from resdsl.lint.text import Text
from resdsl.syntax import tree

RULES: dict[str, Callable[[Text], Iterator[Diagnostic]]] = {
    "W302": flow.bias,
    "W306": unused.label,
    "W307": unused.name,
    "W308": unused.block,
    "W309": unused.use,
    "W310": stages.stage,
    "W311": branches.branch,
    "W312": twins.twin,
    "W314": flow.softmax,
    "W315": flow.merge,
    "W316": unused.step,
    "W320": allow.code,
}


def lint(
    file: tree.File, library: Library, elaborated: Sequence[Elaborated] = ()
) -> list[Diagnostic]:
    """What the rules say of a file without errors, by position; nothing twice.

    `elaborated` are the nets of its models: without them, nothing is said of sizes. A file that is
    broken somewhere has errors, and is not looked at.
    """
    if file.broken:
        return []
    text = Text(file, library, elaborated)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    try:
        found = {(d.code, d.span): d for rule in RULES.values() for d in rule(text)}
    finally:
        sys.setrecursionlimit(limit)
    return sorted(found.values(), key=lambda d: d.span.start if d.span else 0)

"""Lints: what is legal, and likely not meant.

Each rule is a function of a `Text` that yields warnings; its docstring is its law, and `RULES` has
them all. What depends on values and shapes is found while a net is elaborated: `Op.advise`, and
`resdsl.elaborate.advice`.

`resdsl.check` calls `lint(file, library, elaborated)` once for each file without errors, adds the
`warnings` of what it elaborated, and shows what `kept(diagnostics, config)` leaves of both.
"""

from __future__ import annotations

from resdsl.lint.allow import kept
from resdsl.lint.rules import RULES, lint

__all__ = ["RULES", "kept", "lint"]

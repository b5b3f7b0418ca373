"""The limits on what a text may ask for, in one place: past one, a diagnostic (E500), never a hang or a traceback.

They bound work and recursion, not taste: the largest net of the zoo stays far below each.
"""

from __future__ import annotations

MAX_FILE_BYTES = 128 * 1024
"""Size of one source file, encoded as UTF-8."""

MAX_NESTING = 100
"""Brackets of all three kinds that are open at one place."""

MAX_EXPRESSION_DEPTH = 200
"""Operators, accesses and brackets around one place of the text: no syntax tree is deeper, so recursion over one
is safe. A sum of more than 200 terms is refused, too, because it is a tree of that depth; a list may be longer."""

MAX_NUMBER_DIGITS = 30
"""Digits of a number's mantissa, and of an integer that a suffix (`4.09G`) makes."""

MAX_INTERPOLATIONS = 100
"""Expressions in braces in one string."""

MAX_NODES = 2_000_000
"""Operations of a net, counted where they run: a block that is called ten times counts ten times."""

MAX_REPEAT = 100_000
"""Instances that one `xN` makes, and turns of one `for`."""

MAX_DEPTH = 64
"""Blocks being expanded inside one another."""

MAX_STEPS = 5_000_000
"""Steps of evaluation (expressions, comprehension turns, statements) of one net."""

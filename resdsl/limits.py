"""The limits on what a text may ask for: past one, a diagnostic (E500), never a hang or a crash.

They bound work and recursion, not taste: the largest net of the zoo stays far below each.
"""

from __future__ import annotations

MAX_FILE_BYTES = 128 * 1024
"""Size of one source file, encoded as UTF-8."""

MAX_NESTING = 100
"""Brackets of all three kinds that are open at one place."""

MAX_EXPRESSION_DEPTH = 200
"""Operators, accesses and brackets around one place of the text: no expression is a deeper tree,
so that recursion over one is safe. A sum of 202 terms is such a tree; a list may be longer."""

MAX_NUMBER_DIGITS = 30
"""Digits of a number's mantissa, and of an integer that a suffix (`4.09G`) makes."""

MAX_TOKENS = 50_000
"""Words, numbers and signs of one file; ordinary text of MAX_FILE_BYTES has some 30,000."""

MAX_INTERPOLATIONS = 2_000
"""Expressions in the strings of one file; a plain name, as in `"{i}"`, does not count."""

MAX_ERRORS = 200
"""Errors of syntax that one file is told of; the reading ends there."""

MAX_NODES = 2_000_000
"""Operations of a net where they run: a block that is called ten times counts ten times."""

MAX_SIDE = 2**31 - 1
"""One dimension of one tensor: unbounded, enlarging ops would make numbers of 1,000s of digits."""

MAX_REPEAT = 100_000
"""Instances that one `xN` makes, and turns of one `for`."""

MAX_DEPTH = 64
"""Blocks being expanded inside one another."""

MAX_VALUE = 100_000
"""Items of a list with all that they hold, and characters of a text."""

MAX_STEPS = 200_000
"""Steps of evaluation (expressions, comprehension turns, statements) of one net: some 10
microseconds each. CIFAR-12002 takes 6,500, DenseNet-121 3,300."""

MAX_BOXES = 20_000
"""Boxes of one picture, where equal repeats are one."""

MAX_FIGURE_BOXES = 1_000
"""Layers that all nets of one `figure` draw: it is looked at, and `--fold` draws a run once."""

MAX_LAYOUT_SECONDS = 20
"""What Graphviz may take for one picture; DenseNet-201 by layer, a megabyte of SVG, takes it 2."""

MAX_PIXELS = 64_000_000
"""Of a PNG: 256 MB while it is drawn. What is larger is drawn with fewer pixels to an inch."""

MAX_LAYERS_PLOTTED = 5_000
"""Layers of one profile: more bars than a plot has pixels are none."""

MAX_NETS_PLOTTED = 100
"""Points of one plot: it has no room for the names of more."""

MAX_NETS_PROFILED = 4
"""Profiles side by side."""

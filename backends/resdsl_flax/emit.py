"""A net as one file that needs jax and flax alone."""

from __future__ import annotations

import re

from resdsl.codegen.backend import Header
from resdsl.codegen.plan import plan
from resdsl.codegen.text import class_lines, docstring
from resdsl.ir.graph import Net
from resdsl_flax.dialect import FlaxDialect
from resdsl_flax.helpers import needed
from resdsl_flax.initial import draws
from resdsl_flax.repeat import Repeats

_STANDARD = {
    "copy": "import copy",
    "math": "import math",
    "Callable": "from collections.abc import Callable",
    "fnmatchcase": "from fnmatch import fnmatchcase",
    "partial": "from functools import partial",
    "accumulate": "from itertools import accumulate",
    "Any": "from typing import Any, NamedTuple",
    "NamedTuple": "from typing import NamedTuple",
}

_MODULES = {"copy", "math"}
"""Words that a docstring may have, too."""

CREATE = '''
def create(
    seed: int = 0, *, dtype: DTypeLike | None = None, param_dtype: DTypeLike = jnp.float32
) -> {root}:
    """A new model, in a fraction of the time that its constructor takes.

    Its weights are of `param_dtype`; it computes in `dtype`, by default in what fits its input.
    The same seed gives the constructor other weights of the same distributions.
    """

    @nnx.jit
    def made() -> tuple[{root}, Array]:
        rngs = nnx.Rngs(seed)
        rngs.default.count.set_value(np.zeros((), np.uint32))  # counting need not be traced
        model = {root}(dtype=dtype, param_dtype=param_dtype, rngs=rngs)
        model._draws().blank()
        return model, rngs.params()

    model, key = made()
    model._draws().draw(key)
    return model
'''

CREATE_PLAIN = '''
def create(
    seed: int = 0, *, dtype: DTypeLike | None = None, param_dtype: DTypeLike = jnp.float32
) -> {root}:
    """A new model, its weights of `param_dtype`, that computes in `dtype`."""
    return {root}(dtype=dtype, param_dtype=param_dtype, rngs=nnx.Rngs(seed))
'''


def emit(net: Net, header: Header, repeat: str = "auto") -> str:
    """The source. The same bytes for the same net and header, anywhere."""
    last = "self._draws().draw(rngs.params())" if draws(net) else ""
    made = plan(net, FlaxDialect(last, Repeats.of(net, repeat)))
    if method := draws(net, made.folds):
        made.classes[-1].methods.insert(1, method)
    classes = ["\n".join(class_lines(cls)) for cls in made.classes]
    create = (CREATE if method else CREATE_PLAIN).strip("\n").format(root=made.root)
    code = "\n\n\n".join([*needed("\n".join(classes)), *classes, create])
    head = "\n".join(docstring(header.docstring(), 0))
    return f"{head}\n\n{_imports(code)}\n\n\n{code}\n"


def _imports(code: str) -> str:
    words = set(re.findall(r"(?<![.\w])[A-Za-z_][A-Za-z0-9_]*", code)) - _MODULES
    words |= {name for name in _MODULES if re.search(rf"(?<![.\w]){name}\.\w", code)}
    standard = [line for name, line in _STANDARD.items() if name in words]
    if "Any" in words and "NamedTuple" not in words:
        standard = [line.removesuffix(", NamedTuple") for line in standard]
    elif "Any" in words:
        standard.remove(_STANDARD["NamedTuple"])
    flax = [
        *(["import jax"] if re.search(r"\bjax\.", code) else []),
        "import jax.numpy as jnp",
        *(["import numpy as np"] if re.search(r"\bnp\.", code) else []),
        "from flax import nnx",
        "from jax import Array",
        "from jax.typing import DTypeLike",
    ]
    return "\n".join([*standard, *([""] if standard else []), *flax])

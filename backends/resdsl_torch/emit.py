"""A net as one file that needs torch alone."""

from __future__ import annotations

import re

from resdsl.codegen.backend import Header
from resdsl.codegen.plan import plan
from resdsl.codegen.text import class_lines, docstring
from resdsl.ir.graph import Net
from resdsl_torch.dialect import TorchDialect
from resdsl_torch.helpers import needed
from resdsl_torch.initial import initialise

_STANDARD = {
    "OrderedDict": "from collections import OrderedDict",
    "fnmatchcase": "from fnmatch import fnmatchcase",
    "NamedTuple": "from typing import NamedTuple",
}


def emit(net: Net, header: Header) -> str:
    """The source. The same bytes for the same net and header, anywhere."""
    method = initialise(net)
    made = plan(net, TorchDialect("self._initialise()" if method else ""))
    root = made.classes[-1]
    if method:
        root.methods.insert(1, method)
    classes = ["\n".join(class_lines(cls)) for cls in made.classes]
    parts = [*needed("\n".join(classes)), *classes]
    code = "\n\n\n".join(parts)
    head = "\n".join(docstring(header.docstring(), 0))
    return f"{head}\n\n{_imports(code)}\n\n\n{code}\n"


def _imports(code: str) -> str:
    words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", code))
    standard = [line for name, line in _STANDARD.items() if name in words]
    torch = [
        *(["import torch"] if "torch" in words else []),
        *(["import torch.nn.functional as F"] if re.search(r"\bF\.", code) else []),
        f"from torch import {'Tensor, nn' if 'nn' in words else 'Tensor'}",
    ]
    return "\n".join([*standard, *([""] if standard else []), *torch])

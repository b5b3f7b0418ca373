"""Brings the generated parts of the documentation up to date: `make docs`.

README.md's table of the paper is made from the shipped nets, docs/ops.md from the classes of the
ops, docs/blocks.md from the comments of the standard blocks.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

import resdsl
import resdsl.ops
from resdsl.ir.op import Op
from resdsl.paths import std_root

ROOT = Path(__file__).resolve().parents[1]

# What the paper (arXiv:1512.03385) prints of a net: FLOPs (Table 1, text) or parameters (Table 6).
PAPER = [
    ("ResNet-18", "resnet18", "1.8×10⁹", ""),
    ("ResNet-34", "resnet34", "3.6×10⁹", ""),
    ("ResNet-50", "resnet50", "3.8×10⁹", ""),
    ("ResNet-101", "resnet101", "7.6×10⁹", ""),
    ("ResNet-152", "resnet152", "11.3×10⁹", ""),
    ("plain-34", "plain34", "3.6×10⁹", ""),
    ("VGG-16", "vgg16", "15.3×10⁹", ""),
    ("VGG-19", "vgg19", "19.6×10⁹", ""),
    ("ResNet-20, CIFAR-10", "cifar/resnet20", "", "0.27M"),
    ("ResNet-32, CIFAR-10", "cifar/resnet32", "", "0.46M"),
    ("ResNet-44, CIFAR-10", "cifar/resnet44", "", "0.66M"),
    ("ResNet-56, CIFAR-10", "cifar/resnet56", "", "0.85M"),
    ("ResNet-110, CIFAR-10", "cifar/resnet110", "", "1.7M"),
    ("ResNet-1202, CIFAR-10", "cifar/resnet1202", "", "19.4M"),
]
BLOCK = re.compile(r"(?P<doc>(?:^##.*\n)*)^block (?P<head>\w+(?:\([^{]*\))?) *\{", re.MULTILINE)


def documents() -> dict[Path, str]:
    """The text of every generated file, as it should be today."""
    readme = ROOT / "README.md"
    return {
        readme: _filled(readme.read_text(encoding="utf-8")),
        ROOT / "docs" / "ops.md": _ops(),
        ROOT / "docs" / "blocks.md": _blocks(),
    }


def _filled(readme: str) -> str:
    """README.md with its table of the paper: printed beside counted."""
    lines = [
        "| net | multiply-adds | the paper | parameters | the paper |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, spec, flops, params in PAPER:
        stats = resdsl.load(spec).stats()
        lines.append(f"| {name} | {stats.macs:,} | {flops} | {stats.params:,} | {params} |")
    begin, end = "<!-- begin: paper (make docs) -->", "<!-- end: paper -->"
    table = "\n".join(lines)
    old = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return old.sub(f"{begin}\n{table}\n{end}", readme)


def _ops() -> str:
    text = "# The ops\n\nWhat a backend spells. Made by `make docs` from `resdsl/ops/`.\n"
    for kind, op in sorted(Op.registry.items()):
        fields = [_field(name, info.default) for name, info in op.model_fields.items()]
        arguments = ", ".join([*op.tensors, *fields])
        text += _entry(
            kind, f"{kind}({arguments})" if arguments else kind, inspect.getdoc(op) or ""
        )
    return text


def _field(name: str, default: Any) -> str:
    """One keyword of an op as a spec would write it."""
    if default is PydanticUndefined:
        return name
    if default is None:
        return f"{name}=..."
    if isinstance(default, tuple) and len(set(default)) == 1:
        default = default[0]
    return f"{name}={str(default).lower() if isinstance(default, bool) else default}"


def _blocks() -> str:
    text = "# The standard blocks\n\nMade by `make docs` from the texts in `resdsl/std/`.\n"
    for path in sorted(std_root().glob("*.res")):
        text += f"\n## [{path.name}](../resdsl/std/{path.name})\n"
        for block in BLOCK.finditer(path.read_text(encoding="utf-8")):
            doc = re.sub(r"^## ?", "", block["doc"], flags=re.MULTILINE)
            head = re.sub(r"\s+", " ", block["head"])
            text += _entry(re.split(r"\W", head)[0], head, doc)
    return text


def _entry(name: str, head: str, doc: str) -> str:
    glued = head.replace(" ", "\xa0").replace(",\xa0", ", ")  # fold between arguments only
    folded = textwrap.fill(glued, 96, subsequent_indent="    ", break_long_words=False)
    folded = folded.replace("\xa0", " ")
    return f"\n### {name}\n\n```text\n{folded}\n\n{doc.strip()}\n```\n"


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")

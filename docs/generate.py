"""Brings the generated parts of the documentation up to date: `make docs`.

README.md's table of the paper is made from the shipped nets. Two columns are the paper's own words
(arXiv:1512.03385, Tables 1 and 6); the rest is counted.
"""

from __future__ import annotations

import re
from pathlib import Path

import resdsl

README = Path(__file__).resolve().parents[1] / "README.md"

# Net, its shipped name, and what the paper prints: FLOPs (Table 1, text) or parameters (Table 6).
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


def table() -> str:
    """The paper's nets, a row each: printed beside counted."""
    lines = [
        "| net | multiply-adds | the paper | parameters | the paper |",
        "|---|--:|--:|--:|--:|",
    ]
    for name, spec, flops, params in PAPER:
        stats = resdsl.load(spec).stats()
        lines.append(f"| {name} | {stats.macs:,} | {flops} | {stats.params:,} | {params} |")
    return "\n".join(lines)


def filled(text: str) -> str:
    """`text` with its table of the paper as it is today."""
    begin, end = "<!-- begin: paper (make docs) -->", "<!-- end: paper -->"
    between = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return between.sub(f"{begin}\n{table()}\n{end}", text)


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")

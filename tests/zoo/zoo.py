"""What ships, and the exact figures to hold it to (`nets.json`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from resdsl.paths import specs_root
from resdsl.source import Source
from resdsl.syntax.parse import parse

FIGURES: dict[str, Any] = json.loads(Path(__file__).with_name("nets.json").read_text("utf-8"))

FILES = {
    path.relative_to(specs_root()).with_suffix("").as_posix(): path
    for path in sorted(specs_root().rglob("*.res"))
}
"""Every shipped spec, by zoo name."""

PAPER = [
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
    "plain18", "plain34", "vgg16", "vgg19",
    *(f"cifar/resnet{n}" for n in (20, 32, 44, 56, 110, 1202)),
    *(f"cifar/plain{n}" for n in (20, 32, 44, 56, 110)),
    *(f"torchvision/resnet{n}" for n in (18, 34, 50, 101, 152)),
    "torchvision/vgg16", "torchvision/vgg19",
]  # fmt: skip
"""The specs of the paper: each must be there."""


def models(name: str) -> list[str]:
    """The spec of each model that the file defines: `resnet34`, `resnet34:resnet34_B`."""
    path = FILES[name]
    file = parse(Source(path.name, path.read_text("utf-8")))
    return [
        name if model.name.text == path.stem else f"{name}:{model.name.text}"
        for model in file.models
    ]


MODELS = [spec for name in FILES for spec in models(name)]

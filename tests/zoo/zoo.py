"""What ships, and the exact figures to hold it to (`nets.json`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from resdsl.catalogue import names
from resdsl.zoo import files, zoo

FIGURES: dict[str, Any] = json.loads(Path(__file__).with_name("nets.json").read_text("utf-8"))

FILES = files()
"""Every shipped spec file, by zoo name."""

MODELS = list(zoo())
"""Every shipped net, and the rules of the families."""

NETS = names()
"""The nets that `resdsl list` has: those that say what they count."""

ONE_OF_EACH = list({zoo()[name].path: name for name in reversed(NETS)}.values())[::-1]
"""The first net of each file."""

OWN = [name for name in NETS if not name.startswith(("torchvision/", "timm/"))]
"""Those that nobody publishes as a module: test_published.py holds the others to theirs."""

PAPER = [
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
    "plain18", "plain34", "vgg16", "vgg19",
    *(f"cifar/resnet{n}" for n in (20, 32, 44, 56, 110, 1202)),
    *(f"cifar/plain{n}" for n in (20, 32, 44, 56, 110)),
    *(f"torchvision/resnet{n}" for n in (18, 34, 50, 101, 152)),
    "torchvision/vgg16", "torchvision/vgg19",
]  # fmt: skip
"""The specs of the paper: each must be there."""

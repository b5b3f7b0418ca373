"""The golden files of this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).with_name("golden")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], str]:
    """The text that is kept under a name; with --rewrite-golden, `text` is kept from now on."""

    def read(name: str, text: str) -> str:
        path = FOLDER / f"{name.replace('/', '.').replace(':', '.')}.txt"
        if request.config.getoption("--rewrite-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return path.read_text(encoding="utf-8")

    return read

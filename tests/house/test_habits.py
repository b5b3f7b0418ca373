"""What holds for every file of the project: its length, and what it does not name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("resdsl", "backends", "specs", "tests", "bench", "docs", ".ci")
LIMIT = 400

# Brackets keep these lines from matching themselves.
MACHINE = re.compile(
    r"far[m]-(bench|studio)|/[.]librar[y]\b|(?<![\w./])/(work|root|home)/[\w.]|"
    r"https?://\S*(pypi[.]or[g]|pythonhoste[d]|pytorch[.]org/wh[l])"
)
UNFINISHED = re.compile(r"\bTOD[O]\b|\bFIXM[E]\b|\bXX[X]\b")


def _files(*suffixes: str) -> Iterator[Path]:
    nested = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    for path in (*ROOT.iterdir(), *nested):
        if path.suffix in suffixes and path.is_file() and "__pycache__" not in path.parts:
            yield path


def _lines(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    """Where the pattern matches, in the files of these suffixes."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in _files(*suffixes)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_python_file_is_longer_than_its_limit() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _files(".py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LIMIT
    }
    assert long == {}


def test_no_file_names_the_machine_it_was_written_on() -> None:
    assert _lines(MACHINE, "", ".py", ".res", ".lark", ".md", ".toml", ".txt", ".json") == []


def test_no_source_leaves_work_for_later() -> None:
    assert _lines(UNFINISHED, ".py", ".res", ".lark") == []

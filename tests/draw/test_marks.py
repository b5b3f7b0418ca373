"""What resdsl made may be replaced by a newer one; what only speaks of it is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from resdsl.files import is_marked
from tests.command import run

OURS = [
    *(f"graph resnet18 -f {form}" for form in
      ("svg", "png", "pdf", "dot", "mermaid", "html", "json", "explorer")),
    "graph classics/googlenet --depth layer -f pdf", "graph resnet18 --theme dark -f mermaid",
    *(f"figure resnet18 -f {form}" for form in ("svg", "png", "pdf")),
    *(f"table resnet18 --format {form}" for form in ("markdown", "latex", "html")),
    *(f"plot resnet18 -f {form}" for form in ("svg", "png", "pdf")),
    *(f"diff resnet18 resnet34 -f {form}" for form in ("svg", "png", "pdf", "dot", "html", "json")),
]  # fmt: skip


@pytest.mark.parametrize("command", OURS)
def test_what_resdsl_made_is_replaced(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "out"
    for _ in range(2):
        assert run(monkeypatch, *command.split(), "-o", file) in (0, 1)
        assert is_marked(file)


@pytest.mark.parametrize(
    "text",
    [
        "# My paper\nFigures made by resdsl, text by me.\n",
        "// made by resdsl graph, then by hand\ndigraph {}\n",
        "made by resdsl\n",
        "<!-- not made by resdsl -->\n",
        "notes\n<!-- made by resdsl -->\n",
        "%PDF-1.4\nmade by resdsl\n%%EOF\n",
        '{\n  "by": "made by resdsl"\n}\n',
        "",
    ],
)
def test_what_only_speaks_of_it_stays(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine"
    file.write_text(text)
    assert run(monkeypatch, "graph", "resnet18", "-f", "svg", "-o", file) == 2
    assert "was not written by resdsl" in capsys.readouterr().err
    assert file.read_text() == text


def test_devices_are_written_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "graph", "resnet18", "-f", "svg", "-o", "/dev/null") == 0
    assert Path("/dev/null").is_char_device()
    assert run(monkeypatch, "graph", "resnet18", "-f", "svg", "-o", "/dev/full") == 3
    assert "No space left" in capsys.readouterr().err

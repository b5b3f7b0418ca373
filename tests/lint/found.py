"""What is found in a text, as pairs of a code and the text that the caret is under."""

from __future__ import annotations

from pathlib import Path

from resdsl.config import Config
from resdsl.diagnostics import Diagnostic
from resdsl.elaborate.library import Library
from resdsl.elaborate.model import elaborate
from resdsl.lint import kept, lint
from resdsl.source import Source

IMAGE = "input image: 3x32x32\n"


def warnings(
    text: str, folder: Path | None = None, name: str = "net.res", config: Config | None = None
) -> list[Diagnostic]:
    """The warnings of a text without errors, in the order of their places; each once."""
    library = Library(folder)
    scope = library.open(Source(name, text), folder)
    assert library.errors == []
    models = dict.fromkeys(model.name.text for model in scope.file.models)
    nets = [elaborate(scope.models[model], library) for model in models]
    found = {(d.code, d.span): d for net in nets for d in net.warnings}
    found |= {(d.code, d.span): d for d in lint(scope.file, library, nets)}
    assert all(d.severity == "warning" and d.span for d in found.values())
    return sorted(kept(found.values(), config or Config()), key=lambda d: d.span.start)


def found(text: str, folder: Path | None = None) -> list[str]:
    """`W301 stride=2` for each."""
    return [f"{d.code} {d.span.text}" for d in warnings(text, folder) if d.span]

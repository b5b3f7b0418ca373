"""How a result shows itself in a notebook. The floor that renders says it, the result only asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_as_html: list[Callable[[Any], str]] = []


class Shown:
    """A result that notebooks show as HTML, once somebody has said how."""

    def _repr_html_(self) -> str | None:
        """None, and so its `repr`, where nobody has."""
        return _as_html[-1](self) if _as_html else None


def show_with(html: Callable[[Any], str]) -> None:
    """All results are shown as `html` gives them, from now on."""
    _as_html[:] = [html]

"""Colours by role, so that one renderer serves a terminal and a pipe."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal, TextIO

Role = Literal[
    "error", "warning", "message", "frame", "note", "help", "added", "removed", "changed", "muted"
]
Paint = Callable[[Role, str], str]

_STYLES: dict[Role, dict[str, Any]] = {
    "error": {"fg": "bright_red", "bold": True},
    "warning": {"fg": "bright_yellow", "bold": True},
    "message": {"bold": True},
    "frame": {"fg": "bright_blue", "bold": True},
    "note": {"bold": True},
    "help": {"fg": "bright_cyan", "bold": True},
    "added": {"fg": "green"},
    "removed": {"fg": "red"},
    "changed": {"fg": "yellow"},
    "muted": {"dim": True},
}


def plain(role: Role, text: str) -> str:
    """The text as it is."""
    return text


def coloured(role: Role, text: str) -> str:
    """The text between the escape sequences of its role."""
    from typer import style

    return style(text, **_STYLES[role])


def paint_for(stream: TextIO) -> Paint:
    """`coloured` for a terminal that takes colours, unless NO_COLOR (no-color.org) says no."""
    return coloured if is_rich(stream) and not os.environ.get("NO_COLOR") else plain


def is_rich(stream: TextIO) -> bool:
    """Whether the stream is a terminal that obeys escape sequences."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"

"""Packages that not everybody has: what needs one says how to get it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class MissingExtra(Exception):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'resdsl[{extra}]'")


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Imports inside that find no package raise MissingExtra."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or str(error), extra) from None

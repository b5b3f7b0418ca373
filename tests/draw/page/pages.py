"""Pages to test: of a shipped net, or of any."""

from __future__ import annotations

from functools import cache

import resdsl
from resdsl import zoo
from resdsl.draw.page import page, whole
from resdsl.draw.picture import Picture
from resdsl.source import Source


@cache
def shipped(name: str) -> tuple[Picture, Source]:
    """What the page of a shipped net is made from."""
    source = zoo.locate(name).source
    return whole(resdsl.load(name).ir, source), source


@cache
def page_of(name: str) -> str:
    return page(*shipped(name))

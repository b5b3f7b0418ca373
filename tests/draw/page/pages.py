"""Pages to test: of a shipped net, or of any."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from functools import cache
from typing import Any

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


def data_of(html: str) -> dict[str, Any]:
    """What a page draws from."""
    packed = re.search('id="data">([A-Za-z0-9+/=]*)</script>', html)
    assert packed is not None
    found: dict[str, Any] = json.loads(gzip.decompress(b64decode(packed[1])))
    return found

"""What is plotted, as data: exactly the counts of `stats`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from resdsl.analysis.rows import Row
from resdsl.analysis.stats import Stats
from resdsl.limits import MAX_LAYERS_PLOTTED

_NUMBERED = re.compile(r"(\D*?)_?(\d+)(\D.*)?")
_SIZED = re.compile(r"(.+)_(tiny|small|base|large|huge|s|m|l|xl)")


class TooManyLayers(ValueError):
    """More bars than anyone can tell apart."""


class Point(BaseModel):
    """One net among others."""

    model_config = ConfigDict(frozen=True)

    name: str
    family: str
    """Nets of one family differ in a number or a size, and are joined; alone, a net's own name."""
    params: int
    macs: int


class Layer(BaseModel):
    """An op with multiply-adds and all that follows up to the next: its norm, activation, sum."""

    model_config = ConfigDict(frozen=True)

    path: str
    kind: str
    stage: str
    """The top-level statement that it is in."""
    params: int
    macs: int
    activation_memory: int


class Profile(BaseModel):
    """One net along its depth, in order of execution, as it infers. The layers sum to `stats`."""

    model_config = ConfigDict(frozen=True)

    name: str
    dtype: str
    batch: int
    layers: tuple[Layer, ...]


def points(nets: Sequence[tuple[str, Stats]]) -> list[Point]:
    """Each net by its name; by what it was asked for as, where two have one name."""
    names = _names(nets)
    families = [_family(name) for name in names]
    size = Counter(families)
    return [
        Point(
            name=name,
            family=family if size[family] > 1 else name,
            params=stats.params,
            macs=stats.macs,
        )
        for name, family, (_, stats) in zip(names, families, nets, strict=True)
    ]


def families(points: Sequence[Point]) -> dict[str, list[Point]]:
    """The nets of each family, the smallest first."""
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(point.family, []).append(point)
    return {name: sorted(members, key=lambda p: p.params) for name, members in found.items()}


def profiles(nets: Sequence[tuple[str, Stats]]) -> list[Profile]:
    """Each net along its depth. Raises TooManyLayers."""
    return [
        Profile(name=name, dtype=stats.dtype, batch=stats.batch, layers=tuple(_layers(name, stats)))
        for name, (_, stats) in zip(_names(nets), nets, strict=True)
    ]


def _names(nets: Sequence[tuple[str, Stats]]) -> list[str]:
    often = Counter(stats.name for _, stats in nets)
    return [stats.name if often[stats.name] == 1 else asked for asked, stats in nets]


def _family(name: str) -> str:
    """`resnet` of resnet50, `vgg…_bn` of vgg16_bn; `v2` and `v3` are no sizes of one design."""
    if sized := _SIZED.fullmatch(name):
        return sized[1]
    match = _NUMBERED.fullmatch(name)
    if not match or not match[1] or match[1].endswith("_v"):
        return name
    return match[1] + (f"…{match[3]}" if match[3] else "")


def _layers(name: str, stats: Stats) -> Iterator[Layer]:
    gathered: list[Row] = []
    stage = ""
    made = 0
    for top, op in _ops(stats):
        if op.macs and any(row.macs for row in gathered):
            yield _layer(gathered, stage)
            gathered = []
            made += 1
            if made > MAX_LAYERS_PLOTTED:
                raise TooManyLayers(f"`{name}` has more than {MAX_LAYERS_PLOTTED:,} layers to plot")
        if op.macs or not gathered:
            stage = top.name
        gathered.append(op)
    if gathered:
        yield _layer(gathered, stage)


def _layer(rows: Sequence[Row], stage: str) -> Layer:
    first = next((row for row in rows if row.macs), rows[0])
    return Layer(
        path=first.path,
        kind=first.kind,
        stage=stage,
        params=sum(row.params for row in rows),
        macs=sum(row.macs for row in rows),
        activation_memory=sum(row.activation_memory for row in rows),
    )


def _ops(stats: Stats) -> Iterator[tuple[Row, Row]]:
    """Each op that runs, behind its top-level statement."""
    for top in stats.rows:
        waiting = [top]
        while waiting:
            row = waiting.pop()
            inside = row.children
            if not inside and not row.train:
                yield top, row
            waiting += reversed(inside)

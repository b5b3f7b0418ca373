"""What the tests of `diff` share: shipped nets, loaded once, and what to look for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import resdsl
from resdsl.analysis.diff import Diff, Fact, Part, diff
from resdsl.analysis.diff.groups import walk
from resdsl.ir.graph import Net


@cache
def shipped(spec: str, **params: object) -> resdsl.Network:
    return resdsl.load(spec, params=params)


def between(a: str, b: str) -> Diff:
    """The difference of two texts."""
    return diff(ir(a), ir(b))


@cache
def ir(text: str) -> Net:
    return resdsl.loads(text).ir


def causes(found: Diff) -> dict[str, list[str]]:
    """What is said to be a cause, by the path where it is; of the nets themselves at "".

    Inside a block whose arguments changed, these are the cause, and none of what they change there.
    """
    said: dict[str, list[str]] = {}
    for fact in found.facts:
        if not fact.follows:
            said.setdefault("", []).append(words(fact))
    for part in outermost(found.parts):
        kinds = [f"{part.sign} {part.side.kind}"] if part.sign in "+-" else []
        side = part.a or part.side
        said.setdefault(side.path, []).extend([*kinds, *map(words, part.causes)])
    return said


def outermost(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        alone = part.sign in "+-" and not part.follows
        if part.causes or alone:
            yield part
        if all(fact.subject == "name" for fact in part.causes):
            yield from outermost(part.parts)


def words(fact: Fact) -> str:
    return f"{fact.what} {fact.a} -> {fact.b}"


def at(found: Diff, path: str) -> Part:
    """The part that stands there in the first net, else in the second."""
    parts = list(walk(found.parts))
    for part in parts:
        if part.a and part.a.path == path:
            return part
    return next(part for part in parts if part.b and part.b.path == path)

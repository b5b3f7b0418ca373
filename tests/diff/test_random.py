"""The laws of differences, on pairs of nets that are drawn at random."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings

import resdsl
from resdsl.analysis.diff import COUNTS, diff, structure
from resdsl.analysis.diff.groups import groups, walk
from resdsl.draw.diff.svg import svg
from resdsl.report.diff import diff_text
from tests.diff.test_laws import plain
from tests.fuzz.drawn_nets import specs

FREE = settings(deadline=None, suppress_health_check=list(HealthCheck))


def hold(one: str, other: str) -> None:
    try:
        a, b = resdsl.loads(one).ir, resdsl.loads(other).ir
    except resdsl.ResdslError:  # some are too large
        return
    found = diff(a, b)
    assert not diff(a, a)
    assert bool(found) is (structure(a) != structure(b))
    for count in COUNTS:
        assert sum(part.delta(count) for part in found.parts) == found.delta(count)
        assert sum(group.delta(count) for group in groups(found)) == found.delta(count)
        for part in walk(found.parts):
            if part.parts:
                assert sum(inner.delta(count) for inner in part.parts) == part.delta(count)
    assert plain(found.parts) == plain(diff(b, a).parts, mirrored=True)
    assert diff_text(found)
    assert svg(found)


LAW: Callable[[str, str], None] = given(specs(), specs())(hold)


def test_they_hold() -> None:
    settings(FREE, max_examples=25)(LAW)()  # type: ignore[call-arg]


@pytest.mark.proof
def test_they_hold_on_many() -> None:
    settings(FREE, max_examples=1000)(LAW)()  # type: ignore[call-arg]

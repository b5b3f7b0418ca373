"""Which part of the one sequence is which of the other: the heaviest path through their edit graph.

A step to the right leaves out a part of the one, a step down one of the other, and a step across
takes two for the same; it weighs as much as they have in common. A call may also be taken for
several parts that stand side by side in the other: then its level is only written out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from resdsl.analysis.diff.sequence import Item
from resdsl.extras import needs
from resdsl.ir.graph import OpNode

ALIKE = 0.3
"""Two blocks or stages that share less than this are different ones, unless a label says no."""
CELLS = 40_000
"""Of the edit graph; beyond, what is far off its diagonal is not looked at."""
_NAME, _WRITTEN_OUT, _EARLY = 0.25, 0.8, 1e-7


@dataclass(frozen=True)
class Step:
    """The items of either side that are taken for one another, or that stand alone."""

    a: tuple[Item, ...]
    b: tuple[Item, ...]

    @property
    def opens(self) -> str:
        """The side, `a` or `b`, whose call is written out on the other; "" if none is."""
        if not (self.a and self.b):
            return ""
        if len(self.a) != len(self.b):
            return "a" if len(self.a) == 1 else "b"
        (a,), (b,) = self.a, self.b
        if (a.first.call is None) == (b.first.call is None):
            return ""
        side, call, op = ("a", a, b) if a.first.call else ("b", b, a)
        return side if _kind(op) in call.profile else ""


@dataclass
class Aligner:
    """Aligns; what two contents have in common is found out once."""

    common: dict[tuple[str, str], int] = field(default_factory=dict)

    def align(self, a: Sequence[Item], b: Sequence[Item]) -> list[Step]:
        """Every item of both in order, what only `a` has before what only `b` has."""
        if _key(b) < _key(a):  # so that the other way round is the mirror image of this one
            return _spread([(t, s) for s, t in self._matches(b, a)], a, b)
        return _spread(self._matches(a, b), a, b)

    def _matches(self, a: Sequence[Item], b: Sequence[Item]) -> list[tuple[range, range]]:
        head = _equal_ends(a, b)
        tail = _equal_ends(a[head:][::-1], b[head:][::-1])
        n, m = len(a) - tail, len(b) - tail
        found = [(range(i, i + 1), range(i, i + 1)) for i in range(head)]
        found += self._heaviest(a[:n], b[:m], head)
        return found + [(range(n + i, n + i + 1), range(m + i, m + i + 1)) for i in range(tail)]

    def _heaviest(
        self, a: Sequence[Item], b: Sequence[Item], start: int
    ) -> list[tuple[range, range]]:
        with needs("graph"):
            import networkx

        n, m = len(a) - start, len(b) - start
        if not (n and m):
            return []
        reach = max(n, m) if n * m <= CELLS else max(1, CELLS // (n + m))
        graph: networkx.DiGraph[tuple[int, int]] = networkx.DiGraph()
        for i in range(n + 1):
            off = reach * max(n, m)
            for j in range(max(0, -((off - i * m) // n)), min(m, (i * m + off) // n) + 1):
                for beyond in ((i + 1, j), (i, j + 1)):
                    if beyond <= (n, m) and beyond[1] <= m:
                        graph.add_edge((i, j), beyond, weight=0)
                for di, dj, weight in self._across(a, b, start + i, start + j):
                    early = _EARLY * (n - i + m - j)
                    graph.add_edge((i, j), (i + di, j + dj), weight=weight + early)
        path = networkx.dag_longest_path(graph, weight="weight")
        return [
            (range(start + i, start + to_i), range(start + j, start + to_j))
            for (i, j), (to_i, to_j) in pairwise(path)
            if to_i > i and to_j > j
        ]

    def _across(
        self, a: Sequence[Item], b: Sequence[Item], i: int, j: int
    ) -> Iterator[tuple[int, int, float]]:
        """How many items from `i` and `j` on may be taken for one another, and what that weighs."""
        if i == len(a) or j == len(b):
            return
        if weight := self._pair(a[i], b[j]):
            yield 1, 1, weight
        for many, weight in _written_out(a[i], (b[k] for k in range(j, len(b)))):
            yield 1, many, weight
        for many, weight in _written_out(b[j], (a[k] for k in range(i, len(a)))):
            yield many, 1, weight

    def _pair(self, a: Item, b: Item) -> float:
        """What two items have in common, and how much of them that is; 0: they are no pair."""
        named = a.name == b.name and not a.name.isdecimal()
        one, other = a.first.node, b.first.node
        if isinstance(one, OpNode) and isinstance(other, OpNode) and one.op.kind != other.op.kind:
            family = type(one.op).__module__ == type(other.op).__module__ and a.shapes == b.shapes
            return 0.2 if named else 0.1 if family else 0
        if isinstance(one, OpNode) != isinstance(other, OpNode):
            return 0.1 if named else 0
        key = (a.content, b.content)
        if (common := self.common.get(key)) is None:
            common = self.common[key] = (a.profile & b.profile).total()
        alike = 2 * common / ((a.mass + b.mass) or 1)
        if alike < ALIKE and not named and not isinstance(one, OpNode):
            return 0
        times = min(len(a.atoms), len(b.atoms))
        return times * (common * (alike + _NAME * named) + 0.1 * (named or not a.mass))


def _written_out(call: Item, others: Iterable[Item]) -> Iterator[tuple[int, float]]:
    """How many of the others, from the first on, may be what stands inside the call."""
    if call.first.call is None or len(call.atoms) > 1 or not call.mass:
        return
    profile: Counter[Hashable] = Counter()
    mass = 0
    for many, item in enumerate(others, 1):
        if item.first.call and item.name == call.name:  # that is its counterpart
            return
        mass += item.mass * len(item.atoms)
        if 2 * mass > 3 * call.mass:
            return
        for _ in item.atoms:
            profile.update(item.profile)
        if 3 * mass >= 2 * call.mass and (many > 1 or item.first.call is None):
            common = (profile & call.profile).total()
            alike = 2 * common / (mass + call.mass)
            if alike >= ALIKE:
                yield many, _WRITTEN_OUT * common * alike


def _spread(
    matches: Sequence[tuple[range, range]], a: Sequence[Item], b: Sequence[Item]
) -> list[Step]:
    steps: list[Step] = []
    i = j = 0
    for one, other in [*matches, (range(len(a), len(a)), range(len(b), len(b)))]:
        steps += [Step((item,), ()) for item in a[i : one.start]]
        steps += [Step((), (item,)) for item in b[j : other.start]]
        if one:
            steps.append(Step(tuple(a[x] for x in one), tuple(b[x] for x in other)))
        i, j = one.stop, other.stop
    return steps


def _kind(op: Item) -> str:
    node = op.first.node
    assert isinstance(node, OpNode)
    return str(node.op.kind)


def _equal_ends(a: Sequence[Item], b: Sequence[Item]) -> int:
    """How many items are equal, from the first on."""
    many = 0
    for one, other in zip(a, b, strict=False):
        if (one.name, one.content) != (other.name, other.content):
            break
        many += 1
    return many


def _key(items: Sequence[Item]) -> list[tuple[str, str]]:
    return [(item.name, item.content) for item in items]

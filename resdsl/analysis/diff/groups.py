"""A difference as people read it: what differs in the same way once, what is equal in one line.

Parts that stand beside one another are in one group if they differ in the same way: conv3_x,
conv4_x and conv5_x, say. The parts of a group are grouped side by side: its figures are sums.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from resdsl.analysis.diff.model import Diff, Fact, Part

Mark = Literal["=", "~", "+", "-", ">"]
"""The sign of a group; `>`: it only follows."""
_SMALL = ("k", "stride", "dilation", "stride_at")
"""Numbers that are no widths."""


@dataclass(frozen=True)
class Group:
    """Parts that differ in the same way. `lead`: so many of them are in the first of the parts
    that are grouped one level further out; the others have their counterparts there.
    """

    mark: Mark
    parts: tuple[Part, ...]
    lead: int
    inside: tuple[Group, ...] = ()

    @property
    def leaders(self) -> tuple[Part, ...]:
        """The parts that the group is known by."""
        return self.parts[: self.lead]

    @property
    def names(self) -> tuple[str, ...]:
        """As they are in the first net, if they are in it."""
        return tuple(dict.fromkeys((part.a or part.side).name for part in self.leaders))

    def delta(self, count: str) -> int:
        """Of all parts together."""
        return sum(part.delta(count) for part in self.parts)


def groups(diff: Diff) -> tuple[Group, ...]:
    """The parts of a difference in groups; their deltas sum to the totals'."""
    return _groups([diff.parts])


def is_quiet(part: Part) -> bool:
    """Whether a part needs no line of its own: equal but for its name, or a mere consequence."""
    if part.sign != "~":
        return part.sign == "="
    return part.renamed or (part.follows and all(map(is_quiet, part.parts)))


def renames(diff: Diff) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Names and what they have become; with each the pairs of paths where that is so."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for part in walk(diff.parts):
        names = [fact for fact in part.facts if fact.subject == "name"]
        if names and part.a and part.b:
            pair = (part.a.name, part.b.name)
            found.setdefault(pair, []).append((part.a.path, part.b.path))
    return found


def walk(parts: Sequence[Part]) -> Iterator[Part]:
    """All parts, however deep."""
    for part in parts:
        yield part
        yield from walk(part.parts)


def _groups(beside: Sequence[tuple[Part, ...]]) -> tuple[Group, ...]:
    """`beside`: sequences of parts that differ in the same way."""
    found: list[Group] = []
    places: dict[Hashable, int] = {}
    for leaders, others in _columns(beside):
        first = leaders[0] if leaders else others[0]
        if is_quiet(first):
            for group in _quiet(leaders, others):
                if found and found[-1].mark == group.mark:
                    found[-1] = _joined(found[-1], group)
                else:
                    found.append(group)
            continue
        group = Group(mark_of(first), (*leaders, *others), len(leaders))
        key = signature(first)
        if key in places:
            found[places[key]] = _joined(found[places[key]], group)
        else:
            places[key] = len(found)
            found.append(group)
    return tuple(map(_opened, found))


def _opened(group: Group) -> Group:
    """The group with what is inside its parts, where that is to be seen."""
    if not group.parts[0].parts or is_quiet(group.parts[0]):
        return group
    inside = _groups([part.parts for part in group.parts])
    return group if all(one.mark == "=" for one in inside) else replace(group, inside=inside)


def _columns(beside: Sequence[tuple[Part, ...]]) -> Iterator[tuple[list[Part], list[Part]]]:
    """What stands side by side, of the first sequence and of all others: the quiet parts up to one
    that is not, then that one, and so on.
    """
    for column in zip(*map(_cut, beside), strict=True):
        if any(column):
            yield column[0], [part for parts in column[1:] for part in parts]


def _cut(parts: Sequence[Part]) -> list[list[Part]]:
    pieces: list[list[Part]] = [[]]
    for part in parts:
        if is_quiet(part):
            pieces[-1].append(part)
        else:
            pieces += [[part], []]
    return pieces


def _quiet(leaders: list[Part], others: list[Part]) -> Iterator[Group]:
    """What is equal, and what follows."""
    for mark in dict.fromkeys(map(mark_of, [*leaders, *others])):
        first = [part for part in leaders if mark_of(part) == mark]
        rest = [part for part in others if mark_of(part) == mark]
        yield Group(mark, (*first, *rest), len(first) or len(rest))


def _joined(one: Group, other: Group) -> Group:
    parts = (*one.leaders, *other.leaders, *one.parts[one.lead :], *other.parts[other.lead :])
    return Group(one.mark, parts, one.lead + other.lead)


def mark_of(part: Part) -> Mark:
    """How a part by itself is marked."""
    if part.renamed:
        return "="
    return ">" if part.follows and part.sign == "~" else part.sign


def signature(part: Part) -> Hashable:
    """Equal where two parts differ in the same way, whatever they are called."""
    op = part.side.kind if not part.parts else ""
    if part.sign in "+-":
        name = part.side.name
        return part.sign, part.side.kind if name[:1].isdecimal() else name, op
    said = tuple((f.subject, f.what, *_change(f)) for f in part.causes if f.what != "name")
    inside = tuple(
        ("" if child.side.name[:1].isdecimal() else child.side.name, signature(child))
        for child in part.parts
        if not is_quiet(child)
    )
    return mark_of(part), op, said, inside


def _change(fact: Fact) -> tuple[Hashable, ...]:
    """Equal where two facts are the same change: rates that grow from block to block are, and
    widths that are all doubled.
    """
    a, b = fact.a, fact.b
    if isinstance(a, float) and isinstance(b, float):
        return (float,)
    numbers = type(a) is int and type(b) is int
    if numbers and a and fact.subject == "argument" and fact.what not in _SMALL:
        return (Fraction(b, a),)
    return repr(a), repr(b)

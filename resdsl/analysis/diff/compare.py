"""What is different between two places, part by part, and what of that only follows.

A cause is what the text says otherwise: an argument, a label, a repeat, a part more or less, where
an input comes from. A shape follows; so does all that is different inside a block whose arguments
are equal, if the block means the same in both nets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Literal

from resdsl.analysis.diff.align import Aligner, Step
from resdsl.analysis.diff.facts import (
    counted_by_kind,
    counted_on,
    is_same_use,
    said,
    shapes,
    standing,
    stem,
)  # fmt: skip
from resdsl.analysis.diff.model import COUNTS, Fact, Part, Side
from resdsl.analysis.diff.sequence import Atom, Item, Place, Source, in_step, items


@dataclass
class Comparer:
    """Compares the places of two nets. `redefined`: blocks that mean different things in them."""

    redefined: frozenset[str]
    aligner: Aligner = field(default_factory=Aligner)

    def compare(
        self, a: Place, b: Place, ports: Mapping[int, int], forced: bool = False, many: int = 1
    ) -> tuple[Level, tuple[Part, ...]]:
        """Two regions beside one another, aligned, and their parts. `ports`: which input of `a` is
        which of `b`; `forced`: whatever is different follows; `many`: so often they stand there.
        """
        atoms_a, outputs_a = a.atoms(a.own())
        atoms_b, outputs_b = b.atoms(b.own())
        level = Level(self, a, b, dict(ports), (outputs_a, outputs_b), forced, many)
        pairs = level.plan(items(atoms_a, outputs_a), items(atoms_b, outputs_b))
        parts = tuple(part for pair in pairs for part in level.parts(pair))
        return level, parts


@dataclass(frozen=True)
class Pair:
    """Two items that are taken for one another, or one alone; or a call and, on the other side,
    what its level is written out as: then `inside` pairs those with what the call holds.
    """

    step: Step
    inside: tuple[Pair, ...] = ()

    def alone(self) -> Iterator[Item]:
        """The items that have no counterpart."""
        for pair in self.inside:
            yield from pair.alone()
        if not (self.step.a and self.step.b):
            yield from (*self.step.a, *self.step.b)


@dataclass
class Level:
    """Two regions beside one another: which node of the one is which of the other."""

    comparer: Comparer
    a: Place
    b: Place
    ports: dict[int, int]
    ends: tuple[list[Source], list[Source]]
    """What makes the outputs of either."""
    forced: bool
    many: int
    partners: dict[Atom, Atom] = field(default_factory=dict)
    """Both ways."""
    opened: dict[Atom, list[Source]] = field(default_factory=dict)
    """Calls that are written out on the other side, and what makes their outputs."""
    unpaired: set[str] = field(default_factory=set)
    """What the nodes without a partner are called, but for their numbers."""

    def plan(self, a: list[Item], b: list[Item]) -> list[Pair]:
        """Align, and note who is whose partner."""
        pairs = [self._pair(step) for step in self.comparer.aligner.align(*in_step(a, b))]
        for item in (item for pair in pairs for item in pair.alone()):
            self.unpaired.add(stem(item.first.name))
        return pairs

    def same(self, a: Source, b: Source) -> bool:
        """Whether two sources are each other's partners."""
        (one, port), (other, port_b) = self._resolved(a), self._resolved(b)
        if one is None or other is None:
            return one is other and self.ports.get(port) == port_b
        return self.partners.get(one) is other and port == port_b

    def moved(self, a: Source, b: Source) -> bool | None:
        """None: nobody has to be told, for the sources are the same but for what was added or
        removed in between; else whether this follows from what was added or removed.
        """
        if self.same(a, b):
            return None
        alone = [s for s in (self._resolved(a), self._resolved(b)) if s[0] not in self.partners]
        follows = any(atom is not None for atom, _ in alone)
        if follows and any(self.same(s, t) for s in self._roots(a) for t in self._roots(b)):
            return None
        return follows

    def output(self, what: str, a: int, b: int) -> Iterator[Fact]:
        """Whether two of the outputs come from elsewhere."""
        yield from self._wire(what, self.ends[0][a], self.ends[1][b])

    def parts(self, pair: Pair) -> Iterator[Part]:
        """What becomes of a pair: one part, or two where the one is repeated more often."""
        if pair.inside:
            yield self._written_out(pair)
            return
        for a, b in zip_longest(pair.step.a, pair.step.b):
            both = min(len(a.atoms), len(b.atoms)) if a and b else 0
            if both:
                yield self._beside(a.take(both), b.take(both))
            if a and a.atoms[both:]:
                yield self._alone(Item(a.atoms[both:]), "-")
            if b and b.atoms[both:]:
                yield self._alone(Item(b.atoms[both:]), "+")

    # ---------------------------------------------------------------- who is whose partner

    def _pair(self, step: Step) -> Pair:
        if step.opens == "a":
            return Pair(step, tuple(self.plan(self._open(step.a[0]), list(step.b))))
        if step.opens == "b":
            return Pair(step, tuple(self.plan(list(step.a), self._open(step.b[0]))))
        for one, other in zip(step.a, step.b, strict=False):
            for a, b in zip(one.atoms, other.atoms, strict=False):
                self.partners[a], self.partners[b] = b, a
        return Pair(step)

    def _open(self, item: Item) -> list[Item]:
        call = item.first
        atoms, outputs = call.inside.atoms(call.sources)
        self.opened[call] = outputs
        return items(atoms, outputs)

    def _resolved(self, source: Source) -> Source:
        while source[0] in self.opened:
            source = self.opened[source[0]][source[1]]
        return source

    def _roots(self, source: Source) -> set[Source]:
        """What has a partner and is upstream of a source, with nothing in between that has one."""
        roots, todo, seen = set(), [source], set()
        while todo:
            source = self._resolved(todo.pop())
            if source in seen:
                continue
            seen.add(source)
            atom = source[0]
            if atom is None or atom in self.partners:
                roots.add(source)
            else:
                todo += atom.sources
        return roots

    # ---------------------------------------------------------------- parts

    def _side(self, item: Item, place: Place) -> Side:
        inputs = dict.fromkeys(_said(place, self._resolved(s)) for s in item.first.sources)
        return item.side(place.path, inputs, self.many)

    def _alone(self, item: Item, sign: Literal["+", "-"]) -> Part:
        if sign == "-":
            return Part(sign="-", a=self._side(item, self.a), follows=self.forced)
        return Part(sign="+", b=self._side(item, self.b), follows=self.forced)

    def _written_out(self, pair: Pair) -> Part:
        step = pair.step
        parts = tuple(part for one in pair.inside for part in self.parts(one))
        label_a = step.a[0].name if step.opens == "a" else None
        label_b = step.b[0].name if step.opens == "b" else None
        return _part(
            self._group(step.a, self.a),
            self._group(step.b, self.b),
            [Fact(subject="level", what="level", a=label_a, b=label_b, follows=self.forced)],
            parts,
        )

    def _group(self, group: tuple[Item, ...], place: Place) -> Side:
        sides = [self._side(item, place) for item in group]
        if len(sides) == 1:
            return sides[0]
        sums = {count: sum(getattr(side, count) for side in sides) for count in COUNTS}
        return sides[0].model_copy(
            update={
                **sums,
                "name": ", ".join(side.name for side in sides),
                "kind": ", ".join(side.kind for side in sides),
                "args": {},
                "output": sides[-1].output,
                "train": all(side.train for side in sides),
            }
        )

    def _beside(self, a: Item, b: Item) -> Part:
        one, other = a.first, b.first
        side_a, side_b = self._side(a, self.a), self._side(b, self.b)
        facts = [*self._names(one, side_a.name, other, side_b.name), *self._wires(one, other)]
        parts: tuple[Part, ...] = ()
        forced = self.forced
        if a.content != b.content:
            facts += said(one, other)
            if one.callee and other.callee:
                forced = forced or self._is_same(one, other)
                ports = {port: port for port in range(len(one.sources))}
                level, parts = self.comparer.compare(
                    one.inside, other.inside, ports, forced, self.many * len(a.atoms)
                )
                for port in range(min(map(len, level.ends))):
                    facts += level.output(f"output {port}", port, port)
            facts += shapes(one, other)
        facts += standing(one, other)
        if self.forced:
            facts = [fact.model_copy(update={"follows": True}) for fact in facts]
        if any(fact.subject == "repeats" for fact in facts):
            parts = tuple(
                part.model_copy(update={"follows": True}) if part.sign in "+-" else part
                for part in parts
            )
        return _part(side_a, side_b, facts, parts)

    def _is_same(self, a: Atom, b: Atom) -> bool:
        return is_same_use(a, b) and _block(a) not in self.comparer.redefined

    def _names(self, one: Atom, a: str, other: Atom, b: str) -> Iterator[Fact]:
        if a == b:
            return
        shifted = counted_on(a, b) and stem(a) in self.unpaired
        moved = one.name == other.name and (one.place, other.place) != (self.a, self.b)
        follows = shifted or moved or counted_by_kind(one, other)
        yield Fact(subject="name", what="name", a=a, b=b, follows=follows)

    def _wires(self, a: Atom, b: Atom) -> Iterator[Fact]:
        if len(a.sources) != len(b.sources):
            more = max(a.sources, b.sources, key=len)
            follows = any(self._resolved(s)[0] not in self.partners for s in more)
            yield Fact(
                subject="source", what="inputs", a=len(a.sources), b=len(b.sources), follows=follows
            )
            return
        for port, (s, t) in enumerate(zip(a.sources, b.sources, strict=True)):
            yield from self._wire("input" if len(a.sources) == 1 else f"input {port}", s, t)

    def _wire(self, what: str, a: Source, b: Source) -> Iterator[Fact]:
        if (follows := self.moved(a, b)) is not None:
            one, other = self._resolved(a), self._resolved(b)
            names = _said(self.a, one), _said(self.b, other)
            if names[0] == names[1]:  # another output of the same
                names = f"{names[0]}:{one[1]}", f"{names[1]}:{other[1]}"
            yield Fact(subject="source", what=what, a=names[0], b=names[1], follows=follows)


def _said(place: Place, source: Source) -> str:
    """A source by its name in the region."""
    atom, port = source
    if atom is None and place.path:  # a block's inputs have no names that anybody knows
        return "the input" if len(place.region.inputs) == 1 else f"input {port}"
    if atom is None:
        return place.region.inputs[port].name
    return (atom.place.path + atom.name)[len(place.path) :]


def _block(atom: Atom) -> str:
    return atom.callee.block if atom.callee else ""


def _part(a: Side, b: Side, facts: list[Fact], parts: tuple[Part, ...]) -> Part:
    """A part of two sides: equal, where there is nothing to say."""
    changed = [part for part in parts if part.sign != "="]
    if not facts and not changed:
        return Part(sign="=", a=a, b=b)
    follows = all(fact.follows for fact in facts) and all(part.follows for part in changed)
    return Part(
        sign="~", a=a, b=b, facts=tuple(facts), parts=parts if changed else (), follows=follows
    )

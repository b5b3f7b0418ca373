"""A place in a net as a sequence of items: its nodes, where equal repeats in a chain are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from resdsl.analysis.counts import Count, Definition, Use, definitions, walk
from resdsl.analysis.diff.model import Side
from resdsl.analysis.diff.outline import Outline, Profile, fields
from resdsl.analysis.kinds import kind
from resdsl.ir.graph import Call, Net, OpNode, Region

SHORT = 8
"""A run of so many repeats may be what stands side by side in the other net."""
FLOAT = 4
"""Bytes of one element, as `stats` counts memory by default."""


class Sheet:
    """One of the nets with what is known of its regions."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.outline = Outline(net)
        self.known: dict[str, Definition] = definitions(net)


@dataclass(eq=False)
class Atom:
    """One node where it stands."""

    place: Place
    node: OpNode | Call
    count: Count
    use: Use
    sources: tuple[Source, ...]
    """What makes its inputs."""

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def call(self) -> Call | None:
        return self.node if isinstance(self.node, Call) else None

    @property
    def callee(self) -> Region | None:
        return self.place.sheet.net.regions[self.call.region] if self.call else None

    @property
    def inside(self) -> Place:
        """The place that a call opens."""
        assert self.callee
        return Place(self.place.sheet, self.callee, f"{self.place.path}{self.name}.", self.use)


Source = tuple[Atom | None, int]
"""An atom and which of its outputs; of None, which input of the region."""


@dataclass(frozen=True)
class Place:
    """One application of a region: where it stands, and how it counts."""

    sheet: Sheet
    region: Region
    path: str = ""
    use: Use = field(default_factory=Use)

    def atoms(self, inputs: Sequence[Source]) -> tuple[list[Atom], list[Source]]:
        """The nodes, and what makes the outputs."""
        made = dict(enumerate(inputs))
        atoms = []
        for node, count, use in walk(self.region, self.use, self.sheet.known):
            atom = Atom(self, node, count, use, tuple(made[value] for value in node.inputs))
            made |= {value: (atom, port) for port, value in enumerate(node.outputs)}
            atoms.append(atom)
        return atoms, [made[output.value] for output in self.region.outputs]

    def own(self) -> list[Source]:
        """The region's own inputs, as sources."""
        return [(None, port) for port in range(len(self.region.inputs))]


class Item:
    """One atom, or several equal ones in a chain."""

    def __init__(self, atoms: Sequence[Atom]) -> None:
        self.atoms = tuple(atoms)
        first = self.first = atoms[0]
        outline, region = first.place.sheet.outline, first.place.region
        last = atoms[-1].name
        self.name = first.name if len(atoms) == 1 else f"{first.name}-{last}"
        self.shapes = [region.shapes[value] for value in first.node.outputs]
        self.content: str = outline.content(region, first.node)
        self.profile: Profile = outline.profile(region, first.node)
        self.mass: int = self.profile.total()

    @property
    def numbers(self) -> range | None:
        """The indices of repeats."""
        if not (self.first.call and self.first.name.isdecimal()):
            return None
        return range(int(self.first.name), int(self.atoms[-1].name) + 1)

    def take(self, many: int) -> Item:
        """The first so many of them."""
        return self if many == len(self.atoms) else Item(self.atoms[:many])

    def cut(self, at: Iterable[int]) -> Iterator[Item]:
        """The same repeats in several items: a new one begins at each of these indices."""
        start, numbers = 0, self.numbers
        for index in sorted(at) if numbers else ():
            if numbers and index in numbers[start + 1 :]:
                stop = numbers.index(index)
                yield Item(self.atoms[start:stop])
                start = stop
        yield Item(self.atoms[start:]) if start else self

    def side(self, base: str, inputs: Iterable[str], many: int) -> Side:
        """What the item is, named from the path `base` on, with its counts times `many`. `inputs`:
        what its inputs come from.
        """
        first = self.first
        region = first.place.region
        return sum_side(
            self.atoms,
            many,
            name=(first.place.path + self.name)[len(base) :],
            path=first.place.path + first.name,
            kind=kind(first.place.sheet.net, first.node),
            args=_args(first),
            inputs=tuple(inputs),
            output=region.shapes[self.atoms[-1].node.output],
            times=len(self.atoms),
            train=not first.use.live,
            stage=first.place.sheet.outline.is_stage(region, first.node),
        )


def sum_side(atoms: Sequence[Atom], many: int, **facts: Any) -> Side:
    """A side that stands for these atoms; its counts are theirs, times `many`."""
    total = Count()
    for atom in atoms:
        total = total.plus(atom.count)
    total = Count(*(many * count for count in total))
    return Side(
        **facts,
        params=total.params,
        params_training=total.params_training,
        buffers=total.buffers,
        macs=total.macs,
        activation_memory=FLOAT * total.activations,
        weight_memory=FLOAT * (total.params + total.buffers),
    )


def items(atoms: Sequence[Atom], outputs: Iterable[Source]) -> list[Item]:
    """The atoms, where equal repeats in a chain are folded."""
    uses = Counter(source for atom in atoms for source in atom.sources)
    uses.update(outputs)
    runs: list[list[Atom]] = []
    for atom in atoms:
        if runs and _follows(runs[-1][-1], atom, uses):
            runs[-1].append(atom)
        else:
            runs.append([atom])
    return [Item(run) for run in runs]


def in_step(a: Sequence[Item], b: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Both sequences with their runs of repeats cut where a run of the other begins or ends; where
    the other repeats nothing, a short run is no run.
    """
    ends = {end for x in (*a, *b) if (r := x.numbers) for end in (r.start, r.stop)}
    cut: tuple[list[Item], list[Item]] = ([], [])
    for k, (mine, other) in enumerate(((a, b), (b, a))):
        alone = not any(x.numbers for x in other)
        for item in mine:
            short = alone and len(item.atoms) <= SHORT
            at = range(item.numbers.start, item.numbers.stop) if short and item.numbers else ends
            cut[k].extend(item.cut(at))
    return cut


def _follows(one: Atom, next_: Atom, uses: Counter[Source]) -> bool:
    """Whether `next_` is the repeat after `one`, equal to it, fed by it and by nothing else, and
    is alone in that.
    """
    if not (one.call and next_.call and one.name.isdecimal() and next_.name.isdecimal()):
        return False
    mine = [(one, port) for port in range(len(one.node.outputs))]
    return (
        int(next_.name) == int(one.name) + 1
        and next_.call.region == one.call.region
        and (next_.call.lends, next_.node.train) == (one.call.lends, one.node.train)
        and next_.count == one.count
        and list(next_.sources) == mine
        and all(uses[source] == 1 for source in mine)
    )


def _args(atom: Atom) -> dict[str, Any]:
    if isinstance(atom.node, OpNode):
        return {name: value for name, value in fields(atom.node).items() if name != "op"}
    return dict(atom.callee.args) if atom.callee else {}

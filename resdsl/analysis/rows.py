"""The rows of `stats`: top-level statements; below them blocks and layers, made when asked for.

A row knows the definition it is one call of. Its insides are walked at most once for each row that
is opened, so a table that folds equal rows opens each definition once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, PrivateAttr

from resdsl.analysis.counts import Count, Definition, Use, definitions, walk
from resdsl.analysis.depth import Depths, beyond, depths
from resdsl.analysis.kinds import kind, kinds
from resdsl.analysis.receptive import Rays, extent, receptive, starts, through
from resdsl.ir.graph import Call, Net, OpNode, Region, Statement
from resdsl.ir.shape import Shape

Level = Literal["stage", "block", "layer"]


class Row(BaseModel):
    """One line of the table: a top-level statement, or something inside one. `children` sum to
    it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    path: str
    """From the root, `conv3_x.0.conv1`; a statement of several nodes has its own name."""
    kind: str
    stage: bool = False
    train: bool = False
    """Only in the training graph: then it adds to `params_training` alone."""
    output: Shape
    params: int
    params_training: int
    buffers: int
    macs: int
    activation_memory: int
    """Bytes, at the batch size of the stats."""
    weight_memory: int
    receptive_field: tuple[int | None, int | None]
    """(height, width) in elements of the net's input; None: all of it."""
    depth: int
    """Weighted layers on the longest path from an input to this output."""
    definition: str = ""
    """The region that this is a call of: rows of one definition look alike inside."""

    _inside: Inside | None = PrivateAttr(default=None)

    @property
    def children(self) -> tuple[Row, ...]:
        """The rows inside, in the order of the text; none for an op."""
        return tuple(self._inside.rows()) if self._inside else ()

    def opens(self, level: Level) -> bool:
        """Whether a table at this level shows the children: `block` opens what calls blocks."""
        if self._inside is None or level == "stage":
            return False
        return level == "layer" or self._inside.has_blocks

    def to_data(self, level: Level = "stage") -> dict[str, Any]:
        """JSON-ready, with `children` where the level opens the row."""
        data = self.model_dump(mode="json", exclude={"definition"})
        if self.opens(level):
            data["children"] = [row.to_data(level) for row in self.children]
        return data


@dataclass(frozen=True)
class Book:
    """What is known of every region of a net, and how many bytes one activation and one weight
    take."""

    net: Net
    counts: dict[str, Definition]
    rays: dict[str, tuple[Rays, ...]]
    depths: dict[str, tuple[Depths, ...]]
    blocks: dict[str, bool]
    """Whether the region is no block itself and calls one, directly or in a scope."""
    activation: int
    weight: int

    @staticmethod
    def of(net: Net, activation: int, weight: int) -> Book:
        blocks: dict[str, bool] = {}
        for region in net.regions.values():
            blocks[region.id] = region.kind != "block" and _calls_block(net, region.nodes, blocks)
        return Book(net, definitions(net), receptive(net), depths(net), blocks, activation, weight)


@dataclass(frozen=True)
class Place:
    """One application of a region: its path, and how the net's inputs reach the region's."""

    book: Book
    region: Region
    path: str
    seen: tuple[Rays, ...]
    before: tuple[Depths, ...]

    @staticmethod
    def root(book: Book) -> Place:
        inputs = range(len(book.net.main.inputs))
        return Place(
            book, book.net.main, "", tuple(starts(len(inputs))), tuple({i: 0} for i in inputs)
        )

    def rays(self, value: int) -> Rays:
        return through(self.book.rays[self.region.id][value], self.seen)

    def depths(self, value: int) -> Depths:
        return beyond(self.book.depths[self.region.id][value], self.before)

    def within(self, call: Call) -> Place:
        return Place(
            book=self.book,
            region=self.book.net.regions[call.region],
            path=f"{self.path}{call.name}.",
            seen=tuple(self.rays(v) for v in call.inputs),
            before=tuple(self.depths(v) for v in call.inputs),
        )

    def row(self, name: str, path: str, value: int, count: Count, **facts: Any) -> Row:
        """The row of whatever ends in `value`."""
        return Row(
            name=name,
            path=path,
            output=self.region.shapes[value],
            params=count.params,
            params_training=count.params_training,
            buffers=count.buffers,
            macs=count.macs,
            activation_memory=count.activations * self.book.activation,
            weight_memory=(count.params + count.buffers) * self.book.weight,
            receptive_field=extent(self.rays(value)),
            depth=max(self.depths(value).values(), default=0),
            **facts,
        )

    def model_row(self, parts: Iterable[Part]) -> Row:
        """The row of the whole net; it ends in the first output that inference has."""
        net, outputs = self.book.net, self.region.outputs
        end = next((output for output in outputs if not output.train), outputs[0])
        total = Count.total(count for _, count, _ in parts)
        return self.row(net.name, "", end.value, total, kind="model")

    def node_row(self, node: OpNode | Call, count: Count, use: Use) -> Row:
        row = self.row(
            node.name, self.path + node.name, node.output, count,
            kind=kind(self.book.net, node), train=not use.live, definition=_definition(node),
        )  # fmt: skip
        row._inside = _opened(self, [(node, count, use)])
        return row

    def statement_row(self, statement: Statement, parts: Sequence[Part]) -> Row:
        count = Count.total(one for _, one, _ in parts)
        nodes = [node for node, _, _ in parts]
        row = self.row(
            statement.name,
            self.path + (nodes[0].name if len(nodes) == 1 else statement.name),
            statement.value,
            count,
            kind=_statement_kind(self.book.net, nodes),
            stage=statement.stage,
            train=bool(parts) and not any(use.live for _, _, use in parts),
            definition=_definition(nodes[0]) if len(nodes) == 1 else "",
        )
        row._inside = _opened(self, parts)
        return row


Part = tuple[OpNode | Call, Count, Use]
"""A node of a place with its count, and how its insides count."""


@dataclass(frozen=True, eq=False)
class Inside:
    """What a row opens into: the given nodes of a place, or the insides of the one call that they
    are."""

    place: Place
    parts: tuple[Part, ...]

    def rows(self) -> Iterator[Row]:
        place, parts = self.place, iter(self.parts)
        if call := self.call:
            place = place.within(call)
            parts = walk(place.region, self.parts[0][2], place.book.counts)
        for part in parts:
            yield place.node_row(*part)

    @property
    def call(self) -> Call | None:
        alone = self.parts[0][0]
        return alone if len(self.parts) == 1 and isinstance(alone, Call) else None

    @property
    def has_blocks(self) -> bool:
        book = self.place.book
        if call := self.call:
            return book.blocks[call.region]
        return _calls_block(book.net, (node for node, _, _ in self.parts), book.blocks)

    def __eq__(self, other: object) -> bool:
        """Rows compare by what they say."""
        return isinstance(other, Inside)

    def __hash__(self) -> int:
        return 0


def _opened(place: Place, parts: Sequence[Part]) -> Inside | None:
    """None for an op alone, and for no node at all."""
    if not parts or (len(parts) == 1 and isinstance(parts[0][0], OpNode)):
        return None
    return Inside(place, tuple(parts))


def _definition(node: OpNode | Call) -> str:
    return node.region if isinstance(node, Call) else ""


def _statement_kind(net: Net, nodes: Sequence[OpNode | Call]) -> str:
    return kind(net, nodes[0]) if len(nodes) == 1 else kinds(net, nodes)


def _calls_block(net: Net, nodes: Iterable[OpNode | Call], blocks: dict[str, bool]) -> bool:
    regions = (net.regions[node.region] for node in nodes if isinstance(node, Call))
    return any(region.kind == "block" or blocks[region.id] for region in regions)

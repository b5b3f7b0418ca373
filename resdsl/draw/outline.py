"""From a net to its picture: what is in which box, and which boxes stand for several.

What a region looks like is found once, however often it is called, and a run of calls that look
alike is drawn once: the work is that of what is distinct in a net.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from resdsl.analysis.counts import Count, Use, walk
from resdsl.analysis.rows import Book, Place, Row
from resdsl.draw.arms import Arms
from resdsl.draw.looks import Known, Looks, span_of
from resdsl.draw.picture import Box, Depth, Flow, Link, Part, Picture
from resdsl.draw.words import block_words, family, op_words
from resdsl.ir.graph import Call, Net, OpNode, Statement
from resdsl.limits import MAX_BOXES

ORDER: tuple[Depth, ...] = ("model", "stage", "block", "layer")

Made = dict[int, tuple[int, int]]
"""By value of a region: the box that makes it (its place among its siblings), and which of the
outputs of that box it is."""


class TooManyBoxes(ValueError):
    """A picture of this net at this depth would have more than `MAX_BOXES` boxes."""

    def __init__(self, depth: Depth) -> None:
        super().__init__(f"more than {MAX_BOXES:,} boxes at depth `{depth}`: take a smaller one")


@dataclass(frozen=True, slots=True)
class Used:
    """Node `n` of a region as it counts where the region is used."""

    n: int
    node: OpNode | Call
    count: Count
    use: Use

    @property
    def part(self) -> tuple[OpNode | Call, Count, Use]:
        return self.node, self.count, self.use


@dataclass(frozen=True)
class Where:
    """A line of the spec; `source` is the line that a box comes from where that is elsewhere."""

    line: int = 0
    source: str = ""


def picture(net: Net, depth: Depth = "stage", source: str = "") -> Picture:
    """The boxes of `net`, open down to `depth`. `source`: the name of the spec's text; without it
    the one that most of the top-level lines are in. Raises TooManyBoxes.
    """
    files = [statement.source for statement in net.main.statements]
    return _Drawer(net, depth, source or max(files, key=files.count, default="")).draw()


class _Drawer:
    def __init__(self, net: Net, depth: Depth, source: str) -> None:
        self.net, self.depth, self.source = net, depth, source
        self.book = Book.of(net, activation=4, weight=4)
        self.arms, self.looks = Arms(net), Looks(net)
        self.known = {region.id: Known(region) for region in net.regions.values()}
        self.boxes = 0
        self.staged: dict[str, bool] = {}  # a scope that holds stages, however deep in scopes
        for region in net.regions.values():
            inner = [self.staged[node.region] for node in region.nodes if isinstance(node, Call)]
            own = any(statement.stage for statement in region.statements)
            self.staged[region.id] = region.kind == "scope" and (own or any(inner))

    def draw(self) -> Picture:
        place = Place.root(self.book)
        root = place.region
        used = [Used(n, *part) for n, part in enumerate(walk(root, Use(), self.book.counts))]
        whole = place.model_row(part.part for part in used)
        siblings = Siblings(self, place, "b", Where(), {})
        for i, tensor in enumerate(root.inputs):
            row = place.row(tensor.name, tensor.name, i, Count(), kind="input")
            siblings.add(row, "input", Where(), (), [i])
        if self.depth == "model":
            inputs = [siblings.link(i) for i in range(len(root.inputs))]
            made = [output.value for output in root.outputs]
            siblings.add(whole, "block", Where(), inputs, made, opens="stage")
        else:
            for statement in root.statements:
                siblings.statement(statement, used[statement.start : statement.stop])
        for output in root.outputs:
            row = place.row(
                output.name, output.name, output.value, Count(), kind="output", train=output.train
            )
            siblings.add(row, "output", Where(), [siblings.link(output.value)])
        box = self.box(whole, "b", "model", Where(), children=tuple(siblings.boxes), opens="stage")
        notes = dict(self.net.notes)
        return Picture(name=self.net.name, depth=self.depth, notes=notes, root=box)

    def box(self, row: Row, id: str, role: Part, where: Where, **facts: Any) -> Box:
        self.boxes += 1
        if self.boxes > MAX_BOXES:
            raise TooManyBoxes(self.depth)
        said = {
            "name": row.name,
            "path": row.path,
            "kind": row.kind,
            "shape": row.output,
            "params": row.params,
            "params_training": row.params_training,
            "macs": row.macs,
            "activation_memory": row.activation_memory,
            "receptive_field": row.receptive_field,
            "depth": row.depth,
            "train": row.train,
            "line": where.line,
            "source": where.source,
        }
        return Box(id=id, role=role, **{**said, **facts})

    def opens(self, node: OpNode | Call) -> Depth | None:
        if isinstance(node, OpNode):
            return None
        if self.staged[node.region]:
            return "stage"
        return "block" if self.book.blocks[node.region] else "layer"

    def within(self, node: OpNode | Call) -> Depth:
        """From which depth on a group that holds this node is open."""
        if isinstance(node, OpNode):
            return "layer"
        is_block = self.net.regions[node.region].kind == "block"
        return "block" if is_block or self.book.blocks[node.region] else "layer"

    def is_open(self, opens: Depth | None) -> bool:
        return opens is not None and ORDER.index(opens) <= ORDER.index(self.depth)

    def where(self, statement: Statement | None, around: Where) -> Where:
        """The line of a statement; the line of what is around it where that is in another file."""
        if statement is None or not statement.line:
            return around
        if statement.source == self.source:
            return Where(statement.line)
        return Where(around.line, f"{statement.source}:{statement.line}")


class Siblings:
    """The boxes inside one box, in the order of the text, and which of them makes which value."""

    def __init__(
        self, drawer: _Drawer, place: Place, id: str, where: Where, given: Iterable[int]
    ) -> None:
        """`given`: the values that come from outside."""
        self.drawer, self.place, self.region = drawer, place, place.region
        self.id, self.where = id, where
        self.boxes: list[Box] = []
        self.made: Made = {value: (-1, port) for port, value in enumerate(given)}
        self.known = drawer.known[self.region.id]

    @property
    def next_id(self) -> str:
        return f"{self.id}_{len(self.boxes)}"

    def link(self, value: int, role: Flow = "flow") -> Link:
        box, port = self.made[value]
        return Link(box=box, port=port, shape=self.region.shapes[value], role=role)

    def add(
        self,
        row: Row,
        role: Part,
        where: Where,
        inputs: Iterable[Link],
        makes: Sequence[int] = (),
        **facts: Any,
    ) -> None:
        """One more box, and the values that it makes."""
        box = self.drawer.box(row, self.next_id, role, where, inputs=tuple(inputs), **facts)
        self.made |= {value: (len(self.boxes), port) for port, value in enumerate(makes)}
        self.boxes.append(box)

    def statement(self, statement: Statement, used: Sequence[Used]) -> None:
        """The box of a top-level line: of its one node, or around all that it made."""
        if len(used) < 2:
            self.nodes(used)
            return
        row = self.place.statement_row(statement, [part.part for part in used])
        where = self.drawer.where(statement, self.where)
        made = [value for part in used for value in part.node.outputs]
        own = set(made)
        taken = [v for part in used for _, v in self.drawer.arms.carried(part.node)]
        given = list(dict.fromkeys(v for v in taken if v not in own))
        outputs = [v for v in made if v == statement.value or self.known.last[v] >= statement.stop]
        opens: Depth = min((self.drawer.within(part.node) for part in used), key=ORDER.index)
        inside = Siblings(self.drawer, self.place, self.next_id, where, given)
        if self.drawer.is_open(opens):
            inside.nodes(used)
        inputs = [self.link(value, self.into(value, used)) for value in given]
        role: Part = "stage" if statement.stage else "scope"
        self.add(row, role, where, inputs, outputs, opens=opens, **inside.filling(outputs))

    def nodes(self, used: Iterable[Used]) -> None:
        """The boxes of these nodes, in their order; a run of equal ones is one box."""
        run: list[Used] = []
        for part in used:
            if run and not self.goes_on(run[-1], part):
                self.node(run)
                run = []
            run.append(part)
        if run:
            self.node(run)

    def goes_on(self, one: Used, other: Used) -> bool:
        """Whether `other` goes into the box of `one`."""
        same = (one.count, one.use.live) == (other.count, other.use.live)
        used_once = all(self.known.last[value] == other.n for value in one.node.outputs)
        return same and used_once and self.drawer.looks.follows(self.region, one.node, other.node)

    def node(self, run: Sequence[Used]) -> None:
        """The box of equal nodes in a row: what is inside the first, where the last leads."""
        drawer, first, last = self.drawer, run[0], run[-1]
        node = first.node
        row = self.place.node_row(last.node, last.count, last.use)
        statement = self.known.lines[first.n]
        where = drawer.where(statement, self.where)
        opens = drawer.opens(node)
        facts: dict[str, Any] = {}
        if isinstance(node, OpNode):
            shapes = tuple(self.region.shapes[value] for value in node.inputs)
            facts = {"family": family(node.op), "detail": op_words(node.op, shapes)}
        else:
            callee = drawer.net.regions[node.region]
            facts = {"detail": block_words(callee) if callee.kind == "block" else ""}
            if drawer.is_open(opens):
                place = self.place.within(node)
                given = [i for i, _ in drawer.arms.carried(node)]
                inside = Siblings(drawer, place, self.next_id, where, given)
                parts = walk(callee, first.use, drawer.book.counts)
                inside.nodes(Used(i, *part) for i, part in enumerate(parts))
                facts |= inside.filling([output.value for output in callee.outputs])
        alone = statement is not None and statement.stop - statement.start == len(run)
        taken = [value for _, value in drawer.arms.carried(node)]
        roles = [self.into(value, run[:1]) for value in taken]
        name = span_of([part.node.name for part in run])
        if node.name in self.known.shared:
            name = statement.name if alone and statement else name
            weights = f"weights of {node.name}" if name != node.name else "shared weights"
            facts["detail"] = ", ".join(filter(None, [facts["detail"], weights]))
        self.add(
            row,
            _role(drawer.net, node, stage=alone and statement is not None and statement.stage),
            where,
            map(self.link, taken, roles),
            last.node.outputs,
            name=name,
            path=self.place.path + node.name,
            times=len(run),
            opens=opens,
            **facts,
        )

    def into(self, value: int, used: Sequence[Used]) -> Flow:
        """What `value` is to those of the nodes that take it; `flow` where they differ."""
        arms, roles = self.drawer.arms, self.drawer.arms.roles(self.region)
        found = {
            arms.into(roles, part.n, part.node, i)
            for part in used
            for i, taken in arms.carried(part.node)
            if taken == value
        }
        return found.pop() if len(found) == 1 else "flow"

    def filling(self, outputs: Iterable[int]) -> dict[str, Any]:
        """These boxes as the children of the one around them, which makes `outputs`."""
        if not self.boxes:
            return {}
        links = tuple(self.link(value) for value in outputs)
        return {"children": tuple(self.boxes), "outputs": links}


def _role(net: Net, node: OpNode | Call, stage: bool) -> Part:
    if stage:
        return "stage"
    if isinstance(node, OpNode):
        return "op"
    return "scope" if net.regions[node.region].kind == "scope" else "block"

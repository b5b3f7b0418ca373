"""A net as a picture: nested boxes and what runs between them, equal repeats folded into one.

This is what every graph is drawn from: DOT, Mermaid, JSON, the page. A box is a top-level
statement, what it is made of, and so on down to the ops; `depth` says which are shown open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from resdsl.files import MADE
from resdsl.ir.shape import Shape
from resdsl.report.text import json_text

Depth = Literal["model", "stage", "block", "layer"]
Part = Literal["model", "input", "output", "stage", "block", "scope", "op"]
Flow = Literal["flow", "shortcut", "projection"]

CONVENTION = (
    "figures of a box are of one of the `times` equal ones that it stands for; params: trainable "
    "elements; macs: multiply-adds at batch 1; activation_memory: bytes in float32 at batch 1; "
    "receptive_field: height and width in elements of the input, null where all of it is seen"
)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Link(_Frozen):
    """Where a tensor comes from: output `port` of the sibling `box`, or with `box` -1 input `port`
    of the box around.
    """

    box: int
    port: int
    shape: Shape
    role: Flow = "flow"
    """`shortcut`: an identity, into an addition or a concatenation. `projection`: an arm of an
    addition that has fewer layers than another, and carries the shortcut to a new shape."""


class Box(_Frozen):
    """One box of the picture; its figures are of one of the `times` that it stands for."""

    id: str
    """Made here, of letters, digits and `_`; unique in the picture."""
    name: str
    """The label in its scope; of several folded `1-3`."""
    path: str
    """From the root, `conv3_x.1`, of the first where it stands for several."""
    role: Part
    kind: str
    """An op's kind, a block's name, what a scope holds."""
    detail: str = ""
    """Settings, as papers write them: `3×3, 64, /2`."""
    family: str = ""
    """Of an op what it belongs to: `layer` (it has a weighted layer), `norm`, `act`, `pool`,
    `merge`, `other`."""
    shape: Shape
    """Of the (first) output."""
    params: int = 0
    params_training: int = 0
    macs: int = 0
    activation_memory: int = 0
    """Bytes, float32, batch 1."""
    receptive_field: tuple[int | None, int | None] = (1, 1)
    depth: int = 0
    """Weighted layers on the longest path to here."""
    times: int = 1
    """So many equal ones, one after the other, are this box."""
    train: bool = False
    """Only in the training graph."""
    line: int = 0
    """The line of the spec that it comes from, from 1; 0: none."""
    source: str = ""
    """`std/residual.res:54`, where the innermost line is of another file."""
    opens: Depth | None = None
    """From this depth on it is shown open; None: there is nothing inside."""
    inputs: tuple[Link, ...] = ()
    outputs: tuple[Link, ...] = ()
    """Which of the children make its outputs. None for a box without children."""
    children: tuple[Box, ...] = ()


class Picture(_Frozen):
    """A net as boxes. The root is the model: its children are the inputs, the top-level statements,
    and the outputs.
    """

    name: str
    depth: Depth
    notes: dict[str, str] = Field(default_factory=dict)
    root: Box
    convention: str = CONVENTION

    def boxes(self) -> Iterator[Box]:
        """Every box, the outer before the inner, in the order of the text."""
        todo = [self.root]
        while todo:
            box = todo.pop()
            yield box
            todo += reversed(box.children)

    def edges(self) -> tuple[Edge, ...]:
        """What runs between the boxes without children, in the order of the text."""
        return tuple(_Resolver(self.root).run())

    def to_json(self) -> str:
        """The boxes as JSON text; `edges` are those between boxes without children."""
        data = {"generator": MADE, **self.model_dump(mode="json")}
        data["edges"] = [
            {**edge._asdict(), "source": edge.source.id, "target": edge.target.id}
            for edge in self.edges()
        ]
        return json_text(data)


class Edge(NamedTuple):
    """A tensor that runs from one box without children to another. `port`: the place among the
    inputs of the target.
    """

    source: Box
    target: Box
    port: int
    shape: Shape
    role: Flow
    train: bool


_RANK: dict[Flow, int] = {"flow": 0, "shortcut": 1, "projection": 2}


class _Resolver:
    """Links lead to siblings; an edge goes on into what is open, on both sides."""

    def __init__(self, root: Box) -> None:
        self.root = root
        self.made: dict[tuple[str, int], Box] = {}

    def run(self) -> Iterator[Edge]:
        yield from self.inside(self.root, [])

    def inside(self, box: Box, given: list[tuple[Box, Flow]]) -> Iterator[Edge]:
        """The edges below `box`, whose inputs are made by the leaves `given`. All that is inside an
        arm that projects belongs to it.
        """
        projects = bool(given) and all(role == "projection" for _, role in given)
        for child in box.children:
            taken = [self.of(box, link, given) for link in child.inputs]
            if projects:
                taken = [(source, "projection") for source, _ in taken]
            if child.children:
                yield from self.inside(child, taken)
                for port, link in enumerate(child.outputs):
                    self.made[child.id, port] = self.of(child, link, taken)[0]
                continue
            for port, (source, role) in enumerate(taken):
                train = child.train or source.train
                yield Edge(source, child, port, child.inputs[port].shape, role, train)

    def of(self, box: Box, link: Link, given: list[tuple[Box, Flow]]) -> tuple[Box, Flow]:
        """The leaf that makes what `link` of a child of `box` (or of `box` itself) leads to."""
        if link.box < 0:
            source, role = given[link.port]
            return source, max(role, link.role, key=_RANK.__getitem__)
        sibling = box.children[link.box]
        return self.made.get((sibling.id, link.port), sibling), link.role

"""Regions of one block as instances of one template.

The template is the region with the most nodes. Another region is an instance of it if deleting some
of its nodes, each replaced by one of its inputs or of the region's, gives that region: a shortcut
without projection, a block without its attention, a bottleneck where nothing is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from resdsl.codegen.dialect import Style
from resdsl.codegen.expr import Expr, skeleton

MOST_STEPS, MOST_WAYS = 20_000, 50

Row = tuple[int | None, ...]
"""For each step of a template, the index of an instance's own step, or None."""


@dataclass(slots=True, eq=False)
class Step:
    """A node of a region in a framework's words."""

    name: str
    kind: str
    call: Expr
    module: Expr | None
    style: Style
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    train: bool = False
    borrowed: bool = False
    key: tuple[object, ...] = field(init=False)

    def __post_init__(self) -> None:
        module = self.module and skeleton(self.module)
        stateful = self.name if module or self.borrowed else ""
        self.key = (self.kind, stateful, module, skeleton(self.call), len(self.inputs),
                    len(self.outputs), self.train)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """The steps of a region, and its values of interest."""

    inputs: int
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]


@dataclass(slots=True)
class Template:
    """`bypass[i]`: the value that step i is replaced by in the instances that lack it."""

    body: Body
    bypass: dict[int, int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    """One for each instance."""


def group(bodies: Sequence[Body]) -> list[tuple[Template, list[int]]]:
    """Templates that serve all bodies, each with the indices of its own."""
    rest = list(range(len(bodies)))
    found = []
    while rest:
        largest = max(rest, key=lambda i: len(bodies[i].steps))
        template, members = Template(bodies[largest]), []
        for i in rest:
            row = _align(template, bodies[i])
            if row is not None:
                members.append(i)
                template.rows.append(row)
        found.append((template, members))
        rest = [i for i in rest if i not in members]
    return found


def _align(template: Template, body: Body) -> Row | None:
    whole = template.body
    if (whole.inputs, len(whole.outputs)) != (body.inputs, len(body.outputs)):
        return None
    if len(whole.steps) == len(body.steps):
        same = all(
            (a.key, a.inputs, a.outputs) == (b.key, b.inputs, b.outputs)
            for a, b in zip(whole.steps, body.steps, strict=True)
        )
        return tuple(range(len(body.steps))) if same and whole.outputs == body.outputs else None
    search = _Search(template, body)
    found = list(islice(search.run(), MOST_WAYS))
    if not found:
        return None
    row, chosen = min(found, key=lambda pair: _breaks(pair[0]))
    template.bypass |= chosen
    return row


def _breaks(row: Row) -> int:
    """How often what is there and what is not follow each other: fewer is likelier meant."""
    return sum((a is None) != (b is None) for a, b in pairwise(row))


class _Search:
    """Depth first over the template's steps: each is matched, or bypassed by another value."""

    def __init__(self, template: Template, body: Body) -> None:
        self.template, self.body = template, body
        self.chosen: dict[int, int] = {}
        self.budget = MOST_STEPS

    def run(self) -> Iterator[tuple[Row, dict[int, int]]]:
        """Every way to see the body as an instance, with the bypasses that it needs."""
        whole, body = self.template.body, self.body
        values = {v: v for v in range(whole.inputs)}
        row: list[int | None] = []
        trail: list[int] = []  # for each step so far, the next choice to try
        choice = 0
        while self.budget > 0:
            self.budget -= 1
            at, matched = len(row), sum(own is not None for own in row)
            moved = None
            if at < len(whole.steps):
                moved = self._move(at, matched, choice, values)
            elif matched == len(body.steps) and body.outputs == tuple(
                values[v] for v in whole.outputs
            ):
                yield tuple(row), dict(self.chosen)
            if moved is not None:
                row.append(moved[0])
                trail.append(moved[1])
                choice = 0
                continue
            if not trail:
                return
            choice = trail.pop()
            row.pop()
            self.chosen.pop(len(row), None)
            for v in whole.steps[len(row)].outputs:
                values.pop(v, None)

    def _move(
        self, at: int, matched: int, choice: int, values: dict[int, int]
    ) -> tuple[int | None, int] | None:
        """Take choice `choice`, or the next that works: 0 matches, 1 + k bypasses."""
        step = self.template.body.steps[at]
        inputs = tuple(values[v] for v in step.inputs)
        left = len(self.body.steps) - matched
        if choice == 0 and left:
            own = self.body.steps[matched]
            if own.key == step.key and own.inputs == inputs:
                values |= zip(step.outputs, own.outputs, strict=True)
                return matched, 1
        if len(step.outputs) != 1 or left >= len(self.template.body.steps) - at:
            return None
        others = list(dict.fromkeys((*step.inputs, *range(self.template.body.inputs))))
        for k in range(max(choice - 1, 0), len(others)):
            if self.template.bypass.get(at, others[k]) == others[k]:
                values[step.outputs[0]] = values[others[k]]
                self.chosen[at] = others[k]
                return None, k + 2
        return None

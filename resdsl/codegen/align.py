"""Regions of one block as instances of one template.

The template is the region with the most nodes. Another region is an instance of it if deleting some
of its nodes, each replaced by one of its inputs or of the region's, gives that region: a shortcut
without projection, a block without its attention, a bottleneck where nothing is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from resdsl.codegen.dialect import Style
from resdsl.codegen.expr import Expr, skeleton

MOST_STEPS = 20_000


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
    rows: list[tuple[int | None, ...]] = field(default_factory=list)
    """For each instance and step of the template: the index of its own step, or None."""


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


def _align(template: Template, body: Body) -> tuple[int | None, ...] | None:
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
    row = search.run()
    if row is not None:
        template.bypass |= search.chosen
    return row


class _Search:
    """Depth first over the template's steps: each is matched, or bypassed by one of its inputs."""

    def __init__(self, template: Template, body: Body) -> None:
        self.template, self.body = template, body
        self.chosen: dict[int, int] = {}
        self.budget = MOST_STEPS

    def run(self) -> tuple[int | None, ...] | None:
        whole, body = self.template.body, self.body
        values = {v: v for v in range(whole.inputs)}
        row: list[int | None] = []
        trail: list[tuple[int, int]] = []  # (own steps matched so far, next choice to try)
        choice = 0
        while True:
            at, matched = len(row), sum(own is not None for own in row)
            if at == len(whole.steps):
                if matched == len(body.steps) and body.outputs == tuple(
                    values.get(v) for v in whole.outputs
                ):
                    return tuple(row)
                moved = None
            else:
                moved = self._move(at, matched, choice, values)
            self.budget -= 1
            if moved is not None:
                own, choice = moved
                row.append(own)
                trail.append((at, choice))
                choice = 0
                continue
            if not trail or self.budget < 0:
                return None
            at, choice = trail.pop()
            row.pop()
            self.chosen.pop(at, None)
            for v in whole.steps[at].outputs:
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

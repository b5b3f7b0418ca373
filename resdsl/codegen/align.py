"""Regions of one block as instances of one template.

The template is the region with the most nodes, or several merged into one. Another region is an
instance of it if deleting some of its nodes, each replaced by one of its inputs or of the region's,
gives that region: a shortcut without projection, a block without its attention, a bottleneck where
nothing is added.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from resdsl.codegen.merge import merge
from resdsl.codegen.steps import Body

MOST_STEPS, MOST_WAYS = 20_000, 50
MOST_APART = 3
"""Two bodies are merged if not more than one step in three is of one of them only."""

Row = tuple[int | None, ...]
"""For each step of a template, the index of an instance's own step, or None."""


@dataclass(slots=True)
class Template:
    """A body that serves several instances: the `model`'s own, or with steps of others merged in.

    `bypass[i]` is the value that step i is replaced by in the instances that lack it.
    """

    body: Body
    model: int
    members: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    """For each member."""
    bypass: dict[int, int] = field(default_factory=dict)

    def admits(self, index: int, body: Body) -> bool:
        """Take in another instance, if it is one."""
        row = _align(self, body)
        if row is not None:
            self.members.append(index)
            self.rows.append(row)
        return row is not None


def group(bodies: Sequence[Body], one_instance: Sequence[Collection[int]] = ()) -> list[Template]:
    """Templates that serve all bodies, by index. Bodies of `one_instance` must be of one template:
    ValueError where that cannot be."""
    rest = list(range(len(bodies)))
    found = []
    while rest:
        largest = max(rest, key=lambda i: len(bodies[i].steps))
        template = Template(bodies[largest], largest)
        for i in rest:
            template.admits(i, bodies[i])
        for i in rest:
            if i not in template.members:
                forced = any(i in one and set(one) & {*template.members} for one in one_instance)
                template = _widened(template, i, bodies, forced) or template
        found.append(template)
        rest = [i for i in rest if i not in template.members]
    for one in one_instance:
        if sum(bool(set(one) & set(template.members)) for template in found) > 1:
            raise ValueError("no one class can hold its uses")
    return found


def _widened(
    template: Template, index: int, bodies: Sequence[Body], forced: bool
) -> Template | None:
    """The template with the steps of another body, where that is not mostly what only one has."""
    body = merge(template.body, bodies[index])
    if body is None:
        return None
    added = len(body.steps) - len(template.body.steps)
    lacked = len(body.steps) - len(bodies[index].steps)
    if not forced and (added + lacked) * MOST_APART > len(body.steps):
        return None
    wide = Template(body, template.model)
    ok = all(wide.admits(i, bodies[i]) for i in (*template.members, index))
    return wide if ok else None


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
    whole_members = (pair for pair in search.run() if not _halved(whole, pair[0]))
    found = list(islice(whole_members, MOST_WAYS))
    if not found:
        return None
    row, chosen = min(found, key=lambda pair: _breaks(pair[0]))
    template.bypass |= chosen
    return row


def _halved(whole: Body, row: Row) -> bool:
    """Whether a member is used at one place and passed by at another: the class asks only whether
    it is there."""
    uses: dict[str, set[bool]] = {}
    for step, own in zip(whole.steps, row, strict=True):
        if step.module or step.borrowed:
            uses.setdefault(step.name, set()).add(own is None)
    return any(len(found) > 1 for found in uses.values())


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

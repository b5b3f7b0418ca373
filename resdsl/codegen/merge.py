"""One body of two: their common steps once, and the steps of each that the other lacks.

Where neither of two instances of a block has all of the other's steps, neither is the template. The
merged body is; in each instance the steps of the other are passed by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from resdsl.codegen.steps import Body, Step

MOST_TO_MERGE = 200


def merge(first: Body, second: Body) -> Body | None:
    """A body that has the values of `first` under their own numbers; None where none is found."""
    if (first.inputs, len(first.outputs)) != (second.inputs, len(second.outputs)):
        return None
    if max(len(first.steps), len(second.steps)) > MOST_TO_MERGE:
        return None
    return _Merge(first, second).run()


class _Merge:
    """`views`: for each value, what stands for it in the first body, and in the second."""

    def __init__(self, first: Body, second: Body) -> None:
        self.first, self.second = first, second
        self.views = {v: (v, v) for v in range(first.inputs)}
        self.fresh = 1 + max(
            [first.inputs, *(v for body in (first, second) for s in body.steps for v in s.outputs)]
        )

    def run(self) -> Body | None:
        steps: list[Step] = []
        for own, other in _common(self.first.steps, self.second.steps):
            step = self._both(own, other) if own and other else self._one(own, other)
            if step is None:
                return None
            steps.append(step)
        pairs = zip(self.first.outputs, self.second.outputs, strict=True)
        outputs = [self._value(own, other) for own, other in pairs]
        keys = {(step.name, step.key) for step in steps if step.module}
        if None in outputs or len({name for name, _ in keys}) < len(keys):
            return None
        return Body(self.first.inputs, tuple(steps), tuple(v for v in outputs if v is not None))

    def _value(self, own: int | None, other: int | None) -> int | None:
        """The latest value that is these two, where both are asked for."""
        for value, (a, b) in reversed(self.views.items()):
            if own in (None, a) and other in (None, b):
                return value
        return None

    def _both(self, own: Step, other: Step) -> Step | None:
        inputs = [self._value(a, b) for a, b in zip(own.inputs, other.inputs, strict=True)]
        if None in inputs:
            return None
        self.views |= {a: (a, b) for a, b in zip(own.outputs, other.outputs, strict=True)}
        return replace(own, inputs=tuple(v for v in inputs if v is not None))

    def _one(self, own: Step | None, other: Step | None) -> Step | None:
        """A step of one body. In the other, its latest input stands for it."""
        step = own or other
        assert step is not None
        inputs = [self._value(v if own else None, None if own else v) for v in step.inputs]
        if None in inputs or len(step.outputs) != 1:
            return None
        known = [v for v in inputs if v is not None]
        (out,) = step.outputs
        if own:
            self.views[out] = (out, max(self.views[v][1] for v in known))
            return replace(own, inputs=tuple(known))
        self.views[self.fresh] = (max(self.views[v][0] for v in known), out)
        self.fresh += 1
        return replace(step, inputs=tuple(known), outputs=(self.fresh - 1,))


def _common(
    first: Sequence[Step], second: Sequence[Step]
) -> Iterator[tuple[Step | None, Step | None]]:
    """Both sequences in one, equal steps in pairs: as many as there can be."""
    rows, columns = len(first), len(second)
    most = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            most[i][j] = (
                1 + most[i + 1][j + 1]
                if first[i].key == second[j].key
                else max(most[i + 1][j], most[i][j + 1])
            )
    i = j = 0
    while i < rows or j < columns:
        if i < rows and j < columns and first[i].key == second[j].key:
            yield first[i], second[j]
            i, j = i + 1, j + 1
        elif j == columns or (i < rows and most[i + 1][j] >= most[i][j + 1]):
            yield first[i], None
            i += 1
        else:
            yield None, second[j]
            j += 1

"""The forward pass of one class as statements that read as people write them.

Norms and activations go around the layer that they follow, a name is used again when its value is
no longer needed, the branches of a merge are called what they are called in papers, and numbered
members that follow each other are a loop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from resdsl.codegen.dialect import Style
from resdsl.codegen.expr import Term
from resdsl.codegen.names import Names
from resdsl.codegen.text import Block, Line, Statement

NEVER = 1 << 40
FRESH = ("x", "out", "y", "z", "u", "v")


class Render(Protocol):
    """The text of a call on these inputs; `index` stands for the number of a numbered member."""

    def __call__(self, slots: Sequence[Term], index: str = "") -> Term: ...


@dataclass(frozen=True, slots=True)
class Move:
    """One step of the forward pass.

    An optional one happens `when` (an expression; `unless` is its contrary), and else its output is
    input number `bypass`. `index` is the number of a numbered member.
    """

    kind: str
    style: Style
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    render: Render
    when: str = ""
    unless: str = ""
    bypass: int = 0
    index: int | None = None


class Flow:
    """Writes moves as statements. `labels` are the values that have names of their own."""

    def __init__(
        self,
        moves: Sequence[Move],
        inputs: Mapping[int, str],
        labels: Mapping[int, str],
        kept: Sequence[int],
        names: Names,
    ) -> None:
        self.moves = list(moves)
        self.labels = dict(labels)
        self.names = names
        self.variable: dict[int, str] = dict(inputs)
        self.generic = {"x"} & set(inputs.values())
        self.holder: dict[str, int] = {name: value for value, name in inputs.items()}
        self.pending: dict[int, Term] = {}
        self.makers = {v: at for at, move in enumerate(self.moves) for v in move.outputs}
        self.uses = Counter(v for move in self.moves for v in move.inputs)
        self.uses.update(kept)
        self.last_use = {v: at for at, move in enumerate(self.moves) for v in move.inputs}
        self.last_use |= dict.fromkeys(kept, NEVER)

    def term(self, value: int) -> Term:
        """What stands for a value right now."""
        return self.pending.pop(value, None) or Term(self.variable[value])

    def write(self, start: int, stop: int, result: int | None = None) -> list[Statement]:
        """The moves from `start` to `stop`. If the last makes `result`, it is returned at once."""
        out: list[Statement] = []
        at = start
        while at < stop:
            end = (
                self._same_condition(at, stop) if self.moves[at].when else self._loop_end(at, stop)
            )
            final = result if end == stop else None
            if self.moves[at].when:
                self._optional(at, end, out, final)
            elif end - at > 1:
                self._loop(at, end, out)
            else:
                end = at + 1
                while end < stop and self._wraps(end - 1, end):
                    end += 1
                self._straight(at, end, out, result if end == stop else None)
            at = end
        return out

    # ------------------------------------------------------------ statements

    def _straight(
        self,
        start: int,
        stop: int,
        out: list[Statement],
        result: int | None = None,
        force: Mapping[int, str] | None = None,
    ) -> None:
        for at in range(start, stop):
            move = self.moves[at]
            term = move.render([self.term(v) for v in move.inputs])
            if at + 1 < stop and self._wraps(at, at + 1):
                self.pending[move.outputs[0]] = term
            elif at + 1 == stop and move.outputs == (result,):
                out.append(Line(f"return {term.text}"))
            else:
                targets = [
                    self._bind(v, (force or {}).get(v) or self._target(v, move.inputs, at))
                    for v in move.outputs
                ]
                out.append(Line(f"{', '.join(targets)} = {term.text}"))

    def _wraps(self, at: int, after: int) -> bool:
        """The move `after` goes around the move `at`."""
        move, outer = self.moves[at], self.moves[after]
        value = move.outputs[0]
        return (
            outer.style == "wrap"
            and outer.inputs == (value,)
            and len(move.outputs) == self.uses[value] == 1
            and move.when == outer.when
            and value not in self.labels
        )

    def _same_condition(self, start: int, stop: int) -> int:
        end = start
        while end < stop and self.moves[end].when == self.moves[start].when:
            end += 1
        return end

    def _optional(self, start: int, stop: int, out: list[Statement], result: int | None) -> None:
        """Moves that only some instances make."""
        inside = {v for move in self.moves[start:stop] for v in move.outputs}
        leaving = [v for v in sorted(inside) if self.last_use.get(v, -1) >= stop]
        origin = {v: self._origin(v, inside) for v in leaving}
        is_one = all(self._wraps(at, at + 1) for at in range(start, stop - 1))
        if is_one and leaving == [result]:
            out.append(Line(f"return {self._choice(start, stop, origin[leaving[0]])}"))
            return
        targets: dict[int, str] = {}
        for value in leaving:
            source = self.variable[origin[value]]
            target = self._target(value, (origin[value],), stop - 1)
            if target != source and is_one:
                text = self._choice(start, stop, origin[value])
                out.append(Line(f"{self._bind(value, target)} = {text}"))
                return
            if target != source:
                out.append(Line(f"{target} = {source}"))
            targets[value] = target
        body: list[Statement] = []
        before = dict(self.variable), dict(self.last_use)
        for value, target in targets.items():
            self._bind(origin[value], target)
            within = [at for at in range(start, stop) if origin[value] in self.moves[at].inputs]
            self.last_use[origin[value]] = max(within, default=start)
        self._straight(start, stop, body, force=targets)
        self.variable, self.last_use = before
        for value, target in targets.items():
            self._bind(value, target)
        out.append(Block(f"if {self.moves[start].when}:", tuple(body)))

    def _origin(self, value: int, inside: set[int]) -> int:
        """What stands for a value of optional moves where they are not made."""
        while value in inside:
            move = self.moves[self.makers[value]]
            value = move.inputs[move.bypass]
        return value

    def _choice(self, start: int, stop: int, source: int) -> str:
        """Optional moves as one conditional expression."""
        other = self.variable[source]
        term = Term("")
        for move in self.moves[start:stop]:
            term = move.render([self.term(v) for v in move.inputs])
            self.pending[move.outputs[0]] = term
        self.pending.pop(self.moves[stop - 1].outputs[0])
        when, unless = self.moves[start].when, self.moves[start].unless
        if unless.endswith(" is None"):
            return f"{other} if {unless} else {term.text}"
        return f"{term.text} if {when} else {other}"

    def _loop_end(self, start: int, stop: int) -> int:
        """Where the numbered members that follow each other from `start` end."""
        first = self.moves[start]
        if first.index is None or len(first.inputs) != 1 or len(first.outputs) != 1:
            return start + 1
        pattern, end = first.render([Term("x")], "i"), start + 1
        while end < stop:
            move, value = self.moves[end], self.moves[end - 1].outputs[0]
            if (
                move.index != first.index + end - start
                or move.inputs != (value,)
                or self.uses[value] != 1
                or value in self.labels
                or move.when
                or len(move.outputs) != 1
                or move.render([Term("x")], "i") != pattern
            ):
                break
            end += 1
        return end

    def _loop(self, start: int, stop: int, out: list[Statement]) -> None:
        first, last = self.moves[start], self.moves[stop - 1]
        source = self.term(first.inputs[0]).text
        target = self._target(last.outputs[0], first.inputs, start)
        if target != source:
            out.append(Line(f"{target} = {source}"))
        self._bind(last.outputs[0], target)
        assert first.index is not None
        span = range(first.index, first.index + stop - start)
        bounds = f"{span.start}, {span.stop}" if span.start else str(span.stop)
        call = first.render([Term(target)], "i")
        out.append(Block(f"for i in range({bounds}):", (Line(f"{target} = {call.text}"),)))

    # ------------------------------------------------------------ names

    def _bind(self, value: int, name: str) -> str:
        self.variable[value] = name
        self.holder[name] = value
        return name

    def _target(self, value: int, inputs: Sequence[int], at: int) -> str:
        """The name that a new value gets."""
        if value in self.labels:
            return self.names.take(self.labels[value])
        if value not in self.last_use:
            return "_"
        dead = [
            self.variable[v]
            for v in self._roots(inputs)
            if self.variable[v] in self.generic and self._is_free(self.variable[v], at)
        ]
        wish = self._role(value)
        if dead and wish in ("", "out"):
            return "x" if "x" in dead else dead[0]
        if wish in dead:
            return wish
        return self._fresh((wish, *(f"{wish}{n}" for n in range(2, 100))) if wish else FRESH, at)

    def _roots(self, values: Sequence[int]) -> list[int]:
        """The values with names that these are made of."""
        found = []
        for value in values:
            while value not in self.variable:
                (value,) = self.moves[self.makers[value]].inputs[:1]
            found.append(value)
        return found

    def _is_free(self, name: str, at: int) -> bool:
        """The value that the name holds is not needed after the move `at`."""
        return self.last_use.get(self.holder[name], -1) <= at

    def _fresh(self, wishes: Sequence[str], at: int) -> str:
        for name in wishes:
            if name in self.generic and name in self.holder and self._is_free(name, at):
                return name
            if name not in self.names:
                break
        else:
            name = self.names.take(wishes[0])
            self.generic.add(name)
            return name
        self.names.take(name)
        self.generic.add(name)
        return name

    def _role(self, value: int) -> str:
        """What people call the branch of a merge that a value is in, or ""."""
        while self.uses[value] == 1:
            at = self.last_use[value]
            if at == NEVER:
                return ""
            move = self.moves[at]
            if move.style == "merge" and len(move.inputs) > 1:
                return self._branch(move, move.inputs.index(value))
            if len(move.inputs) != 1 or len(move.outputs) != 1:
                return ""
            value = move.outputs[0]
        return ""

    def _branch(self, merge: Move, index: int) -> str:
        lengths = [self._length(v) for v in merge.inputs]
        main = lengths.index(max(lengths))
        if len(lengths) > 2 or (merge.kind in ("concat", "maximum") and min(lengths)):
            return f"branch{index + 1}"
        if merge.kind == "add":
            return "out" if index == main else "shortcut"
        if merge.kind == "mul":
            return "scale" if index or not min(lengths) else "out"
        return "out"

    def _length(self, value: int) -> int:
        """How many moves made this branch alone."""
        count = 0
        while self.uses[value] == 1 and value in self.makers:
            move = self.moves[self.makers[value]]
            count += 1
            if len(move.inputs) != 1:
                break
            value = move.inputs[0]
        return count

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
MOST_IN_ONE = 80
"""The longest conditional expression that stays one."""
FRESH = ("x", "out", "y", "z", "u", "v")


class Render(Protocol):
    """The text of a call on these inputs; `index` stands for the number of a numbered member."""

    def __call__(self, slots: Sequence[Term], index: str = "") -> Term: ...


@dataclass(frozen=True, slots=True)
class Move:
    """One step of the forward pass.

    An optional one happens `when` (an expression; `unless` is its contrary), and else its output is
    the value `bypass`. `member` is what it calls; `index` the number of a numbered member.
    """

    kind: str
    style: Style
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    render: Render
    when: str = ""
    unless: str = ""
    bypass: int = -1
    member: str = ""
    index: int | None = None

    def needs(self) -> list[int]:
        """The values that it cannot do without."""
        extra = [self.bypass] if self.when and self.bypass not in self.inputs else []
        return [*self.inputs, *extra]


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
        self.busy: set[str] = set()
        """Names that must keep their values until optional moves are through."""
        self.makers = {v: at for at, move in enumerate(self.moves) for v in move.outputs}
        self.uses = Counter(v for move in self.moves for v in move.needs())
        self.uses.update(kept)
        self.last_use = {v: at for at, move in enumerate(self.moves) for v in move.needs()}
        self.last_use |= dict.fromkeys(kept, NEVER)

    def term(self, value: int) -> Term:
        """What stands for a value right now."""
        return self.pending.pop(value, None) or Term(self.variable[value])

    def write(self, start: int, stop: int, result: int | None = None) -> list[Statement]:
        """The moves from `start` to `stop`. If the last makes `result`, it is returned at once."""
        out: list[Statement] = []
        at = start
        while at < stop:
            if self.moves[at].when:
                middle = self._same_condition(at, stop)
                end = self._alternative_end(at, middle, stop)
                final = result if end == stop else None
                if end > middle:
                    self._either(at, middle, end, out, final)
                else:
                    self._optional(at, end, out, final)
            elif (end := self._loop_end(at, stop)) - at > 1:
                self._loop(at, end, out)
            else:
                end = self._statement_end(at, stop)
                self._statement(at, end, out, result if end == stop else None)
            at = end
        return out

    # ------------------------------------------------------------ statements

    def _statement_end(self, start: int, stop: int) -> int:
        """Where the statement that begins at `start` ends.

        Wraps go around what came before. A layer goes around what leads to it, as in
        `self.conv1(F.relu(self.bn1(x)))`, and then nothing goes around the layer.
        """
        at = start + 1
        leading = self.moves[start].style in ("wrap", "lead")
        while at < stop:
            move, before = self.moves[at], self.moves[at - 1]
            value = before.outputs[0]
            if (
                move.inputs != (value,)
                or not len(before.outputs) == self.uses[value] == 1
                or move.when != before.when
                or value in self.labels
            ):
                break
            if move.style == "step" and leading and at - start < 3 and move.index is None:
                return at + 1
            if move.style != "wrap":
                break
            at += 1
        return at

    def _statement(
        self,
        start: int,
        stop: int,
        out: list[Statement],
        result: int | None = None,
        force: Mapping[int, str] | None = None,
    ) -> None:
        """Moves that are one expression."""
        inputs = [v for move in self.moves[start:stop] for v in move.inputs if v in self.variable]
        term, last = self._expression(start, stop), self.moves[stop - 1]
        if last.outputs == (result,):
            out.append(Line(f"return {term.text}"))
            return
        targets = [
            self._bind(v, (force or {}).get(v) or self._target(v, inputs, stop - 1))
            for v in last.outputs
        ]
        if targets != [term.text]:
            out.append(Line(f"{', '.join(targets)} = {term.text}"))

    def _expression(self, start: int, stop: int) -> Term:
        term = Term("")
        for move in self.moves[start:stop]:
            term = move.render([self.term(v) for v in move.inputs])
            self.pending[move.outputs[0]] = term
        del self.pending[self.moves[stop - 1].outputs[0]]
        return term

    def _same_condition(self, start: int, stop: int) -> int:
        end = start
        while end < stop and self.moves[end].when == self.moves[start].when:
            end += 1
        return end

    def _optional(self, start: int, stop: int, out: list[Statement], result: int | None) -> None:
        """Moves that only some instances make."""
        leaving, inside = self._leaving(start, stop)
        origin = {v: self._origin(v, inside) for v in leaving}
        inputs = self._named_inputs(start, stop)
        is_one = self._statement_end(start, stop) == stop
        if is_one and leaving == [result]:
            text = self._choice(start, stop, self.variable[origin[leaving[0]]])
            if len(text) <= MOST_IN_ONE:
                out.append(Line(f"return {text}"))
                return
        if is_one and len(leaving) == 1:
            (value,) = leaving
            before = dict(self.holder), set(self.generic), self.names.copy()
            source, target = self.variable[origin[value]], self._target(value, inputs, stop - 1)
            text = f"{target} = {self._choice(start, stop, source)}"
            if target != source and len(text) <= MOST_IN_ONE:
                self._bind(value, target)
                out.append(Line(text))
                return
            self.holder, self.generic, self.names = before
        targets: dict[int, str] = {}
        for value in leaving:
            source = self.variable[origin[value]]
            needed = {*inputs, *origin.values()} - {origin[value]}
            self.busy = {self.variable[v] for v in needed if v in self.variable}
            self.busy |= set(targets.values())
            targets[value] = self._target(value, (origin[value],), stop - 1)
            if targets[value] != source:
                out.append(Line(f"{targets[value]} = {source}"))
        self.busy = set()
        body = self._within(start, stop, targets, origin)
        out.append(Block(f"if {self.moves[start].when}:", body))

    def _leaving(self, start: int, stop: int) -> tuple[list[int], set[int]]:
        """The values that these moves make for others, and all that they make."""
        inside = {v for move in self.moves[start:stop] for v in move.outputs}
        return [v for v in sorted(inside) if self.last_use.get(v, -1) >= stop], inside

    def _named_inputs(self, start: int, stop: int) -> list[int]:
        needs = [v for move in self.moves[start:stop] for v in move.needs()]
        return [v for v in needs if v in self.variable]

    def _within(
        self, start: int, stop: int, targets: Mapping[int, str], origin: Mapping[int, int]
    ) -> tuple[Statement, ...]:
        """The body of an `if`, where the names of the results hold what stands for them so far:
        `origin`."""
        before = dict(self.variable), dict(self.last_use)
        for value, source in origin.items():
            self._bind(source, targets[value])
            uses = [at for at in range(start, stop) if source in self.moves[at].inputs]
            self.last_use[source] = max(uses, default=start)
        body: list[Statement] = []
        at = start
        while at < stop:
            end = self._statement_end(at, stop)
            self._statement(at, end, body, force=targets)
            at = end
        self.variable, self.last_use = before
        for value, target in targets.items():
            self._bind(value, target)
        return tuple(body)

    def _alternative_end(self, start: int, middle: int, stop: int) -> int:
        """Where the moves end that are made in place of those from `start` to `middle`, if any."""
        if middle == stop or self.moves[middle].when != self.moves[start].unless:
            return middle
        end = self._same_condition(middle, stop)
        (first, _), (second, inside) = self._leaving(start, middle), self._leaving(middle, end)
        if len(first) != 1 or len(second) != 1 or self.last_use[first[0]] >= end:
            return middle
        return end if self._origin(second[0], inside) == first[0] else middle

    def _either(
        self, start: int, middle: int, stop: int, out: list[Statement], result: int | None
    ) -> None:
        """Some instances make these moves, and the others make those."""
        (first,), inside = self._leaving(start, middle)
        (second,), _ = self._leaving(middle, stop)
        source = self._origin(first, inside)
        needed = set(self._named_inputs(start, stop)) - {source}
        self.busy = {self.variable[v] for v in needed}
        target = self._target(second, (source,), stop - 1)
        self.busy = set()
        body = self._within(start, middle, {first: target}, {})
        self.variable[first] = self.variable[source]
        other = self._within(middle, stop, {second: target}, {})
        when = self.moves[start].when
        lines = [line.text for line in (*body, *other) if isinstance(line, Line)]
        texts = [text.removeprefix(f"{target} = ") for text in lines]
        choice = f"{texts[0]} if {when} else {texts[-1]}" if texts else ""
        if len(body) == len(other) == 1 and len(texts) == 2 and len(choice) <= MOST_IN_ONE:
            out.append(Line(f"return {choice}" if second == result else f"{target} = {choice}"))
        else:
            out += [Block(f"if {when}:", body), Block("else:", other)]

    def _origin(self, value: int, inside: set[int]) -> int:
        """What stands for a value of optional moves where they are not made."""
        while value in inside:
            value = self.moves[self.makers[value]].bypass
        return value

    def _choice(self, start: int, stop: int, other: str) -> str:
        """Optional moves as one conditional expression."""
        pending = dict(self.pending)
        text = self._expression(start, stop).text
        self.pending = pending
        when, unless = self.moves[start].when, self.moves[start].unless
        if unless.endswith(" is None"):
            return f"{other} if {unless} else {text}"
        return f"{text} if {when} else {other}"

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
        dead = [self.variable[v] for v in inputs if self._is_spare(self.variable[v], at)]
        if wish := self._role(value):
            return wish if wish in dead else self._fresh((wish,), at)
        if plain := [name for name in dead if name in FRESH]:
            return "x" if "x" in plain else plain[0]
        return self._fresh(FRESH, at)

    def _is_spare(self, name: str, at: int) -> bool:
        """A name for any value, whose own is not needed after the move `at`."""
        is_ours = name in self.generic and name in self.holder and name not in self.busy
        return is_ours and self.last_use.get(self.holder[name], -1) <= at

    def _fresh(self, wishes: Sequence[str], at: int) -> str:
        for name in wishes:
            if self._is_spare(name, at):
                return name
            if name not in self.names:
                break
        else:
            name = wishes[0]
        name = self.names.take(name)
        self.generic.add(name)
        return name

    def _role(self, value: int) -> str:
        """What people call the branch of a merge that a value is in, or ""."""
        while self.uses[value] == 1:
            at = self.last_use[value]
            if at == NEVER:
                return ""
            move = self.moves[at]
            if move.style == "merge" and len(move.inputs) > 1 and value in move.inputs:
                return self._branch(move, move.inputs.index(value))
            if move.inputs != (value,) or len(move.outputs) != 1:
                return ""
            value = move.outputs[0]
        return ""

    def _branch(self, merge: Move, index: int) -> str:
        lengths = [self._length(v) for v in merge.inputs]
        always = [self._length(v, always=True) for v in merge.inputs]
        main = max(range(len(lengths)), key=lambda i: (always[i], lengths[i]))
        if len(lengths) > 2 or (merge.kind in ("concat", "maximum") and min(lengths)):
            maker = self.moves[self.makers[merge.inputs[index]]]
            named = maker.kind == "call" and maker.member and maker.member not in self.names
            return maker.member if named else f"branch{index + 1}"
        if merge.kind == "add" and index != main:
            return "shortcut"
        return "scale" if merge.kind == "mul" and not min(lengths) and index == main else ""

    def _length(self, value: int, always: bool = False) -> int:
        """How many moves made this branch alone; of those that are `always` made, if so."""
        count = 0
        while self.uses[value] == 1 and value in self.makers:
            move = self.moves[self.makers[value]]
            count += not (always and move.when)
            if len(move.inputs) != 1:
                break
            value = move.inputs[0]
        return count

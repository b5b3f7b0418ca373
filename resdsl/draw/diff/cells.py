"""What the picture of a difference says: rows of two cells, one for each net.

What differs in the same way as something before is not opened again, and what is equal is folded.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from resdsl.analysis.diff import Diff, Fact, Part, Side
from resdsl.analysis.diff.groups import Mark, is_quiet, mark_of, signature, walk
from resdsl.draw.words import times
from resdsl.report.diff import names_of, said
from resdsl.report.tables import human
from resdsl.report.text import visible

NEAR = 3
"""So many equal parts stand there each by itself; what is between more is folded."""


LINE = 36
"""Characters of a line that lists what changed."""


@dataclass(frozen=True)
class Line:
    """One line of a cell. `strong` is in bold, and before `text`; `change`: in the colour of the
    mark.
    """

    text: str
    strong: str = ""
    change: bool = False


@dataclass(frozen=True)
class Cell:
    """One side of a row."""

    lines: tuple[Line, ...]
    flows: bool = False
    """It takes what the cell above it makes."""


@dataclass(frozen=True)
class Row:
    """Two cells side by side; one alone, where something was added or removed."""

    mark: Mark
    a: Cell | None
    b: Cell | None
    inside: tuple[Row, ...] = ()


def rows(diff: Diff) -> tuple[Row, ...]:
    """All rows of the picture, the nets' own settings first."""
    facts = (*diff.settings, *diff.facts)
    named = {(f.was.partition(", ")[0], f.what.partition(", ")[0]) for f in facts if f.was}
    facts = tuple(f for f in facts if (f"{f.what} {f.a}", f"{f.what} {f.b}") not in named)
    parts = tuple(_rows(diff.parts, NEAR))
    if not facts:
        return parts
    a, b = (Cell(tuple(Line(_value(fact, k), change=True) for fact in facts)) for k in (0, 1))
    return (Row("~", a, b), *parts)


def _rows(parts: Sequence[Part], near: int) -> Iterator[Row]:
    seen: dict[Hashable, Part] = {}
    above: list[set[str]] = [set(), set()]
    for run in _runs(parts, near):
        first, last = run[0], run[-1]
        like = None
        if first.parts and not is_quiet(first):
            like = seen.get(signature(first))
            seen.setdefault(signature(first), first)
        a = _cell(run, [part.a for part in run if part.a], above[0], like.a if like else None, 0)
        b = _cell(run, [part.b for part in run if part.b], above[1], like.b if like else None, 1)
        opened = first.parts and not is_quiet(first) and not like
        inside = tuple(_rows(first.parts, 1)) if opened else ()
        if all(row.mark == "=" for row in inside):
            inside = ()
        yield Row(mark_of(first), a, b, inside)
        for k, side in enumerate((last.a, last.b)):
            above[k] = _names(last, k) if side else above[k]


def _runs(parts: Sequence[Part], near: int) -> Iterator[list[Part]]:
    """Quiet neighbours of one mark together, where they are many; all others alone."""
    runs: list[list[Part]] = []
    for part in parts:
        last = runs[-1][0] if runs else None
        if last and is_quiet(part) and is_quiet(last) and mark_of(last) == mark_of(part):
            runs[-1].append(part)
        else:
            runs.append([part])
    for run in runs:
        if len(run) <= near:
            yield from ([part] for part in run)
        elif near > 1:
            yield from ([run[0]], run[1:-1], [run[-1]])
        else:
            yield run


def _names(part: Part, which: int) -> set[str]:
    """What the makers of a part's output may be called on one side."""
    sides = [(one.a, one.b)[which] for one in walk([part])]
    return {side.name.rpartition("-")[2] for side in sides if side}


def _cell(
    run: list[Part], sides: list[Side], above: set[str], like: Side | None, which: int
) -> Cell | None:
    """The cell of one or more neighbours on one side. `above`: the names of what stands above it;
    `like`: what has changed in the same way.
    """
    if not sides:
        return None
    part, side = run[0], sides[0]
    flows = not above.isdisjoint(side.inputs)
    if len(run) > 1:
        lines = [Line(visible(names_of(side.name for side in sides))), *_deltas(run, which)]
        return Cell(tuple(lines), flows)
    lines = [_title(part, side, which)]
    facts = [f for f in part.causes if f.subject not in ("name", "kind", "repeats", "level")]
    values = [_value(fact, which) for fact in facts]
    lines += [Line(line, change=True) for line in _joined(values)]
    if above and part.sign != "=" and not above.issuperset(side.inputs):
        lines.append(Line(visible(f"from {' and '.join(side.inputs)}")))
    lines.append(Line(_size(side)))
    if like:
        lines.append(Line(visible(f"changed as {like.name} is"), change=True))
    lines += _deltas(run, which)
    return Cell(tuple(lines), flows)


def _title(part: Part, side: Side, which: int) -> Line:
    gone = [fact for fact in part.facts if fact.subject == "level"]
    if any((fact.a, fact.b)[which] is None for fact in gone):
        return Line("written out", visible(names_of(side.name.split(", "))))
    made_of = side.kind if side.kind != side.name else ""
    many = f" ×{side.times}" if side.times > 1 else ""
    more = ""
    if part.sign in "+-" and not part.side.name[:1].isdecimal():
        more = "  " + ", ".join(f"{k} {said(v)}" for k, v in _telling(side).items())
    return Line(visible(made_of + many + more.rstrip()), visible(side.name))


def _telling(side: Side) -> dict[str, object]:
    """The arguments that tell an op from another of its kind."""
    return {k: v for k, v in side.args.items() if k in ("out", "k", "stride", "p", "groups")}


def _size(side: Side) -> str:
    figures = [times(side.output)]
    if side.params or side.params_training:
        figures.append(f"{human(side.params or side.params_training)} params")
    if side.macs:
        figures.append(f"{human(side.macs)} MACs")
    return " · ".join(figures)


def _deltas(run: list[Part], which: int) -> Iterator[Line]:
    """What the second net has more; of what was removed, the first less."""
    signs = {part.sign for part in run}
    if signs <= {"+", "-"} or which == 0:
        return
    params, macs = (sum(part.delta(count) for part in run) for count in ("params", "macs"))
    said = [f"{_short(n)} {what}" for n, what in ((params, "params"), (macs, "MACs")) if n]
    if said:
        yield Line(" · ".join(said), change=True)


def _joined(values: Sequence[str]) -> Iterator[str]:
    """Several in a line, where they are short."""
    line = ""
    for value in values:
        if line and len(line) + len(value) > LINE:
            yield line
            line = ""
        line += f"{', ' if line else ''}{value}"
    if line:
        yield line


def _short(number: int) -> str:
    return f"{'+' if number > 0 else '−'}{human(abs(number))}"


def _value(fact: Fact, which: int) -> str:
    """`stride 2`: what a fact is on one side, as it is called there."""
    value, what = ((fact.a, fact.was or fact.what), (fact.b, fact.what))[which]
    if fact.subject in ("stage", "training"):
        return what if value else f"not {what}"
    if fact.subject == "source":
        return visible(f"{what} from {said(value)}")
    if value is None:
        of, comma, what = what.rpartition(", ")
        return visible(f"{of}{comma}no {what}")
    if fact.subject in ("shape", "input", "output") and _is_shape(value):
        return visible(f"{what} {times(value)}")
    return visible(f"{what} {said(value)}")


def _is_shape(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(side, int) for side in value)

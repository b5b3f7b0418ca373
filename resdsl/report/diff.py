"""A difference of two nets as text: the totals, what changed, and what was renamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Any

from resdsl.analysis.diff import Diff, Fact, Part, Whole
from resdsl.analysis.diff.groups import Group, groups, renames
from resdsl.ir.shape import show
from resdsl.report.style import Paint, Role, plain
from resdsl.report.tables import Column, Table, memory
from resdsl.report.text import visible

LEGEND = "~ changed   + added   - removed   ↳ follows from a change elsewhere   = equal"
SIGNS = {"~": "~", "+": "+", "-": "-", ">": "↳", "=": "="}
MOST = 4
"""Names that one line lists."""

_ROLES: dict[str, Role] = {"~": "changed", "+": "added", "-": "removed", ">": "muted", "=": "muted"}
_WIDTH, _WIDE, _RENAMES = 100, 48, 16


def diff_text(diff: Diff, paint: Paint = plain) -> str:
    """The whole report, without a newline at the end."""
    title = visible(f"{' → '.join(titles(diff))}")
    if not diff:
        return f"{paint('message', title)}   equal"
    parts = [paint("message", title), "", *_painted(totals_table(diff), paint)]
    if facts := list(net_lines(diff)):
        parts += ["", *(f"  {paint('changed', line)}" for line in facts)]
    if listed := rows(diff):
        table = parts_table(listed).text().split("\n")
        roles = [_ROLES[group.mark] for _, group in listed]
        body = [paint(role, line) for role, line in zip(roles, table[2:], strict=True)]
        parts += ["", *table[:2], *body, "", f"  {LEGEND}"]
    if said := list(rename_lines(diff)):
        if len(said) > _RENAMES:
            said = [*said[:_RENAMES], f"and {len(said) - _RENAMES} more; --json has all"]
        lines = wrap(", ".join(said), _WIDTH - 12, break_long_words=False, break_on_hyphens=False)
        heads = ["  renamed   ", *["            "] * len(lines)]
        parts += ["", *(head + line for head, line in zip(heads, lines, strict=False))]
    return "\n".join(parts)


def titles(diff: Diff) -> tuple[str, str]:
    """What the two nets are called: by what they were loaded by, if their names are equal."""
    a, b = diff.a, diff.b
    if a.name != b.name:
        return a.name, b.name
    if a.spec != b.spec:
        return a.spec or a.name, b.spec or b.name
    return a.name, b.name


def totals_table(diff: Diff) -> Table:
    """Every total that is worth a look on both sides, and the change."""
    names = titles(diff)
    table = Table([Column(""), *(Column(visible(n), right=True) for n in names),
                   Column("change", right=True), Column("", right=True)])  # fmt: skip
    a, b = diff.a, diff.b

    def count(what: str, name: str) -> None:
        one, other = getattr(a, name), getattr(b, name)
        table.rows.append([what, f"{one:,}", f"{other:,}", signed(other - one), share(one, other)])

    count("parameters", "params")
    if (a.params, b.params) != (a.params_training, b.params_training):
        count("in training", "params_training")
    if a.buffers != b.buffers:
        count("buffers", "buffers")
    count("MACs", "macs")
    more = b.activation_memory - a.activation_memory
    sizes = [memory(side.activation_memory) for side in (a, b)]
    change = f"{'-' if more < 0 else '+'}{memory(abs(more))}" if more else "="
    table.rows.append(
        ["activations", *sizes, change, share(a.activation_memory, b.activation_memory)]
    )
    count("depth", "depth")
    if a.receptive_field != b.receptive_field:
        table.rows.append(["field", _field(a), _field(b), "", ""])
    return table


def net_lines(diff: Diff) -> Iterator[str]:
    """What is otherwise about the nets themselves, a line each."""
    yield from (visible(f"set {fact_words(fact)}") for fact in diff.settings)
    yield from (visible(fact_words(fact)) for fact in diff.facts)


def rows(diff: Diff) -> list[tuple[int, Group]]:
    """The groups in order, with how far they are indented; none, where all are equal but for
    names.
    """
    found = groups(diff)
    return list(_rows(found, 0)) if any(group.mark != "=" for group in found) else []


def parts_table(rows: Iterable[tuple[int, Group]]) -> Table:
    """A row for each group."""
    table = Table([Column("  part"), Column("what"), Column("output"),
                   Column("params", right=True), Column("MACs", right=True)])  # fmt: skip
    for depth, group in rows:
        name = f"{SIGNS[group.mark]} {'  ' * depth}{group_name(group)}"
        table.rows.append([name, group_words(group), group_shapes(group), *group_deltas(group)])
    return table


def rename_lines(diff: Diff) -> Iterator[str]:
    """`conv2_x → layer1`; what happens in several places once, with their number."""
    for (a, b), places in renames(diff).items():
        if len(places) == 1:
            yield visible(" → ".join(places[0]))
        else:
            yield visible(f"{a} → {b} (in {len(places)} places)")


def group_name(group: Group) -> str:
    """`conv3_x, conv4_x, conv5_x`; of a run of repeats with how many they are."""
    times = sum(part.side.times for part in group.leaders)
    numbered = all(name[:1].isdecimal() for name in group.names)
    return names_of(group.names) + (f"  ×{times}" if numbered and times > 1 else "")


def names_of(names: Iterable[str]) -> str:
    """A few of them, and how many they are."""
    found = list(_ranges(names))
    return ", ".join(found[:MOST]) + (f", … {len(found)} in all" if len(found) > MOST else "")


def group_words(group: Group) -> str:
    """What the group has otherwise, in a few words; else what it is."""
    if group.mark == "=" or (group.mark == ">" and group.lead > 1):
        return ""
    if group.mark == "~" and (said := list(_causes(group))):
        return ", ".join(said)
    kinds = dict.fromkeys(map(_kinds, group.leaders))
    return next(iter(kinds)) + (", …" if len(kinds) > 1 else "")


def group_deltas(group: Group) -> tuple[str, str]:
    """Parameters and multiply-adds; in brackets those that are there in training only."""
    params, macs = group.delta("params"), group.delta("macs")
    training = group.delta("params_training") if not params else 0
    said = f"({signed(training)})" if training else signed(params) if params else ""
    return said, signed(macs) if macs else ""


def group_shapes(group: Group) -> str:
    """The output: on both sides, where it is another one; nothing, where that differs in the
    group.
    """
    if group.mark == "=" or (group.mark == ">" and group.lead > 1):
        return ""
    found = dict.fromkeys(map(_shapes, group.leaders))
    return next(iter(found)) if len(found) == 1 else f"{next(iter(found))}, …"


def fact_words(fact: Fact, part: Part | None = None) -> str:
    """`stride 2 → 1`."""
    if fact.subject == "level":
        if fact.b is None and part and part.b:
            return f"written out: {names_of(part.b.name.split(', '))}"
        if fact.a is None and part and part.a:
            return f"holds {names_of(part.a.name.split(', '))}"
    if fact.subject in ("name", "kind") and fact.what in ("kind", "name"):
        return f"{said(fact.a)} → {said(fact.b)}"
    if fact.subject == "stage":
        return "a stage now" if fact.b else "no stage any more"
    if fact.subject == "training" and isinstance(fact.b, bool):
        return "in training only" if fact.b else "in inference too"
    if fact.subject == "source":
        return f"{fact.what} from {said(fact.a)} → {said(fact.b)}"
    shaped = fact.subject in ("shape", "input", "output")
    a, b = (
        show(tuple(v)) if shaped and isinstance(v, list) and all(isinstance(x, int) for x in v)
        else said(v) for v in (fact.a, fact.b)
    )  # fmt: skip
    if fact.b is None and fact.subject != "argument":
        return f"{fact.what} {a} gone"
    if fact.a is None and fact.subject != "argument":
        return f"{fact.what} {b} new"
    return f"{fact.what} {a} → {b}"


def said(value: Any) -> str:
    """A value as the language writes it, where it does: `same`, `1x7`, `he_normal(fan_in)`."""
    match value:
        case bool():
            return str(value).lower()
        case None:
            return "none"
        case float():
            return f"{value:.4g}"
        case [one, *rest] if rest and all(other == one for other in rest):
            return said(one)
        case [int(), int()]:
            return show(tuple(value))
        case list() | tuple():
            return f"[{', '.join(map(said, value))}]"
        case dict():
            inner = ", ".join(said(v) for k, v in value.items() if k != "kind")
            return f"{value.get('kind', '')}({inner})"
    return str(value)


def signed(number: int) -> str:
    """`+77,070,336`, `-64`, and `=` for nothing."""
    return f"{number:+,}" if number else "="


def share(a: int, b: int) -> str:
    """`+6.0 %`; nothing, where that says nothing."""
    return f"{100 * (b - a) / a:+.1f} %" if a and a != b else ""


def _kinds(part: Part) -> str:
    kinds = dict.fromkeys(side.kind for side in (part.a, part.b) if side)
    both = " → ".join(kinds)
    return both if len(both) <= _WIDE else list(kinds)[-1]


def _causes(group: Group) -> Iterator[str]:
    """What changed, as it is in the first of the parts; `…`, where it is not the same in others."""
    first = group.parts[0]
    others = [[(f.a, f.b) for f in part.causes if f.subject != "name"] for part in group.parts]
    for k, fact in enumerate(fact for fact in first.causes if fact.subject != "name"):
        same = all(facts[k] == (fact.a, fact.b) for facts in others)
        yield fact_words(fact, first) + ("" if same else " …")


def _ranges(names: Iterable[str]) -> Iterator[str]:
    """Names in order, but what is counted on without a gap as a range: `0-15`."""
    pending: list[str] = []
    for name in [*names, ""]:
        first, _, last = name.partition("-")
        if pending and first.isdecimal() and int(first) == int(pending[-1]) + 1:
            pending.append(last or first)
            continue
        if pending:
            yield pending[0] if len(pending) == 1 else f"{pending[0]}-{pending[-1]}"
        pending = [first, last] if last.isdecimal() and first.isdecimal() else []
        pending = pending or ([first] if name.isdecimal() else [])
        if name and not pending:
            yield name


def _rows(found: Sequence[Group], depth: int) -> Iterator[tuple[int, Group]]:
    for group in found:
        yield depth, group
        yield from _rows(group.inside, depth + 1)


def _shapes(part: Part) -> str:
    shapes = [show(side.output) for side in (part.a, part.b) if side]
    return " → ".join(dict.fromkeys(shapes))


def _field(whole: Whole) -> str:
    tall, wide = ("all" if side is None else str(side) for side in whole.receptive_field)
    return tall if tall == wide else f"{tall}x{wide}"


def _painted(table: Table, paint: Paint) -> list[str]:
    lines = table.text().split("\n")
    return [paint("muted", line) if line.endswith("=") else line for line in lines]

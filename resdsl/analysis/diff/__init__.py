"""`diff`: what is different in two nets, stage by stage and block by block.

Regions are aligned from the root down (`align`), each pair of parts is compared (`compare`), and
what changed is told apart from what only follows. Equal repeats are folded first, and what is equal
is not opened: a net costs what is distinct in it. Needs networkx.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from resdsl.analysis.diff.compare import Comparer
from resdsl.analysis.diff.model import COUNTS, Diff, Fact, Part, Side, Whole
from resdsl.analysis.diff.outline import redefined, structure
from resdsl.analysis.diff.sequence import Place, Sheet
from resdsl.analysis.stats import stats
from resdsl.ir.graph import Net

__all__ = ["COUNTS", "Diff", "Fact", "Part", "Side", "Whole", "diff", "structure"]


def diff(a: Net, b: Net, specs: tuple[str, str] = ("", "")) -> Diff:
    """What `b` has otherwise than `a`. `specs`: what they were loaded by."""
    one, other = a.main, b.main
    inputs = _paired([i.name for i in one.inputs], [i.name for i in other.inputs])
    outputs = _paired([o.name for o in one.outputs], [o.name for o in other.outputs])
    ports = {i: j for i, j in inputs if i is not None and j is not None}
    sheets = Sheet(a), Sheet(b)
    comparer = Comparer(redefined(sheets[0].outline, sheets[1].outline))
    level, parts = comparer.compare(Place(sheets[0], one), Place(sheets[1], other), ports)
    facts = [*_inputs(a, b, inputs), *_outputs(a, b, outputs)]
    for i, j in outputs:
        if i is not None and j is not None:
            facts += _named(
                level.output(f"output {other.outputs[j].name}", i, j),
                f"output {one.outputs[i].name}",
            )
    return Diff(
        a=_whole(a, specs[0]), b=_whole(b, specs[1]), facts=(*facts, *_inits(a, b)), parts=parts
    )


Paired = list[tuple[int | None, int | None]]


def _paired(a: list[str], b: list[str]) -> Paired:
    """By name; what is left in order; then what only one side has."""
    pairs = [(i, b.index(name)) for i, name in enumerate(a) if name in b]
    left = [i for i, name in enumerate(a) if name not in b]
    right = [j for j, name in enumerate(b) if name not in a]
    only_a = [(i, None) for i in left[len(right) :]]
    only_b = [(None, j) for j in right[len(left) :]]
    return [*sorted([*pairs, *zip(left, right, strict=False)]), *only_a, *only_b]


def _inputs(a: Net, b: Net, pairs: Paired) -> Iterator[Fact]:
    for i, j in pairs:
        one = a.main.inputs[i] if i is not None else None
        other = b.main.inputs[j] if j is not None else None
        name = other.name if other else one.name if one else ""
        if one and other and one.name != other.name:
            yield Fact(subject="name", what="input", a=one.name, b=other.name)
        shapes = [list(x.shape) if x else None for x in (one, other)]
        if shapes[0] != shapes[1]:
            fact = Fact(subject="input", what=f"input {name}", a=shapes[0], b=shapes[1])
            yield from _named([fact], f"input {one.name if one else name}")
    order = [[t.name for t in net.main.inputs] for net in (a, b)]
    if order[0] != order[1] and sorted(order[0]) == sorted(order[1]):
        yield Fact(subject="input", what="order of inputs", a=order[0], b=order[1])


def _outputs(a: Net, b: Net, pairs: Paired) -> Iterator[Fact]:
    for i, j in pairs:
        one = a.main.outputs[i] if i is not None else None
        other = b.main.outputs[j] if j is not None else None
        shapes = [
            list(net.main.shapes[x.value]) if x else None for net, x in ((a, one), (b, other))
        ]
        if one is None or other is None:
            name = one.name if one else other.name if other else ""
            yield Fact(subject="output", what=f"output {name}", a=shapes[0], b=shapes[1])
            continue
        what = f"output {other.name}"
        if one.name != other.name:
            yield Fact(subject="name", what="output", a=one.name, b=other.name)
        if shapes[0] != shapes[1]:
            fact = Fact(subject="shape", what=what, a=shapes[0], b=shapes[1], follows=True)
            yield from _named([fact], f"output {one.name}")
        for said, x, y in (
            ("training only", one.train, other.train),
            ("weight of the loss", one.loss_weight, other.loss_weight),
        ):
            if x != y:
                fact = Fact(subject="output", what=f"{what}, {said}", a=x, b=y)
                yield from _named([fact], f"output {one.name}, {said}")
    order = [[t.name for t in net.main.outputs] for net in (a, b)]
    if order[0] != order[1] and sorted(order[0]) == sorted(order[1]):
        yield Fact(subject="output", what="order of outputs", a=order[0], b=order[1])


def _named(facts: Iterable[Fact], was: str) -> Iterator[Fact]:
    """Facts of something that is called so in `a`."""
    for fact in facts:
        yield fact if fact.what == was else fact.model_copy(update={"was": was})


def _inits(a: Net, b: Net) -> Iterator[Fact]:
    """By selector; of several rules with one selector by how many came before."""
    one, other = _rules(a), _rules(b)
    for key in one | other:
        if one.get(key) != other.get(key):
            yield Fact(subject="init", what=f"init {key[0]}", a=one.get(key), b=other.get(key))
    if one == other and list(one) != list(other):
        order = [[selector for selector, _ in rules] for rules in (one, other)]
        yield Fact(subject="init", what="order of inits", a=order[0], b=order[1])


def _rules(net: Net) -> dict[tuple[str, int], dict[str, Any]]:
    seen: Counter[str] = Counter()
    rules = {}
    for rule in net.inits:
        selector = rule.scope + rule.selector
        rules[selector, seen[selector]] = rule.init.model_dump(mode="json")
        seen[selector] += 1
    return rules


def _whole(net: Net, spec: str) -> Whole:
    counts = stats(net)
    shared = set(Whole.model_fields) & set(type(counts).model_fields)
    return Whole(
        spec=spec,
        settings=dict(net.main.args),
        **{name: getattr(counts, name) for name in shared},
    )

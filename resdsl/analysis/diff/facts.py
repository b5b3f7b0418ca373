"""What two nodes that are taken for one another say differently, apart from their wiring."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resdsl.analysis.diff.model import Fact
from resdsl.analysis.diff.sequence import Atom
from resdsl.analysis.kinds import kind
from resdsl.ir.graph import Call, OpNode, Region
from resdsl.ir.shape import Shape


def said(a: Atom, b: Atom) -> Iterator[Fact]:
    """Kind and arguments, repeats, stage, training; nothing where there is nothing to say."""
    one, other = a.node, b.node
    if isinstance(one, OpNode) and isinstance(other, OpNode) and one.op.kind == other.op.kind:
        yield from _op_arguments(a, one, b, other)
    elif isinstance(one, OpNode) or isinstance(other, OpNode):
        yield Fact(subject="kind", what="kind", a=_kind(a), b=_kind(b))
    elif a.callee and b.callee:
        yield from _block_arguments(a.callee, b.callee)
        times = _repeats(a, a.callee), _repeats(b, b.callee)
        if all(times) and times[0] != times[1]:
            yield Fact(subject="repeats", what="repeats", a=times[0], b=times[1])


def standing(a: Atom, b: Atom) -> Iterator[Fact]:
    """Whether it is a stage, and whether it is there in training only."""
    staged = _is_stage(a), _is_stage(b)
    if staged[0] != staged[1]:
        yield Fact(subject="stage", what="stage", a=staged[0], b=staged[1])
    if a.node.train != b.node.train:
        yield Fact(subject="training", what="training only", a=a.node.train, b=b.node.train)
    lent = _lent(a), _lent(b)
    if lent[0] != lent[1]:
        yield Fact(subject="sharing", what="borrows", a=lent[0], b=lent[1])


def shapes(a: Atom, b: Atom) -> Iterator[Fact]:
    """The outputs that have another shape; if none has, the inputs. They follow."""
    for what, one, other in (
        ("output", _shapes(a, a.node.outputs), _shapes(b, b.node.outputs)),
        ("input", _shapes(a, a.node.inputs), _shapes(b, b.node.inputs)),
    ):
        pairs = [(s, t) for s, t in zip(one, other, strict=False) if s != t]
        for s, t in dict.fromkeys(pairs):
            yield Fact(subject="shape", what=what, a=list(s), b=list(t), follows=True)
        if pairs:
            return


def counted_on(a: str, b: str) -> bool:
    """Whether two names differ in a number at the end alone: `conv2` and `conv3`."""
    return a != b and stem(a) == stem(b) and a[-1:].isdecimal() and b[-1:].isdecimal()


def stem(name: str) -> str:
    """A name without the number at its end."""
    return re.sub(r"[0-9]+$", "", name)


def counted_by_kind(a: Atom, b: Atom) -> bool:
    """Whether two names differ only as the kinds do that they count: `relu1` and `gelu1`."""
    return (stem(a.name), stem(b.name)) == (_kind(a), _kind(b)) != (stem(b.name), stem(a.name))


def is_same_use(a: Atom, b: Atom) -> bool:
    """Whether two calls are of one block with equal arguments."""
    one, other = a.callee, b.callee
    if not (one and other and one.block):
        return False
    return (one.block, one.args) == (other.block, other.args)


def _op_arguments(a: Atom, one: OpNode, b: Atom, other: OpNode) -> Iterator[Fact]:
    before, after = one.op.model_dump(mode="json"), other.op.model_dump(mode="json")
    # a depthwise convolution is as wide as what comes in
    depthwise = _per_channel(a, before) is not None and (
        _per_channel(a, before) == _per_channel(b, after)
    )
    for name, value in before.items():
        if value != after[name]:
            follows = depthwise and name in ("out", "groups")
            yield Fact(subject="argument", what=name, a=value, b=after[name], follows=follows)


def _per_channel(atom: Atom, fields: dict[str, int]) -> float | None:
    channels = atom.place.region.shapes[atom.node.inputs[0]][0]
    if fields.get("groups") != channels or "out" not in fields:
        return None
    return fields["out"] / channels


def _block_arguments(a: Region, b: Region) -> Iterator[Fact]:
    if not (a.block and b.block):
        return
    if a.block != b.block:
        yield Fact(subject="kind", what="kind", a=a.block, b=b.block)
        return
    before, after = dict(a.args), dict(b.args)
    for name in before | after:
        one, other = before.get(name), after.get(name)
        if one != other:
            yield Fact(subject="argument", what=name, a=one, b=other)


def _repeats(atom: Atom, region: Region) -> int:
    """How often the one block of a scope is repeated; 0: it is something else."""
    numbered = [node for node in region.nodes if node.name.isdecimal()]
    regions = atom.place.sheet.net.regions
    blocks = {regions[n.region].block if isinstance(n, Call) else "" for n in numbered}
    one = region.kind == "scope" and len(blocks) == 1 and blocks != {""}
    return len({node.name for node in numbered}) if one else 0


def _is_stage(atom: Atom) -> bool:
    return atom.place.sheet.outline.is_stage(atom.place.region, atom.node)


def _kind(atom: Atom) -> str:
    return kind(atom.place.sheet.net, atom.node)


def _lent(atom: Atom) -> list[list[str]]:
    return [list(pair) for pair in atom.call.lends] if atom.call else []


def _shapes(atom: Atom, values: tuple[int, ...]) -> list[Shape]:
    return [atom.place.region.shapes[value] for value in values]

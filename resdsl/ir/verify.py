"""The laws of the IR that types do not say; tests check them after every pass.

A net that holds by them can be run: each value is made once, before it is used, and has the shape
that its op gives it; calls fit what they call; and every weight has one owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from resdsl.diagnostics import RuleError
from resdsl.ir.graph import Call, Net, OpNode, Region
from resdsl.ir.op import path_of
from resdsl.ir.shape import Shape, show

Weights = dict[str, Shape]


def verify(net: Net) -> None:
    """Raise ValueError, with a line for each broken law, or return."""
    problems = list(_net(net))
    if not problems:
        owned: dict[str, _Owned] = {}
        for region in net.regions.values():
            owned[region.id] = _Owned()
            problems += (f"{region.id}: {said}" for said in _names(region, owned))
    if problems:
        raise ValueError(f"net {net.name}: " + "\n".join(problems))


def _net(net: Net) -> Iterator[str]:
    if net.root not in net.regions:
        yield f"the root `{net.root}` is no region"
        return
    if net.root != next(reversed(net.regions)):
        yield f"the root `{net.root}` must be the last region"
    if net.main.borrows:
        yield f"the root borrows {_listed(net.main.borrows)}, and nobody lends"
    known: dict[str, Region] = {}
    late: dict[str, set[int]] = {}
    for key, region in net.regions.items():
        if key != region.id:
            yield f"the region `{region.id}` stands under `{key}`"
        for said in (*_values(region, known), *_outputs(region), *_statements(region)):
            yield f"{key}: {said}"
        for said in _training(key, region, known, late):
            yield f"{key}: {said}"
        known[key] = region
    for output in net.main.outputs:
        if not output.train and output.value in late[net.root]:
            yield f"output `{output.name}` is of the inference graph, its value of training only"


def _values(region: Region, known: dict[str, Region]) -> Iterator[str]:
    """Ids are dense, assigned once, then used; shapes are what ops and callees make."""
    count = len(region.shapes)
    for value, tensor in enumerate(region.inputs):
        if value >= count or region.shapes[value] != tensor.shape:
            yield f"input `{tensor.name}` is {show(tensor.shape)}, but its value %{value} is not"
    made = set(range(min(len(region.inputs), count)))
    for node in region.nodes:
        where = f"node `{node.name}`"
        sound = True
        for value in node.inputs:
            if value not in made:
                sound = False
                yield f"{where} uses %{value} before anything makes it"
        for value in node.outputs:
            if not 0 <= value < count:
                sound = False
                yield f"{where} makes %{value}, which has no shape"
            elif value in made:
                yield f"{where} makes %{value} again"
            made.add(value)
        if isinstance(node, Call):
            yield from (f"{where} {said}" for said in _call(region, node, known, sound))
        elif sound:
            yield from (f"{where} {said}" for said in _op(region, node))
    if missing := sorted(set(range(count)) - made):
        yield f"nothing makes {', '.join(f'%{value}' for value in missing)}"


def _op(region: Region, node: OpNode) -> Iterator[str]:
    shapes = [region.shapes[value] for value in node.inputs]
    try:
        made = node.op.infer(*shapes)
    except (RuleError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        yield f"({node.op.kind}) cannot take {', '.join(map(show, shapes))}: {error}"
        return
    if made != region.shapes[node.output]:
        yield f"makes {show(made)}, but %{node.output} is {show(region.shapes[node.output])}"


def _call(region: Region, node: Call, known: dict[str, Region], sound: bool) -> Iterator[str]:
    callee = known.get(node.region)
    if callee is None:
        yield f"calls `{node.region}`, which is no region before this one"
        return
    if len(node.inputs) != len(callee.inputs):
        yield f"gives {len(node.inputs)} inputs, `{callee.id}` has {len(callee.inputs)}"
    if len(node.outputs) != len(callee.outputs):
        yield f"takes {len(node.outputs)} outputs, `{callee.id}` has {len(callee.outputs)}"
    if not node.outputs:
        yield "makes nothing"
    given = [there for there, _ in node.lends]
    if sorted(given) != sorted(callee.borrows):
        yield f"lends {_listed(given)}, `{callee.id}` borrows {_listed(callee.borrows)}"
    if not sound:
        return
    for value, tensor in zip(node.inputs, callee.inputs, strict=False):
        if region.shapes[value] != tensor.shape:
            yield f"gives {show(region.shapes[value])} for `{tensor.name}`: {show(tensor.shape)}"
    for value, output in zip(node.outputs, callee.outputs, strict=False):
        shape = callee.shapes[output.value] if output.value < len(callee.shapes) else None
        if shape is not None and region.shapes[value] != shape:
            yield f"takes `{output.name}`: {show(shape)} as {show(region.shapes[value])}"


def _training(
    key: str, region: Region, known: dict[str, Region], late: dict[str, set[int]]
) -> Iterator[str]:
    """The inference graph needs nothing that exists only in training. Fills `late[key]`."""
    values = late[key] = set()
    for node in region.nodes:
        if node.train:
            values.update(node.outputs)
            continue
        if values.intersection(node.inputs):
            yield f"node `{node.name}` is of the inference graph and uses a value of training only"
        if isinstance(node, Call) and node.region in known:
            outputs = zip(known[node.region].outputs, node.outputs, strict=False)
            there = late[node.region]
            values.update(here for output, here in outputs if output.train or output.value in there)


def _outputs(region: Region) -> Iterator[str]:
    if not region.outputs:
        yield "no output"
    names = [output.name for output in region.outputs]
    if len(set(names)) < len(names):
        yield f"two outputs of one name in {_listed(names)}"
    for output in region.outputs:
        if not 0 <= output.value < len(region.shapes):
            yield f"output `{output.name}` is %{output.value}, which does not exist"


def _statements(region: Region) -> Iterator[str]:
    """They partition the nodes, in order."""
    edges = [0, *(edge for s in region.statements for edge in (s.start, s.stop)), len(region.nodes)]
    for before, after in pairwise(edges[1:-1]):
        if before > after:
            yield f"a statement ends or begins before node {before}, at {after}"
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    if any(stop != start for stop, start in gaps):
        yield f"statements do not partition the {len(region.nodes)} nodes"
    for statement in region.statements:
        if not 0 <= statement.value < len(region.shapes):
            yield f"statement `{statement.name}` ends in %{statement.value}, which does not exist"


# ---------------------------------------------------------------- instances and weights


class _Owned:
    """The tensors of a region by path: its own, and of each instance that it borrows."""

    def __init__(self) -> None:
        self.own: Weights = {}
        self.borrowed: dict[str, _Instance] = {}


class _Instance(NamedTuple):
    """What stands under one name: an op's kind, or `call`, and its tensors."""

    kind: str = ""
    weights: Weights = {}  # noqa: RUF012  (never changed)


def _names(region: Region, known: dict[str, _Owned]) -> Iterator[str]:
    """One name is one instance, whose nodes have the same weights; what is borrowed is used."""
    here = known[region.id]
    found: dict[str, _Instance] = {}
    for node in region.nodes:
        for name, instance in _instances(region, node, known):
            if found.setdefault(name, instance) != instance:
                yield f"two nodes are called `{name}`, and their weights differ"
    for name in region.borrows:
        if name not in found:
            yield f"borrows `{name}` and does not use it"
        if name in here.borrowed:
            yield f"borrows `{name}` twice"
        here.borrowed[name] = found.pop(name, _Instance())
    for name, instance in found.items():
        for tensor, shape in instance.weights.items():
            path = path_of(name, tensor)
            if path in here.own:
                yield f"two tensors have the path `{path}`"
            here.own[path] = shape


def _instances(
    region: Region, node: OpNode | Call, known: dict[str, _Owned]
) -> Iterator[tuple[str, _Instance]]:
    """The instances that a node uses, by their names in `region`."""
    if isinstance(node, Call):
        callee = known[node.region]
        yield node.name, _Instance("call", callee.own)
        yield from ((here, callee.borrowed[there]) for there, here in node.lends)
        return
    own = node.op.weights(*(region.shapes[value] for value in node.inputs))
    yield node.name, _Instance(node.op.kind, {name: w.shape for name, w in own.items()})


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"

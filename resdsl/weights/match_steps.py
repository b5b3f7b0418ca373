"""The steps that several ways of writing come down to. Each gives None where it cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resdsl.ir.shape import Shape
from resdsl.weights.match_graph import Edge, Facts, Node, Sketch, Value
from resdsl.weights.match_views import Atom, Dim, axes, grouped, joined, length, merged, refined
from resdsl.weights.match_views import place as position


def reshape(value: Value, shape: Shape) -> Value | None:
    """The same numbers in the same order."""
    dims = grouped(sum(value.dims, ()), shape)
    return None if dims is None else Value(value.node, dims)


def elementwise(
    sketch: Sketch, kind: str, facts: Facts, operands: Sequence[Value], commutes: bool = False
) -> Value | None:
    """A step number by number; smaller operands are repeated. One that has the shape of the result
    gives it its axes.
    """
    rank = max(len(value.dims) for value in operands)
    padded = [((),) * (rank - len(value.dims)) + value.dims for value in operands]
    sizes = [max(map(length, dims)) for dims in zip(*padded, strict=True)]
    full = [i for i, dims in enumerate(padded) if [*map(length, dims)] == sizes]
    lead = min(full, key=lambda i: _rank(sketch, operands[i], commutes), default=None)
    if lead is None:
        return None
    rows: list[list[Atom | None]] = []
    for dims in zip(*padded, strict=True):
        there = [i for i, dim in enumerate(dims) if dim]
        cut = refined([dims[i] for i in there])
        if cut is None:
            return None
        for atoms in cut:
            found = dict(zip(there, atoms, strict=True))
            rows.append([found.get(i) for i in range(len(operands))])
    rows.sort(key=lambda row: position(_sure(row[lead])))
    edges = []
    for i, value in enumerate(operands):
        pairs = [(_sure(row[lead]), row[i]) for row in rows]
        place = 0 if commutes else i
        if sketch.is_weight(value) and i != lead:
            view = tuple(mine for _, mine in pairs if mine)
            where = merged(atom for atom, mine in pairs if mine)
            edges.append(Edge(value.node, (place, where), view))
        else:
            edges.append(Edge(value.node, (place, _runs(pairs))))
    main = operands[lead]
    node = Node(kind, facts, sketch.nodes[main.node].axes, tuple(edges), commutes)
    return Value(sketch.add(node).node, padded[lead])


def contract(
    sketch: Sketch,
    value: Value,
    over: Sequence[int],
    weight: Value,
    into: Sequence[int],
    out: int,
    at: int,
) -> Value | None:
    """Sums of products over the dimensions `over` of a tensor and `into` of a weight, whose
    dimension `out` becomes the dimension `at` of the result.
    """
    rows: list[tuple[Atom, ...]] = []
    for mine, other in zip(over, into, strict=True):
        cut = refined([value.dims[mine], weight.dims[other]])
        if cut is None:
            return None
        rows += cut
    rows.sort(key=lambda row: position(row[0]))
    sizes = sketch.nodes[value.node].axes
    covered = merged(row[0] for row in rows)
    if not covered or any(atom != Atom(atom.axis, sizes[atom.axis]) for atom in covered):
        return None
    gone = [atom.axis for atom in covered]
    made = length(weight.dims[out])
    kept: list[int | None] = [i for i in range(len(sizes)) if i not in gone]
    if made != 1:
        kept.insert(gone[0], None)
    view = weight.dims[out] + tuple(row[1] for row in rows)
    free = sketch.is_weight(weight)
    second = Edge(weight.node, (1,), view) if free else Edge(weight.node, (1, merged(view)))
    edges = (Edge(value.node, (0, covered)), second)
    shape = tuple(made if i is None else sizes[i] for i in kept)
    node = sketch.add(Node("linear", (), shape, edges)).node
    new = {old: new for new, old in enumerate(kept)}
    dims = [
        tuple(Atom(new[atom.axis], atom.size, atom.step) for atom in dim)
        for i, dim in enumerate(value.dims)
        if i not in over
    ]
    dims.insert(at, (Atom(new[None], made),) if made != 1 else ())
    return Value(node, tuple(dims))


def convolve(
    sketch: Sketch,
    value: Value,
    weight: Value,
    bias: Value | None,
    facts: dict[str, Any],
    shape: Shape,
) -> Value:
    """A convolution and its bias. `facts` has `stride`, `padding`, `dilation`, `transposed`,
    `groups`; zeros that were padded before are its own.
    """
    source, before = sketch.padded.get(value, (value, (0,) * (len(value.dims) - 2)))
    begin = tuple(a + b for a, b in zip(facts["padding"], before, strict=True))
    plain = source == value and not any(begin) and facts["groups"] == 1
    plain = plain and not facts["transposed"]
    kernel = tuple(map(length, weight.dims[2:]))
    size = tuple(map(length, source.dims[2:]))
    moving = all(s == 1 for s in facts["stride"])
    result = None
    if plain and set(kernel) == {1} and moving:
        result = contract(sketch, source, [1], weight, [1], 0, 1)
    elif plain and kernel == size and set(shape[2:]) == {1}:
        every = range(1, len(source.dims))
        result = contract(sketch, source, every, weight, every, 0, 1)
        result = result and Value(result.node, result.dims + ((),) * len(kernel))
    if result is None:
        rest = {**facts, "padding": begin}
        result = sketch.other("conv", tuple(rest.items()), [source, weight], shape)
    return result if bias is None else biased(sketch, result, bias, 1)


def biased(sketch: Sketch, value: Value, bias: Value, dim: int) -> Value:
    """A vector added along one dimension."""
    spread = Value(bias.node, bias.dims + ((),) * (len(value.dims) - dim - 1))
    added = elementwise(sketch, "add", (), [value, spread], commutes=True)
    if added is None:
        shape = tuple(map(length, value.dims))
        return sketch.other("bias", (("dim", dim),), [value, bias], shape)
    return added


def pad(
    sketch: Sketch, value: Value, begin: Sequence[int], facts: Facts, zeros: bool, shape: Shape
) -> Value:
    """A frame around the dimensions behind the second. A convolution looks through one of zeros:
    where it ends is said by the size of what it makes.
    """
    result = sketch.other("pad", facts, [value], shape)
    if zeros:
        sketch.padded[result] = (value, tuple(begin))
    return result


def reduce(
    sketch: Sketch, kind: str, value: Value, over: Sequence[int], keep: bool
) -> Value | None:
    """Mean, sum or maximum over some dimensions."""
    sizes = sketch.nodes[value.node].axes
    gone = sorted((atom for i in over for atom in value.dims[i]), key=position)
    covered = merged(gone)
    if any(atom != Atom(atom.axis, sizes[atom.axis]) for atom in covered):
        return None
    lost = {atom.axis for atom in covered}
    kept = [i for i in range(len(sizes)) if i not in lost]
    node = value.node
    if lost:
        made = Node(kind, (), tuple(sizes[i] for i in kept), (Edge(value.node, (0, covered)),))
        node = sketch.add(made).node
    new = {old: new for new, old in enumerate(kept)}
    dims = [
        tuple(Atom(new[atom.axis], atom.size, atom.step) for atom in dim) if i not in over else ()
        for i, dim in enumerate(value.dims)
        if keep or i not in over
    ]
    return Value(node, tuple(dims))


def concat(sketch: Sketch, values: Sequence[Value], dim: int, shape: Shape) -> Value:
    """Tensors behind each other; what was put together before is taken apart. Other dimensions of
    size one say nothing.
    """
    if len(values) == 1:
        return values[0]
    units = {i for i, size in enumerate(shape) if size == 1 and i != dim}
    at = dim - sum(i < dim for i in units)
    parts: list[Value] = []
    for value in values:
        bare = _without(value, units)
        inner, along = sketch.joined.get(bare, ([bare], at))
        parts += inner if along == at else [bare]
    result = sketch.other("concat", (("dim", at),), parts, shape)
    sketch.joined[_without(result, units)] = (parts, at)
    return result


def _without(value: Value, units: set[int]) -> Value:
    return Value(value.node, tuple(dim for i, dim in enumerate(value.dims) if i not in units))


def part(
    sketch: Sketch, value: Value, dim: int, start: int, step: int, shape: Shape, drop: bool
) -> Value:
    """Some indices of one dimension; `drop` takes a single one, and no dimension is left of it.
    `shape` is that of the result before it.
    """
    if tuple(map(length, value.dims)) == shape:
        result = value
    else:
        node = sketch.nodes[value.node]
        atom = value.dims[dim][0]
        facts = (("start", start), ("step", step))
        if value.dims[dim] == (Atom(atom.axis, node.axes[atom.axis]),):
            sizes = list(node.axes)
            sizes[atom.axis] = shape[dim]
            edge = Edge(value.node, (0, atom.axis))
            made = sketch.add(Node("part", facts, axes(sizes), (edge,))).node
            result = _narrowed(Value(made, value.dims), atom.axis, shape[dim])
        else:
            result = sketch.other("part", (("dim", dim), *facts), [value], shape)
    dims = result.dims
    return Value(result.node, dims[:dim] + dims[dim + 1 :]) if drop else result


def _narrowed(value: Value, axis: int, size: int) -> Value:
    """The same view where an axis that is one dimension has another size."""

    def moved(atom: Atom) -> Dim:
        if atom.axis == axis:
            return (Atom(axis, size),) if size != 1 else ()
        lost = size == 1 and atom.axis > axis
        return (Atom(atom.axis - lost, atom.size, atom.step),)

    return Value(value.node, tuple(sum(map(moved, dim), ()) for dim in value.dims))


def _rank(sketch: Sketch, value: Value, commutes: bool) -> tuple[bool, int]:
    """Which operand leads: no weight if it can be helped; of two that may change places, the one
    of more axes.
    """
    return sketch.is_weight(value), -commutes * len(sketch.nodes[value.node].axes)


def _runs(pairs: Sequence[tuple[Atom, Atom | None]]) -> tuple[tuple[Atom, Atom | None], ...]:
    """Which factor of an operand goes with which of the lead, in as few as possible."""
    found: list[tuple[Atom, Atom | None]] = []
    for lead, mine in pairs:
        if found and (outer := joined(found[-1][0], lead)):
            last = found[-1][1]
            if last is None and mine is None:
                found[-1] = (outer, None)
                continue
            if last and mine and (both := joined(last, mine)):
                found[-1] = (outer, both)
                continue
        found.append((lead, mine))
    return tuple(found)


def _sure(atom: Atom | None) -> Atom:
    if atom is None:
        raise AssertionError("the lead has every dimension")
    return atom

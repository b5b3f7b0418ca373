"""How a tensor shows the axes of what it is a view of.

An axis falls into factors, as rows x columns do in what `flatten` makes. A view is, for each of its
dimensions, the factors that it runs through, the slowest first; reshape and permute only arrange
them anew. Axes and dimensions of size one say nothing and have no factors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from resdsl.ir.shape import Shape


@dataclass(frozen=True, slots=True)
class Atom:
    """A factor of an axis: `index // step % size`."""

    axis: int
    size: int
    step: int = 1

    def __str__(self) -> str:
        part = f" (size {self.size}, step {self.step})" if self.step != 1 else ""
        return f"axis {self.axis}{part}"


Dim = tuple[Atom, ...]
Dims = tuple[Dim, ...]


def axes(shape: Iterable[int]) -> Shape:
    """The sizes that say something."""
    return tuple(size for size in shape if size != 1)


def whole(shape: Iterable[int]) -> Dims:
    """A tensor as it is."""
    number = count()
    return tuple((Atom(next(number), size),) if size != 1 else () for size in shape)


def length(dim: Dim) -> int:
    """How many indices a dimension has."""
    return math.prod(atom.size for atom in dim)


def place(atom: Atom) -> tuple[int, int]:
    """Where a factor comes in its tensor."""
    return (atom.axis, -atom.step)


def joined(left: Atom, right: Atom) -> Atom | None:
    """The factor that two neighbours are, if they are one."""
    if left.axis == right.axis and left.step == right.size * right.step:
        return Atom(left.axis, left.size * right.size, right.step)
    return None


def merged(atoms: Iterable[Atom]) -> Dim:
    """The same in as few factors as possible."""
    found: list[Atom] = []
    for atom in atoms:
        if found and (one := joined(found[-1], atom)):
            found[-1] = one
        else:
            found.append(atom)
    return tuple(found)


def grouped(atoms: Iterable[Atom], sizes: Iterable[int]) -> Dims | None:
    """The factors in groups of these sizes; None where a factor would have to be torn."""
    rest = list(atoms)[::-1]
    groups = []
    for size in sizes:
        group: list[Atom] = []
        while size > 1:
            if not rest:
                return None
            atom = rest.pop()
            if size % atom.size == 0:
                group.append(atom)
                size //= atom.size
            elif atom.size % size == 0:
                inner = atom.size // size
                group.append(Atom(atom.axis, size, atom.step * inner))
                rest.append(Atom(atom.axis, inner, atom.step))
                size = 1
            else:
                return None
        groups.append(tuple(group))
    return tuple(groups)


def refined(dims: Sequence[Dim]) -> list[tuple[Atom, ...]] | None:
    """Several views of the same indices, factor beside factor of one size."""
    ends = {1}
    for dim in dims:
        inner = 1
        for atom in reversed(dim):
            inner *= atom.size
            ends.add(inner)
    falling = sorted(ends, reverse=True)
    if any(outer % inner for outer, inner in pairwise(falling)):
        return None
    sizes = [outer // inner for outer, inner in pairwise(falling)]
    cut = [grouped(dim, sizes) for dim in dims]
    if any(groups is None or any(len(group) != 1 for group in groups) for groups in cut):
        return None
    singles = [[group[0] for group in groups] for groups in cut if groups is not None]
    return list(zip(*singles, strict=True))

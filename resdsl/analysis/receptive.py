"""Receptive fields: how much of the net's inputs one element of a value can see.

Along one path every op of window k and stride s turns (reach r, jump j) into (r + (k - 1) j, s j);
the field is 1 + r. Where branches meet, both take the largest (Araujo, Norris, Sim: Computing
Receptive Fields of Convolutional Neural Networks, Distill 2019). A region is walked once; a call
composes the rays of its region with those of the values that it is called on.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, inf, isinf

from resdsl.ir.graph import Net, OpNode, Region
from resdsl.ir.op import Op, Window

Number = int | float | Fraction
Ray = tuple[Number, Number]
"""(reach, jump) along one axis: elements seen beyond the first (`inf`: all of them), and how far
apart in the input two neighbours of the output are (a fraction after an upsampling)."""

Rays = dict[int, tuple[Ray, Ray]]
"""By input of the region: what a value sees of it, (vertical, horizontal)."""


def receptive(net: Net) -> dict[str, tuple[Rays, ...]]:
    """For every region, the rays of each of its values."""
    known: dict[str, tuple[Rays, ...]] = {}
    for region in net.regions.values():
        known[region.id] = _walk(region, net, known)
    return known


def starts(count: int) -> list[Rays]:
    """The rays of `count` inputs: each sees one element of itself."""
    return [{i: ((0, 1), (0, 1))} for i in range(count)]


def through(rays: Rays, inputs: Sequence[Rays]) -> Rays:
    """`rays` of a value of a region that is called on values with the rays `inputs`."""
    found: Rays = {}
    for i, (tall, wide) in rays.items():
        for start, (t, w) in inputs[i].items():
            _widen(found, start, (_after(t, tall), _after(w, wide)))
    return found


def extent(rays: Rays) -> tuple[int | None, int | None]:
    """(height, width) in elements of the net's input, the largest over all inputs. None: all of
    it."""
    tall = max((ray[0][0] for ray in rays.values()), default=0)
    wide = max((ray[1][0] for ray in rays.values()), default=0)
    return _elements(tall), _elements(wide)


def _elements(reach: Number) -> int | None:
    return None if isinf(reach) else 1 + ceil(reach)


def data(op: Op) -> int | None:
    """How many inputs, from the first, hand on their elements (None: all). `like=` lends a
    shape."""
    return 1 if op.tensors == ("like",) else None


def _walk(region: Region, net: Net, known: dict[str, tuple[Rays, ...]]) -> tuple[Rays, ...]:
    values = starts(len(region.inputs))
    values += [{} for _ in region.shapes[len(region.inputs) :]]
    for node in region.nodes:
        inputs = [values[v] for v in node.inputs]
        if isinstance(node, OpNode):
            tall, wide = node.op.window(tuple(region.shapes[v] for v in node.inputs))
            seen: Rays = {}
            for rays in inputs[: data(node.op)]:
                for i, (t, w) in rays.items():
                    _widen(seen, i, (_slide(t, tall), _slide(w, wide)))
            values[node.output] = seen
            continue
        callee = net.regions[node.region]
        for output, value in zip(callee.outputs, node.outputs, strict=True):
            values[value] = through(known[callee.id][output.value], inputs)
    return tuple(values)


def _slide(ray: Ray, window: Window) -> Ray:
    reach, jump = ray
    further = inf if window.size == 0 else reach + (window.size - 1) * jump
    moved = jump * window.stride
    return further, moved if window.up == 1 else Fraction(moved) / window.up


def _after(first: Ray, then: Ray) -> Ray:
    return first[0] + then[0] * first[1], first[1] * then[1]


def _widen(rays: Rays, start: int, seen: tuple[Ray, Ray]) -> None:
    if start in rays:
        (t, w), (tall, wide) = rays[start], seen
        seen = (max(t[0], tall[0]), max(t[1], tall[1])), (max(w[0], wide[0]), max(w[1], wide[1]))
    rays[start] = seen

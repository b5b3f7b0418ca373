"""Repeats of one block as a scan over stacked weights, so that XLA compiles the block once.

What a user sees stays as it was: the paths of the third block of a stage have the number 2.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal, get_args

from resdsl.codegen.expr import Apply, Const, Expr, code
from resdsl.codegen.names import attribute, label
from resdsl.ir.graph import Call, Net, Region
from resdsl.ir.init import Init
from resdsl.ir.weights import initialisers
from resdsl_flax.reserved import RESERVED
from resdsl_flax.rows import HANDS_ON

How = Literal["auto", "unroll", "scan"]
Folds = Mapping[str, Sequence[tuple[int, int]]]
"""region -> the runs of its sequence, by their first number and their length."""

LEAST = 7
"""How many equal blocks `auto` scans at least: the rest of a stage of 8, whose first is another."""


@dataclass(frozen=True)
class Repeats:
    """Which runs of equal blocks become one member."""

    how: How = "auto"
    uneven: frozenset[str] = frozenset()
    """Regions whose members do not begin alike, so that no stack of them does."""

    @classmethod
    def of(cls, net: Net, how: str) -> Repeats:
        """For a net. Raises ValueError for a word that is no `How`."""
        for word in get_args(How):
            if word == how:
                return cls(word, frozenset(_uneven(net)))
        raise ValueError(f"repeat is {how!r}, and none of {', '.join(get_args(How))}")

    def fold(self, region: str, layer: Expr, count: int) -> Expr | None:
        """`Repeat(7, Basic, 16, 16, **dtypes, rngs=rngs)`, of a class that takes `rngs`."""
        least = {"auto": LEAST, "unroll": count + 1, "scan": 2}[self.how]
        if count < least or region in self.uneven or not isinstance(layer, Apply):
            return None
        if not isinstance(layer.func, str) or layer.keywords[-1:] != HANDS_ON[-1:]:
            return None
        args = (Const(count, "repeats"), code(layer.func), *layer.args)
        return replace(layer, func="Repeat", args=args)


def _uneven(net: Net) -> Iterator[str]:
    begins: dict[tuple[str, str], set[Init]] = defaultdict(set)
    for path, init in initialisers(net).items():
        levels = path.split(".")
        for at, level in enumerate(levels):
            if level.isdigit():
                begins[".".join(levels[:at]), ".".join(levels[at + 1 :])].add(init)
    for scope in {scope for (scope, _), inits in begins.items() if len(inits) > 1}:
        region = net.main
        for above, name in walk(net, scope.split(".") if scope else ()):
            region = below(net, above, name)
        yield region.id


def walk(net: Net, levels: Iterable[str]) -> Iterator[tuple[Region, str]]:
    """The instances on the way down a path, each with the region that it is in. An item of a list,
    `convs.0`, is two levels.
    """
    region, rest = net.main, deque(levels)
    while rest:
        name = rest.popleft()
        item = f"{name}.{rest[0]}" if rest else ""
        if any(node.name == item for node in region.nodes):
            name = item
            rest.popleft()
        yield region, name
        region = below(net, region, name)


def below(net: Net, region: Region, name: str) -> Region:
    """What an instance runs; of what is no block, the region itself."""
    node = next((node for node in region.nodes if node.name == name), None)
    return net.regions[node.region] if isinstance(node, Call) else region


def place(net: Net, folds: Folds, path: str) -> str:
    """Where a module is in the model, lists left out: a run has the number of its first block, and
    what comes after it moves up."""
    out = []
    for region, name in walk(net, (label(level, RESERVED) for level in path.split("."))):
        if name.isdigit():
            runs = folds.get(region.id, ())
            moved = sum(min(max(int(name) - start, 0), count - 1) for start, count in runs)
            out.append(str(int(name) - moved))
        else:
            out += [attribute(level, RESERVED) for level in name.split(".")]
    return ".".join(out)


def members(model: Any) -> Iterator[tuple[list[str], int, Any]]:
    """(canonical paths, axes, module) of every module of a model. In a run a module stands for one
    of each of its blocks: it has a path for each, and the first axis of its weights counts them (in
    a run of runs, the first axes)."""
    from flax import nnx

    modules: list[tuple[tuple[Any, ...], Any]] = list(nnx.iter_modules(model))
    counts = {levels: m.count for levels, m in modules if type(m).__name__ == "Repeat"}
    for levels, module in modules:
        above = [levels[: at + 1] for at in range(len(levels))]
        names = (_names(path, counts) for path in above)
        paths = [".".join(filter(None, path)) for path in product(*names)]
        yield paths, sum(path in counts for path in above), module


def _names(levels: tuple[Any, ...], counts: dict[tuple[Any, ...], int]) -> list[str]:
    """What the last level is called; the list of members is not."""
    *scope, last = levels
    if not isinstance(last, int):
        return ["" if last == "layers" else label(last, RESERVED)]
    before = (n - 1 for run, n in counts.items() if [*run[:-1]] == scope and run[-1] < last)
    first = last + sum(before)
    return [str(first + i) for i in range(counts.get(levels, 1))]

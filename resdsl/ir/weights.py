"""The flat view of a net's weights: every path once, whatever is shared, with how it begins."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.ir.graph import Net, OpNode, Region
from resdsl.ir.init import Init
from resdsl.ir.op import Op, Weight, path_of

Owned = dict[str, tuple[Op, Weight]]

ALIASES = {"gamma": "weight", "beta": "bias"}


def weights(net: Net) -> dict[str, tuple[Op, Weight]]:
    """path -> (the op that owns it, its shape and role), in the order of the text. A shared
    instance comes once.
    """
    table: dict[str, Owned] = {}
    lent: dict[str, dict[str, Owned]] = {}
    for region_id, region in net.regions.items():  # callees come before callers
        lent[region_id] = {}
        table[region_id] = dict(_owned(region, table, lent))
    return table[net.root]


def _owned(
    region: Region, table: dict[str, Owned], lent: dict[str, dict[str, Owned]]
) -> Iterator[tuple[str, tuple[Op, Weight]]]:
    """What a region owns. What it borrows goes to `lent`, for the region that lends it."""
    seen: set[str] = set()
    for node in region.nodes:
        if isinstance(node, OpNode):
            own = node.op.weights(*(region.shapes[v] for v in node.inputs))
            uses = {node.name: {key: (node.op, weight) for key, weight in own.items()}}
        else:
            uses = {node.name: table[node.region]}
            uses |= {here: lent[node.region][inner] for inner, here in node.lends}
        for name, entries in uses.items():
            if name in seen:
                continue
            seen.add(name)
            if name in region.borrows:
                lent[region.id][name] = entries
                continue
            for key, entry in entries.items():
                yield path_of(name, key), entry


def initialisers(net: Net) -> dict[str, Init]:
    """path -> how it begins: the op's own rule, then the net's `init` statements in order, the
    later winning.
    """
    owned = weights(net)
    found = {path: weight.init for path, (_, weight) in owned.items()}
    for rule in net.inits:
        for path, (op, _) in owned.items():
            if path.startswith(rule.scope) and matches(rule.selector, path[len(rule.scope) :], op):
                found[path] = rule.init
    return found


def matches(selector: str, path: str, op: Op) -> bool:
    """Whether an `init` selector means the weight at `path`, which this op owns.

    A single word is an op's kind, any level of the path, a tensor's name (`bias`), or `*`. A dotted
    selector gives the levels in order from the root; the number of a repeat may be left out, `*` is
    any one level, and what lies below the last level is meant too. `fc.bias` begins with a kind.
    Where the last word does not name a tensor, only `weight`s are meant. `gamma` and `beta` are
    batch norm's names for `weight` and `bias`. The one tensor of a bare op is a `weight` below its
    path, and `in_proj_weight` may be read as the `weight` of `in_proj`.
    """
    words, levels = selector.split("."), path.split(".")
    if op.bare:
        return _matches(words, [*levels, "weight"], op.kind)
    words = [ALIASES.get(word, word) for word in words]
    stem, _, tensor = levels[-1].rpartition("_")
    if tensor in ("weight", "bias") and _matches(words, [*levels[:-1], stem, tensor], op.kind):
        return True
    return _matches(words, levels, op.kind)


def _matches(words: list[str], levels: list[str], kind: str) -> bool:
    names_tensor = words[-1] == levels[-1] and len(words) > 1
    if (len(words) == 1 and words[0] == levels[-1]) or (names_tensor and words[:-1] == [kind]):
        return True
    if not names_tensor and levels[-1] != "weight":
        return False
    if len(words) == 1:
        return words[0] in ("*", kind, *levels[:-1])
    return _along(words, levels)


def _along(words: list[str], levels: list[str]) -> bool:
    if not words:
        return True
    if not levels:
        return False
    if words[0] in ("*", levels[0]) and _along(words[1:], levels[1:]):
        return True
    return levels[0].isdigit() and words[0] != levels[0] and _along(words, levels[1:])

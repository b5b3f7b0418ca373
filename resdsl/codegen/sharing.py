"""Which nodes of a net are one instance: those of one name in a region, and what is lent.

A place is (region, name). Places that hold the same instance are joined; where an instance is a
call of several regions (a block applied with other settings), the places inside are joined as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator

from resdsl.ir.graph import Call, Net, Node

Place = tuple[str, str]


class _Sets:
    """Union-find; the first that was seen stands for its set."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}

    def find(self, item: Hashable) -> Hashable:
        while (up := self._parent.get(item, item)) != item:
            item = up
        return item

    def join(self, a: Hashable, b: Hashable) -> bool:
        a, b = self.find(a), self.find(b)
        if a == b:
            return False
        self._parent[b] = a
        return True


class Sharing:
    """What is shared in a net. Nothing, in most."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self._places, self._regions = _Sets(), _Sets()
        self._uses: dict[Place, list[Node]] = defaultdict(list)
        self._index: dict[Hashable, list[tuple[str, Node]]] = defaultdict(list)
        for region in net.regions.values():
            for node in region.nodes:
                self._uses[region.id, node.name].append(node)
        joined = [self._join_lent(region, node) for region, node in self._calls()]
        self.any = any(joined) or any(len(nodes) > 1 for nodes in self._uses.values())
        while self.any and self._join_inside():
            pass

    def region_set(self, region: str) -> str:
        """The same for regions that one instance runs, each at its own use."""
        return str(self._regions.find(region))

    def same(self, place: Place) -> list[tuple[str, Node]]:
        """Every use of the instance at `place`, the owner's first, as (region, node)."""
        if not self.any:
            return [(place[0], node) for node in self._uses[place]]
        if not self._index:
            for other, nodes in self._uses.items():
                borrowed = other[1] in self.net.regions[other[0]].borrows
                uses = self._index[self._places.find(other)]
                at = len(uses) if borrowed else 0
                uses[at:at] = [(other[0], node) for node in nodes]
        return self._index[self._places.find(place)]

    def _calls(self) -> Iterator[tuple[str, Call]]:
        for region in self.net.regions.values():
            for node in region.nodes:
                if isinstance(node, Call):
                    yield region.id, node

    def _join_lent(self, region: str, call: Call) -> bool:
        for inner, outer in call.lends:
            self._places.join((region, outer), (call.region, inner))
        return bool(call.lends)

    def _join_inside(self) -> bool:
        """One round: regions that one instance runs have their members in common."""
        callees: dict[Hashable, list[str]] = defaultdict(list)
        for region, call in self._calls():
            callees[self._places.find((region, call.name))].append(call.region)
        moved = False
        for first, *others in callees.values():
            for other in dict.fromkeys(others):
                if other == first:
                    continue
                moved |= self._regions.join(first, other)
                for node in self.net.regions[other].nodes:
                    if (first, node.name) in self._uses:
                        moved |= self._places.join((first, node.name), (other, node.name))
        return moved

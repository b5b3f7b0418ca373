"""Which arms of a merge carry a shortcut: found in the graph, whatever the arms are called."""

from __future__ import annotations

from resdsl.analysis.receptive import data
from resdsl.draw.picture import Flow
from resdsl.ir.graph import Call, Net, OpNode, Region

Roles = dict[tuple[int, int], Flow]
"""By node of a region and place among its inputs; what is not there is `flow`."""


class Arms:
    """The roles of a net's edges, found once for each region."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self._layers: dict[str, int] = {}
        self._roles: dict[str, Roles] = {}
        self._ports: dict[tuple[str, int], Flow] = {}
        self._carried: dict[str, set[int]] = {}
        for region in net.regions.values():  # callees come first
            taken = {value for node in region.nodes for _, value in self.carried(node)}
            self._carried[region.id] = taken | {output.value for output in region.outputs}

    def carried(self, node: OpNode | Call) -> list[tuple[int, int]]:
        """The values that go into a node, with their places among its inputs; not those that only
        lend their size, as in `resize(like=@x)`.
        """
        places = list(enumerate(node.inputs))
        if isinstance(node, OpNode):
            return places[: data(node.op)]
        return [place for place in places if place[0] in self._carried[node.region]]

    def roles(self, region: Region) -> Roles:
        """An arm of `add` or `concat` without a node of its own is a shortcut. An arm of `add` with
        fewer weighted layers than another is a projection, the edges inside it too.
        """
        if region.id not in self._roles:
            self._roles[region.id] = self._find(region)
        return self._roles[region.id]

    def port(self, region: Region, value: int) -> Flow:
        """What an input of `region` is to all that take it there; `flow` where they differ."""
        key = (region.id, value)
        if key not in self._ports:
            roles = self.roles(region)
            found: set[Flow] = set()
            for n, node in enumerate(region.nodes):
                for i, taken in self.carried(node):
                    if taken == value:
                        found.add(self.into(roles, n, node, i))
            self._ports[key] = found.pop() if len(found) == 1 else "flow"
        return self._ports[key]

    def into(self, roles: Roles, n: int, node: OpNode | Call, i: int) -> Flow:
        """What input `i` of node `n` is: to its region, of these roles, else to what it calls."""
        role = roles.get((n, i), "flow")
        if role == "flow" and isinstance(node, Call):
            return self.port(self.net.regions[node.region], i)
        return role

    def _find(self, region: Region) -> Roles:
        roles: Roles = {}
        maker = {value: n for n, node in enumerate(region.nodes) for value in node.outputs}
        before: list[int] = []  # of each node the nodes that it depends on, itself too, as bits
        for n, node in enumerate(region.nodes):
            reach = [before[maker[v]] if v in maker else 0 for _, v in self.carried(node)]
            if isinstance(node, OpNode) and node.op.kind in ("add", "concat") and len(reach) > 1:
                self._merge(region, n, node, reach, roles)
            bits = 1 << n
            for more in reach:
                bits |= more
            before.append(bits)
        return roles

    def _merge(self, region: Region, n: int, node: OpNode, reach: list[int], roles: Roles) -> None:
        arms = []
        for i, bits in enumerate(reach):
            others = 0
            for j, more in enumerate(reach):
                others |= more if j != i else 0
            arms.append(_indices(bits & ~others))
        layers = [sum(self._layers_of(region.nodes[m]) for m in arm) for arm in arms]
        for i, arm in enumerate(arms):
            if not arm and max(map(len, arms)):
                roles[n, i] = "shortcut"
            elif node.op.kind == "add" and layers[i] < max(layers):
                roles[n, i] = "projection"
                roles |= {(m, k): "projection" for m in arm for k in _places(region.nodes[m])}

    def _layers_of(self, node: OpNode | Call) -> int:
        """Weighted layers, all that are inside."""
        if isinstance(node, OpNode):
            return int(node.op.weighted_layers)
        if node.region not in self._layers:
            nodes = self.net.regions[node.region].nodes
            self._layers[node.region] = sum(map(self._layers_of, nodes))
        return self._layers[node.region]


def _indices(bits: int) -> list[int]:
    """Of the bits that are set."""
    return [i for i, bit in enumerate(reversed(f"{bits:b}")) if bit == "1"]


def _places(node: OpNode | Call) -> range:
    return range(len(node.inputs))

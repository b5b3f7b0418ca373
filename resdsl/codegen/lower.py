"""A region's nodes in a framework's words, and the scopes that are mere sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from resdsl.codegen.dialect import Dialect, Lowered
from resdsl.codegen.expr import Apply, Expr, Keyword, Me, Slot, compress
from resdsl.codegen.names import attribute, list_of
from resdsl.codegen.sharing import Sharing
from resdsl.codegen.steps import Body, Step
from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.ir.graph import Call, Net, Node, OpNode, Region

INPUT = Slot()
MOST_GAPS = 2


@dataclass(frozen=True, slots=True)
class Made:
    """How a region is used where it is called: its constructor, and what the call passes besides
    the tensors."""

    construct: Expr
    keywords: tuple[Keyword, ...] = ()
    enter: Expr = INPUT
    """What its first input is called with: `x.flatten(1)`, say."""


def cannot_share(name: str) -> ResdslError:
    """An instance whose uses differ in what its one module cannot."""
    message = f"the uses of the shared `{name}` differ in more than one module can"
    help = "declare a second `share`, or use it alike"
    return ResdslError(Diagnostic("E330", message, help=help))


class Lowering:
    """Makes steps of nodes. `made` grows while the classes are planned, callees first."""

    def __init__(self, net: Net, dialect: Dialect, sharing: Sharing) -> None:
        self.net, self.dialect, self.sharing = net, dialect, sharing
        self.made: dict[str, Made] = {}
        self.folds: dict[str, list[tuple[int, int]]] = {}
        """region -> the runs, by their first number and their length, that are one member each."""
        self._rows: dict[tuple[object, ...], Lowered] = {}

    def body(self, region: Region) -> Body:
        """The region as steps."""
        steps = [
            self._call(region, node) if isinstance(node, Call) else self._op(region, node)
            for node in region.nodes
        ]
        return Body(len(region.inputs), tuple(steps), tuple(o.value for o in region.outputs))

    def member(self, region: str, name: str) -> Expr:
        """The constructor of an instance, as its owner makes it."""
        owner, node = self.sharing.same((region, name))[0]
        if isinstance(node, Call):
            return self.made[node.region].construct
        module = self.row(self.net.regions[owner], node).module
        assert module is not None
        return module

    def is_bare(self, region: str, name: str) -> bool:
        """Whether an instance that a region lends is one tensor and nothing else."""
        _, node = self.sharing.same((region, name))[0]
        return isinstance(node, OpNode) and node.op.bare

    def row(self, region: Region, node: OpNode) -> Lowered:
        """The op's row of the backend's table."""
        inputs = tuple(region.shapes[v] for v in node.inputs)
        key = (node.op.kind, node.op, inputs, region.shapes[node.output])
        if key not in self._rows:
            self._rows[key] = self.dialect.lower(node.op, inputs, region.shapes[node.output])
        return self._rows[key]

    def _op(self, region: Region, node: OpNode) -> Step:
        row = self.row(region, node)
        call, module = row.call, row.module
        borrowed = module is not None and node.name in region.borrows
        if module is not None and self.sharing.any:
            uses = self.sharing.same((region.id, node.name))
            modules = [
                self.row(self.net.regions[r], n).module for r, n in uses if isinstance(n, OpNode)
            ]
            many = len({r for r, _ in uses if node.name not in self.net.regions[r].borrows}) > 1
            if any(m != modules[0] for m in modules) and (many or module != modules[0]):
                if row.functional is None:
                    raise cannot_share(node.name)
                call = row.functional
            module = modules[0]
        owns = node.op.weights(*(region.shapes[v] for v in node.inputs))
        name = node.name if owns else node.name.replace(".", "~")  # of a scope: no list
        return Step(
            name, node.op.kind, call, None if borrowed else module, row.style,
            node.inputs, node.outputs, node.train, borrowed, bare=node.op.bare,
        )  # fmt: skip

    def _call(self, region: Region, node: Call) -> Step:
        made = self.made[node.region]
        lent = dict(node.lends)
        callee = self.net.regions[node.region]
        args: tuple[Expr, ...] = (
            *(made.enter if i == 0 else Slot(i) for i in range(len(node.inputs))),
            *(Me(lent[name]) for name in callee.borrows),
        )
        borrowed = node.name in region.borrows
        module = made.construct
        if self.sharing.any and not borrowed:
            module = self.member(region.id, node.name)
        return Step(
            node.name, "call", Apply(Me(), args, made.keywords), None if borrowed else module,
            "step", node.inputs, node.outputs, node.train, borrowed, tuple(lent.values()),
        )  # fmt: skip

    # ------------------------------------------------------------ sequences

    def chain(self, region: Region, body: Body) -> list[tuple[str, Expr]] | None:
        """The layers of a region that is one line of modules, each with its name; else None."""
        pairs = list(zip(region.nodes, body.steps, strict=True))
        names = [s.name for node, s in pairs if s.module and not self._nameless(region, node)]
        if (
            body.inputs != 1
            or len(body.outputs) != 1
            or region.borrows
            or not names
            or any(map(list_of, names))
            or len(set(names)) < len(names)
        ):
            return None
        current = 0
        layers: list[tuple[str, Expr]] = []
        for node, step in pairs:
            if step.inputs != (current,) or len(step.outputs) != 1 or step.train or step.borrowed:
                return None
            current = step.outputs[0]
            if isinstance(node, Call):
                assert step.module
                if step.call != Apply(Me(), (Slot(0),)) and (layers or not self.enters(region)):
                    return None
                layers.append((step.name, step.module))
                continue
            row = self.row(region, node)
            if row.layers is None or step.call is not row.call:
                return None
            own = row.layers
            if node is region.nodes[0] and self.enters(region):
                own = own[1:]
            layers += [(name or step.name, layer) for name, layer in own]
        return self._numbered(layers, names) if current == body.outputs[0] else None

    def _nameless(self, region: Region, node: Node) -> bool:
        return isinstance(node, OpNode) and self.row(region, node).nameless

    def enters(self, region: Region) -> Expr | None:
        """What a sequence is called with, where its first layer takes more than the input as it
        comes: the caller flattens, so that the layers keep their numbers."""
        first = region.nodes[0]
        if isinstance(first, Call):
            enter = self.made[first.region].enter
            return enter if enter != INPUT else None
        row = self.row(region, first)
        return row.call if row.style == "lead" else row.enter

    def _numbered(
        self, layers: list[tuple[str, Expr]], names: Sequence[str]
    ) -> list[tuple[str, Expr]] | None:
        """Numbers for all layers if the members are numbers; None where one would be wrong."""
        if not any(name.isdigit() for name in names):
            if not self.dialect.named_chains:
                return None
            given = [attribute(name, self.dialect.reserved) for name, _ in layers]
            return layers if len(set(given)) == len(given) else None
        found: list[tuple[str, Expr]] = []
        for name, layer in layers:
            if name in names and name.isdigit():
                gap = int(name) - len(found)
                found += [("", self.dialect.identity)] * min(gap, MOST_GAPS)
            if name in names and name != str(len(found)):
                return None
            found.append((name, layer))
        return [(str(position), layer) for position, (_, layer) in enumerate(found)]

    def sequence(self, region: Region, layers: Sequence[tuple[str, Expr]]) -> Expr:
        """A sequence as one expression, with runs of equal layers as loops."""
        names = [name for name, _ in layers]
        exprs: Sequence[Expr] = [layer for _, layer in layers]
        if is_numbered(names):
            return self.dialect.chain(names, compress(self._folded(region, exprs)))
        return self.dialect.chain(names, exprs)

    def _folded(self, region: Region, layers: Sequence[Expr]) -> list[Expr]:
        """Runs of one block as the one member that the dialect makes of them, if it does. What a
        block gives is then what the next one takes: tensors of one shape."""
        steady = {
            node.name
            for node in region.nodes
            if isinstance(node, Call)
            and region.shapes[node.inputs[0]] == region.shapes[node.output]
        }
        out: list[Expr] = []
        start = 0
        for (layer, is_steady), run in groupby((x, str(i) in steady) for i, x in enumerate(layers)):
            count = len(list(run))
            one = self.dialect.repeat(region.id, layer, count) if is_steady else None
            if one is not None:
                self.folds.setdefault(region.id, []).append((start, count))
            out += [layer] * count if one is None else [one]
            start += count
        return out


def is_numbered(names: Sequence[str]) -> bool:
    """0, 1, 2, ..."""
    return list(names) == [str(i) for i in range(len(names))]

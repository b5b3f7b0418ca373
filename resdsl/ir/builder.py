"""Mutable drafts of regions, and how they freeze into a Net.

A draft runs the shape rule of an op the moment it is appended. Drafts are shared: many calls may
point at one. What a call exports of its callee (`@body.conv4_x`) is therefore kept with the call,
and a callee is frozen once for every set of exports that somebody asks of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from resdsl import limits
from resdsl.diagnostics import RuleError
from resdsl.ir.graph import Arg, Statement
from resdsl.ir.op import Op, path_of
from resdsl.ir.shape import Shape, show
from resdsl.source import Span

Ref = tuple[int, ...]
"""A tensor of a draft: `(value,)`, or `(node, *ref)`: `ref` of the callee of the call at index
`node`.
"""


@dataclass(eq=False, slots=True)
class Handle:
    """An instance that several nodes share. `name` is its name in the draft that owns it."""

    owner: Draft
    name: str
    weights: dict[str, Shape] | None = None  # agreed on at its first use


@dataclass(eq=False, slots=True)
class DraftNode:
    """`name` None: counters give one when the draft closes. `callee` None: a primitive op."""

    name: str | None
    op: Op | None
    callee: Draft | None
    inputs: list[int]
    exports: dict[Ref, int]  # ref in the callee -> value here; the result's first
    train: bool
    shared: Handle | None = None
    span: Span | None = None  # of the step that made it

    @property
    def output(self) -> int:
        return next(iter(self.exports.values()))


@dataclass(eq=False, slots=True)
class Tensor:
    """A tensor while nets are built. `parts` are the labels and instances reachable as `@x.part`,
    `@x[i]`: tensors of `inner` when `call` (a node index) leads into a callee, else of the draft
    itself.
    """

    draft: Draft
    ref: Ref
    shape: Shape
    parts: dict[str, Tensor] | None = None
    call: int | None = None

    def part(self, name: str) -> Tensor | None:
        """What `@self.name` means in the draft of `self`, or None."""
        inner = (self.parts or {}).get(name)
        if inner is None or self.call is None:
            return inner
        return _through(self.draft, self.call, inner)


def _through(draft: Draft, call: int, inner: Tensor) -> Tensor:
    """`inner`, a tensor of the callee, seen from the caller."""
    parts = inner.parts and {k: _through(draft, call, p) for k, p in _reach(inner).items()}
    return Tensor(draft, (call, *inner.ref), inner.shape, parts)


def _reach(tensor: Tensor) -> dict[str, Tensor]:
    return {name: part for name in tensor.parts or {} if (part := tensor.part(name))}


@dataclass(eq=False)
class Draft:
    """A region under construction; closed when its text is done, frozen when the whole net is."""

    kind: str
    block: str = ""
    args: tuple[tuple[str, Arg], ...] = ()
    parent: Draft | None = None
    inputs: list[tuple[str, int]] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    nodes: list[DraftNode] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    names: dict[str, object] = field(default_factory=dict)  # taken -> where (a Span)
    captures: list[Tensor] = field(default_factory=list)  # tensors further out, for the last inputs
    borrows: dict[Handle, str] = field(default_factory=dict)
    result: Tensor | None = None
    labels: dict[str, Tensor] = field(default_factory=dict)
    yielding: set[str] = field(default_factory=set)  # of these, the labels of inlined bodies
    next_index: int = 0
    inits: list[tuple[str, object]] = field(default_factory=list)
    formals: int = 0  # how many inputs are the caller's arguments, the others are captures
    stateful: bool = False
    read: set[int] = field(default_factory=set)
    weight_shapes: dict[str, Shape] | None = None

    # ------------------------------------------------------------ values

    def value(self, shape: Shape) -> int:
        self.shapes.append(shape)
        return len(self.shapes) - 1

    def add_input(self, name: str, shape: Shape) -> Tensor:
        """A formal input; before the first capture."""
        value = self.value(shape)
        self.inputs.append((name, value))
        self.formals = len(self.inputs)
        return Tensor(self, (value,), shape)

    def use(self, tensor: Tensor) -> int:
        """The value here that carries `tensor`, which may live in a draft further out."""
        if tensor.draft is not self:
            return self._capture(tensor)
        ref = tensor.ref
        if len(ref) > 1:
            exports = self.nodes[ref[0]].exports
            if ref[1:] not in exports:
                exports[ref[1:]] = self.value(tensor.shape)
            ref = (exports[ref[1:]],)
        self.read.add(ref[0])
        return ref[0]

    def _capture(self, tensor: Tensor) -> int:
        for (_, value), seen in zip(self.inputs[self.formals :], self.captures, strict=True):
            if seen.draft is tensor.draft and seen.ref == tensor.ref:
                return value
        value = self.value(tensor.shape)
        self.inputs.append((f"x{len(self.captures) + 1}", value))
        self.captures.append(tensor)
        self.read.add(value)
        return value

    # ------------------------------------------------------------ nodes

    def append(
        self,
        op: Op,
        inputs: list[Tensor],
        name: str | None = None,
        train: bool = False,
        shared: Handle | None = None,
    ) -> Tensor:
        """One op at the end; runs its shape rule (which may raise RuleError)."""
        shapes = [t.shape for t in inputs]
        shape = op.infer(*shapes)
        if max(shape) > limits.MAX_SIDE:
            raise RuleError(
                f"`{op.kind}` makes {show(shape)}, and no side may be over {limits.MAX_SIDE:,}",
                code="E500",
            )
        own = op.weights(*shapes)
        if shared and not own:  # nothing is shared: it is an op like any other
            name, shared = (shared.name if shared.owner is self else None), None
        name = self._shared_name(shared, {k: w.shape for k, w in own.items()}) if shared else name
        values = [self.use(t) for t in inputs]
        value = self.value(shape)
        self.nodes.append(DraftNode(name, op, None, values, {(): value}, train, shared))
        self.stateful = self.stateful or (bool(own) and (not shared or shared.owner is self))
        return Tensor(self, (value,), shape)

    def append_call(
        self,
        callee: Draft,
        args: list[Tensor],
        name: str,
        train: bool = False,
        shared: Handle | None = None,
    ) -> Tensor:
        """A call of a closed draft; `args` for its formal inputs, in order (unread ones are not
        passed).
        """
        if shared:
            name = self._shared_name(shared, callee.weights())
        passed = [t for (_, v), t in zip(callee.inputs, args, strict=False) if v in callee.read]
        values = [self.use(t) for t in (*passed, *callee.captures)]
        for handle in callee.borrows:
            self.borrow(handle)
        result = callee.result
        assert result is not None
        value = self.value(result.shape)
        self.nodes.append(DraftNode(name, None, callee, values, {result.ref: value}, train, shared))
        self.stateful = self.stateful or not shared or shared.owner is self
        return Tensor(self, (value,), result.shape, callee.labels, len(self.nodes) - 1)

    def borrow(self, handle: Handle) -> str:
        """The name here of a shared instance; the draft may have to borrow it from further out."""
        if handle.owner is self:
            return handle.name
        if handle not in self.borrows:
            taken = {*self.borrows.values(), *self.names}
            name, n = handle.name, 2
            while name in taken:
                name, n = f"{handle.name}{n}", n + 1
            self.names[name] = None
            self.borrows[handle] = name
        return self.borrows[handle]

    def _shared_name(self, shared: Handle, own: dict[str, Shape]) -> str:
        if shared.weights is None:
            shared.weights = own
        elif shared.weights != own:
            raise SharedMismatch(shared, own)
        return self.borrow(shared)

    def give_way(self, name: str) -> None:
        """Free a name that an inlined body took: the scope's own labels win, wherever they are."""
        if name not in self.yielding or any(n.shared for n in self.nodes if n.name == name):
            return
        n = 2
        while f"{name}{n}" in self.names:
            n += 1
        self.yielding.remove(name)
        self.yielding.add(f"{name}{n}")
        for taken in [taken for taken in self.names if taken.partition(".")[0] == name]:
            self.names[f"{name}{n}{taken[len(name) :]}"] = self.names.pop(taken)
        for node in self.nodes:
            if node.name and (node.name == name or node.name.startswith(f"{name}.")):
                node.name = f"{name}{n}{node.name[len(name) :]}"

    # ------------------------------------------------------------ closing

    def close(self, result: Tensor, labels: dict[str, Tensor]) -> Draft:
        """Give the unlabelled ops their counters, in textual order, around the labels that are
        taken.
        """
        value = self.use(result)
        self.result = Tensor(self, (value,), result.shape)
        self.labels = labels
        counts: dict[str, int] = {}
        for node in self.nodes:
            if node.name is not None:
                continue
            assert node.op is not None
            kind = node.op.kind
            n = counts.get(kind, 0) + 1
            while f"{kind}{n}" in self.names:
                n += 1
            counts[kind] = n
            node.name = f"{kind}{n}"
        return self

    def weights(self) -> dict[str, Shape]:
        """Shape of every tensor that an instance owns, by its path in here (borrowed ones are not
        owned).
        """
        if self.weight_shapes is None:
            borrowed = set(self.borrows.values())
            found: dict[str, Shape] = {}
            for node in self.nodes:
                if node.name is None or node.name in borrowed:
                    continue
                if node.op:
                    own = node.op.weights(*(self.shapes[v] for v in node.inputs))
                    found |= {path_of(node.name, k): w.shape for k, w in own.items()}
                elif node.callee:
                    found |= {f"{node.name}.{k}": s for k, s in node.callee.weights().items()}
            self.weight_shapes = found
        return self.weight_shapes

    def splice(self, callee: Draft, args: list[Tensor], label: str, train: bool) -> Tensor:
        """The nodes of a closed draft that owns no weights, here: such a scope is no level of
        names.
        """
        result = callee.result
        assert result is not None
        outer: dict[int, Tensor] = {v: t for (_, v), t in zip(callee.inputs, args, strict=False)}
        outer |= dict(
            zip((v for _, v in callee.inputs[callee.formals :]), callee.captures, strict=True)
        )
        moved: dict[int, int] = {}
        for index, node in enumerate(callee.nodes):
            last = (node.output,) == result.ref
            name = (
                self.borrow(node.shared)
                if node.shared
                else label
                if last
                else f"{label}.{node.name}"
            )
            inputs = [self.use(outer[v]) for v in node.inputs]
            exports = {ref: self.value(callee.shapes[v]) for ref, v in node.exports.items()}
            for handle in node.callee.borrows if node.callee else ():
                self.borrow(handle)
            moved[index] = len(self.nodes)
            self.nodes.append(
                DraftNode(
                    name,
                    node.op,
                    node.callee,
                    inputs,
                    exports,
                    train or node.train,
                    node.shared,
                    node.span,
                )
            )
            for ref, v in node.exports.items():
                outer[v] = Tensor(self, (exports[ref],), callee.shapes[v])

        def here(inner: Tensor) -> Tensor:
            if inner.draft is not callee:
                return inner
            head = inner.ref[0]
            ref = outer[head].ref if len(inner.ref) == 1 else (moved[head], *inner.ref[1:])
            call = None if inner.call is None else moved[inner.call]
            parts = inner.parts
            if call is None:
                parts = parts and {k: here(p) for k, p in parts.items()}
            return Tensor(
                outer[head].draft if len(inner.ref) == 1 else self, ref, inner.shape, parts, call
            )

        end = here(result)
        return Tensor(end.draft, end.ref, end.shape, {k: here(t) for k, t in callee.labels.items()})


class SharedMismatch(Exception):
    """A shared instance used where its weights would have other shapes."""

    def __init__(self, shared: Handle, own: dict[str, Shape]) -> None:
        self.shared, self.own = shared, own

"""From drafts to a Net's regions: what was built by hand of many becomes immutable and is
validated, once.
"""

from __future__ import annotations

from resdsl.ir.builder import Draft, Ref
from resdsl.ir.graph import Call, Input, Node, OpNode, Output, Region
from resdsl.ir.shape import Shape


class Freezer:
    """Drafts -> frozen regions, callees before callers; one region for each draft and set of
    exports.
    """

    def __init__(self) -> None:
        self.regions: dict[str, Region] = {}
        self._done: dict[tuple[int, tuple[Ref, ...]], str] = {}
        self._counts: dict[str, int] = {}

    def freeze(
        self, draft: Draft, exports: tuple[Ref, ...], name: str, published: tuple[Output, ...] = ()
    ) -> str:
        """The id of the region. `name` is where the draft is used: it names scopes in ids and
        dumps.
        """
        key = (id(draft), exports)
        if key in self._done:
            return self._done[key]
        wanted: dict[int, list[Ref]] = {}
        for ref in exports:
            if len(ref) > 1 and ref[1:] not in draft.nodes[ref[0]].exports:
                wanted.setdefault(ref[0], []).append(ref[1:])
        number: dict[int, int] = {}
        shapes: list[Shape] = []

        def define(value: int | None, shape: Shape) -> int:
            if value is not None:
                number[value] = len(shapes)
            shapes.append(shape)
            return len(shapes) - 1

        keep = [
            (n, v)
            for n, v in draft.inputs
            if v in draft.read or (draft.kind == "model" and published)
        ]
        for _, v in keep:
            define(v, draft.shapes[v])
        nodes: list[Node] = []
        deep: dict[Ref, int] = {}
        for index, node in enumerate(draft.nodes):
            inputs = tuple(number[v] for v in node.inputs)
            assert node.name is not None
            if node.op is not None:
                out = define(node.output, draft.shapes[node.output])
                nodes.append(
                    OpNode(name=node.name, op=node.op, inputs=inputs, output=out, train=node.train)
                )
                continue
            callee = node.callee
            assert callee is not None
            extra = wanted.get(index, [])
            outs = [define(v, draft.shapes[v]) for v in node.exports.values()]
            for ref in extra:
                deep[(index, *ref)] = define(None, shape_of(callee, ref))
                outs.append(deep[(index, *ref)])
            refs = (*list(node.exports)[1:], *extra)
            region = self.freeze(
                callee, refs, node.name if not name or node.name.isidentifier() else name
            )
            lends = tuple((inner, draft.borrow(handle)) for handle, inner in callee.borrows.items())
            nodes.append(
                Call(
                    name=node.name,
                    region=region,
                    inputs=inputs,
                    outputs=tuple(outs),
                    lends=lends,
                    train=node.train,
                )
            )

        def final(ref: Ref) -> int:
            if len(ref) == 1:
                return number[ref[0]]
            known = draft.nodes[ref[0]].exports
            return number[known[ref[1:]]] if ref[1:] in known else deep[ref]

        assert draft.result is not None
        outputs = [Output(name="out", value=final(draft.result.ref))]
        outputs += [Output(name=_export_name(draft, ref), value=final(ref)) for ref in exports]
        if published:
            outputs = [o.model_copy(update={"value": number[o.value]}) for o in published]
        statements = tuple(
            s.model_copy(update={"value": number.get(s.value, 0)}) for s in draft.statements
        )
        region_id = self._name(draft.block or name)
        kind = draft.kind if draft.kind in ("model", "block") else "scope"
        self.regions[region_id] = Region(
            id=region_id,
            kind=kind,
            block=draft.block,
            args=draft.args,
            inputs=tuple(Input(name=n, shape=draft.shapes[v]) for n, v in keep),
            shapes=tuple(shapes),
            nodes=tuple(nodes),
            outputs=tuple(outputs),
            statements=statements,
            borrows=tuple(draft.borrows.values()),
        )
        self._done[key] = region_id
        return region_id

    def _name(self, base: str) -> str:
        self._counts[base] = self._counts.get(base, 0) + 1
        n = self._counts[base]
        return base if n == 1 else f"{base}#{n}"


def shape_of(draft: Draft, ref: Ref) -> Shape:
    """The shape of a tensor of a draft, however deep in its callees."""
    while len(ref) > 1:
        callee = draft.nodes[ref[0]].callee
        assert callee is not None
        draft, ref = callee, ref[1:]
    return draft.shapes[ref[0]]


def _export_name(draft: Draft, ref: Ref) -> str:
    """The label that names this tensor, for readers of dumps and generated code."""
    if len(ref) > 1:
        node = draft.nodes[ref[0]]
        assert node.callee is not None
        return f"{node.name}_{_export_name(node.callee, ref[1:])}"
    for label, tensor in draft.labels.items():
        if tensor.draft is draft and tensor.ref == ref:
            return label
    return f"v{ref[0]}"

"""Nets built by hand, as the elaborator would build them, for tests of what reads the IR."""

from __future__ import annotations

from typing import Any

import resdsl.ops  # noqa: F401  (fills the registry)
from resdsl.ir.graph import Call, Input, Net, OpNode, Output, Region, Statement
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape


class Draft:
    """One region under construction: values are ints, every node is one statement unless said
    otherwise."""

    def __init__(
        self, id: str, kind: str = "scope", inputs: dict[str, Shape] | None = None, **facts: Any
    ):
        self.id, self.kind, self.facts = id, kind, facts
        self.inputs = tuple(Input(name=n, shape=s) for n, s in (inputs or {}).items())
        self.shapes = [i.shape for i in self.inputs]
        self.nodes: list[OpNode | Call] = []
        self.statements: list[Statement] = []
        self.done = 0

    def op(self, name: str, kind: str, *inputs: int, train: bool = False, **fields: Any) -> int:
        op = Op.registry[kind](**fields)
        self.shapes.append(op.infer(*(self.shapes[v] for v in inputs)))
        value = len(self.shapes) - 1
        self.nodes.append(OpNode(name=name, op=op, inputs=inputs, output=value, train=train))
        return value

    def call(self, name: str, region: Region, *inputs: int, **facts: Any) -> tuple[int, ...]:
        self.shapes += [region.shapes[o.value] for o in region.outputs]
        values = tuple(range(len(self.shapes) - len(region.outputs), len(self.shapes)))
        call = Call(name=name, region=region.id, inputs=inputs, outputs=values, **facts)
        self.nodes.append(call)
        return values

    def line(self, name: str, value: int, stage: bool = False) -> None:
        """Close a statement: the nodes since the last one."""
        line = len(self.statements) + 1
        self.statements.append(
            Statement(
                name=name,
                start=self.done,
                stop=len(self.nodes),
                value=value,
                stage=stage,
                line=line,
            )
        )
        self.done = len(self.nodes)

    def end(self, *outputs: int | Output) -> Region:
        if self.done < len(self.nodes):
            self.line("rest", self.nodes[-1].output)
        named = [
            o if isinstance(o, Output) else Output(name="out" if i == 0 else f"out{i}", value=o)
            for i, o in enumerate(outputs)
        ]
        return Region(
            id=self.id,
            kind=self.kind,
            inputs=self.inputs,
            shapes=tuple(self.shapes),
            nodes=tuple(self.nodes),
            outputs=tuple(named),
            statements=tuple(self.statements),
            **self.facts,
        )


def net(name: str, *regions: Region, **facts: Any) -> Net:
    return Net(name=name, root=regions[-1].id, regions={r.id: r for r in regions}, **facts)


def conv_bn(id: str, shape: Shape, out: int, k: int, stride: int = 1) -> Region:
    d = Draft(
        id,
        "block",
        {"in": shape},
        block="conv_bn_act",
        args=(("out", out), ("k", k), ("stride", stride)),
    )
    x = d.op("conv1", "conv", 0, out=out, k=k, stride=stride, bias=False)
    x = d.op("bn1", "bn", x)
    return d.end(d.op("relu1", "relu", x))


def bottleneck(id: str, shape: Shape, width: int, stride: int) -> list[Region]:
    """v1: the stride sits on the first 1x1; shortcut B. The block is the last of the regions."""
    args = (("width", width), ("stride", stride))
    d = Draft(id, "block", {"in": shape}, block="bottleneck", args=args)
    x = 0
    for i, (out, k, s) in enumerate([(width, 1, stride), (width, 3, 1), (4 * width, 1, 1)], 1):
        x = d.op(f"conv{i}", "conv", x, out=out, k=k, stride=s, bias=False)
        x = d.op(f"bn{i}", "bn", x)
        if i < 3:
            x = d.op(f"relu{i}", "relu", x)
    short = 0
    regions: list[Region] = []
    if stride != 1 or shape[0] != 4 * width:
        p = Draft(f"{id}.downsample", "scope", {"in": shape})
        y = p.op("0", "conv", 0, out=4 * width, k=1, stride=stride, bias=False)
        regions.append(p.end(p.op("1", "bn", y)))
        (short,) = d.call("downsample", regions[0], 0)
    x = d.op("add1", "add", x, short)
    return [*regions, d.end(d.op("relu3", "relu", x))]


def resnet50(depths: tuple[int, ...] = (3, 4, 6, 3), side: int = 224) -> Net:
    """ResNet-50 as the paper has it, with the authors' pooling."""
    d = Draft("resnet50", "model", {"image": (3, side, side)})
    stem = conv_bn("conv_bn_act", (3, side, side), 64, 7, 2)
    table = [stem]
    (x,) = d.call("conv1", stem, 0)
    d.line("conv1", x)
    x = d.op("pool1", "maxpool", x, k=3, stride=2, ceil=True)
    d.line("pool1", x)
    for i, times in enumerate(depths):
        name, width = f"conv{i + 2}_x", 64 * 2**i
        s = Draft(name, "scope", {"in": d.shapes[x]})
        y = 0
        blocks: dict[tuple[int, Shape], Region] = {}
        for n in range(times):
            key = (2 if i and n == 0 else 1, s.shapes[y])
            if key not in blocks:
                id = "bottleneck" if not (i or blocks) else f"bottleneck#{2 * i + len(blocks) + 1}"
                table += bottleneck(id, key[1], width, key[0])
                blocks[key] = table[-1]
            (y,) = s.call(str(n), blocks[key], y)
        stage = s.end(y)
        table.append(stage)
        (x,) = d.call(name, stage, x)
        d.line(name, x, stage=True)
    h = Draft("head", "scope", {"in": d.shapes[x]})
    y = h.op("gap1", "gap", 0)
    head = h.end(h.op("fc1", "fc", y, out=1000))
    (x,) = d.call("head", head, x)
    d.line("head", x)
    root = d.end(Output(name="logits", value=x))
    return net("resnet50", *table, head, root, notes={"arxiv": "1512.03385"})


def shared() -> Net:
    """A conv of the root, used once here, once borrowed by a scope that applies it twice, and an
    aux head."""
    inner = Draft("inner", "scope", {"in": (8, 16, 16)}, borrows=("c",))
    y = inner.op("c", "conv", 0, out=8, k=3)
    y = inner.op("c", "conv", y, out=8, k=3, dilation=2)
    own = inner.op("conv1", "conv", y, out=4, k=1)
    scope = inner.end(own, y)
    d = Draft("shared", "model", {"image": (8, 16, 16)})
    a, b = d.call("s", scope, 0, lends=(("c", "c"),))
    d.line("s", a, stage=True)
    x = d.op("c", "conv", b, out=8, k=3)
    d.line("c", x)
    t = d.op("aux.gap1", "gap", x, train=True)
    t = d.op("aux.fc1", "fc", t, out=10, train=True)
    d.line("aux", t)
    x2, _ = d.call("s", scope, x, lends=(("c", "c"),))
    d.line("again", x2)
    x = d.op("gap1", "gap", x2)
    x = d.op("fc1", "fc", x, out=10)
    d.line("head", x)
    root = d.end(
        Output(name="logits", value=x), Output(name="aux", value=t, train=True, loss_weight=0.3)
    )
    return net("shared", scope, root)

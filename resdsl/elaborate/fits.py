"""What would make shapes fit. Every proposal was tried: it is said only if the rules of the ops
take it, and a merge takes what comes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resdsl.diagnostics import RuleError
from resdsl.elaborate.application import parameters
from resdsl.elaborate.values import Block, text
from resdsl.ir.builder import DraftNode, Tensor
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape, show
from resdsl.ops.conv import Conv, ConvTranspose
from resdsl.ops.dense import Fc
from resdsl.ops.padding import reach
from resdsl.ops.pool import WindowPool
from resdsl.ops.resize import Resize
from resdsl.source import Span
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.elaborate.context import Context

Change = dict[str, Any]
"""Other values for some arguments of an op."""

SHOWN = 3
"""How many changes of one op a help lists."""

FAR = 8
"""How many ops before the merge are looked at."""


@dataclass(frozen=True, slots=True)
class End:
    """What one branch comes to, and its last line."""

    place: Span
    tensor: Tensor

    @property
    def shape(self) -> Shape:
        return self.tensor.shape

    @property
    def is_tap(self) -> bool:
        return bool(re.fullmatch(r"@\w+", self.place.text))


def of_branches(
    merge: Op, start: Tensor | None, ends: list[End], at: Span | None, ctx: Context
) -> str | None:
    """What makes the branches of a merge agree; None where nothing simple does."""
    trial = _Trial(merge, start, ends, ctx)
    two = len(ends) == 2
    return (
        (two and (trial.shortcut(at) or trial.gate() or trial.channels()))
        or trial.arguments()
        or (two and trial.resized())
        or None
    )


def of_window(op: Conv | WindowPool, shape: Shape) -> str | None:
    """The arguments with which a window that is too large keeps the size, or sees all of it."""
    if shape[1:] == (1, 1):
        return "it is 1x1 already: nothing is left to slide over, so shrink it less often before"
    size = show(shape[1:]) if shape[1] != shape[2] else str(shape[1])
    ways = []
    half = (reach(op.k[0], _dilation(op)[0]) - 1) // 2
    for way, pad in ((f"pad={half}", (half, half)), ("pad=same_upper", "same_upper")):
        made = _made((op.model_copy(update={"pad": pad}),), shape)
        if made and made[1:] == shape[1:]:
            ways.append(f"`{way}` keeps the size")
    whole = _made((op.model_copy(update={"k": shape[1:]}),), shape)
    if whole and whole[1:] == (1, 1):
        return ", ".join([*ways[:1], f"`k={size}` sees all of it"])
    return ways[0] if ways else None


@dataclass(frozen=True, slots=True)
class _Trial:
    merge: Op
    start: Tensor | None
    ends: list[End]
    ctx: Context

    def fits(self, number: int, shape: Shape | None) -> bool:
        """Whether the merge takes the branches, if this one ended in `shape`."""
        shapes = [end.shape for end in self.ends]
        shapes[number : number + 1] = [shape] if shape is not None else []
        return shape is not None and _made((self.merge,), *shapes) is not None

    def shortcut(self, at: Span | None) -> str | None:
        """`| shortcut(64, 2)` for a branch that is what came in."""
        start = self.start.shape if self.start else None
        shapes = [end.shape for end in self.ends]
        if self.merge.kind != "add" or start not in shapes or len(start) != 3:
            return None
        number = shapes.index(start)
        other = shapes[1 - number]
        if len(other) != 3 or start[1] % other[1]:
            return None
        channels, step = other[0], start[1] // other[1]
        if not self.fits(number, _made((Conv(out=channels, k=1, stride=step),), start)):
            return None
        stride = f", {step}" if step > 1 else ""
        own = _in_own_words(channels, step, at, self.ctx)
        return f"use a projecting shortcut: `| shortcut({channels}{stride})`{own}"

    def gate(self) -> str | None:
        """`gap -> conv(n, 1)` for a vector that an image is multiplied by."""
        image, other = sorted((end.shape for end in self.ends), key=len, reverse=True)
        if self.merge.kind != "mul" or len(image) != 3 or len(other) != 1:
            return None
        gate = _made((Op.registry["gap"](), Conv(out=image[0], k=1)), image)
        if gate is None or _made((self.merge,), image, gate) is None:
            return None
        return (
            "what weighs the channels of an image is an image of 1x1, and `fc` makes a vector:"
            f" `gap -> conv({image[0]}, 1)`"
        )

    def channels(self) -> str | None:
        """`conv(n, 1)`, where it is the channels alone in which they differ."""
        first, second = (end.shape for end in self.ends)
        if first[1:] != second[1:] and self.merge.kind != "mul":
            return None
        large = int(first[1:] < second[1:])
        for to in (large, 1 - large):
            target, own = self.ends[to].shape, self.ends[1 - to].shape
            last = Conv(out=target[0], k=1) if len(own) == 3 else Fc(out=target[-1])
            made = _made((last,), own)
            if made and made[1:] == own[1:] and self.fits(1 - to, made):
                call = f"conv({target[0]}, 1)" if len(own) == 3 else f"fc({target[-1]})"
                n = target[0] if len(own) == 3 else target[-1]
                what = "channels" if len(own) == 3 else "features"
                return f"end both in as many {what}: `{call}` makes {n} of any"
        return None

    def arguments(self) -> str | None:
        """Other arguments of an op that a branch ends in: first of the smallest branch."""
        for number in sorted(range(len(self.ends)), key=lambda n: self.ends[n].shape[1:]):
            outs = {end.shape[0] for i, end in enumerate(self.ends) if i != number}
            for node, inputs, after in self.line(number):
                assert node.op is not None
                said, name = [], _called(node)
                made: Shape | None = None
                for change in _changes(node.op, outs) if name else ():
                    if change.keys() <= _arguments(node, self.ctx):
                        op = _changed(node.op, change)
                        ended = op and _made((op, *after), *inputs)
                        if ended and self.fits(number, ended):
                            made = made or ended
                            said.append(", ".join(f"{k}={_value(v)}" for k, v in change.items()))
                if made:
                    ways = " or ".join(f"`{way}`" for way in dict.fromkeys(said[:SHOWN]))
                    return f"`{name}` with {ways} makes {show(made)}"
        return None

    def line(self, number: int) -> Iterator[tuple[DraftNode, list[Shape], list[Op]]]:
        """The ops that a branch ends in, the last first, each with what follows it: as far as they
        are of this branch alone, and up to the one that changes the size.
        """
        tensor = self.ends[number].tensor
        others = [end for i, end in enumerate(self.ends) if i != number]
        stops = [end.tensor.ref for end in others]
        if self.start is not None and not all(end.is_tap for end in others):
            stops.append(self.start.ref)
        draft, ref, after = tensor.draft, tensor.ref, list[Op]()
        while ref not in stops and len(ref) == 1 and len(after) < FAR:
            node = next((n for n in reversed(draft.nodes) if ref[0] in n.exports.values()), None)
            if node is None or node.op is None or len(node.inputs) != 1:
                return
            shapes = [draft.shapes[v] for v in node.inputs]
            yield node, shapes, after[::-1]
            if draft.shapes[ref[0]][1:] != shapes[0][1:]:
                return
            after.append(node.op)
            ref = (node.inputs[0],)

    def resized(self) -> str | None:
        """`resize(...)` of one of two images: to a tensor that has a name, else to the larger."""
        first, second = self.ends
        pairs = [(0, 1), (1, 0)]
        if first.is_tap != second.is_tap:
            pairs.sort(key=lambda pair: not self.ends[pair[1]].is_tap)
        else:
            pairs.sort(key=lambda pair: self.ends[pair[0]].shape[1:])
        for number, to in pairs:
            if said := self._resized(number, self.ends[to]):
                return said
        return None

    def _resized(self, number: int, to: End) -> str | None:
        own, target = self.ends[number].shape, to.shape
        if not len(own) == len(target) == 3 or own[1:] == target[1:]:
            return None
        by, rest = target[1] // own[1], ""
        factor = Resize(factor=by) if by > 1 else None
        even = factor is not None and _made((factor,), own) == (own[0], *target[1:])
        resize = factor if factor and even else Resize(size=target[1:])
        made = _made((resize,), own)
        if made and not self.fits(number, made):
            made = _made((Conv(out=target[0], k=1),), made)
            rest = f" -> conv({target[0]}, 1)"
        if not self.fits(number, made):
            return None
        like = f"like={to.place.text}" if to.is_tap else f"size={show(target[1:])}"
        call = f"resize(factor={by})" if even else f"resize({like})"
        sizes = f"`{call}{rest}` makes {show(target[1:])} of {show(own[1:])}"
        if even and not rest:
            strided = _made((Conv(out=target[0], k=3, stride=by),), target)
            back = strided is not None and strided[1:] == own[1:]
            return f"{sizes}, a stride of {by} the reverse" if back else sizes
        for node, _, after in self.line(number):
            if isinstance(node.op, Resize) and not after and node.span is not None:
                return f"{sizes}, in the place of `{node.span.text}`"
        return sizes


def _made(ops: Iterable[Op], *inputs: Shape) -> Shape | None:
    """What these ops, one after the other, make of it; None where one cannot take it."""
    try:
        shapes = inputs
        for op in ops:
            shapes = (op.infer(*shapes),)
        return shapes[0]
    except (RuleError, IndexError):
        return None


def _dilation(op: Conv | WindowPool) -> tuple[int, int]:
    return op.dilation if isinstance(op, Conv) else op.spread()


def _changed(op: Op, change: Change) -> Op | None:
    from pydantic import ValidationError

    try:
        return type(op)(**{**{k: getattr(op, k) for k in op.model_fields_set}, **change})
    except ValidationError:
        return None


def _changes(op: Op, outs: set[int]) -> Iterator[Change]:
    """Other arguments that a person would think of, the likeliest first; with each, other channels
    where a merge wants them.
    """
    found = list(_sizes(op))
    yield from found
    if isinstance(op, Conv | ConvTranspose):
        for out in outs - {op.out}:
            yield from ({**change, "out": out} for change in found)


def _sizes(op: Op) -> Iterator[Change]:
    if isinstance(op, Conv):
        k, even = op.k[0], not all(reach(*kd) % 2 for kd in zip(op.k, op.dilation, strict=True))
        if op.pad != "same":
            yield {"pad": "same"}
        if even and op.k[0] == op.k[1]:
            yield from ({"k": n} for n in (k - 1, k + 1) if n)
        if even:
            yield {"pad": "same_upper"}
    elif isinstance(op, WindowPool):
        yield from ({"pad": n} for n in range(1, min(op.k[0] // 2, FAR) + 1))
        yield {"ceil": True}
        yield {"pad": "same_upper"}
    elif isinstance(op, ConvTranspose):
        if op.stride[0] == op.stride[1] and op.pad == (0, 0):
            yield {"k": op.stride[0]}
        pads = range(1, min(op.k[0] // 2, FAR) + 1)
        yield from ({"pad": n} for n in pads)
        yield from (
            {"pad": n, "output_pad": extra} for n in pads for extra in range(1, op.stride[0])
        )


def _called(node: DraftNode) -> str | None:
    """The word that made an op, in the author's text."""
    word = re.match(r"\w+", node.span.text) if node.span else None
    return word[0] if word else None


def _arguments(node: DraftNode, ctx: Context) -> set[str]:
    """What the author can say there of this op."""
    assert node.op is not None
    name = _called(node)
    if name == node.op.kind:
        return set(type(node.op).model_fields)
    callee = ctx.env.scope.callee(name) if name else None
    is_one = isinstance(callee, Block) and callee.name in ("conv_relu", "conv_bn", "conv_bn_act")
    return set(parameters(callee)) if is_one else set()


def _value(value: object) -> str:
    return value if isinstance(value, str) else text(value)


def _in_own_words(channels: int, stride: int, at: Span | None, ctx: Context) -> str:
    """The same in the parameters of the block around it, of which it is one use."""
    blocks = [d for d in ctx.build.active if isinstance(d, tree.BlockDef) and at and at in d.span]
    params = [p.name.text for p in blocks[-1].params if p.name] if blocks else []
    values = {name: b.value for name in params if (b := ctx.env.find(name))}
    words = [k for k, v in values.items() if v == channels and k != "stride"]
    if not words:
        return ""
    step = "stride" if values.get("stride") == stride else str(stride)
    call = f"shortcut({words[0]})" if step == "1" else f"shortcut({words[0]}, {step})"
    return f"; in the parameters of `{blocks[-1].name.text}`, `| {call}`"

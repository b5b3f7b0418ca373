"""What a dot or an index takes out of a value: the parts and the extents of a tensor, an item."""

from __future__ import annotations

from resdsl.diagnostics import did_you_mean
from resdsl.elaborate import hints
from resdsl.elaborate.context import Context
from resdsl.elaborate.evaluate import Names, evaluate, whole
from resdsl.elaborate.values import Value, fail, what
from resdsl.ir.builder import Tensor
from resdsl.source import Span
from resdsl.syntax import tree

EXTENTS = ("channels", "height", "width", "shape")


def attribute(expr: tree.Attribute, ctx: Context, members: Names) -> Value:
    """`@image.height`, `@block.part`."""
    base, name = evaluate(expr.base, ctx), expr.name.text
    if not isinstance(base, Tensor):
        raise fail("E210", f"{what(base)} has no `.{name}`", expr.name.span)
    if name in EXTENTS:
        return _extent(base, name, expr.name.span)
    part = None if name.startswith("_") else base.part(name)
    if part is None:
        message = f"`{expr.base.span.text}` has no part named `{name}`"
        help = _meant(name, base, expr.base.span.text)
        raise fail("E204", message, expr.name.span, help=help)
    return part


def _meant(name: str, base: Tensor, written: str) -> str | None:
    """What part was meant; the parts of a repeat are its instances."""
    known = [part for part in base.parts or {} if not part.startswith("_")]
    instances = [part for part in known if part.isdigit()]
    for number in instances[:1]:
        first = base.part(number)
        if first is not None and first.part(name) is not None:
            return f"each of its {len(instances)} instances has one: `{written}[{number}].{name}`"
    shown = [f"[{part}]" if part in instances else part for part in known]
    return did_you_mean(name, [*known, *EXTENTS]) or hints.listed("its parts are", shown)


def _extent(tensor: Tensor, name: str, span: Span) -> Value:
    shape = tensor.shape
    if name == "shape":
        return list(shape)
    if name == "channels":
        return shape[0] if len(shape) == 3 else shape[-1]
    if len(shape) != 3:
        raise fail("E210", f"a tensor of shape {'x'.join(map(str, shape))} has no {name}", span)
    return shape[1 if name == "height" else 2]


def index(expr: tree.Index, ctx: Context, members: Names) -> Value:
    """`@stage[0]`, `widths[1]`."""
    base = evaluate(expr.base, ctx)
    if isinstance(base, Tensor):
        number = whole(expr.index, ctx, "an instance's number", 0, 10**6)
        part = base.part(str(number))
        if part is None:
            n = sum(key.isdigit() for key in base.parts or {})
            said = f"has {n} instances, counted from 0" if n else "is not a repeat"
            raise fail(
                "E204", f"`{expr.base.span.text}` {said}: there is no [{number}]", expr.index.span
            )
        return part
    if not isinstance(base, list):
        raise fail("E210", f"{what(base)} cannot be indexed", expr.base.span)
    number = whole(expr.index, ctx, "an index", -(10**6), 10**6)
    if not -len(base) <= number < len(base):
        raise fail(
            "E222", f"index {number} is outside a list of {len(base)} items", expr.index.span
        )
    return base[number]

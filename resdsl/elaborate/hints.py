"""What to say beside an error: where the name is, what was meant, what would work instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from resdsl.diagnostics import Label, ResdslError, did_you_mean
from resdsl.elaborate import foreign
from resdsl.elaborate.values import Binding, Env, Given, Symbol, Value, text
from resdsl.ir.builder import Tensor
from resdsl.ir.op import Op
from resdsl.ir.shape import Shape, show
from resdsl.source import Span
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.elaborate.context import Context

STATEMENTS = frozenset(("param", "let", "share", "note", "init"))
"""Words that begin `word name = value`."""

REACH = 1_000
"""How far from a parameter's value another is looked for that would work."""


# ---------------------------------------------------------------- names


def of_step(name: str, known: Iterable[str]) -> dict[str, Any]:
    """What an unknown step was meant to be; of another framework's, with its arguments here."""
    known = list(known)
    here = foreign.called_here(name, foreign.STEPS, known)
    if here is None:
        return {"help": did_you_mean(name, known)}
    op = Op.registry.get(here)
    notes = (f"its signature is {signature(op)}",) if op else ()
    return {"help": f"it is called `{here}` here", "notes": notes}


def of_argument(
    name: str, known: Iterable[str], definition: tree.BlockDef | None = None
) -> str | None:
    """What an unknown argument was meant to be. `definition` is of a block that may be changed."""
    known = list(known)
    if name in foreign.KNOWN_FROM_THE_TENSOR:
        return "leave it out: a step knows what comes in"
    if here := foreign.called_here(name, foreign.ARGUMENTS, known):
        return f"it is called `{here}` here"
    if near := did_you_mean(name, known):
        return near
    if definition is not None:
        return f"{with_parameter(name, definition)} would declare it"
    return f"its arguments are {', '.join(known)}" if known else None


def with_parameter(name: str, block: tree.BlockDef) -> str:
    """`block unit(out, stride = 1)`: a definition with one more parameter."""
    params = [" ".join(p.span.text.split()) for p in block.params]
    params.append("stride = 1" if name == "stride" else name)
    return f"`block {block.name.text}({', '.join(params)})`"


def of_name(name: str, at: Span, known: Iterable[str], ctx: Context) -> dict[str, Any]:
    """Labels and help for a name that has no value here."""
    if ctx.frame.tap(name) is not None:
        return {"help": f"it is a tensor: write `@{name}`"}
    if name in foreign.KNOWN_FROM_THE_TENSOR:
        return {"help": "a step knows what comes in; a block says `@in.channels`"}
    if name in foreign.MODULES:
        return {"help": "ops stand alone, without a module: `relu`"}
    if name in foreign.NOTHING:
        return {"help": "leave the argument out; `identity` is the step that does nothing"}
    found = _elsewhere(name, ctx) or {"help": did_you_mean(name, known)}
    blocks = [d for d in ctx.build.active if isinstance(d, tree.BlockDef) and at in d.span]
    if found["help"] is None and blocks:
        return {"help": f"{with_parameter(name, blocks[-1])} would make it a parameter"}
    return found


def of_no_step(name: str, value: Value) -> str | None:
    """How a value is used that stands where a step should."""
    if isinstance(value, Tensor):
        return f"a tensor is written `@{name}`"
    is_word = type(value) is str and value.isidentifier()
    return f"a step wears no quotes: `{name}={value}`" if is_word else None


def of_in(ctx: Context) -> str | None:
    """What to write at the top of a model for `@in`, which is of blocks."""
    label = next(reversed(ctx.frame.labels), None) if ctx.frame.model else None
    return f"`@in` is of blocks; here, tap a tensor by its name: `@{label}`" if label else None


def of_label(label: str, at: Span, first: object, ctx: Context) -> str:
    """What to do about a label that stands twice: in a loop, the same text does."""
    if first != at:
        return "a label stands once in its body: give one of the two another name"
    loop = next((node for node in _loops(ctx) if at in node.span), None)
    if loop is None or (len(loop.names) == 1 and loop.items.span.text.startswith("range(")):
        number = loop.names[0].text if loop else "i"
        return f'in a loop, number it: "{label}{{{number}}}"'
    if len(loop.names) > 1:
        return f'in a loop, number it: "{label}{{{loop.names[1].text}}}"'
    head = f"for {loop.names[0].text}, i in {loop.items.span.text}"
    return f'in a loop, number it: `{head}`, and "{label}{{i}}"'


def of_count(at: Span, ctx: Context) -> tuple[Label, ...]:
    """Of a name that a loop counts with, and that was meant to be the item."""
    for loop in _loops(ctx):
        if at in loop.span and len(loop.names) == 2 and loop.names[1].text == at.text:
            first, second = loop.names
            said = f"this one counts from 0: `for item, number in`, so the items are `{first.text}`"
            return (Label(second.span, said),)
    return ()


def _loops(ctx: Context) -> Iterator[tree.For]:
    """The loops of all that is being expanded, the innermost first."""
    found: list[tree.For] = []
    waiting: list[object] = [d.body for d in ctx.build.active if isinstance(d, _Definition)]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, tuple):
            waiting += node
        elif isinstance(node, tree.Tree):
            found += [node] if isinstance(node, tree.For) else []
            waiting += node.values()
    return reversed(found)


def of_surplus(given: Given, op: type[Op], ctx: Context) -> dict[str, Any]:
    """Where one argument is too many: tensors are handed over in another way."""
    value = given.value
    if isinstance(value, Symbol) and ctx.frame.tap(value.name):
        return {"help": f"a tensor wears an @: `@{value.name}`"}
    if isinstance(value, Tensor):
        return {"help": f"a chain begins with its tensor: `{given.span.text} -> {op.kind}`"}
    if op.merges and isinstance(value, list) and all(isinstance(v, Tensor) for v in value):
        return {"help": f"tensors stand one by one: `{op.kind}({given.span.text.strip('[]')})`"}
    return {"notes": (f"its signature is {signature(op)}",)}


def of_place(name: str, op: type[Op], given: Given) -> dict[str, Any]:
    """Where an argument is by position, and another was meant: all of them, in order."""
    if given.name_span is not None or given.handed:
        return {}
    is_known = name in ("eps", "bias") and type(given.value) is int
    return {
        "notes": (f"by position it is `{name}`: {signature(op)}",),
        "help": "the channels that come in are not told: a step knows them" if is_known else None,
    }


def signature(op: type[Op]) -> str:
    """`conv(out, k=3, stride=1, pad=same, dilation=1, groups=1, bias=true)`."""
    shown = list(op.tensors)
    for name, info in op.model_fields.items():
        if info.is_required():
            shown.append(name)
        elif info.default is not None:
            shown.append(f"{name}={_as_written(info.default)}")
        elif name != "init":
            shown.append(f"{name}=...")
    return f"{op.kind}({', '.join(shown)})"


def _as_written(default: Any) -> str:
    if isinstance(default, tuple) and len(set(default)) == 1:
        return text(default[0])
    return default if isinstance(default, str) else text(default)


def of_tensor(name: str, ctx: Context) -> dict[str, Any]:
    """Labels and help for a tensor that is not there."""
    binding = ctx.env.find(name)
    if binding is not None and not isinstance(binding.value, Tensor):
        return {"help": f"it is a value: write `{name}`, without the `@`"}
    for label, tensor in ctx.frame.labels.items():
        if tensor.part(name) is not None and not name.startswith("_"):
            return {"help": f"it is a part of `{label}`: write `@{label}.{name}`"}
    return _elsewhere(name, ctx) or {"help": did_you_mean(name, ctx.frame.visible())}


def _elsewhere(name: str, ctx: Context) -> dict[str, Any] | None:
    """A definition further down in the body, or in the model around a block."""
    bodies = [d.body for d in reversed(ctx.build.active) if isinstance(d, _Definition)]
    for depth, body in enumerate(bodies):
        for at in _defined(name, body):
            if depth == 0:
                said, help = "defined here, further down", "move it up: a line sees those above"
            else:
                said = "defined here"
                help = "a block sees its parameters and `@in` only: hand it on as an argument"
            return {"labels": (Label(at.span, said),), "help": help}
    return None


_Definition = tree.BlockDef | tree.ModelDef


def _defined(name: str, body: Iterable[tree.Statement]) -> Iterator[tree.Ident]:
    for node in body:
        if isinstance(node, tree.If):
            yield from _defined(name, (*node.then, *node.otherwise))
        elif isinstance(node, tree.For):
            yield from _defined(name, node.body)
        found = node.label if isinstance(node, tree.Labelled) else getattr(node, "name", None)
        if isinstance(found, tree.Ident) and found.text == name and not _is_note(node):
            yield found


def _is_note(node: tree.Statement) -> bool:
    return isinstance(node, tree.Note)


# ---------------------------------------------------------------- numbers


def of_fraction(expr: tree.Expr, ctx: Context) -> dict[str, Any]:
    """The arithmetic behind a value that is not whole, at the place where it is written, and the
    nearest values of the parameter behind it that would make it whole.
    """
    while isinstance(expr, tree.Name) and (binding := ctx.env.find(expr.text)) and binding.expr:
        expr = binding.expr
    if not isinstance(expr, tree.Binary):
        return {}
    return {"labels": (Label(expr.span, _reckoned(expr, ctx)),), "help": _nearest(expr, ctx)}


def of_condition(expr: tree.Expr, ctx: Context) -> tuple[str, set[Span]]:
    """`depth = 111` for the variables of a condition, and where those values were given."""
    found = {n.text: b for n in _names(expr) if (b := ctx.env.find(n.text))}
    given = {b.origin for b in _behind(expr, ctx) if b.origin}
    return ", ".join(f"{k} = {text(b.value)}" for k, b in found.items()), given


def _behind(expr: tree.Expr, ctx: Context) -> Iterator[Binding]:
    """The bindings that an expression depends on, through the `let`s between."""
    for name in _names(expr):
        binding = ctx.env.find(name.text)
        if binding is not None and binding.expr is not None:
            yield from _behind(binding.expr, ctx)
        elif binding is not None:
            yield binding


def _reckoned(expr: tree.Binary, ctx: Context) -> str:
    """`109 / 6 = 18.17 with depth = 111`."""
    names = {n.text: b.value for n in _names(expr) if (b := ctx.env.find(n.text))}
    known = ", ".join(f"{k} = {text(v)}" for k, v in names.items())
    left, right, value = (_evaluate(e, ctx) for e in (expr.left, expr.right, expr))
    shown = f"{value:.4g}" if isinstance(value, float) else text(value)
    if not known:
        return f"this is {shown}"
    return f"{text(left)} {expr.op} {text(right)} = {shown} with {known}"


def _names(expr: object) -> list[tree.Name]:
    if isinstance(expr, tree.Name):
        return [expr]
    if isinstance(expr, tree.Binary):
        return _names(expr.left) + _names(expr.right)
    return _names(expr.operand) if isinstance(expr, tree.Unary) else []


def _nearest(expr: tree.Expr, ctx: Context) -> str | None:
    """`depth must be 6n+2; nearest: 110, 116`, where one whole number decides."""
    roots = dict(_roots(expr, ctx))
    if len(roots) != 1:
        return None
    ((name, now),) = roots.items()
    tried = range(max(1, now - REACH), now + REACH)
    good = [value for value in tried if _is_whole(_with(expr, name, value, ctx))]
    below, above = [v for v in good if v < now][-1:], [v for v in good if v > now][:1]
    if not good:
        return None
    steps = {b - a for a, b in pairwise(good)}
    near = f"nearest: {', '.join(map(str, below + above))}"
    if len(steps) != 1:
        return f"of `{name}`, {near}"
    step = steps.pop()
    rest = good[0] % step
    return f"`{name}` must be {step}n{f'+{rest}' if rest else ''}; {near}"


def _roots(expr: tree.Expr, ctx: Context) -> Iterator[tuple[str, int]]:
    """The whole numbers that an expression comes from, through the `let`s between."""
    for name in _names(expr):
        binding = ctx.env.find(name.text)
        if binding is not None and binding.expr is not None:
            yield from _roots(binding.expr, ctx)
        elif binding is not None and type(binding.value) is int:
            yield name.text, binding.value


def _with(expr: tree.Expr, name: str, value: int, ctx: Context) -> Any:
    """The value of `expr` if `name` were `value`."""
    env = Env(ctx.env.scope, ctx.env, {name: Binding(value)})
    for other in _names(expr):
        binding = ctx.env.find(other.text)
        if binding is not None and binding.expr is not None:
            env.bindings[other.text] = Binding(_with(binding.expr, name, value, ctx))
    try:
        return _evaluate(expr, replace(ctx, env=env))
    except ResdslError:
        return None


def _is_whole(value: Any) -> bool:
    return type(value) in (int, float) and value == int(value) and value > 0


def _evaluate(expr: tree.Expr, ctx: Context) -> Any:
    from resdsl.elaborate.evaluate import evaluate  # which asks for hints

    return evaluate(expr, ctx)


# ---------------------------------------------------------------- shapes


def of_branches(
    kind: str, start: Shape | None, ends: dict[str, Shape], at: Span | None, ctx: Context
) -> str | None:
    """What makes the branches of a merge agree; `ends` are their last lines and shapes."""
    if len(ends) != 2 or any(len(shape) != 3 for shape in ends.values()):
        return None
    first, second = ends.values()
    if start in ends.values() and kind == "add":
        assert start is not None
        channels, height, width = second if first == start else first
        tall, wide = start[1] / height, start[2] / width
        if tall == wide and tall == int(tall) >= 1:
            stride = f", {int(tall)}" if tall > 1 else ""
            own = _in_own_words(channels, int(tall), at, ctx)
            return f"use a projecting shortcut: `| shortcut({channels}{stride})`{own}"
    if first[1:] == second[1:]:
        return f"end both in as many channels: `conv({first[0]}, 1)` makes {first[0]} of any"
    large, small = sorted((first, second), key=lambda shape: -shape[1])
    tall, wide = large[1] / small[1], large[2] / small[2]
    if tall == wide and tall == int(tall):
        return (
            f"`resize(factor={int(tall)})` makes {show(large[1:])} of {show(small[1:])}, "
            f"a stride of {int(tall)} the reverse"
        )
    if large[1] - small[1] == 1 and large[1] % 2:
        name = next(name for name, shape in ends.items() if shape == large)
        to = f"like={name}" if name[0] == "@" and " " not in name else f"size={show(large[1:])}"
        odd = f"{large[1]} is odd, and half of it doubled is {small[1]}"
        return f"`resize({to})` makes {show(large[1:])} of {show(small[1:])}: {odd}"
    if max(large[1] - small[1], large[2] - small[2]) <= 16:
        return "a convolution keeps the size with `pad=same`, which is its default"
    return None


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

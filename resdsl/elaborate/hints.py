"""What to say beside an error about a name or an argument: where it is, what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from resdsl.diagnostics import Label, did_you_mean, nearest
from resdsl.elaborate import foreign
from resdsl.elaborate.values import Given, OpValue, Symbol, Value, text
from resdsl.ir.builder import Tensor
from resdsl.ir.op import Op
from resdsl.paths import specs_root
from resdsl.source import Span
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.elaborate.context import Context

STATEMENTS = frozenset(("param", "let", "share", "note", "init", "input", "output"))
"""Words that begin `word name = value`."""

SHOWN = 8
"""How many names a help lists."""


# ---------------------------------------------------------------- names


def listed(said: str, names: Iterable[str]) -> str | None:
    """`its labels are a, b, c`: all of a few, the first of many."""
    names = list(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN + 1 else ""
    shown = names[:SHOWN] if more else names
    return f"{said} {', '.join(shown)}{more}" if names else None


def of_step(name: str, known: Iterable[str], ctx: Context) -> dict[str, Any]:
    """What an unknown step was meant to be; of another framework's, with its arguments here."""
    if name == "input":
        return {"help": "an input has a name and a shape: `input image: 3x224x224`"}
    known = list(known)
    here = foreign.called_here(name, foreign.STEPS, known)
    if here is None:
        return _net(name) or meant(name, known, ctx)
    op = Op.registry.get(here)
    notes = (f"its signature is {signature(op)}",) if op else ()
    return {"help": f"it is called `{here}` here", "notes": notes}


def _net(name: str) -> dict[str, Any] | None:
    """How a shipped net is a step."""
    root = specs_root()
    path = next((file for file in sorted(root.rglob("*.res")) if file.stem == name), None)
    if path is None:
        return None
    shown = path.relative_to(root).as_posix()
    return {"help": f'a net is a step behind `use "{shown}"`, in a line of its own above'}


def meant(name: str, known: Iterable[str], ctx: Context) -> dict[str, Any]:
    """The word nearest to an unknown one; and where that is declared, if nothing uses it: then the
    slip may be there.
    """
    near = nearest(name, known)
    if near is None:
        return {"help": None}
    labels = tuple(
        Label(at.span, f"nothing uses it: is it `{name}`?")
        for at in _declared(near, ctx)
        if len(re.findall(rf"\b{near}\b", at.span.source.text)) == 1
    )
    return {"help": f"did you mean `{near}`?", "labels": labels}


def _declared(name: str, ctx: Context) -> Iterator[tree.Ident]:
    for definition in (d for d in ctx.build.active if isinstance(d, _Definition)):
        params = definition.params if isinstance(definition, tree.BlockDef) else ()
        yield from (p.name for p in params if p.name and p.name.text == name)
        yield from _defined(name, definition.body)
    scope = ctx.env.scope
    found = scope.blocks.get(name) or scope.models.get(name)
    if found is not None:
        yield found.definition.name


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
    return listed("its arguments are", known)


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
    if here := foreign.VALUES.get(name.lower()):
        return {"help": f"it is written `{here}` here"}
    if name in foreign.NOTHING:
        return {"help": "leave the argument out; `identity` is the step that does nothing"}
    found = _elsewhere(name, ctx, at) or meant(name, known, ctx)
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


def of_operands(expr: tree.Binary, left: Value, right: Value) -> str | None:
    """How steps and tensors are added."""
    op = {"+": "add", "*": "mul"}.get(expr.op)
    if op is None or not all(isinstance(value, Tensor | OpValue) for value in (left, right)):
        return None
    return of_branches(op, (expr.left.span, expr.right.span), (left, right))


def of_branches(op: str, written: Iterable[Span], values: Iterable[Value]) -> str:
    """`add { | conv(32) | identity }`, `add(@a, @b)`: a merge of what is written there."""
    parts = [span.text for span in written]
    if all(isinstance(value, Tensor) for value in values):
        return f"tensors stand one by one: `{op}({', '.join(parts)})`"
    parts += ["identity"] if len(parts) == 1 else []
    return f"branches stand in braces: `{op} {{ | {' | '.join(parts)} }}`"


def of_surplus(given: Given, args: list[Given], op: type[Op], ctx: Context) -> dict[str, Any]:
    """Where one argument is too many: tensors are handed over in another way."""
    value = given.value
    steps = [g.value.value if isinstance(g.value, Symbol) else g.value for g in args]
    if op.merges and any(isinstance(step, OpValue | type) for step in steps):
        return {"help": of_branches(op.kind, [g.span for g in args], steps)}
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
    if found := _elsewhere(name, ctx):
        return found
    known = ctx.frame.visible()
    return {"help": did_you_mean(name, known) or listed("the tensors here are", sorted(known))}


def _elsewhere(name: str, ctx: Context, user: Span | None = None) -> dict[str, Any] | None:
    """A definition further down in the body, or in the model around a block."""
    bodies = [d.body for d in reversed(ctx.build.active) if isinstance(d, _Definition)]
    for depth, body in enumerate(bodies):
        for at in _defined(name, body):
            if depth == 0 and user is not None and at.span.end <= user.start:
                said = "defined here, in inner braces"
                help = "a `let` ends with its braces: put it before them"
            elif depth == 0:
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

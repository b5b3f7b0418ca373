"""Arguments meet parameters: of blocks (typed in the language), of ops (typed by a class)."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from resdsl.diagnostics import Label, ResdslError, did_you_mean, nearest
from resdsl.elaborate import advice, hints, repairs
from resdsl.elaborate.application import parameters
from resdsl.elaborate.blame import Gathered, lost
from resdsl.elaborate.context import Context, Defaults, Rest
from resdsl.elaborate.evaluate import evaluate, unknown_name
from resdsl.elaborate.types import Unknown, coerce, fractional, infer, members, no_type, resolve
from resdsl.elaborate.values import (
    LOST,
    Binding,
    Block,
    Given,
    Lost,
    Member,
    OpValue,
    Value,
    fail,
    text,
    what,
)
from resdsl.ir.builder import Tensor
from resdsl.ir.op import Op
from resdsl.source import Span
from resdsl.syntax import tree

KINDS = {"bool": "true or false", "int": "a whole number", "float": "a number"}
"""What an argument takes, by the first word of pydantic's name for the error."""

Arguments = tuple[list[Given], list[tuple[str, Given]]]


def with_defaults(callee: Any, names: list[str], args: Arguments, defaults: Defaults) -> Arguments:
    """Add what `default` statements say and the call does not; the innermost statement wins."""
    positional, named = args
    taken = {*names[: len(positional)], *(name for name, _ in named)}
    extra: list[tuple[str, Given]] = []
    for entry in defaults.of(callee):
        pairs = [*zip(names, entry.args, strict=False), *entry.named]
        for name, given in pairs:
            if name not in taken:
                taken.add(name)
                extra.append((name, given))
    return positional, [*named, *extra]


# ---------------------------------------------------------------- blocks


def bind_block(block: Block, args: Arguments, span: Span, ctx: Context, caller: Context) -> Rest:
    """Bind the parameters of `block` in `ctx.env`, whose frame has `@in`; what `...` takes is
    returned.
    """
    params = block.definition.params
    has_rest = any(p.is_rest for p in params)
    leading: list[tree.Param] = []
    for param in params:
        if param.is_rest:
            break
        leading.append(param)
    by_name = {p.name.text: p for p in params if p.name}
    names = parameters(block)
    if wrong := _overtaken(block.name, names, args, span, _declared(block)):
        raise wrong
    positional, named = with_defaults(block, names, args, caller.frame.defaults)
    given: dict[str, Given] = {}
    for param, value in zip(leading, positional, strict=False):
        assert param.name is not None
        given[param.name.text] = value
    surplus = positional[len(leading) :]
    if surplus and not has_rest:
        raise fail(
            "E207",
            f"`{block.name}` takes {count(len(leading), 'argument')}, got {len(positional)}",
            surplus[0].span,
            labels=_declared(block),
        )
    rest: list[tuple[str, Given]] = []
    gathered = Gathered()
    for name, value in named:
        if name in given:
            gathered.add(_twice(block.name, name, given[name], value, labels=_declared(block)))
        elif name in by_name:
            given[name] = value
        elif has_rest:
            rest.append((name, value))
        else:
            labels = _declared(block)
            own = None if block.scope.library.is_std(labels[0].span) else block.definition
            gathered.add(unknown_argument(block.name, name, by_name, value, own, labels=labels))
    for param in params:
        if param.name is not None:
            name = param.name.text
            ctx.env.bindings[name] = Binding(LOST, param.name.span)
            with gathered:
                ctx.env.bindings[name] = _bound(block, param, given.get(name), span, ctx, caller)
    gathered.result(None)
    return Rest(tuple(surplus), tuple(rest))


def _bound(
    block: Block, param: tree.Param, given: Given | None, span: Span, ctx: Context, caller: Context
) -> Binding:
    """A parameter with the value given, else that of its default."""
    assert param.name is not None
    name, type_ = param.name.text, param.type or infer(param.default)
    if no_type(type_):
        raise Lost
    if given is not None:
        advice.of_member(given, members(type_), caller)

        def unknown(word: str, at: Span) -> ResdslError:
            return unknown_name(word, at, caller)

        try:
            value = coerce(given.value, type_, name, given.written, unknown, param.span)
        except ResdslError as error:
            raise repairs.of_argument(error, given, span, caller) from None
        return Binding(value, given.span, origin=given.written)
    if param.default is None:
        raise fail("E206", f"`{block.name}` needs `{name}`", span, labels=_declared(block))
    at = param.default.span
    return Binding(coerce(evaluate(param.default, ctx, members(type_, name)), type_, name, at), at)


def _twice(callee: str, name: str, first: Given, second: Given, **more: Any) -> ResdslError:
    said = "first given here" if first.name_span else "first given here, by position"
    labels = (Label(first.name_span or first.span, said), *more.pop("labels", ()))
    at = second.name_span or second.span
    return fail("E208", f"`{name}` of `{callee}` is given twice", at, labels=labels, **more)


def _overtaken(
    callee: str, names: list[str], args: Arguments, span: Span, labels: tuple[Label, ...] = ()
) -> ResdslError | None:
    """What is wrong where `...` brings an argument by position for what the call (at `span`) gives
    by name itself: it is one too many.
    """
    positional, named = args
    own = {name: given for name, given in named if given.span in span}
    for i, (name, given) in enumerate(zip(names, positional, strict=False)):
        if name in own and given.span not in span and given.name_span is None:
            message = f"`{callee}` takes {count(i, 'argument')} by position here"
            there = Label(own[name].name_span or own[name].span, f"`{name}` is given by name")
            got = f"got {len(positional)}"
            return fail("E207", f"{message}, {got}", given.span, labels=(there, *labels))
    return None


def _declared(block: Block) -> tuple[Label, ...]:
    definition = block.definition
    shown = ", ".join(_parameter(p) for p in definition.params)
    return (Label(definition.name.span, f"declared as {block.name}({shown})"),)


def _parameter(param: tree.Param) -> str:
    if param.name is None:
        return "..."
    default = f"={param.default.span.text}" if param.default else ""
    return f"{param.name.text}{default}"


def unknown_argument(
    callee: str,
    name: str,
    known: Iterable[str],
    given: Given,
    own: tree.BlockDef | None = None,
    **more: Any,
) -> ResdslError:
    """The diagnostic for an argument that the callee does not have; `own` if it could have it."""
    message = f"`{callee}` has no argument `{name}`"
    hint = hints.of_argument(name, known, own)
    return fail("E203", message, given.name_span or given.span, help=hint, **more)


def count(n: int, noun: str) -> str:
    """`1 argument`, `2 arguments`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


# ---------------------------------------------------------------- ops


@cache
def _fields(op: type[Op]) -> dict[str, tuple[tuple[str, ...], bool, bool]]:
    """Of each keyword: its members, whether it takes ints, whether it takes floats."""
    found = {}
    for name, info in op.model_fields.items():
        leaves = list(_leaves(info.annotation))
        words = tuple(leaf for leaf in leaves if isinstance(leaf, str))
        found[name] = (words, int in leaves, float in leaves)
    return found


def _leaves(annotation: Any) -> Iterable[Any]:
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        yield from args
    elif origin is typing.Annotated:
        yield from _leaves(args[0])
    elif origin in (typing.Union, types.UnionType, tuple):
        for arg in args:
            yield from _leaves(arg)
    else:
        yield annotation


def check_default(
    callee: Any, positional: list[Given], named: list[tuple[str, Given]], ctx: Context
) -> None:
    """A `default` is read where it stands, though every call may override it: its words must be
    arguments of the callee, and members or names.
    """
    gathered = Gathered()

    def unknown(word: str, at: Span) -> ResdslError:
        return unknown_name(word, at, ctx)

    if isinstance(callee, Block):
        params = {p.name.text: p for p in callee.definition.params if p.name}
        rest = len(params) < len(callee.definition.params)
        for name, given in (*zip(params, positional, strict=False), *named):
            with gathered:
                if name in params:
                    type_ = params[name].type or infer(params[name].default)
                    coerce(given.value, type_, name, given.span, unknown, params[name].span)
                elif not rest:
                    labels = _declared(callee)
                    raise unknown_argument(callee.name, name, params, given, labels=labels)
    elif isinstance(callee, type):
        fields = _fields(callee)
        for name, given in (*zip(fields, positional, strict=False), *named):
            with gathered:
                if name not in fields:
                    raise unknown_argument(OpValue(callee).name, name, fields, given)
                _field(name, given, fields[name], unknown)
    gathered.result(None)


def make_op(
    op: type[Op],
    args: Arguments,
    span: Span,
    caller: Context,
) -> tuple[Op, list[Tensor], dict[str, Given]]:
    """The op, the further tensors given to it, and where each keyword came from."""
    fields = _fields(op)
    positional, named = args
    tensors: list[Tensor] = []
    if op.merges:
        tensors = [g.value for g in positional if isinstance(g.value, Tensor)]
        positional = [g for g in positional if not isinstance(g.value, Tensor)]
    keywords = parameters(op)
    if wrong := _overtaken(op.kind, keywords, (positional, named), span):
        raise wrong
    positional, named = with_defaults(op, keywords, (positional, named), caller.frame.defaults)
    if len(positional) > len(keywords):
        extra = positional[len(keywords)]
        raise fail(
            "E207",
            f"`{op.kind}` takes {count(len(keywords), 'argument')}, got {len(positional)}",
            extra.span,
            **hints.of_surplus(extra, args[0], op, caller),
        )
    given = dict(zip(keywords, positional, strict=False))
    slots: dict[str, Tensor] = {}
    gathered = Gathered()
    for name, value in named:
        if name in op.tensors and isinstance(value.value, Tensor):
            slots[name] = value.value
        elif name in given:
            notes = (f"its signature is {hints.signature(op)}",)
            gathered.add(_twice(op.kind, name, given[name], value, notes=notes))
        elif name not in fields:
            known = [*fields, *op.tensors]
            gathered.add(_no_field(op, name, known, value, caller))
        else:
            given[name] = value
    tensors += [slots[name] for name in op.tensors if name in slots]
    if any(tensor is LOST for tensor in tensors):
        gathered.add(Lost())
    values = {}

    def unknown(name: str, span: Span) -> ResdslError:
        return unknown_name(name, span, caller)

    for name, value in given.items():
        advice.of_member(value, fields[name][0], caller)
        with gathered:
            try:
                values[name] = _field(name, value, fields[name], unknown)
            except ResdslError as error:
                raise repairs.of_argument(error, value, span, caller) from None
    gathered.result(None)
    try:
        return op(**values), tensors, given
    except ValidationError as error:
        for one in {e["loc"][:1]: e for e in error.errors(include_url=False)[::-1]}.values():
            gathered.add(_refused(op, one, given, values, fields, span, caller))
        raise lost(gathered.found) from None


def _no_field(op: type[Op], name: str, known: list[str], given: Given, ctx: Context) -> ResdslError:
    """An argument that no op takes. If `...` brought it here, the blocks on its way could have been
    meant.
    """
    passed = []
    for block in reversed(ctx.build.active):
        if not isinstance(block, tree.BlockDef) or given.written in block.span:
            break
        passed.append(block)
    own = [p.name.text for block in reversed(passed) for p in block.params if p.name]
    if near := nearest(name, own) if given.name_span else None:
        message = f"`{passed[-1].name.text}` has no argument `{name}`"
        return fail("E203", message, given.name_span, help=f"did you mean `{near}`?")
    notes = (f"its signature is {hints.signature(op)}",)
    return unknown_argument(op.kind, name, known, given, notes=notes)


def _field(
    name: str, given: Given, kinds: tuple[tuple[str, ...], bool, bool], unknown: Unknown
) -> Value:
    words, takes_int, takes_float = kinds
    if given.value is LOST:
        raise Lost
    at, labels = given.written, given.handed
    value = resolve(given.value, words, at, unknown, f"`{name}`", labels)
    if isinstance(value, Member):
        return str(value)
    if isinstance(value, Tensor | OpValue):
        raise fail("E210", f"`{name}` cannot be {what(value)}", at, labels=labels)
    if isinstance(value, float) and takes_int and not takes_float:
        if value != int(value):
            raise fractional(name, value, at, labels)
        return int(value)
    if isinstance(value, list) and takes_int and not takes_float:
        return [int(v) if isinstance(v, float) and v == int(v) else v for v in value]
    return value


def _refused(
    op: type[Op],
    error: ErrorDetails,
    given: dict[str, Given],
    values: dict[str, Value],
    fields: dict[str, Any],
    span: Span,
    ctx: Context,
) -> ResdslError:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "missing":
        notes = (f"its signature is {hints.signature(op)}",)
        return fail("E206", f"`{op.kind}` needs `{name}`", span, notes=notes)
    if name not in given:
        return fail("E210", f"`{op.kind}`: {error['msg']}", span)
    got, at, labels = values[name], given[name].written, given[name].handed
    shown = str(got) if isinstance(got, str) else text(got)
    words = fields[name][0]
    if words and isinstance(got, str):
        said = f"`{name}` must be one of {' | '.join(words)}, got `{shown}`"
        return fail("E223", said, at, labels=labels, help=did_you_mean(got, words))
    code = "E222" if error["type"].startswith(("greater", "less")) else "E210"
    bound = error.get("ctx", {})
    if "ge" in bound or "le" in bound:
        limit = f"at least {bound['ge']}" if "ge" in bound else f"at most {bound['le']:,}"
        limit = limit.removesuffix(".0")
        said = f"`{name}` of `{op.kind}` must be {limit}, got {shown}"
        labels = (*hints.of_count(at, ctx), *labels)
        return fail(code, said, at, labels=labels, **hints.of_place(name, op, given[name]))
    said = error["msg"].removeprefix("Value error, ")
    kind = KINDS.get(error["type"].partition("_")[0]) or said.removeprefix("should be ")
    if kind != said:
        said = f"`{name}` of `{op.kind}` takes {kind}, got {text(got)}"
    else:
        said = f"`{name}` of `{op.kind}` (={shown}): {said[:1].lower()}{said[1:]}"
    return fail(code, said, at, labels=labels, **hints.of_place(name, op, given[name]))

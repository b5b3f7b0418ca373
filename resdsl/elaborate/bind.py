"""Arguments meet parameters: of blocks (typed in the language), of ops (typed by a class)."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from resdsl.diagnostics import Label, did_you_mean
from resdsl.elaborate.context import Context, Defaults, Rest
from resdsl.elaborate.evaluate import evaluate, known_names
from resdsl.elaborate.types import Known, coerce, infer, members, resolve
from resdsl.elaborate.values import (
    Binding,
    Block,
    Given,
    Member,
    OpValue,
    Symbol,
    Value,
    fail,
    text,
    what,
)
from resdsl.ir.builder import Tensor
from resdsl.ir.op import Op
from resdsl.source import Span
from resdsl.syntax import tree

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
    positional, named = with_defaults(
        block, [p.name.text for p in leading if p.name], args, caller.frame.defaults
    )
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
    for name, value in named:
        if name in given:
            raise fail(
                "E208", f"`{name}` of `{block.name}` is given twice", value.name_span or value.span
            )
        if name in by_name:
            given[name] = value
        elif has_rest:
            rest.append((name, value))
        else:
            raise unknown_argument(block.name, name, by_name, value, _declared(block))
    for param in params:
        if param.name is None:
            continue
        name = param.name.text
        type_ = param.type or infer(param.default)
        if name in given:
            value = coerce(
                given[name].value,
                type_,
                name,
                given[name].span,
                lambda: known_names(caller),
                param.span,
            )
            at, origin = given[name].span, given[name].origin or given[name].span
        elif param.default is not None:
            value = evaluate(param.default, ctx, members(type_))
            value, at = coerce(value, type_, name, param.default.span), param.default.span
            origin = None
        else:
            raise fail("E206", f"`{block.name}` needs `{name}`", span, labels=_declared(block))
        ctx.env.bindings[name] = Binding(value, at, origin=origin)
    return Rest(tuple(surplus), tuple(rest))


def _declared(block: Block) -> tuple[Label, ...]:
    definition = block.definition
    shown = ", ".join(p.name.text if p.name else "..." for p in definition.params)
    return (Label(definition.name.span, f"declared as {block.name}({shown})"),)


def unknown_argument(
    callee: str, name: str, known: Iterable[str], given: Given, labels: tuple[Label, ...] = ()
) -> Exception:
    """The diagnostic for an argument that the callee does not have."""
    known = list(known)
    hint = did_you_mean(name, known)
    if hint is None and known:
        hint = f"its arguments are {', '.join(known)}"
    return fail(
        "E203",
        f"`{callee}` has no argument `{name}`",
        given.name_span or given.span,
        labels=labels,
        help=hint,
    )


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
    keywords = [name for name in fields if name != "init" or op.model_fields["init"].is_required()]
    positional, named = with_defaults(op, keywords, (positional, named), caller.frame.defaults)
    if len(positional) > len(keywords):
        extra = positional[len(keywords)]
        is_label = isinstance(extra.value, Symbol) and caller.frame.tap(extra.value.name)
        raise fail(
            "E207",
            f"`{op.kind}` takes {count(len(keywords), 'argument')}, got {len(positional)}",
            extra.span,
            help=f"a tensor wears an @: `@{extra.value.name}`" if is_label else None,
        )
    given = dict(zip(keywords, positional, strict=False))
    slots: dict[str, Tensor] = {}
    for name, value in named:
        if name in op.tensors and isinstance(value.value, Tensor):
            slots[name] = value.value
        elif name in given:
            raise fail(
                "E208", f"`{name}` of `{op.kind}` is given twice", value.name_span or value.span
            )
        elif name not in fields:
            raise unknown_argument(op.kind, name, [*fields, *op.tensors], value)
        else:
            given[name] = value
    tensors += [slots[name] for name in op.tensors if name in slots]
    values = {}
    for name, value in given.items():
        values[name] = _field(name, value, fields[name], lambda: known_names(caller))
    try:
        return op(**values), tensors, given
    except ValidationError as error:
        raise _refused(
            op, error.errors(include_url=False)[0], given, values, fields, span
        ) from None


def _field(
    name: str, given: Given, kinds: tuple[tuple[str, ...], bool, bool], known: Known
) -> Value:
    words, takes_int, takes_float = kinds
    value = resolve(given.value, words, given.span, known, f"`{name}`")
    if isinstance(value, Member):
        return str(value)
    if isinstance(value, Tensor | OpValue):
        raise fail("E210", f"`{name}` cannot be {what(value)}", given.span)
    if isinstance(value, float) and takes_int and not takes_float:
        if value != int(value):
            raise fail("E221", f"`{name}` is not a whole number: {value:g}", given.span)
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
) -> Exception:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "missing":
        return fail("E206", f"`{op.kind}` needs `{name}`", span)
    if name not in given:
        return fail("E210", f"`{op.kind}`: {error['msg']}", span)
    got, at = values[name], given[name].span
    shown = str(got) if isinstance(got, str) else text(got)
    words = fields[name][0]
    if words and isinstance(got, str):
        listed = " | ".join(words)
        return fail(
            "E223",
            f"`{name}` must be one of {listed}, got `{shown}`",
            at,
            help=did_you_mean(got, words),
        )
    code = "E222" if error["type"].startswith(("greater", "less")) else "E210"
    bound = error.get("ctx", {})
    if "ge" in bound or "le" in bound:
        limit = f"at least {bound['ge']}" if "ge" in bound else f"at most {bound['le']:,}"
        return fail(code, f"`{name}` of `{op.kind}` must be {limit}, got {shown}", at)
    said = error["msg"].removeprefix("Value error, ")
    return fail(code, f"`{name}` of `{op.kind}` (={shown}): {said[:1].lower()}{said[1:]}", at)

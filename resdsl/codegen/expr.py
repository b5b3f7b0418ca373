"""Expressions of emitted code. Their constants are what instances of one class may differ in.

A backend makes an `Expr` of an op with all its numbers in it. The planner compares the expressions
of a block's instances: where the trees agree and a constant differs, a constructor argument stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Value = bool | int | float | str | None | tuple["Value", ...]
Sort = Literal["channels", "size", "other"]
"""What a number counts. Channels may be fitted as products, sizes (of kernels, strides) may not."""

ANY, SUM, PRODUCT, SIGN, ATOM = 0, 5, 6, 7, 9  # how tightly an expression binds


class Term(NamedTuple):
    """Finished text of an expression."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """The text, in parentheses where its place binds more tightly."""
        return self.text if self.level >= level else f"({self.text})"


@dataclass(frozen=True, slots=True)
class Const:
    """A literal; `name` is what an argument made of it is called."""

    value: Value
    name: str = "value"
    sort: Sort = "other"


@dataclass(frozen=True, slots=True)
class Slot:
    """An input tensor of the node, in a place that needs `level`."""

    index: int = 0
    level: int = ANY


@dataclass(frozen=True, slots=True)
class Me:
    """A member: the one with the node's own weights (`self.conv1`), or that of another name."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Parts put together as they stand."""

    parts: tuple[Expr | str, ...]
    level: int = ATOM


@dataclass(frozen=True, slots=True)
class Keyword:
    """`name=value`, left out where it says the `default`; without a name just the value (`**k`)."""

    name: str
    value: Expr
    default: tuple[Value, ...] = ()  # of length 1, or none


@dataclass(frozen=True, slots=True)
class Apply:
    """A call."""

    func: Expr | str
    args: tuple[Expr, ...] = ()
    keywords: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """`*(body for _ in range(count))`, as an argument; `i` counts where the body names it."""

    body: Expr
    count: Const
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """`start:stop` of a slice, with the spaces that a formatter gives it."""

    start: Const | None
    stop: Const | None


Expr = Const | Slot | Me | Code | Apply | Run | Span
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def code(*parts: Expr | str, level: int = ATOM) -> Code:
    """`code(Slot(), ".flatten(1)")`."""
    return Code(parts, level)


def call(func: str | Expr, *args: Expr, **keywords: Expr | tuple[Expr, Value]) -> Apply:
    """`call("f", x, k=c)`; a pair is a value with the default at which the keyword is left out."""
    return Apply(
        func,
        args,
        tuple(
            Keyword(name, value[0], (value[1],))
            if isinstance(value, tuple)
            else Keyword(name, value)
            for name, value in keywords.items()
        ),
    )


def literal(value: Value) -> Term:
    """A value as Python writes it. Only words and numbers get through."""
    if value is None or isinstance(value, bool):
        return Term(repr(value))
    if isinstance(value, tuple):
        inner = ", ".join(literal(v).text for v in value)
        return Term(f"({inner},)" if len(value) == 1 else f"({inner})")
    if isinstance(value, str):
        if not all(map(_IDENTIFIER.match, value.split("-"))):
            raise ValueError(f"not a word: {value!r}")
        return Term(f'"{value}"')
    if isinstance(value, float) and value - value != 0.0:
        return Term(f'float("{value}")')
    text = re.sub(r"e([+-])0*(\d)", lambda m: f"e{m[1].strip('+')}{m[2]}", repr(value))
    return Term(text, SIGN if value < 0 else ATOM)


def _parts(expr: Expr) -> Iterator[Expr]:
    """The expressions right below, in the order of the text."""
    if isinstance(expr, Code):
        yield from (part for part in expr.parts if not isinstance(part, str))
    elif isinstance(expr, Apply):
        if not isinstance(expr.func, str):
            yield expr.func
        yield from expr.args
        yield from (keyword.value for keyword in expr.keywords)
    elif isinstance(expr, Run):
        yield from (expr.body, expr.count)
    elif isinstance(expr, Span):
        yield from (end for end in (expr.start, expr.stop) if end is not None)


def leaves(expr: Expr) -> tuple[Const, ...]:
    """The constants, in the order of the text."""
    if isinstance(expr, Const):
        return (expr,)
    return tuple(leaf for part in _parts(expr) for leaf in leaves(part))


def fill(expr: Expr, values: Iterator[Expr]) -> Expr:
    """The same tree with other leaves."""
    if isinstance(expr, Const):
        return next(values)
    if isinstance(expr, Code):
        return replace(
            expr, parts=tuple(p if isinstance(p, str) else fill(p, values) for p in expr.parts)
        )
    if isinstance(expr, Apply):
        func = expr.func if isinstance(expr.func, str) else fill(expr.func, values)
        args = tuple(fill(arg, values) for arg in expr.args)
        keywords = tuple(replace(k, value=fill(k.value, values)) for k in expr.keywords)
        return Apply(func, args, keywords)
    if isinstance(expr, Run):
        body, count = fill(expr.body, values), fill(expr.count, values)
        assert isinstance(count, Const)
        return replace(expr, body=body, count=count)
    if isinstance(expr, Span):
        ends = [end and fill(end, values) for end in (expr.start, expr.stop)]
        return Span(*ends)  # type: ignore[arg-type]
    return expr


def skeleton(expr: Expr) -> Expr:
    """The tree with its constants blanked: equal for all instances that one class can serve."""
    return fill(expr, (replace(leaf, value=None) for leaf in leaves(expr)))


def render(
    expr: Expr,
    fills: Iterator[Term] | None = None,
    slots: Sequence[Term] = (),
    members: Callable[[str], str] = str,
) -> Term:
    """The text. `fills` stand for the constants in order; without them each is its literal.

    `members` says what a member is called here, given its name ("" for the node's own).
    """
    if isinstance(expr, Const):
        return literal(expr.value) if fills is None else next(fills)
    if isinstance(expr, Slot):
        return Term(slots[expr.index].at(expr.level))
    if isinstance(expr, Me):
        return Term(members(expr.name))
    if isinstance(expr, Code):
        text = "".join(
            part
            if isinstance(part, str)
            else render(part, fills, slots, members).at(PRODUCT if isinstance(part, Const) else ANY)
            for part in expr.parts
        )
        return Term(text, expr.level)
    if isinstance(expr, Run):
        body = render(expr.body, fills, slots, members).text
        count = render(expr.count, fills, slots, members).text
        return Term(f"*({body} for {'i' if expr.counts else '_'} in range({count}))", ANY)
    if isinstance(expr, Span):
        ends = [render(end, fills).text if end else "" for end in (expr.start, expr.stop)]
        colon = ":" if all(re.fullmatch(r"\w*", end) for end in ends) else " : "
        return Term(colon.join(ends).strip())
    func = (
        expr.func if isinstance(expr.func, str) else render(expr.func, fills, slots, members).text
    )
    args = [render(arg, fills, slots, members).text for arg in expr.args]
    for keyword in expr.keywords:
        value = render(keyword.value, fills, slots, members).text
        if not (keyword.default and value == literal(keyword.default[0]).text):
            args.append(f"{keyword.name}={value}" if keyword.name else value)
    return Term(f"{func}({', '.join(args)})")


def compress(items: Sequence[Expr]) -> tuple[Expr, ...]:
    """Runs of equal calls as loops, and of calls whose numbers grow by equal steps."""
    out: list[Expr] = []
    start = 0
    while start < len(items):
        stop = start + 1
        while stop < len(items) and items[stop] == items[start]:
            stop += 1
        body = items[start]
        if stop - start == 1:
            body, stop = _progression(items, start)
        if stop - start == 1:
            out.append(body)
        else:
            out.append(Run(body, Const(stop - start, "repeats"), body != items[start]))
        start = stop
    return tuple(out)


def _progression(items: Sequence[Expr], start: int) -> tuple[Expr, int]:
    """The longest run from `start`, of three or more, with leaves a + b i, and where it ends."""
    if len(items) - start < 3 or skeleton(items[start]) != skeleton(items[start + 1]):
        return items[start], start + 1
    first, second = leaves(items[start]), leaves(items[start + 1])
    pairs = list(zip(first, second, strict=True))
    if not all(type(leaf.value) is int or leaf == other for leaf, other in pairs):
        return items[start], start + 1
    steps = [
        b.value - a.value if type(a.value) is int and type(b.value) is int else 0 for a, b in pairs
    ]
    stop = start + 1
    while stop < len(items) and items[stop] == _advanced(items[start], steps, stop - start):
        stop += 1
    if stop - start < 3 or min(steps) < 0:
        return items[start], start + 1
    grown = (_line(leaf, step) for leaf, step in zip(first, steps, strict=True))
    return fill(items[start], grown), stop


def _line(leaf: Const, step: int) -> Expr:
    """`64 + 32 * i`."""
    if step == 0:
        return leaf
    slope: tuple[Expr | str, ...] = (Const(step, "step", leaf.sort), " * i")
    if leaf.value == 0:
        return code(*slope, level=PRODUCT)
    return code(leaf, " + ", *(slope if step != 1 else ("i",)), level=SUM)


def _advanced(expr: Expr, steps: Sequence[int], times: int) -> Expr:
    moved = (
        replace(leaf, value=leaf.value + step * times) if type(leaf.value) is int else leaf
        for leaf, step in zip(leaves(expr), steps, strict=True)
    )
    return fill(expr, moved)

"""Types of parameters: what a value must be to be bound, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from resdsl.diagnostics import Label, ResdslError, did_you_mean
from resdsl.elaborate.values import (
    LOST,
    UNKNOWN,
    Lost,
    Member,
    OpValue,
    Symbol,
    Value,
    fail,
    text,
    what,
)
from resdsl.ir.builder import Tensor
from resdsl.source import Span
from resdsl.syntax import tree

Unknown = Callable[[str, Span], ResdslError]
"""The diagnostic for a name that a place does not know."""


def no_name(name: str, span: Span) -> ResdslError:
    """The diagnostic where nothing is known of what the place sees."""
    return fail("E200", f"unknown name `{name}`", span)


BUILTIN = ("int", "float", "bool", "str", "shape", "op", "tensor")


def alternatives(type_: tree.Type) -> tuple[tree.TypeName | tree.ListType, ...]:
    """The types of which a value must have one."""
    return type_.alternatives if isinstance(type_, tree.UnionType) else (type_,)


@lru_cache(maxsize=4096)
def _members(type_: tree.Type) -> tuple[str, ...]:
    return tuple(
        t.value
        for t in alternatives(type_)
        if isinstance(t, tree.TypeName) and isinstance(t.value, str) and t.value not in BUILTIN
    )


class Members(tuple[str, ...]):
    """The members of an enumeration, and whose values they are."""

    owner: str


def members(type_: tree.Type | None, owner: str = "") -> tuple[str, ...]:
    """The bare names that are values of this type; of the parameter `owner`."""
    found = _members(type_) if type_ is not None else ()
    return named(found, owner) if owner and found else found


def named(words: tuple[str, ...], owner: str) -> Members:
    """The members that the parameter `owner` has."""
    made = Members(words)
    made.owner = owner
    return made


def owner(words: tuple[str, ...]) -> str:
    """Whose members these are, in words."""
    return f"`{words.owner}`" if isinstance(words, Members) else "the value"


def show(type_: tree.Type) -> str:
    """A type as a spec writes it."""

    def one(t: tree.TypeName | tree.ListType) -> str:
        return f"[{show(t.item)}]" if isinstance(t, tree.ListType) else str(t.value)

    return " | ".join(one(t) for t in alternatives(type_))


def no_type(type_: tree.Type | None) -> ResdslError | None:
    """What is wrong with a type that has a single value: `stride : 1`, `act: opp`."""
    if isinstance(type_, tree.ListType):
        return no_type(type_.item)
    if not isinstance(type_, tree.TypeName) or type_.value in BUILTIN:
        return None
    word = str(type_.value)
    hint = did_you_mean(word, BUILTIN) or f"a default is given with `=`: `= {type_.span.text}`"
    return fail("E225", f"`{type_.span.text}` is a single value, not a type", type_.span, help=hint)


def infer(default: tree.Expr | None) -> tree.Type | None:
    """The type of an untyped parameter: that of its literal default, int without a default, else
    any.
    """
    if default is None:
        return INT
    if isinstance(default, tree.Number):
        return INT if isinstance(default.value, int) else FLOAT
    if isinstance(default, tree.Name) and default.text in ("true", "false"):
        return BOOL
    return None


def resolve(
    value: Value,
    names: tuple[str, ...],
    span: Span,
    unknown: Unknown = no_name,
    name: str = "the argument",
    labels: tuple[Label, ...] = (),
) -> Value:
    """A symbol handed on through `...` becomes the member or variable that its receiver means."""
    if not isinstance(value, Symbol):
        return value
    if value.name in names:
        return Member(value.name, names)
    if value.value is LOST:
        raise Lost
    if value.value is not UNKNOWN:
        return value.value
    if not names:
        raise unknown(value.name, span)
    raise unknown_member(name, value.name, names, span, labels)


def unknown_member(
    what_: str,
    name: str,
    names: tuple[str, ...],
    span: Span,
    labels: tuple[Label, ...] = (),
) -> ResdslError:
    """The diagnostic for a bare name that is neither a member nor a variable."""
    listed = " | ".join(names)
    hint = did_you_mean(name, names)
    return fail(
        "E223", f"{what_} must be one of {listed}, got `{name}`", span, help=hint, labels=labels
    )


def coerce(
    value: Value,
    type_: tree.Type | None,
    name: str,
    span: Span,
    unknown: Unknown = no_name,
    declared: Span | None = None,
) -> Value:
    """`value` as a value of `type_`, or a diagnostic that names the parameter and shows its
    declaration.
    """
    if value is LOST or no_type(type_):
        raise Lost
    names = members(type_)
    labels = (Label(declared, "declared here"),) if declared else ()
    value = resolve(value, names, span, unknown, f"`{name}`", labels)
    if type_ is None:
        return value
    if type(value) is str and value in names:  # a variable that holds a member's name
        value = Member(value, names)
    for alternative in alternatives(type_):
        found = _match(value, alternative, name, span)
        if found is not UNKNOWN:
            # a member of another enumeration becomes one of this: its siblings are these now
            return Member(found, names) if names and isinstance(found, str) else found
    if isinstance(value, float) and any(
        isinstance(t, tree.TypeName) and t.value == "int" for t in alternatives(type_)
    ):
        raise fractional(name, value, span, labels)
    if all(isinstance(t, tree.TypeName) and t.value not in BUILTIN for t in alternatives(type_)):
        got = str(value) if isinstance(value, str) else text(value)
        raise fail(
            "E223",
            f"`{name}` must be one of {show(type_)}, got `{got}`",
            span,
            help=did_you_mean(got, names),
            labels=labels,
        )
    got = text(value) if isinstance(value, Tensor) else f"{what(value)}: {text(value)}"
    hint = _of_kind(value, type_, name, declared)
    raise fail("E210", f"`{name}` takes {show(type_)}, got {got}", span, labels=labels, help=hint)


def _of_kind(value: Value, type_: tree.Type, name: str, declared: Span | None) -> str | None:
    """How a parameter is declared that takes such a value; or how such a value is written."""
    kinds = {Tensor: "tensor", OpValue: "op", str: "str", bool: "bool"}
    if type_ is INT and declared and declared.text == name and type(value) in kinds:
        return f"without a type it is an int: declare `{name}: {kinds[type(value)]}`"
    is_word = isinstance(value, str) and value.isidentifier()
    return f"a step wears no quotes: `{value}`" if is_word and show(type_) == "op" else None


def fractional(name: str, value: float, span: Span, labels: tuple[Label, ...]) -> ResdslError:
    """The diagnostic for an argument that should be whole, with the arithmetic where it shows."""
    shown = f"{value:.4g}"
    reckoned = "" if span.text == shown or len(span.text) > 40 else f"{span.text} = "
    message = f"`{name}` is not a whole number: {reckoned}{shown}"
    hint = f"`round({span.text})` is {round(value)}" if reckoned else None
    return fail("E221", message, span, labels=labels, help=hint)


def _match(value: Value, type_: tree.TypeName | tree.ListType, name: str, span: Span) -> Value:
    if isinstance(type_, tree.ListType):
        if not isinstance(value, list):
            return UNKNOWN
        return [coerce(item, type_.item, name, span) for item in value]
    kind = type_.value
    if kind not in BUILTIN:
        return value if type(value) in (int, float, str, Member) and value == kind else UNKNOWN
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "int":
        return int(value) if number and value == int(value) else UNKNOWN
    if kind == "float":
        return float(value) if number else UNKNOWN
    if kind == "shape":
        ok = isinstance(value, list) and value and all(type(v) is int for v in value)
        return value if ok else UNKNOWN
    plain: dict[str, type | tuple[type, ...]] = {
        "bool": bool,
        "str": str,
        "op": OpValue,
        "tensor": Tensor,
    }
    return value if isinstance(value, plain[str(kind)]) else UNKNOWN


def _simple(name: str) -> tree.TypeName:
    from resdsl.source import Source

    return tree.TypeName(Span(Source("<built in>", ""), 0, 0), name)


INT, FLOAT, BOOL = _simple("int"), _simple("float"), _simple("bool")

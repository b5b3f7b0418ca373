"""What the rows of the table are made of."""

from __future__ import annotations

from collections.abc import Mapping

from resdsl.codegen.dialect import Lowered, Style
from resdsl.codegen.expr import Apply, Code, Const, Expr, Keyword, Me, Slot, Value, call, code
from resdsl.ir.shape import Shape

Inputs = tuple[Shape, ...]
Setting = Expr | tuple[Expr, Value]

TYPES = "dtypes"
HANDS_ON = (Keyword("", code(f"**{TYPES}")), Keyword("rngs", code("rngs")))
"""What every constructor hands on to the members that it makes."""


def channels(value: int, name: str) -> Const:
    """A number of channels."""
    return Const(value, name, "channels")


def number(value: Value, name: str) -> Const:
    """A size or a setting; a pair of equal numbers is one number."""
    if isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]:
        value = value[0]
    whole = isinstance(value, int | tuple) and not isinstance(value, bool)
    return Const(value, name, "size" if whole else "other")


def pair(value: tuple[int, int], name: str) -> Code:
    """`(3, 3)`, of which an argument that is one number may be both."""
    rows, columns = (Const(number, name, "size") for number in value)
    return code("(", rows, ", ", columns, ")")


def construct(name: str, *args: Expr, **settings: Setting) -> Apply:
    """A member's constructor, with what all constructors hand on."""
    made = call(name, *args, **settings)
    return Apply(made.func, made.args, (*made.keywords, *HANDS_ON))


def module(made: Apply, style: Style = "step", functional: Expr | None = None) -> Lowered:
    """A row for an op that is a member, and a layer as it stands."""
    return Lowered(call(Me(), Slot()), made, style, (("", made),), functional)


def function(
    name: str, settings: Mapping[str, Setting] | None = None, style: Style = "step"
) -> Lowered:
    """A row for a function of one tensor; with settings its layer is a `partial`."""
    settings = settings or {}
    applied = call(name, Slot(), **settings)
    layer: Expr = call("partial", code(name), **settings) if settings else code(name)
    if isinstance(layer, Apply) and not any(map(_is_said, layer.keywords)):
        layer = code(name)
    return Lowered(applied, style=style, layers=(("", layer),))


def _is_said(keyword: Keyword) -> bool:
    is_default = isinstance(keyword.value, Const) and keyword.default == (keyword.value.value,)
    return not is_default


def like(settings: Mapping[str, Setting]) -> Apply:
    """The op on the weights of a member that was made with other settings."""
    given = {name: s[0] if isinstance(s, tuple) else s for name, s in settings.items()}
    return call(call("with_settings", Me(), **given), Slot())

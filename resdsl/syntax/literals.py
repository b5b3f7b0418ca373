"""The values of literals: numbers with suffixes, shapes, strings with escapes and `{expr}`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.limits import MAX_NUMBER_DIGITS
from resdsl.source import Span
from resdsl.syntax import tree
from resdsl.syntax.characters import shortened

ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}

_NUMBER = re.compile(r"([0-9_]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?([kMGT]?)")
_SUFFIXES = {"k": 3, "M": 6, "G": 9, "T": 12}
_PIECE = re.compile(r"\\.|\{\{|\}\}|\{[^{}]*\}|[{}]|[^\\{}]+", re.DOTALL)


def number(text: str, span: Span) -> int | float:
    """The value of a NUMBER token.

    An int without `.` and exponent; with a suffix, an int wherever the value is whole: `4.09G`.
    """
    match = _NUMBER.fullmatch(text)
    assert match, text  # the terminal NUMBER is no wider
    whole, fraction, exponent, suffix = match.groups()
    whole = whole.replace("_", "")
    if len(whole) + len(fraction or "") > MAX_NUMBER_DIGITS:
        raise _too_long(span)
    if not suffix and fraction is None and exponent is None:
        return int(whole)
    if exponent is not None and len(exponent) > MAX_NUMBER_DIGITS:
        raise _too_large(text, span)
    power = int(exponent or 0) + _SUFFIXES.get(suffix, 0)
    mantissa, shift = int(whole + (fraction or "")), power - len(fraction or "")
    if suffix and shift >= 0:
        if shift > MAX_NUMBER_DIGITS:
            raise _too_large(text, span)
        return int(mantissa * 10**shift)
    if suffix and shift >= -MAX_NUMBER_DIGITS and mantissa % 10**-shift == 0:
        return int(mantissa // 10**-shift)
    value = float(f"{mantissa}e{shift}")
    if math.isinf(value):
        raise _too_large(text, span)
    return value


def shape(text: str, span: Span) -> tuple[int, ...]:
    """The sizes of a SHAPE token, `3x224x224`."""
    sizes = text.split("x")
    if max(map(len, sizes)) > MAX_NUMBER_DIGITS:
        raise _too_long(span)
    return tuple(map(int, sizes))


def string(raw: Span, expression: Callable[[Span], tree.Expr]) -> tree.String:
    """The String of a STRING token at `raw`; `expression` parses what stands in braces."""
    inner = raw.text[1:-1]
    if "\\" not in inner and "{" not in inner and "}" not in inner:
        return tree.String(raw, inner, (inner,))
    parts: list[str | tree.Expr] = []
    values: list[str] = []
    pending: list[str] = []  # literal text since the last expression
    for match in _PIECE.finditer(inner):
        piece, start = match[0], raw.start + 1 + match.start()
        span = Span(raw.source, start, start + len(piece))
        if piece[0] != "{" or piece[-1] != "}":
            pending.append(_literal(piece, span))
            continue
        if not piece[1:-1].strip():
            raise _error("E101", "nothing between `{` and `}`", span, "`{{}}` makes the braces")
        values += (*pending, piece)
        if pending:
            parts.append("".join(pending))
            pending.clear()
        parts.append(expression(Span(raw.source, span.start + 1, span.end - 1)))
    if pending:
        parts.append("".join(pending))
    return tree.String(raw, "".join((*values, *pending)), tuple(parts))


def _literal(piece: str, span: Span) -> str:
    if piece[0] == "\\":
        if piece[1] in ESCAPES:
            return ESCAPES[piece[1]]
        message = f"unknown escape `{piece}` in a string"
        raise _error("E101", message, span, 'known are \\" \\\\ \\n and \\t')
    if piece in ("{{", "}}"):
        return piece[0]
    if piece in ("{", "}"):
        message = f"nothing {'opens' if piece == '}' else 'closes'} this `{piece}` in the string"
        help = f"`{{name}}` inserts a value; write `{piece * 2}` for a brace itself"
        raise _error("E101", message, span, help)
    return piece


def _too_long(span: Span) -> ResdslError:
    return _error("E500", f"a number of more than {MAX_NUMBER_DIGITS} digits", span)


def _too_large(text: str, span: Span) -> ResdslError:
    message = f"`{shortened(text)}` is larger than any number here can be"
    return _error("E500", message, span)


def _error(code: str, message: str, span: Span, help: str | None = None) -> ResdslError:
    return ResdslError(Diagnostic(code, message, span, help=help))

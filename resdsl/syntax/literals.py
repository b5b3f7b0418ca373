"""The values of literals: numbers with suffixes, shapes, strings with escapes and `{expr}`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.limits import MAX_INTERPOLATIONS, MAX_NUMBER_DIGITS
from resdsl.source import Span
from resdsl.syntax import tree

ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}

_NUMBER = re.compile(r"([0-9_]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?([kMGT]?)")
_SUFFIXES = {"k": 3, "M": 6, "G": 9, "T": 12}
_PIECE = re.compile(r"\\.|\{\{|\}\}|\{[^{}]*\}|[{}]|[^\\{}]+", re.DOTALL)


def number(text: str, span: Span) -> int | float:
    """The value of a NUMBER token: whole without `.`, exponent and suffix; with a suffix, whole where it can be."""
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
    if suffix and 0 <= shift:
        if shift > MAX_NUMBER_DIGITS:
            raise _too_large(text, span)
        return int(mantissa * 10**shift)
    if suffix and -MAX_NUMBER_DIGITS <= shift and mantissa % 10**-shift == 0:
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
    found = 0
    for piece, span in _pieces(raw, inner):
        if piece[0] == "{" and len(piece) > 2:
            found += 1
            if found > MAX_INTERPOLATIONS:
                raise _error(
                    "E500", f"more than {MAX_INTERPOLATIONS} expressions in a string", span
                )
            parts.append(expression(Span(raw.source, span.start + 1, span.end - 1)))
            values.append(piece)
            continue
        text = _literal(piece, span)
        values.append(text)
        if parts and isinstance(parts[-1], str):
            text = f"{parts.pop()}{text}"
        parts.append(text)
    return tree.String(raw, "".join(values), tuple(parts))


def _pieces(raw: Span, inner: str) -> Iterator[tuple[str, Span]]:
    base = raw.start + 1
    for match in _PIECE.finditer(inner):
        yield match[0], Span(raw.source, base + match.start(), base + match.end())


def _literal(piece: str, span: Span) -> str:
    if piece[0] == "\\":
        if piece[1] not in ESCAPES:
            raise _error(
                "E101", f"unknown escape `{piece}` in a string", span, 'known: \\" \\\\ \\n \\t'
            )
        return ESCAPES[piece[1]]
    if piece in ("{{", "}}"):
        return piece[0]
    if piece in ("{", "}"):
        side = "opens" if piece == "}" else "closes"
        raise _error(
            "E101",
            f"nothing {side} this `{piece}` in the string",
            span,
            f"`{{name}}` inserts a value; write `{piece * 2}` for a brace itself",
        )
    if not piece.strip("{} \t"):
        raise _error("E101", "nothing between `{` and `}`", span, "write `{{}}` for the braces")
    return piece


def _too_long(span: Span) -> ResdslError:
    return _error("E500", f"a number of more than {MAX_NUMBER_DIGITS} digits", span)


def _too_large(text: str, span: Span) -> ResdslError:
    return _error("E500", f"`{text}` is larger than any number here can be", span, "at most 1e308")


def _error(code: str, message: str, span: Span, help: str | None = None) -> ResdslError:
    return ResdslError(Diagnostic(code, message, span, help=help))

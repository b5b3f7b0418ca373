"""What to say about text that is no token: strange characters, malformed numbers, open strings."""

from __future__ import annotations

import re

from resdsl.diagnostics import Diagnostic
from resdsl.source import Span

_HELP = {
    "'": 'strings are written in double quotes: `"..."`',
    "`": 'strings are written in double quotes: `"..."`',
    "\u2018": 'strings are written in double quotes: `"..."`',
    "\u2019": 'strings are written in double quotes: `"..."`',
    "\u201c": 'strings are written in plain double quotes: `"..."`',
    "\u201d": 'strings are written in plain double quotes: `"..."`',
    ";": "a statement ends at the end of its line",
    "!": "`not x` negates; `x != y` compares",
    "&": "`a and b` joins conditions",
    "~": "`a ~= b` compares at the precision written",
    "^": "`a ** b` is the power",
    "@": "a tensor is written `@name`",
    "\\": "no backslash is needed: a line that begins with `->` continues the one before",
    "\u2192": "the arrow is written `->`",
    "\u00d7": "a shape is written with the letter x: `3x224x224`",
    "\u2013": "minus is written `-`",
    "\u2014": "minus is written `-`",
    "\u2212": "minus is written `-`",
    "\u2264": "written `<=`",
    "\u2265": "written `>=`",
    "\u2260": "written `!=`",
    "\r": "a line ends with LF or CR LF, not with CR alone",
    "\ufeff": "a byte order mark stands at the very start of a file only",
}


def explain(kind: str, span: Span) -> Diagnostic:
    """The diagnostic for one of the BAD_ terminals."""
    if kind == "BAD_NUMBER":
        return _number(span)
    if kind == "BAD_STRING":
        return Diagnostic(
            "E101", "this string has no end on its line", span, help='close it with `"`'
        )
    character = span.text
    message = f"unknown character {shown(character)}"
    help = _HELP.get(character)
    if help is None and character.isalnum():
        help = "names are made of the letters a to z, A to Z, digits and `_`"
    elif help is None and character.isspace():
        help = "use a plain space"
    return Diagnostic("E100", message, span, help=help)


def shown(character: str) -> str:
    """A character for a message: quoted where it can be seen, its number and name where not."""
    if character.isprintable() and not character.isspace():
        return f"`{character}`"
    import unicodedata  # needed here only

    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def shortened(text: str) -> str:
    """A text for a message, of 40 characters at most."""
    return text if len(text) <= 40 else f"{text[:37]}..."


def _number(span: Span) -> Diagnostic:
    text = span.text
    shown = shortened(text)
    if text[0] == ".":
        return _point(span)
    if re.fullmatch(r"[0-9]+x\w*", text):
        help = "a shape of names is a list: `[3, size, size]`"
        return Diagnostic("E101", f"`{shown}` is not a shape", span, help=help)
    if re.fullmatch(r"[0-9_.]+[kMGTKgtmB]\w*", text):
        help = "suffixes are k, M, G and T: `4.09G`"
    elif re.match(r"[0-9]+[A-Za-z_]", text):
        help = "a name begins with a letter or `_`"
    else:
        help = "numbers look like 64, 25_557_032, 0.5, 1e-3, 4.09G"
    return Diagnostic("E101", f"`{shown}` is not a number", span, help=help)


def _point(span: Span) -> Diagnostic:
    """A `.` before a digit: `.5`, or an instance reached as torch writes it."""
    before = span.source.text[span.start - 1 : span.start]
    if re.match(r'[\w"\])]', before):
        help = "instance 0 of a repeat is `@name[0]`"
        digits = re.match(r"\.[0-9]+", span.text)
        span = Span(span.source, span.start, span.start + len(digits[0] if digits else "."))
        return Diagnostic(
            "E101", f"`{shortened(span.text)}` is not a part of anything", span, help=help
        )
    shown = shortened(span.text)
    help = f"a number has a digit before its point: `0{shown}`"
    return Diagnostic("E101", f"`{shown}` is not a number", span, help=help)

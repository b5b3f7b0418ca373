"""The skeleton of a source file that class-based backends share: statements, classes, layout.

What comes out is laid out as `ruff format --line-length 100` does it, so that formatting a file
that resdsl wrote changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

WIDTH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One statement, as long as it likes."""

    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A head that ends in a colon, and what is indented below it."""

    head: str
    body: tuple[Statement, ...]


Statement = Line | Block


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a function; `default` is its text, "" for none."""

    name: str
    annotation: str
    default: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.annotation}" + (f" = {self.default}" if self.default else "")


@dataclass(frozen=True, slots=True)
class Method:
    """`def name(self, ...) -> returns`."""

    name: str
    params: tuple[Param, ...]
    returns: str
    body: tuple[Statement, ...]
    by_keyword: tuple[Param, ...] = ()


@dataclass(slots=True)
class ClassDef:
    """A class: `fields` (of a named tuple), then methods."""

    name: str
    base: str
    doc: str = ""
    fields: tuple[Param, ...] = ()
    methods: list[Method] = field(default_factory=list)


def lay_out(statements: Sequence[Statement], indent: int) -> Iterator[str]:
    """The lines of a suite."""
    for statement in statements:
        if isinstance(statement, Line):
            yield from split(statement.text, indent)
        else:
            yield from split(statement.head, indent)
            yield from lay_out(statement.body or (Line("pass"),), indent + 4)


def class_lines(cls: ClassDef) -> Iterator[str]:
    """The lines of a class."""
    yield from split(f"class {cls.name}({cls.base}):", 0)
    if cls.doc:
        yield from docstring(cls.doc, 4)
    if cls.doc and (cls.fields or cls.methods):
        yield ""
    for item in cls.fields:
        yield from split(str(item), 4)
    for number, method in enumerate(cls.methods):
        if number:
            yield ""
        star = ["*", *map(str, method.by_keyword)] if method.by_keyword else []
        params = ", ".join(["self", *map(str, method.params), *star])
        yield from split(f"def {method.name}({params}) -> {method.returns}:", 4)
        yield from lay_out(method.body or (Line("pass"),), 8)


def docstring(text: str, indent: int) -> Iterator[str]:
    """Any text as a docstring: wrapped, with nothing in it that could end it."""
    margin = " " * indent
    width = WIDTH - indent
    lines: list[str] = []
    for line in text.strip().splitlines():
        clean = "".join(c if c.isprintable() else " " for c in line).rstrip()
        clean = clean.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        hang = re.match(r"(\w+: +| *)", clean)
        margin_of_rest = " " * len(hang[0] if hang else "")
        lines += wrap(
            clean, width - 3, subsequent_indent=margin_of_rest, break_on_hyphens=False
        ) or [""]
    if not lines:
        return
    if len(lines) == 1 and len(lines[0]) + 6 > width:  # no room for both pairs of quotes
        lines = wrap(lines[0], width - 8, break_on_hyphens=False)
    start = " " if lines[0].startswith('"') else ""
    if len(lines) == 1 and len(start + lines[0]) + 7 <= width:
        end = " " if lines[0].endswith('"') and not lines[0].endswith('\\"') else ""
        yield f'{margin}"""{start}{lines[0]}{end}"""'
        return
    lines[0] = start + lines[0]
    yield f'{margin}"""{lines[0]}'
    for line in lines[1:]:
        yield (margin + line).rstrip()
    yield f'{margin}"""'


# ---------------------------------------------------------------- long lines


def split(text: str, indent: int, tail: str = "") -> list[str]:
    """A statement on as many lines as ruff would give it. Loops among arguments get lines of their
    own always."""
    margin = " " * indent
    line = margin + text + tail
    if len(line) > WIDTH and (targets := _targets(text, indent)):
        return targets
    brackets = list(_outer_brackets(text))
    if text.startswith(("def ", "class ")):
        brackets = brackets[:1]
    for start, stop in reversed(brackets):
        head, inner, rest = text[: start + 1], text[start + 1 : stop], text[stop:] + tail
        fits = len(line) <= WIDTH and not _has_loops(inner)
        end = _returns(rest, indent) if text.startswith("def ") else [margin + rest]
        if fits or not inner or len(margin + head) > WIDTH or len(end[0]) > WIDTH:
            continue
        return [margin + head, *_inside(inner, indent + 4, text[start]), *end]
    if len(line) > WIDTH and (opened := _parenthesised(text, indent)):
        return opened
    return [line]


def _returns(rest: str, indent: int) -> list[str]:
    """`) -> type:` behind the parameters; a long type in brackets, an alternative a line."""
    margin = " " * indent
    if len(margin + rest) <= WIDTH:
        return [margin + rest]
    type_ = rest.removeprefix(") -> ").removesuffix(":")
    pieces = [type_] if indent + 4 + len(type_) <= WIDTH else _operands(type_)
    return [f"{margin}) -> (", *(f"{margin}    {piece}" for piece in pieces), f"{margin}):"]


def _has_loops(inner: str) -> bool:
    items = list(_items(inner))
    return (len(items) > 1 and any(item.startswith("*(") for item in items)) or (
        len(items) == 1 and _calls(items[0]) and _has_loops(_argument(items[0]))
    )


def _calls(text: str) -> bool:
    return text.endswith((")", "]"))


def _argument(text: str) -> str:
    """What the last bracket of the text holds."""
    start, stop = list(_outer_brackets(text))[-1]
    return text[start + 1 : stop]


_PLAIN = re.compile(r"\(\)|(?<!\w)\(\w+, \w+\)")
"""Brackets that are as plain as what is in none: `()`, and pairs such as `(3, 3)`."""


def _inside(inner: str, indent: int, bracket: str) -> list[str]:
    """The contents of an opened bracket: plain arguments on one line if they fit, else one item a
    line. A lone argument has no comma."""
    items = list(_items(inner))
    if len(items) == 1 and bracket == "(":
        at = _outside(items[0], " for ")
        pieces = [items[0][:at], items[0][at + 1 :]] if at > 0 else _operands(items[0])
        if len(inner) + indent <= WIDTH and not _has_loops(inner):
            pieces = items
        return [line for piece in pieces for line in split(piece, indent)]
    is_plain = bracket == "(" and "(" not in _PLAIN.sub("", inner)
    if is_plain and len(inner) + indent <= WIDTH:
        return [" " * indent + inner]
    return [line for item in items for line in split(item, indent, ",")]


def _targets(text: str, indent: int) -> list[str]:
    """`(`, one target a line, `) = ...`: where several have no room before what they are given."""
    at = _outside(text, " = ")
    targets = list(_items(text[:at])) if at > 0 else []
    opens = next(_outer_brackets(text), (len(text), 0))[0]
    if len(targets) < 2 or indent + opens < WIDTH:
        return []
    margin = " " * indent
    first, *rest = split(f"_{text[at:]}", indent)  # as wide as `)`
    return [
        f"{margin}(",
        *(f"{margin}    {target}," for target in targets),
        first.replace("_", ")", 1),
        *rest,
    ]


def _parenthesised(text: str, indent: int) -> list[str]:
    """`x = (` and what has no brackets of its own: an operator a line, or an item of a tuple."""
    match = re.match(r"(return |[A-Za-z_][\w.]* = )", text)
    if not match:
        return []
    margin, items = " " * indent, list(_items(text[match.end() :]))
    pieces = [f"{item}," for item in items] if len(items) > 1 else _operands(items[0])
    return [f"{margin}{match[1]}(", *(f"{margin}    {piece}" for piece in pieces), f"{margin})"]


def _operands(text: str) -> list[str]:
    """The parts of an expression, each but the first with the operator before it."""
    pieces, rest = [], text
    while (cut := _operator(rest)) > 0:
        pieces.append(rest[:cut])
        rest = rest[cut + 1 :]
    return [*pieces, rest]


def _operator(text: str) -> int:
    """Where the first operator outside brackets is, after the first word; -1 for none."""
    for at, char, depth in _scan(text):
        if char == " " and depth == 0 and re.match(r" (and|or|if|else|\+|\*|\|) ", text[at:]):
            return at
    return -1


def _items(text: str) -> Iterator[str]:
    """The parts between the commas that are in no bracket."""
    start = 0
    for at, char, depth in _scan(text):
        if char == "," and depth == 0:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def _outer_brackets(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for at, char, depth in _scan(text):
        if char in "([{" and depth == 1:
            start = at
        elif char in ")]}" and depth == 0:
            yield start, at


def _outside(text: str, word: str) -> int:
    """Where `word` stands in no bracket, or -1."""
    for at, _, depth in _scan(text):
        if depth == 0 and text.startswith(word, at):
            return at
    return -1


def _scan(text: str) -> Iterator[tuple[int, str, int]]:
    """Every character that is in no string, with the depth of brackets after it."""
    depth, quote = 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[at - 1] != "\\" else quote
            continue
        if char in "\"'":
            quote = char
            continue
        depth += (char in "([{") - (char in ")]}")
        yield at, char, depth

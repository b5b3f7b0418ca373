"""Expressions as documents. The tree says what stands there, the words how it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import takewhile
from typing import Any, ClassVar, TypeGuard, TypeVar

from resdsl.source import Source, Span
from resdsl.syntax import tree
from resdsl.syntax.format.document import (
    Braces,
    Brackets,
    Cat,
    Cells,
    Doc,
    Group,
    Hang,
    Line,
    Nest,
    Remark,
    Row,
    Text,
    spaced,
)
from resdsl.syntax.format.words import Comment, words

Made = tuple[Doc, Cells | None]
Maker = Callable[[], Made]
T = TypeVar("T", bound=tree.Tree)

CONTINUED = 4
"""Columns by which a long condition goes on, so that it differs from the body below it."""
_OPENING = (tree.ListExpr, tree.Comprehension, tree.Apply, tree.Match)
_LEVELS = (
    {"or"}, {"and"}, {"==", "!=", "<=", ">=", "~=", "<", ">", "in"}, {"+", "-"},
    {"*", "/", "//", "%"},
)  # fmt: skip


class ExpressionPrinter:
    """Walks along the words of a source; each method takes those of one construct."""

    def __init__(self, source: Source) -> None:
        self.words = words(source.text)
        self.ends = {word.start + len(word.text): at for at, word in enumerate(self.words[:-1])}
        self.at = 0

    # ------------------------------------------------------------ words

    @property
    def next(self) -> str:
        return self.words[self.at].text

    def take(self) -> Doc:
        """The next word with the comments around it."""
        word = self.words[self.at]
        self.at += 1
        text = Text(word.text)
        if not word.above and not word.beside:
            return text
        after = [Remark(word.beside, 2)] if word.beside else []
        return Cat(*(Remark(comment.text) for comment in word.above), text, *after)

    def row(self, span: Span, make: Maker) -> Row:
        """The row of what stands at `span`, with the comments above and beside it."""
        first, last = self.words[self.at], self.words[self.ends[span.end]]
        row = Row(Text(""), first.above, first.blank, last.beside)
        first.above, last.beside = [], ""
        row.doc, row.cells = make()
        return row

    def value(self, expr: tree.Expr) -> Doc:
        """` = value`, where the value may begin on the next line, unless it opens a bracket."""
        sign = Cat(" ", self.take())
        opens = isinstance(expr, _OPENING) and self.next != "("
        value = self.expr(expr)
        if opens and sign.flat and not value.remarked:
            return Cat(sign, " ", value)
        return Cat(sign, Hang(value))

    # ------------------------------------------------------------ lists

    def brackets(self, makers: Iterable[tuple[Span, Maker]], trailing: bool = True) -> Doc:
        """An opening bracket, items with commas between, and the closing one."""
        opening = self.take()
        rows, commas = self._separated(makers)
        exploded = 0 < len(rows) == commas  # a comma behind the last asks for lines of their own
        return self.closed(lambda last, end: Brackets(opening, rows, last, end, exploded, trailing))

    def _separated(self, makers: Iterable[tuple[Span, Maker]]) -> tuple[list[Row], int]:
        """Rows with a comma behind each, or not, and how many have one."""
        rows: list[Row] = []
        commas = 0
        for span, make in makers:
            row = self.row(span, make)
            rows.append(row)
            if self.next == ",":
                row.beside = row.beside or self.words[self.at].beside
                self.at += 1
                commas += 1
        return rows, commas

    def closed(self, make: Callable[[Sequence[Comment], Doc], Doc]) -> Doc:
        """What the next word closes; a comment beside that is no part of it."""
        word = self.words[self.at]
        last, word.above = word.above, []
        beside, word.beside = word.beside, ""
        doc = make(last, self.take())
        return Cat(doc, Remark(beside, 2)) if beside else doc

    def listed(self, items: Iterable[T], make: Callable[[T], Doc], trailing: bool = True) -> Doc:
        """Trees in brackets; numbers that begin those of neighbouring lines are a table."""
        return self.brackets(
            ((item.span, partial(self._item, item, make)) for item in items), trailing
        )

    def _item(self, item: T, make: Callable[[T], Doc]) -> Made:
        doc = make(item)
        value = item.value if isinstance(item, tree.Argument) and not item.name else item
        return doc, cells("item", Text(""), value, doc)

    def arguments(self, args: Iterable[tree.Argument]) -> Doc:
        return self.listed(args, self._argument)

    def _argument(self, argument: tree.Argument) -> Doc:
        if argument.value is None:
            return self.take()
        if argument.name is None:
            return self.expr(argument.value)
        return self.named(argument.value)

    def named(self, value: tree.Expr) -> Doc:
        """`name=value`."""
        return Cat(self.take(), self.take(), self.expr(value))

    def sequence(self, items: Sequence[T], make: Callable[[T], Doc]) -> Doc:
        """Items with commas and without brackets; all on one line, or each on its own."""
        parts = [make(items[0])]
        for item in items[1:]:
            parts += [self.take(), Line(), make(item)]
        return Group(Nest(Cat(*parts), CONTINUED))

    def names(self, names: Sequence[tree.Ident]) -> Doc:
        return self.sequence(names, lambda _: self.take())

    # ------------------------------------------------------------ expressions

    def expr(self, node: tree.Expr) -> Doc:
        """An expression in its parentheses, which the tree does not show."""
        opening = []
        first = _first(node)
        while self.next == "(" and (first is None or self.words[self.at].start < first.span.start):
            opening.append(self.take())
        doc = self._PRINTERS[type(node)](self, node)
        if not opening:
            return doc
        closing = [self.take() for _ in opening]
        return Cat(*opening, Nest(doc), *closing)

    def _word(self, node: tree.Tree) -> Doc:
        return self.take()

    def _attribute(self, node: tree.Attribute) -> Doc:
        return Cat(self.expr(node.base), self.take(), self.take())

    def _index(self, node: tree.Index) -> Doc:
        return Cat(self.expr(node.base), self.take(), self.expr(node.index), self.take())

    def _apply(self, node: tree.Apply) -> Doc:
        return Cat(self.expr(node.function), self.arguments(node.args))

    def _list(self, node: tree.ListExpr) -> Doc:
        return self.listed(node.items, self.expr)

    def _unary(self, node: tree.Unary) -> Doc:
        return Cat(self.take(), " " if node.op == "not" else "", self.expr(node.operand))

    def _binary(self, node: tree.Binary) -> Doc:
        """Operators of one level stand in one line, or each ends a line."""
        if node.op == "**":
            return Cat(self.expr(node.left), self.take(), self.expr(node.right))
        spine = [node]
        while _goes_on(left := spine[-1].left, node):
            spine.append(left)
        parts = [self.expr(spine[-1].left)]
        for part in reversed(spine):
            parts += [Text(" "), self.take(), Line(), self.expr(part.right)]
        return Group(Cat(*parts))

    def _ternary(self, node: tree.Ternary) -> Doc:
        value = Cat(self.expr(node.value), " ", self.take(), " ", self.expr(node.condition))
        return Group(Cat(value, Line(), spaced(self.take(), self.expr(node.otherwise))))

    def _comprehension(self, node: tree.Comprehension) -> Doc:
        opening = self.take()
        parts = [Line(""), self.expr(node.value), Line(), self.loop(node.names, node.items)]
        if node.condition:
            parts += [Line(), self.take(), Text(" "), self.expr(node.condition)]
        return Group(Cat(opening, Nest(Cat(*parts), 2), Line(""), self.take()))

    def loop(self, names: Sequence[tree.Ident], items: tree.Expr) -> Doc:
        """`for a, b in items`."""
        head = Cat(self.take(), " ", self.names(names), " ", self.take(), " ")
        return Cat(head, Nest(self.expr(items), CONTINUED))

    def _match(self, node: tree.Match) -> Doc:
        head = Cat(self.take(), " ", self.expr(node.subject), " ")
        opening = self.take()
        arms = ((arm.span, partial(self._arm, arm)) for arm in node.arms)
        rows, commas = self._separated(arms)
        short = commas == len(rows) - 1  # where commas separate them, one line may hold them all
        braces = self.closed(lambda last, end: Braces(opening, rows, last, end, short, ", "))
        return Cat(head, braces)

    def _arm(self, arm: tree.MatchArm) -> Made:
        parts = [self.take()]
        for _ in arm.patterns[1:]:
            parts += [Text(" "), self.take(), Text(" "), self.take()]
        label = Cat(*parts, self.take())
        value = self.expr(arm.value)
        return spaced(label, value), cells("arm", label, arm.value, value)

    _PRINTERS: ClassVar[dict[type, Callable[[Any, Any], Doc]]] = {
        tree.Number: _word,
        tree.ShapeLiteral: _word,
        tree.String: _word,
        tree.Name: _word,
        tree.TensorRef: _word,
        tree.Attribute: _attribute,
        tree.Index: _index,
        tree.Apply: _apply,
        tree.Unary: _unary,
        tree.Binary: _binary,
        tree.Ternary: _ternary,
        tree.ListExpr: _list,
        tree.Comprehension: _comprehension,
        tree.Match: _match,
    }


def _first(node: tree.Expr) -> tree.Expr | None:
    """The part that an expression begins with; None where it begins with a word of its own."""
    if isinstance(node, tree.Binary):
        return node.left
    if isinstance(node, tree.Ternary):
        return node.value
    if isinstance(node, tree.Attribute | tree.Index):
        return node.base
    return node.function if isinstance(node, tree.Apply) else None


def _goes_on(left: tree.Expr, node: tree.Binary) -> TypeGuard[tree.Binary]:
    """Whether `left` is an operation of the level of `node`, without parentheses."""
    return (
        isinstance(left, tree.Binary)
        and left.span.start == left.left.span.start
        and any(left.op in level and node.op in level for level in _LEVELS)
    )


def cells(kind: str, label: Doc, value: object, doc: Doc) -> Cells | None:
    """A row whose value may begin with numbers: a list, or a call of a name."""
    if label.flat is None or doc.flat is None:
        return None
    items: Sequence[object] = ()
    head = ""
    if isinstance(value, tree.ListExpr):
        items, head = value.items, "["
    elif isinstance(value, tree.Apply) and isinstance(value.function, tree.Name):
        items, head = value.args, f"{value.function.text}("
    elif isinstance(value, tree.CallStep):
        items, head = value.args or (), f"{value.name}("
    numbers = tuple(takewhile(bool, map(_number, items)))
    if not doc.flat.startswith(head + ", ".join(numbers)):
        numbers = ()
    return Cells(kind, label.flat, head, doc.flat, opening=head, numbers=numbers)


def _number(item: object) -> str:
    value = item.value if isinstance(item, tree.Argument) and not item.name else item
    if isinstance(value, tree.Number):
        return value.digits
    if isinstance(value, tree.Unary) and isinstance(value.operand, tree.Number):
        return f"-{value.operand.digits}" if value.op == "-" else ""
    return ""

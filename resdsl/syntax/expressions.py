"""From the parser's reductions to the tree: places, literals, expressions; builder.py has the rest.

One method a rule of grammar.lark, called with the rule's children. A rule that makes a fragment of
a node (the parameters of a block, a body) returns a `Part`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from lark import Token

from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.source import Source, Span
from resdsl.syntax import literals, tree
from resdsl.syntax.layout import RESERVED, Run

Children = list[Any]
"""Tokens, tree nodes, Parts, and None for an optional piece that is not there."""

_PLAIN_NAME = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a node, with the place of its brackets."""

    span: Span
    items: tuple[Any, ...]


class ExpressionBuilder:
    """Lark's transformer for expressions. `run` is the text being parsed, set by the caller."""

    def __init__(self, expression: Callable[[Span], tree.Expr]) -> None:
        self.run = Run(Span(Source("", ""), 0, 0))
        self._expression = expression

    # ------------------------------------------------------------ places

    def _at(self, token: Token) -> Span:
        return Span(self.run.source, token.start_pos or 0, token.end_pos or 0)

    def _from(self, first: Any, last: Any) -> Span:
        """From the start of `first` to the end of `last`, each a token, a node or a Part."""
        start = first.start_pos or 0 if isinstance(first, Token) else first.span.start
        end = last.end_pos or 0 if isinstance(last, Token) else last.span.end
        return Span(self.run.source, start, end)

    def _ident(self, token: Token) -> tree.Ident:
        return tree.Ident(self._at(token), str(token))

    def _idents(self, tokens: Iterable[Token]) -> tuple[tree.Ident, ...]:
        return tuple(self._ident(token) for token in tokens)

    def _text(self, span: Span) -> tree.String:
        return literals.string(span, self._inserted)

    def _plain_text(self, token: Token, what: str) -> tree.String:
        text = self._text(self._at(token))
        for part in text.parts:
            if not isinstance(part, str):
                raise error("E110", f"{what} is plain text, without values in braces", part.span)
        return text

    def _inserted(self, span: Span) -> tree.Expr:
        """The expression between the braces of a string; nearly always it is a name."""
        plain = _PLAIN_NAME.fullmatch(span.text)
        if plain and plain[1] not in RESERVED:
            start = span.start + plain.start(1)
            return tree.Name(Span(span.source, start, start + len(plain[1])), plain[1])
        return self._expression(span)

    def _label_text(self, token: Token) -> tree.LabelText:
        return self._ident(token) if token.type == "NAME" else self._text(self._at(token))

    # ------------------------------------------------------------ fragments

    def body(self, children: Children) -> Part:
        return self._bracketed(children)

    params = settings = arguments = body

    def _bracketed(self, children: Children) -> Part:
        return Part(self._from(children[0], children[-1]), tuple(children[1:-1]))

    def names(self, children: Children) -> tuple[tree.Ident, ...]:
        return self._idents(children)

    path = names

    def named_argument(self, children: Children) -> tree.Argument:
        name, value = children
        return tree.Argument(self._from(name, value), self._ident(name), value)

    def plain_argument(self, children: Children) -> tree.Argument:
        return tree.Argument(children[0].span, None, children[0])

    def rest_argument(self, children: Children) -> tree.Argument:
        return tree.Argument(self._at(children[0]), None, None)

    # ------------------------------------------------------------ expressions

    def ternary(self, children: Children) -> tree.Ternary:
        value, _, condition, _, otherwise = children
        return tree.Ternary(self._from(value, otherwise), value, condition, otherwise)

    def binary(self, children: Children) -> tree.Binary:
        left, op, right = children
        return tree.Binary(
            Span(self.run.source, left.span.start, right.span.end), str(op), left, right
        )

    def unary(self, children: Children) -> tree.Unary:
        op, operand = children
        return tree.Unary(self._from(op, operand), str(op), operand)

    def attribute(self, children: Children) -> tree.Attribute:
        base, name = children
        return tree.Attribute(self._from(base, name), base, self._ident(name))

    def index(self, children: Children) -> tree.Index:
        base, _, index, closing = children
        return tree.Index(self._from(base, closing), base, index)

    def apply(self, children: Children) -> tree.Apply:
        function, arguments = children
        return tree.Apply(self._from(function, arguments), function, arguments.items)

    def number(self, children: Children) -> tree.Number:
        span, text = self._at(children[0]), str(children[0])
        return tree.Number(span, literals.number(text, span), text)

    def shape(self, children: Children) -> tree.ShapeLiteral:
        span = self._at(children[0])
        return tree.ShapeLiteral(span, literals.shape(children[0], span))

    def string(self, children: Children) -> tree.String:
        return self._text(self._at(children[0]))

    def name(self, children: Children) -> tree.Name:
        return tree.Name(self._at(children[0]), str(children[0]))

    def tensor(self, children: Children) -> tree.TensorRef:
        span = self._at(children[0])
        name = Span(self.run.source, span.start + 1, span.end)
        if children[0][1] == '"':
            return tree.TensorRef(span, self._text(name))
        return tree.TensorRef(span, tree.Ident(name, name.text))

    def parenthesised(self, children: Children) -> tree.Expr:
        opening, inner, closing = children
        return replace(inner, span=self._from(opening, closing))  # type: ignore[no-any-return]

    def list(self, children: Children) -> tree.ListExpr:
        part = self._bracketed(children)
        return tree.ListExpr(part.span, part.items)

    def comprehension(self, children: Children) -> tree.Comprehension:
        opening, value, _, names, _, items, _, condition, closing = children
        return tree.Comprehension(self._from(opening, closing), value, names, items, condition)

    def match(self, children: Children) -> tree.Match:
        word, subject, _, *arms, closing = children
        return tree.Match(self._from(word, closing), subject, tuple(arms))

    def match_arm(self, children: Children) -> tree.MatchArm:
        *patterns, value = children
        span = self._from(patterns[0], value)
        return tree.MatchArm(span, tuple(patterns[::2]), value)

    def match_else(self, children: Children) -> tree.MatchArm:
        return tree.MatchArm(self._from(*children), (), children[1])


def error(code: str, message: str, span: Span, help: str | None = None) -> ResdslError:
    """A ResdslError of one diagnostic."""
    return ResdslError(Diagnostic(code, message, span, help=help))

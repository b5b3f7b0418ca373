"""Between lexer and parser: the newline rule, the matching of brackets, and the limits on nesting.

The parser has taken every earlier token when one comes through here, so what is refused here is the first error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lark import Token
from lark.lark import PostLex

from resdsl.diagnostics import Diagnostic, Label, ResdslError
from resdsl.limits import MAX_EXPRESSION_DEPTH, MAX_NESTING
from resdsl.source import Source, Span
from resdsl.syntax import characters

RESERVED = {"if": "IF", "else": "ELSE", "and": "AND", "or": "OR", "not": "NOT", "match": "MATCH"}

OPENERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}

_OPERATORS = {"PLUS", "MINUS", "TIMES", "POWER", "COMPARE", "AND", "OR", "NOT", "IN", "IF"}
_JOINS = _OPERATORS | {"ELSE", "_ARROW", "_COLON", "_COMMA", "_EQUAL", "BAR", "LBRACE"}
"""A newline after one of these ends nothing."""
_NESTS = _OPERATORS | {"_DOT"}
_SEPARATES = {"_NL", "_ARROW", "_COLON", "_COMMA", "BAR", "FOR"}
"""What stands after one of these is no deeper in the tree than what stands before it."""


class Run:
    """One text on its way through the parser."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.open: list[Token] = []
        """The opening brackets that are not closed yet."""
        self.statement: list[Token] = []
        """The tokens of the current statement that the parser has taken."""
        self.last: Token | None = None

    def span(self, token: Token) -> Span:
        """Where `token` stands; an arrow's newlines are not part of it."""
        start, end = token.start_pos or 0, token.end_pos or 0
        if token.type == "_ARROW":
            return Span(self.source, end - 2, end)
        if token.type in ("_NL", "$END"):
            end = self.last.end_pos or 0 if self.last else 0
            return Span(self.source, end, end)
        return Span(self.source, start, end)


class Layout(PostLex):
    """Lark's postlex. `run` is the text being parsed, set by whoever calls the parser."""

    always_accept: Any = (
        "NAME", "TENSOR", "STRING", "SHAPE", "NUMBER", "_ARROW", "_NL", "POWER", "COMPARE", "TIMES", "PLUS", "MINUS",
        "REST", "_DOT", "_COMMA", "_COLON", "_EQUAL", "BAR", *OPENERS, *CLOSERS, *RESERVED.values(),
        "BAD_NUMBER", "BAD_STRING", "BAD_CHARACTER",
    )  # fmt: skip
    """All terminals whose meaning depends on no context, so that a wrong one reaches the parser whole."""

    def __init__(self) -> None:
        self.run = Run(Source("", ""))

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        run = self.run
        counts, depth = (
            [0],
            0,
        )  # operators at each open bracket since the last separator, and their sum
        previous = "_NL"
        for token in stream:
            kind = token.type
            if kind == "_NL" and (
                previous in _JOINS
                or previous == "_NL"
                or (run.open and run.open[-1].type != "LBRACE")
            ):
                continue
            if kind in _SEPARATES:
                depth -= counts[-1]
                counts[-1] = 0
            elif kind in _NESTS or kind in OPENERS:
                depth += 1
                counts[-1] += 1
                if depth > MAX_EXPRESSION_DEPTH:
                    what = (
                        f"an expression deeper than {MAX_EXPRESSION_DEPTH} operators and brackets"
                    )
                    raise _error(run, "E500", what, token)
            if kind in CLOSERS:
                _close(run, token)
                depth -= counts.pop()
            elif kind.startswith("BAD_"):
                raise ResdslError(characters.explain(kind, run.span(token)))
            yield token  # an error of the parser comes out here
            if kind in OPENERS:
                run.open.append(token)
                counts.append(0)
                if len(run.open) > MAX_NESTING:
                    raise _error(run, "E500", f"brackets nested deeper than {MAX_NESTING}", token)
            if kind in ("_NL", "LBRACE") or (kind == "BAR" and _starts_branch(run)):
                run.statement.clear()
            else:
                run.statement.append(token)
            run.last = token
            previous = kind


def _starts_branch(run: Run) -> bool:
    in_braces = bool(run.open) and run.open[-1].type == "LBRACE"
    return in_braces and not (run.statement and run.statement[0].type == "PARAM")


def _close(run: Run, token: Token) -> None:
    """Take the opener of `token` off, or say which bracket is at fault."""
    if not run.open:
        raise _error(run, "E122", f"nothing opens this `{token}`", token)
    opener = run.open[-1]
    if OPENERS[opener.type] == token.type:
        run.open.pop()
        return
    if opener.type == "LBRACE":
        raise _error(run, "E122", f"nothing opens this `{token}`", token)
    closer = "`)`" if opener.type == "LPAR" else "`]`"
    found = Label(run.span(token), f"expected {closer} before this")
    raise ResdslError(
        Diagnostic("E121", f"this `{opener}` is never closed", run.span(opener), (found,))
    )


def _error(run: Run, code: str, message: str, token: Token) -> ResdslError:
    return ResdslError(Diagnostic(code, message, run.span(token)))

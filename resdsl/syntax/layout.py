"""Between lexer and parser: the newline rule, the matching of brackets, and the limits on nesting.

The parser has taken every earlier token when one comes through here, so that what is refused here
is the first error of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lark import Token
from lark.lark import PostLex

from resdsl.diagnostics import Diagnostic, Label, ResdslError
from resdsl.limits import MAX_EXPRESSION_DEPTH, MAX_NESTING, MAX_TOKENS
from resdsl.source import Source, Span
from resdsl.syntax.tree import Broken

RESERVED = {"if": "IF", "else": "ELSE", "and": "AND", "or": "OR", "not": "NOT", "match": "MATCH"}

OPENERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}

_OPERATORS = {"PLUS", "MINUS", "TIMES", "POWER", "COMPARE", "AND", "OR", "NOT", "IN", "IF"}
_JOINS = _OPERATORS | {"ELSE", "_ARROW", "_COLON", "_COMMA", "_EQUAL", "BAR", "LBRACE", "_NL"}
"""A newline after one of these ends nothing."""
_NESTS = _OPERATORS | {"_DOT"} | OPENERS.keys()
_SEPARATES = {"_NL", "_ARROW", "_COLON", "_COMMA", "BAR", "FOR"}
"""What stands after one of these is no deeper in the tree than what stands before it."""


class Refused(ResdslError):
    """A token that nothing can be made of."""

    def __init__(self, token: Token, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.token = token


class Run:
    """One text on its way through the parser: the part `span` of a source."""

    def __init__(self, span: Span, end: str = "the end of the line") -> None:
        self.source = span.source
        self.start, self.stop = span.start, span.end
        self.end = end
        """What ends the last statement, in words."""
        self.stray: set[int] = set()
        """The closing brackets that nothing opens, as their indentation shows (recover.py)."""
        self.reset()

    def reset(self) -> None:
        """Back to the start of the text."""
        self.open: list[Token] = []
        """The opening brackets that are not closed yet."""
        self.counts = [0]
        """In the text, and in each of them: what nests there since the last separator."""
        self.statement: list[Token] = []
        """The tokens of the current statement that the parser has taken."""
        self.last: Token | None = None
        self.taken = 0
        """Tokens taken before the lexer was started again."""
        self.found: list[Diagnostic] = []
        """What is wrong and has not ended the reading."""
        self.broken: list[Broken] = []
        """The broken statements in the tree."""
        self.torn: list[Span] = []
        """What a bracket has torn: nothing more is told of a statement that begins in there."""

    def is_torn(self, statement: Span) -> bool:
        """Whether a bracket has torn this statement."""
        return any(torn.start <= statement.start < torn.end for torn in self.torn)

    def break_(self, span: Span) -> Broken:
        """A broken statement of this text."""
        broken = Broken(span)
        self.broken.append(broken)
        return broken

    def span(self, token: Token) -> Span:
        """Where `token` stands; the newlines before `->` and `else` are not part of it."""
        start, end = token.start_pos or 0, token.end_pos or 0
        if token.type in ("_ARROW", "ELSE"):
            start = end - (2 if token.type == "_ARROW" else 4)
        elif token.type in ("_NL", "$END"):
            start = end = self.start if self.last is None else self.last.end_pos or 0
        return Span(self.source, start, end)


class Layout(PostLex):
    """Lark's postlex. `run` is the text being parsed, set by whoever calls the parser."""

    always_accept: Any = (
        "NAME", "TENSOR", "STRING", "SHAPE", "NUMBER", "REST", "_ARROW", "_NL", "BAR",
        "POWER", "COMPARE", "TIMES", "PLUS", "MINUS", "_DOT", "_COMMA", "_COLON", "_EQUAL",
        *OPENERS, *CLOSERS, *RESERVED.values(), "OTHERWISE",
        "BAD_NUMBER", "BAD_STRING", "BAD_CHARACTER",
    )  # fmt: skip
    """All terminals that depend on no context, so that a wrong one reaches the parser whole."""

    def __init__(self) -> None:
        self.run = Run(Span(Source("", ""), 0, 0))

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        run = self.run
        counts = run.counts
        depth = sum(counts)
        previous = run.statement[-1].type if run.statement else "_NL"
        for number, token in enumerate(stream, run.taken):
            kind = token.type
            if kind == "_NL" and (previous in _JOINS or _in_parentheses(run)):
                continue
            if number >= MAX_TOKENS:
                raise _error(run, "E500", f"more than {MAX_TOKENS:,} words and signs", token)
            if kind in _SEPARATES:
                depth -= counts[-1]
                counts[-1] = 0
            elif kind in _NESTS:
                depth += 1
                counts[-1] += 1
                if depth > MAX_EXPRESSION_DEPTH:
                    what = "operators and brackets in one expression"
                    raise _error(run, "E500", f"more than {MAX_EXPRESSION_DEPTH} {what}", token)
            elif kind in CLOSERS:
                _check_closer(run, token)
            yield token  # an error of the parser comes out here
            if kind in OPENERS:
                run.open.append(token)
                counts.append(0)
                if len(run.open) > MAX_NESTING:
                    what = f"brackets nested deeper than {MAX_NESTING}"
                    raise _error(run, "E500", what, token)
            elif kind in CLOSERS:
                run.open.pop()
                depth -= counts.pop()
            if kind in ("_NL", "LBRACE") or (kind == "BAR" and _starts_branch(run)):
                run.statement.clear()
            else:
                run.statement.append(token)
            run.last = token
            previous = kind


def _in_parentheses(run: Run) -> bool:
    return bool(run.open) and run.open[-1].type != "LBRACE"


def _starts_branch(run: Run) -> bool:
    in_braces = bool(run.open) and run.open[-1].type == "LBRACE"
    return in_braces and not (run.statement and run.statement[0].type == "PARAM")


def _check_closer(run: Run, token: Token) -> None:
    """Say which bracket is at fault where `token` does not close the innermost open one."""
    opener = run.open[-1] if run.open else None
    stray = token.start_pos in run.stray
    if opener is not None and OPENERS[opener.type] == token.type and not stray:
        return
    if opener is None or opener.type == "LBRACE" or stray:
        raise Refused(token, _unopened(run, token))
    closer = "`)`" if opener.type == "LPAR" else "`]`"
    found = Label(run.span(token), f"expected {closer} before this")
    message = f"this `{opener}` is never closed"
    raise Refused(
        token, Diagnostic("E121", message, run.span(opener), (found,), help=f"add {closer}")
    )


def _unopened(run: Run, token: Token) -> Diagnostic:
    inside = (Label(run.span(run.open[-1]), "inside this"),) if run.open else ()
    message = f"nothing opens this `{token}`"
    return Diagnostic("E122", message, run.span(token), inside, help="remove it")


def _error(run: Run, code: str, message: str, token: Token) -> Refused:
    return Refused(token, Diagnostic(code, message, run.span(token)))

"""From text to tree: `parse`, and the one parser that a process loads."""

from __future__ import annotations

import re
from functools import cache
from threading import RLock
from typing import Any, cast

from lark import TextSlice, UnexpectedToken
from lark.parsers.lalr_analysis import Shift

from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.limits import MAX_FILE_BYTES, MAX_INTERPOLATIONS
from resdsl.source import Source, Span
from resdsl.syntax import table, tree
from resdsl.syntax.builder import Builder
from resdsl.syntax.layout import Layout, Run
from resdsl.syntax.mistakes import Mistake, explain

_BLOCK = re.compile(r"^\ufeff?block[ \t]+([A-Za-z_][A-Za-z0-9_]*)", re.MULTILINE)


def parse(source: Source) -> tree.File:
    """The tree of a whole file. Raises ResdslError, whatever the text."""
    start = 1 if source.text.startswith("\ufeff") else 0
    return cast(tree.File, _checked(source, start, "start"))


def parse_expression(source: Source) -> tree.Expr:
    """The tree of one expression, as in `--set name=value`; ResdslError, whatever the text."""
    return cast(tree.Expr, _checked(source, 0, "expr"))


def block_names(text: str) -> list[str]:
    """The names of the blocks that begin at the start of a line, found without parsing."""
    return _BLOCK.findall(text)


def _checked(source: Source, start: int, rule: str) -> Any:
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > MAX_FILE_BYTES:
        limit = f"a source file has at most {MAX_FILE_BYTES // 1024} KiB"
        message = f"`{source.name}` has {size:,} bytes"
        raise ResdslError(Diagnostic("E500", message, Span(source, 0, 0), help=limit))
    end = len(source.text.rstrip(" \t\r\n")) if rule == "expr" else len(source.text)
    return _parser().whole(Span(source, start, max(start, end)), rule)


class _Parser:
    """Lark, with the state of the text that it works on.

    One text at a time, and inside it the expressions of a string, while the string is read.
    """

    def __init__(self) -> None:
        self.lock = RLock()
        self.layout = Layout()
        self.builder = Builder(self.expression)
        self.lark = table.load(self.builder, self.layout)
        self.inserted = 0

    def whole(self, span: Span, rule: str) -> Any:
        with self.lock:
            self.inserted = 0
            return self.run(span, rule)

    def expression(self, span: Span) -> tree.Expr:
        """What the braces of a string hold."""
        self.inserted += 1
        if self.inserted > MAX_INTERPOLATIONS:
            message = f"more than {MAX_INTERPOLATIONS:,} expressions in the strings of a file"
            raise ResdslError(Diagnostic("E500", message, span))
        return cast(tree.Expr, self.run(span, "expr"))

    def run(self, span: Span, rule: str) -> Any:
        outer = self.layout.run, self.builder.source
        in_string = span.source.text[span.end : span.end + 1] == "}"
        run = Run(span, "`}`" if in_string else "the end of the line")
        self.layout.run, self.builder.source = run, span.source
        try:
            text = TextSlice(span.source.text, span.start, span.end)
            return self.lark.parse(text, start=rule)
        except UnexpectedToken as error:
            mistake = Mistake(run, error.token, _acceptable(error))
            raise ResdslError(explain(mistake)) from None
        finally:
            self.layout.run, self.builder.source = outer


@cache
def _parser() -> _Parser:
    return _Parser()


def _acceptable(error: UnexpectedToken) -> frozenset[str]:
    """The terminals that the parser would have taken: its state's, if the reductions agree."""
    state = error.interactive_parser.parser_state
    if state.position == state.parse_conf.end_state:
        return frozenset({"$END"})  # it has reduced a whole expression before it saw the token
    return frozenset(
        name
        for name in state.parse_conf.states[state.position]
        if name.isupper() and _takes(state.parse_conf, state.state_stack, name)
    )


def _takes(conf: Any, stack: list[int], terminal: str) -> bool:
    stack = list(stack)
    while True:
        action = conf.states[stack[-1]].get(terminal)
        if action is None:
            return terminal == "$END" and stack[-1] == conf.end_state
        kind, argument = action
        if kind is Shift:
            return True
        size = len(argument.expansion)
        if size:
            del stack[-size:]
        stack.append(conf.states[stack[-1]][argument.origin.name][1])
        if terminal == "$END" and stack[-1] == conf.end_state:
            return True

"""From text to tree: `parse`, and the one parser that a process loads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from threading import RLock
from typing import Any, cast

from lark import TextSlice, UnexpectedToken

from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.limits import MAX_FILE_BYTES, MAX_INTERPOLATIONS
from resdsl.source import Source, Span
from resdsl.syntax import table, tree
from resdsl.syntax.builder import Builder
from resdsl.syntax.layout import Layout, Run

_BLOCK = re.compile(r"^\ufeff?block[ \t]+([A-Za-z_][A-Za-z0-9_]*)", re.MULTILINE)


def parse(source: Source) -> tree.File:
    """The tree of a whole file. Raises ResdslError with all that is wrong, whatever the text."""
    file, found = read(source)
    if found:
        raise ResdslError(*found)
    return file


@lru_cache(maxsize=32)  # a file of blocks is read by many nets, and trees do not change
def read(source: Source) -> tuple[tree.File, tuple[Diagnostic, ...]]:
    """The tree of a whole file, and what is wrong in its syntax, in the order of the text.

    What cannot be read is Broken in the tree. Past a limit (E500) all of the rest is.
    """
    start = 1 if source.text.startswith("\ufeff") else 0
    whole = Span(source, start, max(start, len(source.text)))
    try:
        _check_size(source)
        return _parser().whole(whole, "start")
    except ResdslError as error:
        broken = (tree.Broken(whole),)
        return tree.File(whole, source, (), (), (), broken), error.diagnostics


def parse_expression(source: Source) -> tree.Expr:
    """The tree of one expression, as in `--set name=value`; ResdslError, whatever the text."""
    _check_size(source)
    end = len(source.text.rstrip(" \t\r\n"))
    return cast(tree.Expr, _parser().whole(Span(source, 0, end), "expr")[0])


def block_names(text: str) -> list[str]:
    """The names of the blocks that begin at the start of a line, found without parsing."""
    return _BLOCK.findall(text)


def _check_size(source: Source) -> None:
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size > MAX_FILE_BYTES:
        limit = f"a source file has at most {MAX_FILE_BYTES // 1024} KiB"
        message = f"`{source.name}` has {size:,} bytes"
        raise ResdslError(Diagnostic("E500", message, Span(source, 0, 0), help=limit))


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

    def whole(self, span: Span, rule: str) -> tuple[Any, tuple[Diagnostic, ...]]:
        with self.lock:
            self.inserted = 0
            run = Run(span)
            tree = self.tree(run, rule)
            if not run.found:
                return tree, ()
            from resdsl.syntax.recover import told

            return tree, told(run)

    def expression(self, span: Span) -> tree.Expr:
        """What the braces of a string hold."""
        self.inserted += 1
        if self.inserted > MAX_INTERPOLATIONS:
            message = f"more than {MAX_INTERPOLATIONS:,} expressions in the strings of a file"
            raise ResdslError(Diagnostic("E500", message, span))
        return cast(tree.Expr, self.tree(Run(span, "`}`"), "expr"))

    def tree(self, run: Run, rule: str) -> Any:
        """What Lark makes of the text; if it gives up, what can be saved of it (recover.py)."""
        try:
            text = TextSlice(run.source.text, run.start, run.stop)
            with self.reading(run):
                return self.lark.parse(text, start=rule)
        except UnexpectedToken:
            pass
        except ResdslError as error:
            if error.diagnostics[0].code == "E500":
                raise
        from resdsl.syntax.recover import recover  # only when something is wrong

        run.reset()
        self.inserted = 0 if rule == "start" else self.inserted
        with self.reading(run):
            return recover(self.lark, run, rule, self.parses)

    def parses(self, text: str) -> bool:
        """Whether a text of its own is right."""
        run, inserted = Run(Span(Source("", text), 0, len(text))), self.inserted
        try:
            with self.reading(run):
                self.lark.parse(text, start="start")
        except (UnexpectedToken, ResdslError):
            return False
        finally:
            self.inserted = inserted
        return not run.found

    @contextmanager
    def reading(self, run: Run) -> Iterator[None]:
        """Let layout and builder work on `run`."""
        outer = self.layout.run
        self.layout.run = self.builder.run = run
        try:
            yield
        finally:
            self.layout.run = self.builder.run = outer


@cache
def _parser() -> _Parser:
    return _Parser()

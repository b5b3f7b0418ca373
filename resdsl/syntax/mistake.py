"""What is known of one mistake: the token that the parser cannot take, and what is around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from lark import Token

from resdsl.diagnostics import Diagnostic
from resdsl.source import Span
from resdsl.syntax.brackets import Brackets
from resdsl.syntax.characters import shortened
from resdsl.syntax.layout import Run

VALUE = frozenset(
    ("NAME", "NUMBER", "SHAPE", "STRING", "TENSOR", "LPAR", "LSQB", "MINUS", "NOT", "MATCH")
)
STARTS_STEP = frozenset(("NAME", "TENSOR", "LBRACE"))
_CONTINUES = frozenset(
    (
        "PLUS", "MINUS", "TIMES", "POWER", "COMPARE", "AND", "OR", "NOT", "IN", "IF",
        "_DOT", "LPAR", "LSQB",
    )
)  # fmt: skip
_MODIFIES = frozenset(("X", "STRIDE", "REPEAT", "NAME", "LPAR", "_DOT", "LBRACE"))
_SHOWN = {
    "_NL": "the end of the line", "RPAR": "`)`", "RSQB": "`]`", "RBRACE": "`}`", "LPAR": "`(`",
    "LSQB": "`[`", "LBRACE": "`{`", "_COLON": "`:`", "_EQUAL": "`=`", "_COMMA": "`,`",
    "_DOT": "`.`", "_ARROW": "`->`", "BAR": "`|`", "IN": "`in`", "_FROM": "`from`",
    "_WITH": "`with`", "ELSE": "`else`", "OTHERWISE": "`else:`", "IF": "`if`", "FOR": "`for`",
    "NAME": "a name", "NUMBER": "a number", "SHAPE": "a shape", "STRING": "a string",
    "TENSOR": "a tensor", "SELECTOR": "a selector", "REST": "`...`", "WHEN": "`when`",
}  # fmt: skip
_GIVES_NAME = frozenset(("SHARE", "NOTE", "_WITH", "_COMMA", "LPAR", "MODEL", "LET", "PARAM", ""))
_AFTER_STEP = frozenset(("_NL", "$END", "_ARROW", "X", "REPEAT", "STRIDE"))
_CODE = re.compile(r'(?:[^"#\n]|"(?:[^"\\\n]|\\.)*+"?)*+')


@dataclass(frozen=True)
class Mistake:
    run: Run
    token: Token
    accepts: frozenset[str]
    """The terminals that the parser would take here."""
    brackets: Brackets
    statement: list[Token]
    """The tokens of the statement before this one."""
    parses: Callable[[str], bool]
    """Whether a text of its own would be right."""

    @property
    def kind(self) -> str:
        return self.token.type

    @property
    def span(self) -> Span:
        return self.run.span(self.token)

    @property
    def text(self) -> str:
        return self.run.source.text

    @property
    def found(self) -> str:
        if self.kind in ("_NL", "$END"):
            return self.run.end if self.statement else "the end of the file"
        return f"`{shortened(self.span.text)}`"

    @property
    def expected(self) -> str:
        """The terminals in words, without those that only go on with what stands there."""
        left, words = set(self.accepts), []
        if left >= {"NUMBER", "NAME", "STRING", "TENSOR"}:
            words.append("a value")
            left -= VALUE
        elif left >= {"STAGE", "NAME"}:
            words.append("a statement")
            left = left & {"RBRACE", "BAR", "WHEN"}
        elif left >= STARTS_STEP:
            words.append("a step")
            left -= STARTS_STEP
        if "_DOT" in left or "PLUS" in left:
            left -= _CONTINUES
        if "X" in left:
            left -= _MODIFIES
        if "_NL" in left:
            left -= {"_ARROW", "$END"}
        words += [shown for kind, shown in _SHOWN.items() if kind in left]
        if not words:
            return "something else"
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"

    @property
    def start(self) -> int:
        """Where the statement begins."""
        return (self.statement[0] if self.statement else self.token).start_pos or 0

    @cached_property
    def line(self) -> Span:
        """The statement in the line of the token, without a comment."""
        start = max(self.start, self.text.rfind("\n", 0, self.span.start) + 1)
        code = _CODE.match(self.text, start)
        line = Span(self.run.source, start, code.end() if code else start)
        return replace(line, end=start + len(line.text.rstrip()))

    @property
    def culprit(self) -> Mistake:
        """This, or the token before it, where that began the mistake.

        A name behind a step is read as the name of an argument, until no `=` follows it.
        """
        if self.accepts != {"_EQUAL"} or self.before() != "NAME" or self.before(2) in _GIVES_NAME:
            return self
        accepts = _AFTER_STEP | ({"LPAR", "_DOT"} if self.before(2) == "NAME" else frozenset())
        return replace(
            self, token=self.statement[-1], statement=self.statement[:-1], accepts=accepts
        )

    def before(self, back: int = 1) -> str:
        """The kind of the token `back` places before this one; "" before the statement's start."""
        return self.statement[-back].type if len(self.statement) >= back else ""

    def report(self, code: str, message: str, help: str | None = None) -> Diagnostic:
        return Diagnostic(code, message, self.span, help=help)

"""Reading on behind a mistake: the parse of a text that Lark's own has given up.

The parser is fed token by token. Where a statement may begin, a mark keeps its stacks. At a mistake
it goes back to the mark of the innermost body's statement, takes that statement for Broken, and
goes on where it ends: at a newline, or at what closes its body (`Brackets.statement_end`).

No mistake is told of twice:

1. A statement is broken once; the rest of it is passed over.
2. A closer that nothing opens is passed over; what it tears (`Run.torn`) is not looked into.
3. A `{` that is never closed is closed where its body seems to end (`Brackets.end`), and explains
   what stands out of place behind it. One that is missing, as in Python, is put in.
4. What follows from a broken statement of the same body is broken, too, and silently: an `else`
   behind an `if`, one branch outside of a merge behind another.
5. A limit exceeded (E500) ends the reading, and so do MAX_ERRORS mistakes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lark import Lark, TextSlice, Token
from lark.lexer import LexerState
from lark.parsers.lalr_analysis import Shift

from resdsl.diagnostics import Diagnostic, ResdslError
from resdsl.limits import MAX_ERRORS
from resdsl.source import Span
from resdsl.syntax.brackets import Brackets
from resdsl.syntax.layout import Refused, Run
from resdsl.syntax.mistake import Mistake
from resdsl.syntax.mistakes import exchanged, explain, headless, unclosed_brace

_EXPLAINS = (
    (re.compile(r"(?:if|elif|else)\b"), re.compile(r"(?:elif|else)\b")),
    (re.compile(r"\|"), re.compile(r"\|")),
)
"""How a broken statement begins, and how those of its body begin that it explains."""
_LINE_END = re.compile(r"[ \t]*(?=[#\r\n]|\Z)")
_LINE_BELOW = re.compile(r"[ \t]*:?(?:[ \t]*(?:#[^\n]*)?\r?\n)++[ \t]*(\S)")


def recover(lark: Lark, run: Run, rule: str, parses: Callable[[str], bool]) -> Any:
    """The tree of `run`, with Broken for what cannot be read; what is wrong goes to `run.found`.

    `parses` says whether a text of its own is right. Raises ResdslError where no statement holds
    the mistake: in an expression.
    """
    return _Reader(lark, run, rule, parses).read()


def told(run: Run) -> tuple[Diagnostic, ...]:
    """What to say of `run`: in the order of the text, nothing twice, MAX_ERRORS at most.

    A statement out of place (E123) is not told of where another one that is broken holds it, nor
    behind a `{` that is never closed.
    """
    places = {(_start(d), d.code): d for d in reversed(run.found)}
    ordered = [places[key] for key in sorted(places)]
    spans = iter(sorted((b.span.start, b.span.end) for b in run.broken))
    opened = next((_start(d) for d in ordered if d.code == "E120"), run.stop)
    span, end, kept = next(spans, None), -1, []
    for diagnostic in ordered:
        start = _start(diagnostic)
        while span and span[0] < start:
            end, span = max(end, span[1]), next(spans, None)
        if diagnostic.code != "E123" or (start < opened and start >= end):
            kept.append(diagnostic)
    return tuple(kept[:MAX_ERRORS])


@dataclass
class _Mark:
    """The parser before a statement: `depth` is the number of open brackets around it."""

    depth: int
    start: int
    states: list[int]
    values: list[Any]
    explained: tuple[re.Pattern[str], ...]
    """What may not be told of in this body any more, by its beginning."""


class _Reader:
    def __init__(self, lark: Lark, run: Run, rule: str, parses: Callable[[str], bool]) -> None:
        text = TextSlice(run.source.text, run.start, run.stop)
        interactive = lark.parse_interactive(text, start=rule)
        self.state = interactive.parser_state
        self.lexer: Any = interactive.lexer_thread.lexer
        self.run, self.parses = run, parses
        self.brackets = Brackets(run.source.text)
        run.stray = self.brackets.stray
        self.marks: list[_Mark] = []
        self.mistakes = 0
        """Those that are not told of, too: each takes its time."""
        self.after_stray = -1
        """Where the last closer that nothing opens ends."""
        self.ended = False
        self.result: Any = None

    def read(self) -> Any:
        at: int | None = self.run.start
        while at is not None:
            at = self._read_from(at)
        return self.result

    def _read_from(self, at: int) -> int | None:
        """Feeds the parser from `at` on. Where to go on after a mistake; None at the end."""
        token = None
        try:
            for token in self._tokens(at):
                self.run.taken += 1
                self._mark(token)
                if (end := self._ends_body(token)) is not None:
                    return end
                if (body := self._opens_body(token)) is not None:
                    return body
                if token.type == "LBRACE" and self.brackets.is_exchanged(token.start_pos or 0):
                    raise Refused(token, exchanged(self.run, token, "("))
                if not self._takes(token.type):
                    raise Refused(token, explain(self._mistake(token)))
                self.result = self.state.feed_token(token, token.type == "$END")
            return None
        except Refused as refusal:
            if refusal.token is not token:  # by the lexer, before it came here
                self._mark(refusal.token)
            place = self.run.span(refusal.token).start
            return self._behind(refusal.token, place, refusal.diagnostics)
        except ResdslError as error:  # of the builder
            assert token is not None
            return self._behind(token, _start(error.diagnostics[0]), error.diagnostics)

    def _tokens(self, at: int) -> Iterator[Token]:
        text = TextSlice(self.run.source.text, at, self.run.stop)
        yield from self.lexer.lex(LexerState(text), self.state)
        yield Token("$END", "", self.run.stop, end_pos=self.run.stop)

    def _mark(self, token: Token) -> None:
        """Remember the state of the parser if a statement begins with `token`."""
        depth = len(self.run.open)
        while self.marks and self.marks[-1].depth > depth:
            self.marks.pop()
        if "BROKEN" not in self.state.parse_conf.states[self.state.position]:
            return
        explained: tuple[re.Pattern[str], ...] = ()
        if self.marks and self.marks[-1].depth == depth:
            explained = self.marks.pop().explained
        stacks = self.state.state_stack.copy(), self.state.value_stack.copy()
        self.marks.append(_Mark(depth, self.run.span(token).start, *stacks, explained))

    # ------------------------------------------------------------ mistakes

    def _behind(self, token: Token, fault: int, found: tuple[Diagnostic, ...]) -> int:
        """Note what was found at `token`, break the statement, and say where the next one begins.

        The parser took no more of the statement at `fault`.
        """
        if not self.marks:
            raise ResdslError(*found)
        place = self.run.span(token).start
        if token.type in ("ELSE", "_ARROW") and "\n" in token and self._takes("_NL"):
            try:
                self._feed("_NL", place, place)  # the line before is whole
            except ResdslError as error:
                fault, found = _start(error.diagnostics[0]), error.diagnostics
            else:
                return place
        if found[0].code == "E122":
            return self._behind_stray(token, found[0])
        if not self._is_explained(place, found[0].code):
            self.run.found += found
        mark, text = self.marks[-1], self.run.source.text
        self.mistakes += 1
        if self.mistakes >= MAX_ERRORS or any(d.code == "E500" for d in found):
            self.ended = True
            self._break(self.run.stop)
            return self.run.stop
        if found[0].code == "E104" and (body := self._missing_brace(_start(found[0]))):
            return body
        last = self.run.stop
        for opener in self.run.open[mark.depth :]:
            if opener.type != "LBRACE" and not self.brackets.is_closed(opener.start_pos or 0):
                last = text.rfind("\n", opener.start_pos or 0, place)
                last = last if last >= 0 else self.run.stop
        in_branch = _takes(self.state.parse_conf, mark.states, "BAR")
        start = _comment_end(text, place) or _comment_end(text, mark.start) or mark.start
        end = self.brackets.statement_end(start, fault, last, in_branch)
        end = end if end > mark.start else token.end_pos or 0
        self._break(end)
        return end

    def _is_explained(self, place: int, code: str) -> bool:
        """Whether the mistake at `place` follows from one that was told of."""
        mark, text = self.marks[-1], self.run.source.text
        if any(follower.match(text, mark.start) for follower in mark.explained):
            return True
        between = text[self.after_stray : place] if self.after_stray >= 0 else "-"
        return code != "E122" and (mark.start < self.after_stray <= place or not between.strip(" "))

    def _behind_stray(self, token: Token, found: Diagnostic) -> int:
        """Note a closer that nothing opens, and what it tears; it is passed over.

        In a line's end it may be meant for the `{` of a body, or for the `}` of one.
        """
        run, text, mark = self.run, self.run.source.text, self.marks[-1]
        place, end = token.start_pos or 0, token.end_pos or 0
        line = text.rfind("\n", 0, place) + 1
        self.mistakes += 1
        if self.mistakes >= MAX_ERRORS:
            run.found.append(found)
            self.ended = True
            self._break(run.stop)
            return run.stop
        self.after_stray = end
        if _LINE_END.match(text, end):
            behind = run.statement and self._takes("LBRACE")
            if behind and (body := self._missing_brace(end, needs_closer=True)):
                run.found.append(exchanged(run, token, "{"))
                return body
            opener = run.open[-1] if run.open else None
            if opener and opener.type == "LBRACE" and token.type != "RBRACE":
                at = opener.start_pos or 0
                if not self.brackets.is_closed(at) and "\n" not in text[at:place]:
                    run.found.append(exchanged(run, token, "}", opener))
                    self._close(place, whole=True)
                    return end
        if token.type != "RBRACE" and not (run.last and run.last.type in ("RPAR", "RSQB")):
            run.torn.append(Span(run.source, mark.start, mark.start + 1))  # `fc10)`
        head, body = self.brackets.body_of(place)
        if body < place and "\n" in text[body:place]:
            run.torn.append(Span(run.source, body, place))
            if not any(head <= _start(d) < place for d in run.found):
                run.found.append(headless(run, body, place))
        elif not any(line <= _start(d) < place for d in run.found):
            run.found.append(found)
        return end

    def _missing_brace(self, place: int, needs_closer: bool = False) -> int | None:
        """Where to go on behind the head of a body without its `{`, as if that stood there."""
        text, mark = self.run.source.text, self.marks[-1]
        below = _LINE_BELOW.match(text, place)
        if not below:
            return None
        if below[1] == "{":
            return below.start(1)
        if not self.brackets.insert(place, needs_closer):
            return None
        head = [token for token in self.run.statement if (token.start_pos or 0) < place]
        self._go_back()
        for token in head:
            self.state.feed_token(token)
        mark.explained += _followers(text, mark.start)
        self._feed("LBRACE", place, place)
        self.run.open.append(self.run.statement[-1])
        self.run.counts.append(0)
        self.run.statement.clear()
        return below.end() - 1

    def _opens_body(self, token: Token) -> int | None:
        """Where to go on behind a `(` or `[` that stands for the `{` of a body."""
        if token.type not in ("LPAR", "LSQB") or (token.start_pos or 0) in self.brackets.partner:
            return None
        end = token.end_pos or 0
        if not _LINE_END.match(self.run.source.text, end) or not self._takes("LBRACE"):
            return None
        body = self._missing_brace(end, needs_closer=True)
        if body is not None:
            self.run.found.append(exchanged(self.run, token, "{"))
        return body

    def _mistake(self, token: Token) -> Mistake:
        accepts, statement = self._accepts(), self.run.statement
        return Mistake(self.run, token, accepts, self.brackets, statement, self.parses)

    def _break(self, end: int) -> None:
        """Take what stands from the innermost mark to `end` for a broken statement."""
        mark, text = self.marks[-1], self.run.source.text
        mark.explained += _followers(text, mark.start)
        self._go_back()
        self._feed("BROKEN", mark.start, mark.start + len(text[mark.start : end].rstrip()))

    def _go_back(self) -> None:
        """To the innermost mark."""
        mark, run = self.marks[-1], self.run
        self.state.state_stack[:], self.state.value_stack[:] = mark.states, mark.values
        del run.open[mark.depth :], run.counts[mark.depth + 1 :]
        run.counts[-1] = 0
        run.statement.clear()

    # ------------------------------------------------------------ bodies that lack their `}`

    def _ends_body(self, token: Token) -> int | None:
        """Close a body that lacks its `}` and seems to end before `token`: where to go on."""
        if not self.run.open or self.run.open[-1].type != "LBRACE":
            return None
        opener = self.run.open[-1].start_pos or 0
        if token.type != "$END" and (
            self.brackets.is_closed(opener) or self.brackets.end(opener) >= (token.end_pos or 0)
        ):
            return None
        known = self.ended or opener in self.brackets.inserted
        other = None if known else self.brackets.exchanged(opener)
        if other is not None:
            wrong = Token("", self.run.source.text[other], other, end_pos=other + 1)
            self.run.found.append(exchanged(self.run, wrong, "}", self.run.open[-1]))
            self._close(other, whole=True)
            return other + 1
        line = self.run.source.text.rfind("\n", 0, opener) + 1
        if not known and not any(line <= _start(d) <= opener + 1 for d in self.run.found):
            self.run.found.append(unclosed_brace(self.run, self.brackets))
        last = self.run.last.end_pos if self.run.last is not None else 0
        start = token.start_pos or 0
        self._close(start, whole=known)
        return max(last or 0, min(start, self.brackets.end(opener)))

    def _close(self, at: int, whole: bool) -> None:
        """Close the innermost body, with a broken statement if it is not `whole`; break what is
        not a body yet.
        """
        depth = len(self.run.open)
        try:
            if self._takes("_NL") and not whole:
                self._feed("_NL", at, at)
            if whole and self._takes("RBRACE"):
                pass
            elif self._takes("BROKEN"):
                self._feed("BROKEN", at, at)
            else:
                self._break(at)
        except ResdslError as error:
            self.run.found += error.diagnostics
            self._break(at)
        if len(self.run.open) == depth:
            self._feed("RBRACE", at, at)  # what stands before it was taken already
            self.run.open.pop()
            self.run.counts.pop()

    # ------------------------------------------------------------ the parser

    def _feed(self, kind: str, start: int, end: int) -> None:
        """A token that does not stand in the text."""
        token = Token(kind, self.run.source.text[start:end], start, end_pos=end)
        self.state.feed_token(token)
        if kind == "_NL":
            self.run.statement.clear()
        else:
            self.run.statement.append(token)
            self.run.last = token

    def _accepts(self) -> frozenset[str]:
        """The terminals that the parser would take."""
        known = self.state.parse_conf.states[self.state.position]
        names = {name for name in known if name.isupper() and self._takes(name)}
        return frozenset(names - {"BROKEN"})

    def _takes(self, terminal: str) -> bool:
        return _takes(self.state.parse_conf, self.state.state_stack, terminal)


def _start(diagnostic: Diagnostic) -> int:
    return diagnostic.span.start if diagnostic.span else 0


def _followers(text: str, start: int) -> tuple[re.Pattern[str], ...]:
    """What a mistake in the statement at `start` explains further down in its body."""
    return tuple(follower for leader, follower in _EXPLAINS if leader.match(text, start))


def _comment_end(text: str, at: int) -> int | None:
    """Where a comment of another language that begins at `at` ends."""
    for opening, closing in (("/*", "*/"), ('"""', '"""'), ("'''", "'''"), ("<!--", "-->")):
        if text.startswith(opening, at):
            end = text.find(closing, at + len(opening))
            return end + len(closing) if end >= 0 else None
    return None


def _takes(conf: Any, stack: list[int], terminal: str) -> bool:
    """Whether the parser takes the terminal: it may reduce what it has before it does."""
    stack = list(stack)
    while True:
        action = conf.states[stack[-1]].get(terminal)
        if action is None:
            return False
        kind, argument = action
        if kind is Shift:
            return True
        size = len(argument.expansion)
        if size:
            del stack[-size:]
        stack.append(conf.states[stack[-1]][argument.origin.name][1])
        if terminal == "$END" and stack[-1] == conf.end_state:
            return True

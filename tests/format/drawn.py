"""Specs drawn from the grammar, word for word, and laid out at random where the language is free.

A spec is a list of `Piece`s: a word, and what may stand before it. Every one parses; none need mean
anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from hypothesis import strategies as st

from tests.format.drawn_expressions import NAMES, STRINGS, Expressions, Gap, Piece

KEYWORDS = ("drop", "stage", "note", "let", "use", "stride", "x", "when", "input", "from", "with")
COMMENTS = ("#", "# a comment", "## a doc", "#tight", '# {[( " -> é ', "# x\t", "#: a, b")


class Draw(Expressions):
    """Statements and files."""

    # ------------------------------------------------------------ dataflow

    def settings(self) -> None:
        self.listed("(", ")", 1, self.setting, end=True)

    def call(self) -> None:
        self.name()
        if self.some(0.1):
            self.put(".", self.one(NAMES))
        if self.some(0.6):
            self.arguments()

    def chain(self) -> None:
        self.step()
        for _ in range(self.many(0, 3)):
            self.free("->")
            self.next_free()
            self.step()

    def step(self) -> None:
        kind = self.random.randrange(8)
        if kind == 0 and self.deeper(0.7):
            self.call()
            self.merge()
        elif kind == 1 and self.deeper(0.7):
            self.body("group")
            self.modifiers()
        elif kind == 2:
            self.put(self.one(("@a", "@in", '@"b{i}"')))
            if self.some(0.3):
                self.put("[", gap="inside")
                self.brackets += 1
                self.expr()
                self.brackets -= 1
                self.free("]")
                self.put(".", "channels")
        else:
            self.call()
            self.modifiers()

    def modifiers(self) -> None:
        kinds = ["x", "stride", "k", "act"]
        self.random.shuffle(kinds)
        for kind in kinds[: self.random.choice((0, 0, 1, 2, 3))]:
            if kind == "x":
                if self.some():
                    self.put(self.one(("x2", "x10", "x1")))
                    continue
                self.put("x")
                self.postfix()
            elif kind == "stride":
                self.put("stride")
                self.postfix()
            else:
                self.put(kind, "=")
                self.next_free()
                self.expr()

    def merge(self) -> None:
        self.put("{")
        for _ in range(self.many(1, 3)):
            self.free("|")
            kind = self.random.randrange(6)
            self.next_free()
            if kind == 0:
                self.put("when")
                self.expr()
                self.put(":")
            elif kind == 1:
                self.loop(self.expr)
                self.put(":")
            self.next_free()
            self.statements("branch", 0)
            self.before = None
        self.free("}")

    def loop(self, items: Callable[[], None]) -> None:
        self.put("for")
        self.pieces.append(Piece("inside", self.one(NAMES)))  # else `for` were a name
        for _ in range(self.many(0, 1)):
            self.put(",")
            self.next_free()
            self.name()
        self.put("in")
        self.next_free()
        items()

    # ------------------------------------------------------------ statements

    def body(self, place: str) -> None:
        self.put("{")
        self.next_free()
        self.statements(place, 0)
        self.before = None
        self.free("}")

    def statements(self, place: str, least: int) -> None:
        for number in range(self.many(least, 4)):
            if number:
                self.before = "statement"
            self.statement(place)

    def statement(self, place: str) -> None:
        kinds: list[Callable[[], None]] = [self.labelled, self.labelled, self.labelled, self.output]
        if place != "derived":
            kinds += [self.chain, self.let, self.require, self.default, lambda: self.if_(place)]
            kinds += [lambda: self.for_(place)]
        if place in ("model", "derived"):
            kinds += [self.note, self.expect, self.init]
        if place == "model":
            kinds += [self.param, self.input]
        if place == "derived":
            kinds += [self.drop]
        self.random.choice(kinds)()

    def label(self) -> None:
        self.put(self.one((*NAMES, *STRINGS)))

    def labelled(self) -> None:
        if self.some():
            self.put("stage")
            self.label()
            if self.deeper(0.2):
                self.body("group")
                self.modifiers()
                return
        else:
            self.put(self.one((*NAMES, *STRINGS, *KEYWORDS)))
        self.put(":")
        self.next_free()
        self.chain()

    def output(self) -> None:
        self.put("output")
        self.name()
        if self.some(0.3):
            self.settings()
        if self.some():
            self.put(":")
            self.next_free()
            self.chain()

    def let(self) -> None:
        self.put(self.one(("let", "share")))
        self.name()
        if self.pieces[-2].word == "let" and self.some(0.3):
            self.listed("(", ")", 1, self.name, end=False)
        self.value()

    def value(self) -> None:
        self.put("=")
        self.next_free()
        self.expr()

    def note(self) -> None:
        self.put("note", self.one(NAMES))
        self.value()

    def expect(self) -> None:
        self.put("expect")
        self.expr()

    def require(self) -> None:
        self.put("require")
        self.expr()
        if self.some():
            self.put(",")
            self.next_free()
            self.put(self.one(STRINGS))

    def default(self) -> None:
        self.put("default")
        self.sequence(self.call)

    def drop(self) -> None:
        self.put("drop")
        self.names()

    def init(self) -> None:
        self.put("init", self.one(("conv", "*.bn1", "s.0.conv1", "*", '"conv"', "conv_*.weight")))
        self.value()

    def param(self) -> None:
        self.put("param")
        self.parameter()

    def parameter(self) -> None:
        self.name()
        if self.some():
            self.put(":")
            self.next_free()
            self.type()
        if self.some():
            self.value()

    def type(self) -> None:
        for number in range(self.many(1, 4)):
            if number:
                self.put("|")
                self.next_free()
            if self.deeper(0.2):
                self.put("[")
                self.brackets += 1
                self.type()
                self.brackets -= 1
                self.free("]")
            else:
                self.put(self.one((*NAMES, "int", "18", '"a"')))

    def input(self) -> None:
        self.put("input")
        self.name()
        if self.some(0.2):
            self.settings()
        self.put(":")
        self.next_free()
        self.expr()

    def if_(self, place: str) -> None:
        self.put("if")
        self.next_free()
        self.expr()
        inner = "branch" if place == "model" else place
        self.body(inner)
        while self.some(0.3):
            self.free("else")
            self.next_free()
            if self.some():
                self.body(inner)
                break
            self.put("if")
            self.next_free()
            self.expr()
            self.body(inner)

    def for_(self, place: str) -> None:
        self.loop(self.expr)
        self.body("branch" if place == "model" else place)

    # ------------------------------------------------------------ files

    def file(self) -> None:
        if self.some(0.3):
            self.put("model", self.one(NAMES))
            self.before = "statement"
        for _ in range(self.random.randint(0, 6)):
            self.random.choice(
                (self.use, self.block, self.model, self.derived, self.own, self.own)
            )()
            self.before = "statement"

    def own(self) -> None:
        self.statements("model", 1)

    def use(self) -> None:
        self.put("use")
        if self.some():
            self.names()
            self.put("from")
        self.put('"a.res"')

    def block(self) -> None:
        self.put("block", self.one(NAMES))
        if self.some():
            self.listed("(", ")", 0, self.block_parameter, end=True)
        self.body("group")

    def block_parameter(self) -> None:
        if self.some(0.1):
            self.put("...")
        else:
            self.parameter()

    def model(self) -> None:
        self.put("model", self.one(NAMES))
        self.body("model")

    def derived(self) -> None:
        self.put("model", self.one(NAMES), "=")
        self.next_free()
        self.name()
        if self.some():
            self.put("with")
            self.sequence(self.setting)
        if self.some():
            self.body("derived")


def laid_out(pieces: list[Piece], random: Random, comments: bool, newline: str = "\n") -> str:
    """One of the many texts of these words."""
    parts: list[str] = []
    for before, piece in zip([Piece("free", ""), *pieces], pieces, strict=False):
        tight = not re.search(r"[\w.]$", before.word) or not re.match(r"[\w.\"@]", piece.word)
        parts += [_gap(piece.gap, random, comments, newline, tight), piece.word]
    parts.append(_gap("free", random, comments, newline, True))
    return "".join(parts)


def _gap(gap: Gap, random: Random, comments: bool, newline: str, tight: bool) -> str:
    blanks = ("", " ", "  ", "\t") if tight else (" ", "  ", "\t ")
    found = random.choice(blanks)
    if gap == "inside" or (gap == "free" and random.random() < 0.6):
        return found
    for _ in range(random.choice((1, 1, 1, 2)) if comments else 1):
        if comments and random.random() < 0.3:
            found += random.choice(COMMENTS)
        found += newline * (random.choice((1, 1, 1, 2, 3)) if comments else 1)
        found += random.choice(("", "  ", "\t"))
    return found


@st.composite
def specs(draw: st.DrawFn) -> list[Piece]:
    """The words of a file."""
    drawn = Draw(draw(st.randoms(use_true_random=False)), draw(st.integers(0, 80)))
    drawn.file()
    return drawn.pieces


@st.composite
def texts(draw: st.DrawFn, comments: bool = True) -> str:
    """A file, laid out anyhow."""
    newline = draw(st.sampled_from(("\n", "\n", "\r\n")))
    return laid_out(draw(specs()), draw(st.randoms(use_true_random=False)), comments, newline)

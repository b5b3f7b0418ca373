"""Specs drawn from the grammar, word for word, and laid out at random where the language is free.

A spec is a list of `Piece`s: a word, and what may stand before it. Every one parses; none need mean
anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from hypothesis import strategies as st

Gap = Literal["inside", "free", "statement"]
"""Blanks only; newlines and comments as well; at least one newline."""

NAMES = ("a", "bn", "conv", "conv_bn_act", "relu", "out", "width", "identity", "conv2_x", "x4y")
KEYWORDS = ("drop", "stage", "note", "let", "use", "stride", "x", "when", "input", "from", "with")
NUMBERS = ("0", "1", "3", "64", "1024", "25_557_032", "4.09G", "1e-3", "0.5")
STRINGS = ('"0"', '"a{i}"', '"{i + 1}"', '"# no comment"', '"{{}}\\""', '"->"', '""')
COMMENTS = ("#", "# a comment", "## a doc", "#tight", '# {[( " -> é ', "# x\t", "#: a, b")


@dataclass(frozen=True)
class Piece:
    gap: Gap
    word: str


class Draw:
    """Writes one construct of the grammar after another."""

    def __init__(self, random: Random, size: int) -> None:
        self.random = random
        self.pieces: list[Piece] = []
        self.brackets = 0
        """How many `(` and `[` are open: inside them every gap is free."""
        self.before: Gap | None = None
        """What may stand before the next word, whatever it is."""
        self.size = size
        """How many more parts may be drawn that have parts of their own."""

    def put(self, *words: str, gap: Gap = "inside") -> None:
        for word in words:
            self.pieces.append(Piece("free" if self.brackets else self.before or gap, word))
            gap, self.before = "inside", None

    def free(self, *words: str) -> None:
        self.put(*words, gap="free")

    def one(self, words: tuple[str, ...]) -> str:
        return self.random.choice(words)

    def some(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    def many(self, least: int, most: int) -> int:
        return self.random.randint(least, most) if self.size > 0 else least

    def deeper(self, chance: float) -> bool:
        self.size -= 1
        return self.size > 0 and self.some(chance)

    # ------------------------------------------------------------ lists

    def listed(
        self, opening: str, closing: str, least: int, item: Callable[[], None], end: bool
    ) -> None:
        """Items in brackets; a comma may stand behind the last (`end`)."""
        self.put(opening)
        self.brackets += 1
        count = self.many(least, 4)
        for number in range(count):
            item()
            if number < count - 1 or (end and self.some(0.2)):
                self.put(",")
        self.brackets -= 1
        self.free(closing)

    def sequence(self, item: Callable[[], None]) -> None:
        item()
        for _ in range(self.many(0, 2)):
            self.put(",")
            self.next_free()
            item()

    def next_free(self) -> None:
        """What comes next may stand on a line of its own."""
        self.before = "free"

    def name(self) -> None:
        self.put(self.one(NAMES))

    def names(self) -> None:
        self.sequence(self.name)

    # ------------------------------------------------------------ expressions

    def expr(self) -> None:
        if self.deeper(0.15):
            self.disjunction()
            self.put("if")
            self.next_free()
            self.disjunction()
            self.free("else")
            self.next_free()
            self.expr()
        else:
            self.disjunction()

    def disjunction(self) -> None:
        self.operations(0)

    def operations(self, level: int) -> None:
        """Operands with the operators of a level between them; tighter levels are operands."""
        levels = (("or",), ("and",), ("==", "<=", "~=", "in"), ("+", "-"), ("*", "/", "//", "%"))
        if level == 2 and self.deeper(0.1):
            self.put("not")
            self.next_free()
            self.operations(2)
            return
        if level == len(levels):
            self.signed()
            return
        self.operations(level + 1)
        for _ in range(self.many(0, 1) if level == 2 else self.many(0, 2)):
            if self.some(0.25):
                self.put(self.one(levels[level]))
                self.next_free()
                self.operations(level + 1)

    def signed(self) -> None:
        if self.deeper(0.1):
            self.put("-")
            self.next_free()
            self.signed()
            return
        self.postfix()
        if self.deeper(0.1):
            self.put("**")
            self.next_free()
            self.signed()

    def postfix(self) -> None:
        kind = self.random.randrange(14)
        if kind < 4 or self.size <= 0:
            self.put(self.one(NAMES))
        elif kind < 7:
            self.put(self.one(NUMBERS))
        elif kind == 7:
            self.put(self.one(STRINGS))
        elif kind == 8:
            self.put(self.one(("@a", '@"b{i}"', "3x3", "3x224x224")))
        elif kind == 9:
            self.bracketed(self.expr)
        elif kind == 10:
            self.listed("[", "]", 0, self.expr, end=True)
        elif kind == 11:
            self.comprehension()
        elif kind == 12:
            self.match()
        else:
            self.put(self.one(NAMES))
            self.arguments()
        while self.deeper(0.15):
            if self.some():
                self.put(".", self.one(NAMES))
            else:
                self.put("[")
                self.brackets += 1
                self.expr()
                self.brackets -= 1
                self.free("]")

    def bracketed(self, inside: Callable[[], None]) -> None:
        self.put("(")
        self.brackets += 1
        inside()
        self.brackets -= 1
        self.free(")")

    def comprehension(self) -> None:
        self.put("[")
        self.brackets += 1
        self.expr()
        self.loop(self.disjunction)
        if self.some(0.3):
            self.put("if")
            self.disjunction()
        self.brackets -= 1
        self.free("]")

    def match(self) -> None:
        self.size -= 2
        brackets, self.brackets = self.brackets, 0
        self.put("match", gap="free" if brackets else "inside")
        self.disjunction()
        self.put("{")
        for number in range(self.many(1, 3)):
            self.before = "statement" if number else "free"
            if number and self.some():
                self.before = None
                self.put(",")
                self.next_free()
            self.put(self.one((*NAMES, *NUMBERS, *STRINGS, "3x3")))
            while self.some(0.3):
                self.put("|")
                self.next_free()
                self.put(self.one(NUMBERS))
            self.put(":")
            self.next_free()
            self.expr()
        self.free("}")
        self.brackets = brackets

    # ------------------------------------------------------------ dataflow

    def arguments(self) -> None:
        self.listed("(", ")", 0, self.argument, end=True)

    def argument(self) -> None:
        if self.some(0.1):
            self.put("...")
        elif self.some(0.3):
            self.setting()
        else:
            self.expr()

    def setting(self) -> None:
        self.put(self.one(NAMES), "=")
        self.next_free()
        self.expr()

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

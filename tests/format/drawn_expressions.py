"""Expressions drawn from the grammar, word for word: what drawn.py makes specs of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

Gap = Literal["inside", "free", "statement"]
"""Blanks only; newlines and comments as well; at least one newline."""

NAMES = ("a", "bn", "conv", "conv_bn_act", "relu", "out", "width", "identity", "conv2_x", "x4y")
NUMBERS = ("0", "1", "3", "64", "1024", "25_557_032", "4.09G", "1e-3", "0.5")
STRINGS = ('"0"', '"a{i}"', '"{i + 1}"', '"# no comment"', '"{{}}\\""', '"->"', '""')


@dataclass(frozen=True)
class Piece:
    gap: Gap
    word: str


class Expressions:
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

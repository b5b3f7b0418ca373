"""Realistic single mistakes in a spec: the same ones each time, for a name and a number of them.

A mistake is made in code only: never in a comment, nor in what a `note` says.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

_TOKEN = re.compile(
    r"""(?P<skip>[ \t]+|\#[^\n]*)
      | (?P<newline>\r?\n)
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<number>[0-9]+(?:x[0-9]+)+ | [0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?[kMGT]?
                 | \bx[0-9]+\b)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>->|\.\.\.|\*\*|//|==|!=|<=|>=|~=|[\s\S])""",
    re.VERBOSE,
)
_BRACKETS = "()[]{}"
_ROWS = "qwertyuiop", "asdfghjkl", "zxcvbnm"
_COMMON = [1, 2, 3, 4, 5, 6, 7, 8, 10, 16, 32, 64, 100, 128, 224, 256, 512, 1000, 1024, 2048]


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, string, sign or newline of a text; `said` where it stands in a `note`."""

    kind: str
    start: int
    end: int
    text: str
    said: bool = False


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text with one mistake: its kind, what was changed to what, and on which lines it is now."""

    kind: str
    text: str
    offset: int
    before: str
    after: str
    first: int
    last: int

    def near(self, line: int) -> bool:
        """Whether that line lies within one line of the change."""
        return self.first - 1 <= line <= self.last + 1


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    end: int
    after: str


def tokens(text: str) -> list[Token]:
    """The tokens of a text, without blanks and comments."""
    found: list[Token] = []
    statement: list[str] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "skip":
            continue
        statement = [] if kind == "newline" else [*statement, match[0]]
        said = statement[:1] == ["note"] and len(statement) > 3
        found.append(Token(kind, match.start(), match.end(), match[0], said))
    return found


def mutants(name: str, text: str, count: int) -> list[Mutant]:
    """Up to `count` different mutants of a text, drawn by a generator that `name` seeds."""
    rng = random.Random(f"mutants of {name}")
    makers = {kind: sites for kind, maker in KINDS.items() if (sites := maker(text, tokens(text)))}
    kinds = [kind for kind in makers for _ in range(3 if kind in OF_THE_PROMISE else 1)]
    found: dict[str, Mutant] = {}
    for _ in range(40 * count):
        if len(found) == count:
            break
        kind = rng.choice(kinds)
        edit = rng.choice(makers[kind])(rng)
        if edit is not None:
            mutant = _apply(kind, text, edit)
            if mutant.text != text:
                found.setdefault(mutant.text, mutant)
    return list(found.values())


def _apply(kind: str, text: str, edit: _Edit) -> Mutant:
    changed = text[: edit.start] + edit.after + text[edit.end :]
    first = text.count("\n", 0, edit.start) + 1
    last = first + edit.after.rstrip("\n").count("\n")
    before = text[edit.start : edit.end]
    return Mutant(kind, changed, edit.start, before, edit.after, first, last)


# ---------------------------------------------------------------- the kinds of mistakes
#
# A maker lists the places of a text where its mistake can be made; a place makes one, by chance.

_Site = Callable[[random.Random], _Edit | None]


def _always(start: int, end: int, after: str) -> _Site:
    return lambda rng: _Edit(start, end, after)


def _drop(text: str, all: list[Token]) -> list[_Site]:
    return [_always(t.start, t.end, " " * (t.kind == "newline")) for t in _deletable(text, all)]


def _deletable(text: str, all: list[Token]) -> Iterator[Token]:
    """All tokens but the newlines whose loss would change nothing, or comment out what follows."""
    for token in all:
        line = text[text.rfind("\n", 0, token.start) + 1 : token.start]
        following = text[token.end :].split("\n", 1)[0].strip()
        if token.kind != "newline" or (line.strip() and "#" not in line and following):
            yield token


def _double(text: str, all: list[Token]) -> list[_Site]:
    words = "name", "number", "string"
    return [
        _always(t.end, t.end, " " * (t.kind in words) + t.text) for t in all if t.kind != "newline"
    ]


def _swap(text: str, all: list[Token]) -> list[_Site]:
    return [
        _always(a.start, b.end, b.text + text[a.end : b.start] + a.text)
        for a, b in pairwise(all)
        if "newline" not in (a.kind, b.kind) and a.text != b.text
    ]


def _misspell(text: str, all: list[Token]) -> list[_Site]:
    return [_misspelling(t) for t in _spelled(all)]


def _spelled(all: list[Token]) -> Iterator[Token]:
    """Names, and strings that name something: a file after `use`, a label before `:`."""
    for before, token, after in zip([None, *all], all, [*all[1:], None], strict=False):
        names = (before and before.text in ("use", "from")) or (after and after.text == ":")
        if token.kind == "name" or (token.kind == "string" and names):
            yield token


def _misspelling(token: Token) -> _Site:
    letters = [i for i, c in enumerate(token.text) if c.isalpha()]

    def make(rng: random.Random) -> _Edit | None:
        if not letters:
            return None
        i, word = rng.choice(letters), token.text
        how = rng.choice(["transpose", "drop", "double", "replace"])
        if len(letters) == 1 and how != "double":
            how = "replace"
        after = {
            "transpose": word[:i] + word[i + 1 : i + 2] + word[i] + word[i + 2 :],
            "drop": word[:i] + word[i + 1 :],
            "double": word[: i + 1] + word[i:],
            "replace": word[:i] + _neighbour(rng, word[i]) + word[i + 1 :],
        }[how]
        return _Edit(token.start, token.end, after)

    return make


def _neighbour(rng: random.Random, letter: str) -> str:
    """A letter that lies beside this one on the keyboard."""
    low = letter.lower()
    row = next((r for r in _ROWS if low in r), low + "e")
    at = row.index(low)
    found = rng.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)])
    return found.upper() if letter.isupper() else found


def _number(text: str, all: list[Token]) -> list[_Site]:
    return [
        _renumbering(token.start + run.start(), run[0])
        for token in all
        if token.kind == "number" and not token.said
        for run in re.finditer("[0-9]+", token.text)
    ]


def _renumbering(start: int, digits: str) -> _Site:
    def make(rng: random.Random) -> _Edit | None:
        value, i = int(digits), rng.randrange(len(digits))
        after = rng.choice(
            [
                str(value + 1),
                str(max(0, value - 1)),
                digits[:i] + digits[i + 1 : i + 2] + digits[i] + digits[i + 2 :],
                digits + "0",
                digits[:i] + digits[i + 1 :],
                str(rng.choice(_COMMON)),
            ]
        )
        return _Edit(start, start + len(digits), after) if after else None

    return make


def _lines(text: str, all: list[Token]) -> list[tuple[int, int]]:
    """Start and end of the lines that have code, each with its newline."""
    starts = {text.rfind("\n", 0, t.start) + 1 for t in all if t.kind != "newline"}
    ends = [(start, text.find("\n", start) + 1) for start in sorted(starts)]
    return [(start, end or len(text)) for start, end in ends]


def _delete_line(text: str, all: list[Token]) -> list[_Site]:
    return [_always(start, end, "") for start, end in _lines(text, all)]


def _double_line(text: str, all: list[Token]) -> list[_Site]:
    return [_always(start, end, text[start:end] * 2) for start, end in _lines(text, all)]


def _bracket(text: str, all: list[Token]) -> list[_Site]:
    """A bracket is left out, or is another one."""

    def altered(token: Token) -> _Site:
        others = [c for c in _BRACKETS if c != token.text]
        return lambda rng: _Edit(token.start, token.end, rng.choice(["", rng.choice(others)]))

    return [altered(t) for t in all if t.text in _BRACKETS]


def _case(text: str, all: list[Token]) -> list[_Site]:
    def altered(token: Token) -> _Site:
        word = token.text
        ways = [word[:1].swapcase() + word[1:], word.upper(), word.swapcase()]
        return lambda rng: _Edit(token.start, token.end, rng.choice(ways))

    return [altered(t) for t in all if t.kind == "name" and t.text != "_"]


def _equals(text: str, all: list[Token]) -> list[_Site]:
    other = {"=": ":", ":": "=", "==": "=", "->": "-"}
    return [_always(t.start, t.end, other[t.text]) for t in all if t.text in other]


def _quote(text: str, all: list[Token]) -> list[_Site]:
    ends = [i for t in all if t.kind == "string" for i in (t.start, t.end - 1)]
    return [_always(i, i + 1, "") for i in ends]


KINDS: dict[str, Callable[[str, list[Token]], list[_Site]]] = {
    "drop a token": _drop,
    "double a token": _double,
    "swap two tokens": _swap,
    "misspell a name": _misspell,
    "change a number": _number,
    "delete a line": _delete_line,
    "double a line": _double_line,
    "lose or confuse a bracket": _bracket,
    "wrong case": _case,
    "= : == -> confused": _equals,
    "lose a quote": _quote,
}
OF_THE_PROMISE = frozenset(list(KINDS)[:6])
"""The kinds that the promise names; the others are drawn a third as often."""

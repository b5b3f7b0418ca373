"""Diagnostics are values: a stable code, a message with name and value, and the places it is about.

Whoever finds a mistake makes a `Diagnostic`; only `resdsl.report` turns one into text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from resdsl.source import Source, Span

CODES: dict[str, str] = {
    # syntax
    "E100": "a character that the language does not know",
    "E101": "a malformed number, shape or string",
    "E102": "a comment that does not begin with `#`",
    "E103": "an operator of another language",
    "E104": "a body without braces",
    "E105": "a statement of another language",
    "E106": "a repeat that is not written `xN`",
    "E107": "an input without its name, its `:` or its shape",
    "E108": "`:` in the place of `=`, or the other way round",
    "E109": "a misspelt word of a statement",
    "E110": "unexpected text",
    "E111": "expected the end of the line",
    "E112": "two statements on one line",
    "E113": "expected `:` after a stage's name",
    "E114": "a reserved word used as a name",
    "E115": "a step named with `=`",
    "E116": "a comma too few or too many",
    "E117": "expected `|` to start a branch",
    "E118": "`stride=` after the call",
    "E119": "the same modifier twice",
    "E120": "a `{` that is never closed",
    "E121": "a `(` or `[` that is never closed",
    "E122": "a closing bracket that nothing opens",
    "E123": "a statement where it has no meaning",
    "E124": "a branch outside of a merge",
    "E125": "a name with a sign in it, or a number for a name",
    # names, arguments, values
    "E200": "an unknown name in an expression",
    "E201": "an unknown block or op",
    "E202": "an unknown model",
    "E203": "an unknown argument",
    "E204": "an unknown tensor",
    "E205": "a name defined twice",
    "E206": "a missing argument",
    "E207": "too many arguments",
    "E208": "an argument given twice",
    "E209": "something that is not a step",
    "E210": "a value of the wrong type",
    "E211": "an unknown parameter set from outside",
    "E212": "an override of a label that the base does not have",
    "E213": "a definition that uses itself",
    "E214": "a parameter without a value",
    "E215": "an `init` selector that matches nothing",
    "E221": "not a whole number",
    "E222": "a number out of its range",
    "E223": "not a member of the enumeration",
    "E224": "arithmetic without a result",
    "E225": "a type that is a single value",
    "E226": "no case of a `match` applies",
    # shapes and the graph
    "E310": "branches that end in different shapes",
    "E311": "shapes that an op cannot take",
    "E312": "no current tensor",
    "E320": "inputs that a model cannot take",
    "E330": "a shared instance used with weights of another shape",
    # promises
    "E401": "a `require` that does not hold",
    "E402": "an `expect` that does not hold",
    # limits
    "E500": "a limit exceeded",
    # files
    "E600": "a file that cannot be read",
    "E601": "a file that is not UTF-8 text",
    "E602": "a file outside the spec's folder",
    "E603": "files that use each other in a circle",
    "E604": "no single model to take",
    "E605": "a wrong `resdsl.toml`",
    # lints: legal, and likely not meant
    "W301": "a stride given to every block of a repeat",
    "W302": "a bias that the normalisation after it cancels",
    "W303": "an `fc` that flattens an image",
    "W304": "a member of an enumeration that hides a variable",
    "W305": "`pad=same` with an even kernel",
    "W306": "an unused label",
    "W307": "an unused parameter, `let` or `share`",
    "W308": "an unused block",
    "W309": "an unused `use`",
    "W310": "a stage whose name contradicts its size",
    "W311": "a branch that is never taken",
    "W312": "a block that the standard library has",
    "W313": "a step that does nothing after the one before it",
    "W314": "an output of logits that went through softmax",
    "W315": "a merge of one branch",
    "W316": "a step whose output nothing uses",
    "W320": "an `# allow:` that allows nothing",
}


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that matters, and what to say there."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `code` is a key of `CODES`; `span` the very token at fault (None where no text is at fault, as
    with a command-line option); `labels` further places; `notes` facts such as the arithmetic
    behind a value; `help` what to write instead; `trace` the calls that led here, innermost first.
    """

    code: str
    message: str
    span: Span | None = None
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    trace: tuple[Label, ...] = ()

    @property
    def severity(self) -> Literal["error", "warning"]:
        return "warning" if self.code.startswith("W") else "error"

    def within(self, span: Span, message: str) -> Diagnostic:
        """The same finding, one level of expansion further out."""
        return replace(self, trace=(*self.trace, Label(span, message)))


class ResdslError(Exception):
    """What every function of resdsl raises on bad input; `diagnostics` holds at least one."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        self.diagnostics = diagnostics
        super().__init__("\n".join(_plain(d) for d in diagnostics))


@dataclass
class RuleError(Exception):
    """A rule of an op that does not hold, with no place yet: `field` names the keyword at fault.

    Ops raise it; the builder's caller, who knows the text, makes a `Diagnostic` of it.
    """

    message: str
    field: str | None = None
    help: str | None = None
    code: str = "E311"
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.message


def in_order(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Every finding once, by its place; what has none comes first. An error inside a block is one
    error, however many calls lead to it: the first.
    """
    once: dict[object, Diagnostic] = {}
    files: dict[Source, int] = {}
    for d in found:
        once.setdefault((d.code, d.span or d.message), d)
        if d.span:
            files.setdefault(d.span.source, len(files))

    def place(d: Diagnostic) -> tuple[int, int]:
        return (files[d.span.source], d.span.start) if d.span else (-1, 0)

    return _one_a_name(sorted(once.values(), key=place))


def _one_a_name(found: list[Diagnostic]) -> list[Diagnostic]:
    """A name that nothing has is one mistake of its file, wherever it is used."""
    uses: dict[object, list[Diagnostic]] = {}
    for d in found:
        named = d.code in ("E200", "E201", "E202", "E204")
        key = (d.code, d.message, d.span.source) if named and d.span else id(d)
        uses.setdefault(key, []).append(d)
    return [first if not more else _also(first, more) for first, *more in uses.values()]


def _also(first: Diagnostic, more: list[Diagnostic]) -> Diagnostic:
    lines = [str(d.span.source.position(d.span.start)[0]) for d in more if d.span]
    shown = ", ".join(dict.fromkeys(lines[:8])) + ", ..." * (len(lines) > 8)
    return replace(first, notes=(*first.notes, f"also used in line {shown}"))


def _plain(d: Diagnostic) -> str:
    place = f"{d.span}: " if d.span else ""
    tail = f" (help: {d.help})" if d.help else ""
    return f"{place}{d.severity}[{d.code}]: {d.message}{tail}"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """`did you mean `conv`?` for the known word nearest to `word`, or None."""
    near = nearest(word, known)
    return f"did you mean `{near}`?" if near else None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like `word`, if any is."""
    from difflib import get_close_matches  # only when something is wrong: it costs 15 ms

    known = list(known)
    near = [name for name in known if name.lower() == word.lower()]
    near = near or get_close_matches(word, known, n=20, cutoff=0.61)
    if near and _letters(near[0]) == _letters(word):  # of `resnet18` and `resnet20`, by the number
        near = [name for name in near if _letters(name) == _letters(word)]
        near.sort(key=lambda name: abs(_number(name) - _number(word)))
    return near[0] if near else None


def _letters(word: str) -> str:
    return "".join("0" if sign.isdigit() else sign for sign in word)


def _number(word: str) -> int:
    return int("0" + "".join(sign for sign in word if sign in "0123456789"))

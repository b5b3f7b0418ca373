"""Slips of the hand that every language knows: a brace, a comma, a colon or a capital letter.

Each function is a rule of mistakes.py: the diagnostic if the mistake is of its kind.
"""

from __future__ import annotations

import re

from resdsl.diagnostics import Diagnostic
from resdsl.source import Span
from resdsl.syntax.mistake import VALUE, Mistake

_WORDS = frozenset(
    (
        "use", "model", "block", "param", "input", "init", "note", "expect", "drop", "let", "share",
        "output", "stage", "if", "for", "require", "default", "else",
    )
)  # fmt: skip


def no_brace(mistake: Mistake) -> Diagnostic | None:
    """A body without braces, as in Python; or its `{` in the next line."""
    first = mistake.statement[0].type if mistake.statement else ""
    if first not in ("IF", "FOR", "BLOCK") and (first, mistake.kind) != ("MODEL", "_COLON"):
        return None
    if "LBRACE" not in mistake.accepts and first != "MODEL":
        return None
    if first == "FOR" and any(token.type == "_COLON" for token in mistake.statement):
        return None  # the guard of a branch
    head = mistake.text[mistake.line.start : mistake.span.start].rstrip()
    brace_below = re.compile(r"\s*\{").match(mistake.text, mistake.span.end)
    body = "{" if brace_below and mistake.kind == "_NL" else "{ ... }"
    return mistake.report("E104", f"expected `{{`, found {mistake.found}", f"`{head} {body}`")


def no_brace_behind_label(mistake: Mistake) -> Diagnostic | None:
    """`head:`, and below it labelled steps."""
    kinds = [token.type for token in mistake.statement]
    at = kinds.index("_COLON") if "_COLON" in kinds else len(kinds)
    is_second = mistake.kind == "_COLON" and at == len(kinds) - 2
    if not is_second and not (mistake.kind == "STRING" and at == len(kinds) - 1):
        return None
    end = mistake.statement[at].end_pos or 0
    if "\n" not in mistake.text[end : mistake.span.start]:
        return None
    head = mistake.text[mistake.start : end]
    message, span = "expected `{`, found the end of the line", Span(mistake.run.source, end, end)
    return Diagnostic("E104", message, span, help=f"`{head} {{ ... }}`")


def swapped(mistake: Mistake) -> Diagnostic | None:
    """`:` for `=`, `=` for `:`, `==` for `=`; `:=` for one of them."""
    start, accepts = mistake.span.start, mistake.accepts
    for at in (start - 1, start):
        if mistake.text[at : at + 2] == ":=":
            span = Span(mistake.run.source, at, at + 2)
            return Diagnostic("E108", "`:=` is not of this language", span)
    if mistake.before() == "STRIDE" or mistake.culprit is not mistake:
        return None
    if "_EQUAL" in accepts and (mistake.kind == "_COLON" or mistake.token == "=="):
        return mistake.report("E108", f"expected `=`, found {mistake.found}")
    if "_COLON" in accepts and mistake.kind == "_EQUAL":
        return mistake.report("E108", f"expected `:`, found {mistake.found}")
    is_argument = mistake.before() == "NAME" and accepts >= {"_EQUAL", "_COMMA"}
    if is_argument and mistake.kind in VALUE - {"NAME"}:
        return mistake.report("E108", f"expected `=`, found {mistake.found}")
    return None


def comma(mistake: Mistake) -> Diagnostic | None:
    """A comma too few between values, or one too many."""
    if mistake.kind == "_COMMA" and mistake.before() in ("_COMMA", "LPAR", "LSQB"):
        return mistake.report("E116", "a comma without a value before it")
    inside = mistake.run.open and mistake.run.open[-1].type != "LBRACE"
    follows = mistake.kind in VALUE or mistake.kind in ("X", "STRIDE", "REPEAT")
    if not (follows if inside else mistake.kind == "STRING") or "_COMMA" not in mistake.accepts:
        return None
    message = f"expected {mistake.expected}, found {mistake.found}"
    return mistake.report("E116", message)


def tuple_(mistake: Mistake) -> Diagnostic | None:
    """`(3, 3)`: a list in parentheses."""
    if mistake.kind != "_COMMA" or "RPAR" not in mistake.accepts:
        return None
    for outer in mistake.run.open:
        if outer.type != "LBRACE" and not mistake.brackets.is_closed(outer.start_pos or 0):
            message = f"this `{outer}` is never closed"
            return Diagnostic("E121", message, mistake.run.span(outer), help="add `)`")
    opener = mistake.run.open[-1].start_pos or 0
    end = mistake.brackets.partner[opener]
    span = Span(mistake.run.source, opener, end + 1)
    line = mistake.line
    items = mistake.text[opener + 1 : end]
    text = f"{mistake.text[line.start : opener]}[{items}]{mistake.text[end + 1 : line.end]}"
    help = f"`{text}`" if line.start <= opener and end < line.end else "`[3, 3]`"
    return Diagnostic("E110", "a list stands in `[` and `]`", span, help=help)


def stray_bar(mistake: Mistake) -> Diagnostic | None:
    """A branch outside of a merge."""
    if mistake.kind != "BAR" or mistake.statement:
        return None
    before = mistake.text[: mistake.start][-200:]
    call = re.search(r"([\w.]+(?:\([^()\n]*\))?)[ \t]*\n\s*\{\s*\Z", before)
    help = f"`{call[1]} {{`" if call else f"`add {{ {mistake.line.text.rstrip(' }')} | ... }}`"
    return mistake.report("E124", "a branch outside of a merge", help)


def two_labels(mistake: Mistake) -> Diagnostic | None:
    """`a: b: conv(3)`."""
    kinds = [token.type for token in mistake.statement]
    if mistake.kind != "_COLON" or len(kinds) != 3 or kinds[1] != "_COLON":
        return None
    if "\n" in mistake.text[mistake.start : mistake.span.start]:
        return None
    first, _, second = (mistake.run.span(token).text for token in mistake.statement)
    rest = mistake.text[mistake.span.end : mistake.line.end].strip()
    help = f"`{first}: {rest}`, or one in the other: `{first}: {{ {second}: {rest} }}`"
    return mistake.report("E110", "two labels on one step", help)


def wrong_case(mistake: Mistake) -> Diagnostic | None:
    """`Stage`, `INPUT`: the word of a statement in other letters."""
    if not mistake.statement or len(mistake.culprit.statement) > 2:
        return None
    token = mistake.statement[0]
    span, line, word = mistake.run.span(token), mistake.line, token.lower()
    if token.type != "NAME" or word == token or word not in _WORDS or span.start != line.start:
        return None
    help = f"`{word}{mistake.text[span.end : line.end]}`"
    return Diagnostic("E109", f"`{token}` is written `{word}`", span, help=help)


def input_(mistake: Mistake) -> Diagnostic | None:
    """An input without its name, its `:` or its shape, where habits.py knows no better."""
    if not mistake.statement or mistake.statement[0].lower() != "input":
        return None
    if len(mistake.statement) > 2:
        return None
    message = f"expected {mistake.expected}, found {mistake.found}"
    return mistake.report("E107", message, "`input image: 3x224x224`")

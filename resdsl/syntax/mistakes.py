"""From a token that the parser cannot take to the message that the mistake deserves.

What is known: the token, the tokens of its statement before it, the open brackets, and the
terminals that the parser would take instead. Each rule below is one kind of mistake; the first that
fits speaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from lark import Token

from resdsl.diagnostics import Diagnostic, Label
from resdsl.source import Span
from resdsl.syntax import characters, slips
from resdsl.syntax.brackets import Brackets
from resdsl.syntax.characters import shortened
from resdsl.syntax.habits import foreign
from resdsl.syntax.layout import RESERVED, Run
from resdsl.syntax.mistake import STARTS_STEP, VALUE, Mistake
from resdsl.syntax.repair import repaired, split

_RESERVED = frozenset((*RESERVED.values(), "OTHERWISE"))
_STARTS_STATEMENT = frozenset((*STARTS_STEP, "STRING", "IF"))


def explain(mistake: Mistake) -> Diagnostic:
    """The diagnostic for a token that does not fit."""
    found = next(filter(None, (rule(mistake) for rule in _RULES)), None)
    if found is None:
        message = f"expected {mistake.expected}, found {mistake.found}"
        found = mistake.report("E110", message, _help(mistake))
    return found if found.help else replace(found, help=repaired(mistake))


def unclosed_brace(run: Run, brackets: Brackets) -> Diagnostic:
    """What to say of the innermost open bracket, a `{` that is never closed."""
    opener = run.span(run.open[-1])
    message, labels = "this `{` is never closed", list[Label]()
    end = brackets.end(opener.start)
    line = re.compile(r"\s*([^\s#]\S*)").match(run.source.text, end)
    if line:
        first = Span(run.source, line.start(1), line.end(1))
        partner = brackets.opener(first.start)
        if partner is None:
            labels.append(Label(first, "it seems to end before this line"))
        elif partner < opener.start:
            closer = Span(run.source, first.start, first.start + 1)
            labels.append(Label(closer, "this `}` stands further left"))
            left = Span(run.source, partner, partner + 1)
            labels.append(Label(left, "and closes this `{`"))
    return Diagnostic("E120", message, opener, tuple(labels), help="add `}`")


def exchanged(run: Run, token: Token, wanted: str, opener: Token | None = None) -> Diagnostic:
    """A bracket stands where another is `wanted`; `opener` is what that would close."""
    code = "E104" if wanted == "{" else "E122" if token in (")", "]") else "E110"
    labels = (Label(run.span(opener), "this is open"),) if opener else ()
    message = f"expected `{wanted}`, found `{token}`"
    return Diagnostic(code, message, run.span(token), labels, help=f"write `{wanted}`")


def headless(run: Run, body: int, closer: int) -> Diagnostic:
    """What to say of the lines from `body` to a `}` that nothing opens."""
    first = re.compile(r"\s*(\S+)").match(run.source.text, body)
    start, end = first.span(1) if first else (body, body)
    label = Label(Span(run.source, closer, closer + 1), "this `}` closes it")
    message = "a body begins here, and nothing opens it"
    help = "add `{` at the end of the line above it, or remove the `}`"
    return Diagnostic("E122", message, Span(run.source, start, end), (label,), help=help)


def _unclosed(mistake: Mistake) -> Diagnostic | None:
    run = mistake.run
    if not run.open or mistake.brackets.is_closed(run.open[-1].start_pos or 0):
        return None
    opener = run.open[-1]
    if opener.type != "LBRACE":
        return _unclosed_parenthesis(mistake, opener)
    return None


def _unclosed_parenthesis(mistake: Mistake, opener: Token) -> Diagnostic:
    run = mistake.run
    closer, what = ("`)`", "an argument") if opener.type == "LPAR" else ("`]`", "an element")
    message = f"this `{opener}` is never closed"
    if mistake.kind == "$END":
        return Diagnostic("E121", message, run.span(opener), help=f"add {closer}")
    line = run.source.position(mistake.span.start)[0]
    if line == run.source.position(opener.start_pos or 0)[0]:
        label = Label(mistake.span, f"expected {closer} before this")
        return Diagnostic("E121", message, run.span(opener), (label,), help=f"add {closer}")
    first = next(
        (t for t in run.statement if run.source.position(run.span(t).start)[0] == line),
        mistake.token,
    )
    label = Label(run.span(first), f"the next statement was read as {what}")
    help = f"add {closer} at the end of the line"
    return Diagnostic("E121", message, run.span(opener), (label,), help=help)


def _reserved(mistake: Mistake) -> Diagnostic | None:
    run, token = mistake.run, mistake.token
    named = mistake.kind in ("_EQUAL", "_COLON") and mistake.before() in _RESERVED
    if named:
        token = mistake.statement[-1]
    elif mistake.kind in _RESERVED and not _behind_brace(mistake):
        is_name = mistake.accepts & VALUE == {"NAME"}
        follows = ":=" if not mistake.statement else "="
        rest = run.source.text[mistake.span.end :]
        if not is_name and not re.match(rf"[ \t]*[{follows}][^=]", rest):
            return None
    else:
        return None
    word = run.span(token).text
    words = "if, else, and, or, not and match"
    return Diagnostic(
        "E114",
        f"`{word}` is a reserved word and cannot be a name",
        run.span(token),
        help=f"choose another, `{word}_` for instance; only {words} are reserved",
    )


def _stage(mistake: Mistake) -> Diagnostic | None:
    statement = mistake.statement
    if not statement or statement[0].type != "STAGE" or "_COLON" not in mistake.accepts:
        return None
    if len(statement) != 2:
        return None
    start, end = mistake.run.span(statement[0]).start, mistake.run.span(statement[1]).end
    text = mistake.run.source.text
    rest = re.match(r"[ \t]*=?[ \t]*([^\n#]*)", text[end:])
    chain = shortened(rest[1].strip()) if rest else ""
    message = f"expected `:` after the stage name, found {mistake.found}"
    return mistake.report("E113", message, f"`{shortened(text[start:end])}: {chain or '...'}`")


def _named_with_equals(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind != "_EQUAL" or not mistake.statement:
        return None
    kinds = {token.type for token in mistake.statement}
    if not (kinds <= {"NAME", "_DOT"} or kinds == {"STRING"}):
        return None
    name = shortened(mistake.statement[-1].strip('"'))
    help = f"a step is named with `{name}: ...`; a value with `let {name} = ...`"
    return mistake.report("E115", "a step is not named with `=`", help)


def _no_branch(mistake: Mistake) -> Diagnostic | None:
    if "BAR" not in mistake.accepts or mistake.statement or "NAME" in mistake.accepts:
        return None
    before = mistake.run.source.text[: mistake.run.span(mistake.run.open[-1]).start]
    call = re.search(r"([A-Za-z_]\w*)[ \t]*(\([^{}\n]*\))?[ \t]*\Z", before[-200:])
    if call and call[1] in ("block", "model"):
        return mistake.report(
            "E110", f"a {call[1]} without a name", f"`{call[1]} name ... {{ ... }}`"
        )
    if call and call[1] in ("for", "if", "while"):
        test = (call[2] or "()")[1:-1]
        message = f"`{call[1]}` has no parentheses"
        return mistake.report("E110", message, f"`{call[1]} {test} {{ ... }}`")
    opener = mistake.run.open[-1].start_pos or 0
    inside = mistake.text[opener + 1 : mistake.brackets.partner.get(opener, opener + 1)].strip()
    if call and (mistake.kind in VALUE - STARTS_STEP or re.match(r"\w+\s*=", inside)):
        help = f"`{call[1]}({inside})`"
        return mistake.report("E111", "arguments go in parentheses", help)
    message = f"expected `|` to start a branch, found {mistake.found}"
    help = f"each branch of `{call[1]}` starts with `|`" if call else "each branch starts with `|`"
    if inside and not re.search(r"[\n{}]", inside):
        branches = split(inside, ",|")
        if len(branches) == 1 and inside.startswith("@"):  # the tensor that flows is the other one
            branches.insert(0, "identity")
        help += f": `{{ | {' | '.join(branches)} }}`"
    return mistake.report("E117", message, help)


def _single_equals(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind == "_EQUAL" and "COMPARE" in mistake.accepts:
        line = repaired(mistake)
        help = f"`==` compares: {line}" if line else "`==` compares"
        return mistake.report("E110", "unexpected `=` after a value", help)
    if mistake.kind == "NOT" and "IN" in mistake.accepts:
        return mistake.report("E110", "`not` stands in front", "`not a in b` says that it is not")
    if mistake.kind == "COMPARE" and "PLUS" in mistake.accepts:
        help = "join two with `and`: `a < b and b < c`"
        return mistake.report("E110", "comparisons do not chain", help)
    return None


def _stray_else(mistake: Mistake) -> Diagnostic | None:
    if mistake.kind not in ("ELSE", "OTHERWISE") or "NUMBER" in mistake.accepts:
        return None
    help = "`if c { ... } else { ... }` chooses steps, `a if c else b` a value"
    if _behind_brace(mistake):
        return mistake.report("E104", "expected `{` behind `else`, found `:`", "`else { ... }`")
    return mistake.report("E110", "an `else` without an `if`", help)


def _behind_brace(mistake: Mistake) -> bool:
    """Whether it is Python's `else:` behind the body of an `if`."""
    at = mistake.span.start
    before = mistake.text[max(0, at - 200) : at].rstrip()
    return mistake.kind == "OTHERWISE" and before.endswith("}")


def _two_statements(mistake: Mistake) -> Diagnostic | None:
    """A name that begins the second was read as a modifier: the parser notices one token later."""
    message = "two statements on one line"
    help = "begin a new line, or join the steps with `->`"
    culprit = mistake.culprit
    if culprit is not mistake:
        if culprit.before() == "NAME":
            help += ", or put arguments in parentheses"
            if len(culprit.statement) == 1 and mistake.kind == "LPAR":
                rest = mistake.text[culprit.span.start : mistake.line.end]
                help = f"a label has a colon: `{culprit.statement[0]}: {rest}`"
        return culprit.report("E112", message, help)
    if _ends_line(mistake) and mistake.kind in _STARTS_STATEMENT and "_NL" in mistake.accepts:
        if mistake.before() == "RBRACE" and re.fullmatch(r"x[0-9]*|stride", mistake.token):
            help = f"repeat a group of it: `{{ ... {{ ... }} }} {mistake.token}`"
        return mistake.report("E112", message, help)
    return None


def _not_the_end(mistake: Mistake) -> Diagnostic | None:
    if not _ends_line(mistake):
        return None
    help = None
    if mistake.before() == "NAME" and "X" in mistake.accepts and mistake.kind in VALUE:
        name = mistake.statement[-1]
        help = f"arguments go in parentheses: `{name}({shortened(mistake.token)}, ...)`"
    elif mistake.before() == "NAME" and mistake.before(2) in ("PARAM", "OUTPUT", "INPUT"):
        mark = "=" if mistake.before(2) == "PARAM" else ":"
        word, name = mistake.statement[-2:]
        help = f"`{word} {shortened(name)} {mark} {shortened(mistake.token)}`"
    return mistake.report("E111", f"expected {mistake.run.end}, found {mistake.found}", help)


def _bad(mistake: Mistake) -> Diagnostic | None:
    """A token that no grammar has; nor has anything else a meaning where it stands."""
    if not mistake.kind.startswith("BAD_"):
        return None
    found = foreign(mistake) or characters.explain(mistake.kind, mistake.span)
    if mistake.token == ";" and "_COMMA" in mistake.accepts:
        return replace(found, help=repaired(mistake))
    return found


_RULES: tuple[Callable[[Mistake], Diagnostic | None], ...] = (
    _bad,
    _unclosed,
    foreign,
    slips.misspelt,
    slips.no_step,
    _reserved,
    _stage,
    _named_with_equals,
    _no_branch,
    _single_equals,
    slips.no_brace,
    slips.no_brace_behind_label,
    _stray_else,
    slips.merged,
    slips.stray_bar,
    slips.two_labels,
    slips.input_,
    slips.swapped,
    slips.comma,
    slips.tuple_,
    _two_statements,
    _not_the_end,
)


def _ends_line(mistake: Mistake) -> bool:
    """Whether the statement could have ended before the token."""
    return bool(mistake.statement) and bool({"_NL", "$END"} & mistake.accepts)


def _help(mistake: Mistake) -> str | None:
    kind, before = mistake.kind, mistake.before()
    if kind == "_ARROW" and not mistake.statement:
        return "`->` needs a step before it"
    if kind in ("_NL", "$END") and before == "STRIDE":
        return f"`{mistake.line.text} 2`"
    if kind in ("_NL", "$END") and "_EQUAL" in mistake.accepts and mistake.statement:
        return f"`{mistake.line.text} = ...`"
    if kind == "MATCH":
        return "`match` is a value, not a statement: `let n = match ...`"
    if before == "_DOT" and mistake.before(2) == "NUMBER":
        return "a number has a digit after its point, too: `1.0`"
    if "TENSOR" in mistake.accepts and "NUMBER" not in mistake.accepts and kind in VALUE:
        return "a step is an op, a block, a model, a tensor `@name` or a group in braces"
    return None

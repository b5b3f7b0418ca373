"""What people write who come from Python, PyTorch, C, YAML or a paper, and how it is written here.

Two tables. A row of LINES fits a statement from its start, a row of SIGNS the text at the mistake.
The first row that fits speaks: its group `at` (or all of it) is what is wrong, and the help is the
line with `write` in the place of what fits, the groups of the pattern filled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from resdsl.diagnostics import Diagnostic
from resdsl.source import Span
from resdsl.syntax.characters import shortened
from resdsl.syntax.mistake import Mistake
from resdsl.syntax.repair import split

_WORD = r"[A-Za-z_]\w*"
_COMMENT = r"(?P<at>//+|--+|<!--|%+)\s*(?P<said>.*)"
_LONGEST = 160  # characters of a line that is looked at
_VALUES = r"[\w(@\"\[{-]"


@dataclass(frozen=True, slots=True)
class Habit:
    code: str
    pattern: str
    message: str
    write: str = ""
    needs: str = ""
    """A terminal that the parser would take at the mistake."""
    behind: str = ""
    """The kinds of token that it stands behind."""
    help: str = ""
    """In the place of the corrected line."""


LINES = (
    Habit("E105", r"(?P<at>elif)\s+(?P<test>[^{:]+?)\s*:.*", "`elif` is written `else if`",
          "else if {test} {{ ... }}"),
    Habit("E105", r"(?P<at>elif)(?=\s+\w)", "`elif` is written `else if`", "else if"),
    Habit("E117", r"(?P<head>(?:.*[\s:>|])?(?:add|concat|mul|maximum)\s*)"
                  r"(?P<at>\[)(?P<list>[^{}|]*)\]",
          "branches stand in braces, each behind a `|`", "{head}{branches}"),
    Habit("E105", rf"(?P<at>def|fn|func|function)\s+(?P<name>{_WORD})\s*"
                  r"(?P<args>\((?!self)[^()]*\))?.*",
          "`{at}` is not of this language: `block` defines a block",
          "block {name}{args} {{ ... }}"),
    Habit("E105", rf"(?P<at>class)\s+(?P<name>{_WORD}).*",
          "`class` is not of this language: `block` defines a block, `model` a net",
          "model {name} {{ ... }}"),
    Habit("E105", rf"(?P<at>return)\s+(?P<value>{_VALUES}.*)",
          "`return` is not of this language: the last step of a body is its result", "{value}"),
    Habit("E105", r"(?P<at>from|import)\s+\w.*",
          "`{at}` is not of this language: the ops are all there, blocks come from other files",
          'use "file.res"'),
    Habit("E105", r"(?P<at>while)\s+\S.*", "`while` is not of this language: a loop has its turns "
          "counted", "for i in range(n) {{ ... }}"),
    Habit("E105", rf"for\s+(?P<name>{_WORD})\s*(?P<at>=)\s*(?P<first>\w+)\s*(?:to|\.\.|:|,)\s*"
                  r"(?P<last>\w+)", "a loop runs over a list, `for ... in ...`",
          "for {name} in range({first}, {last})"),
    Habit("E105", rf"let\s+(?P<name>{_WORD})\s*=\s*(?P<at>lambda)\s+(?P<args>[\w, ]+?)\s*:\s*",
          "`lambda` is not of this language: a function of values has parameters behind its name",
          "let {name}({args}) = "),
    Habit("E105", rf"model\s+(?P<name>{_WORD})\s+(?P<at>extends|from|of|is)\s+(?=\w)",
          "`{at}` is not of this language: a derived model is written with `=`", "model {name} = "),
    Habit("E105", rf"for\s+(?P<name>{_WORD})\s+in\s+(?P<at>(?P<first>\w+)\.\.\.?(?P<last>\w+))",
          "`..` is not of this language: `range` counts", "for {name} in range({first}, {last})"),
    Habit("E105", r"(?P<step>.+?\S)\s+(?P<at>if)\s+(?P<test>.+?)\s+else\s+(?P<other>[^{}]+)$",
          "`... if ... else ...` chooses values, not steps",
          "if {test} {{ {step} }} else {{ {other} }}"),
    Habit("E105", r"(?P<at>-)\s+(?=\w)", "a step begins with its name, not with `-`"),
    Habit("E102", r'(?P<at>"""|\'{3})\s*(?P<said>.*?)\s*(?:"""|\'{3})?$',
          "a comment begins with `#`", "# {said}"),
    Habit("E101", r'(?P<head>.*[=(,\s])(?P<at>[fFrRbBuU])(?=")', "text has no letter before it",
          "{head}"),
    Habit("E101", r'(?P<head>.*[=(,\s])(?P<at>""")(?P<said>[^"]*)"""',
          "text stands in one `\"` on each side", '{head}"{said}"'),
    Habit("E106", r"(?P<at>repeat|loop|times)\s*\(?(?P<n>\w+)\)?\s*:?\s*\{.*",
          "a repeat stands behind its braces", "{{ ... }} x{n}"),
    Habit("E103", r"(?P<head>.*?(?<![=!<>])=(?!=)\s*)(?P<test>[^?]+?)\s*(?P<at>\?)"
                  r"\s*(?P<yes>[^:?]+?)\s*:\s*(?P<no>[^:?]+)",
          "`? :` is written `... if ... else ...`", "{head}{yes} if {test} else {no}"),
    Habit("E106", rf"(?P<label>(?:stage\s+)?{_WORD}\s*:\s*)?(?P<at>(?P<n>\d+)\s*[x×X*])\s*"
                  rf"(?P<step>{_WORD}(?:\([^()]*\))?)", "a repeat stands behind its step",
          "{label}{step} x{n}"),
    Habit("E110", rf"(?P<word>let|share|note)\s+(?P<name>{_WORD})(?P<at>\s*:\s*[\w|\[\]]+)\s*=",
          "a `{word}` has no type", "{word} {name} ="),
    Habit("E110", rf"(?P<head>param\s+|block\s+{_WORD}\s*\((?:[^()]*,)?\s*)"
                  rf"(?P<at>int|float|bool|op|shape|str)\s+(?P<name>{_WORD})",
          "the type stands behind the name", "{head}{name}: {at}"),
    Habit("E110", rf"(?P<word>stage|block|model|param|let|input|share|note)\s*(?P<at>:)\s*"
                  rf"(?={_WORD}\s*[:=])", "a `{word}` has no `:` before its name", "{word} "),
    Habit("E110", rf"(?P<head>block\s+{_WORD}\s*\((?:[^()]*,)?\s*)(?P<at>\d[\w.]*)",
          "a parameter has a name", "{head}n = {at}"),
    Habit("E110", r"use\s+(?P<at>[\w./\\-]*[./][\w./\\-]*)$", "a file's name stands in quotes",
          'use "{at}"'),
    Habit("E110", rf"use\s+(?P<names>(?:{_WORD}\s*,\s*)*(?P<at>{_WORD}))$",
          "names are used from a file", 'use {names} from "file.res"'),
    Habit("E110", rf"default\s+(?P<name>{_WORD})\s*(?P<at>:)\s*(?P<args>.+)",
          "defaults stand in parentheses", "default {name}({args})"),
    Habit("E110", rf"model\s+(?P<name>{_WORD})\s*(?P<at>\()[^()]*\).*",
          "a model has no parentheses: its parameters stand in its body",
          "model {name} {{ ... }}"),
    Habit("E110", rf"(?P<head>model\s+{_WORD}\s*=\s*{_WORD})\s*"
                  rf"(?P<at>\()\s*(?P<args>{_WORD}\s*=[^()]*)\)",
          "what a derived model sets stands behind `with`", "{head} with {args}"),
    Habit("E110", r"note\s+(?P<at>[\d\"].*)", "a note has a name", "note source = {at}"),
    Habit("E110", r"(?!use\b)(?P<step>[^:]+?)\s+(?P<at>as)\s+(?P<name>\w+)$",
          "a step has its name in front", "{name}: {step}"),
    Habit("E107", rf"input\s+{_WORD}(?:\s*:[^,]+)?(?P<at>,).*", "one input on a line",
          help="each `input name: shape` stands on a line of its own"),
    Habit("E110", rf"output\s+{_WORD}(?P<at>,)\s*(?P<more>{_WORD})", "one output on a line",
          help="`output {more}` on a line of its own"),
    Habit("E124", rf"(?P<call>(?:.*[\s:>])?{_WORD})\s*(?P<at>[(\[])\s*\|(?P<branches>.*\S)\s*[)\]]",
          "branches stand in braces", "{call} {{ |{branches} }}"),
)  # fmt: skip

SIGNS = (
    Habit("E102", r"(?P<at>/\*+)\s*(?P<said>.*?)\s*(?:\*/|$).*",
          "a comment begins with `#`", "# {said}"),
    Habit("E102", _COMMENT, "a comment begins with `#`", "# {said}", needs="_NL"),
    Habit("E102", _COMMENT, "a comment begins with `#`", "# {said}", behind="_NL"),
    Habit("E105", r"elif(?=\s+\w)", "`elif` is written `else if`", behind="RBRACE",
          help="`}} else if ... {{ ... }}`"),
    Habit("E103", r"&&", "`&&` is written `and`", "and"),
    Habit("E103", r"\|\|?", "`{all}` is written `or`", "or", needs="OR"),
    Habit("E103", r"!(?=[\w(@])", "`!` is written `not`", "not "),
    Habit("E103", r"=>|\|>|>>|~>", "`{all}` is written `->`", "->", needs="_ARROW"),
    Habit("E103", rf"\.(?={_WORD})", "steps are joined with `->`, not with `.`", " -> ",
          needs="_ARROW", behind="RPAR RBRACE RSQB"),
    Habit("E103", r"(?P<sign>\+|-|\*|/)=", "nothing is changed in its place: give the new value a "
          "name of its own, with `let`", help="`let b = a {sign} ...`"),
    Habit("E106", r"(?:[*×]|X|x|times|repeat|by)\s*(?P<n>\d+)x?(?![\w.])",
          "a repeat is written `x{n}`", "x{n}", needs="X"),
    Habit("E106", rf"[*×]\s*(?P<n>{_WORD})", "a repeat is written `x {n}`", "x {n}", needs="X"),
    Habit("E106", r"(?P<n>\d+)\s*(?:[xX×*]|times)?(?![\w(])", "a repeat is written `x{n}`", "x{n}",
          needs="X", behind="RPAR RBRACE RSQB"),
    Habit("E106", r"\.\d+", "a repeat is a whole number of times", behind="REPEAT"),
    Habit("E111", r"(?P<at>\[)(?P<args>[^\[\]]*)\]", "arguments go in parentheses", "({args})",
          needs="X", behind="NAME"),
    Habit("E101", r",(?P<more>\d\d\d(?:,\d\d\d)*)(?![\w.])", "digits are grouped with `_`",
          "_{more}", needs="_NL", behind="NUMBER"),
    Habit("E105", r"(?P<at>-)\s+(?=[A-Za-z])", "a step begins with its name, not with `-`",
          needs="LBRACE", behind="_COLON _ARROW"),
    Habit("E124", r"\|(?!\|)", "a `|` begins a branch, and steps are joined with `->`", "->",
          needs="_ARROW"),
)  # fmt: skip

_SHAPE = re.compile(
    rf"input\b\s*(?P<name>(?!x\d){_WORD}\b)?\s*[:=]?\s*[\[(]?\s*"
    r"(?P<at>\d+(?:\s*[xX×*,]\s*\d+)*)\s*[\])]?\s*$"
)
_NAME = re.compile(
    r"(?P<word>(?:stage|model|block|let|param|share|output|input|note)\s+)?"
    r"(?P<at>\w+(?:[-.]\w+)+|\d\w*)\s*(?P<next>[:={(]|$)"
)


def foreign(mistake: Mistake) -> Diagnostic | None:
    """What is written in another language's way."""
    mistake = mistake.culprit
    line = mistake.line
    if line.end - line.start > _LONGEST:
        return None
    if line.start == mistake.start:
        found = _shape(mistake) or _name(mistake)
        if found:
            return found
        for habit in LINES:
            match = re.match(habit.pattern, line.text)
            if match and _concerns(mistake, match):
                return _told(mistake, habit, match)
    at = mistake.span.start - line.start
    for habit in SIGNS:
        if habit.needs and habit.needs not in mistake.accepts:
            continue
        if habit.behind and (mistake.before() or "_NL") not in habit.behind.split():
            continue
        match = re.compile(habit.pattern).match(line.text, at)
        if match:
            return _told(mistake, habit, match)
    return None


def _concerns(mistake: Mistake, match: re.Match[str]) -> bool:
    """Whether the group `at` is at the mistake, or two words before it at most."""
    start, end = (mistake.line.start + offset for offset in match.span("at"))
    between = sum((token.start_pos or 0) >= end for token in mistake.statement)
    return start <= mistake.span.start and between <= 2


def _told(mistake: Mistake, habit: Habit, match: re.Match[str]) -> Diagnostic:
    at = match.span("at" if "at" in match.re.groupindex else 0)
    words = {"all": match[0], **match.groupdict(default="")}
    words["branches"] = f"{{ | {' | '.join(split(words.get('list', ''), ','))} }}"
    line, write = mistake.line.text, habit.write.format(**words)
    before = line[: match.start()]
    if write.startswith("("):
        before = before.rstrip()
    elif re.match(r"\w", write) and re.search(r"[\w)}\]]\Z", before):
        before += " "
    text = before + write + line[match.end() :]
    help = habit.help.format(**words) or f"`{text.strip()}`"
    return _report(mistake, habit.code, habit.message.format(**words), at, help)


def _shape(mistake: Mistake) -> Diagnostic | None:
    """An input's name, its `:`, or the shape is not as it should be."""
    match = _SHAPE.match(mistake.line.text)
    if not match:
        return None
    sizes = re.findall(r"\d+", match["at"])
    shape = "x".join(sizes) if len(sizes) > 1 else f"[{sizes[0]}]"
    if not match["name"]:
        message = f"expected a name for the input, found `{shortened(match['at'])}`"
    elif not re.fullmatch(r"\d+(?:x\d+)*", match["at"]):
        message = f"`{shortened(match['at'])}` is not a shape"
    else:
        message = f"expected `:` after the input's name, found {mistake.found}"
        help = f"`input {match['name']}: {shape}`"
        return mistake.report("E107", message, help)
    help = f"`input {match['name'] or 'image'}: {shape}`"
    return _report(mistake, "E107", message, match.span("at"), help)


def _name(mistake: Mistake) -> Diagnostic | None:
    """A name with a `-` or a `.` in it, or a label that is a number."""
    line = mistake.line
    match = _NAME.match(line.text)
    if not match or not _concerns(mistake, match):
        return None
    word, found, after = match["word"] or "", match["at"], match["next"]
    is_label = after == ":" and word in ("", "stage ")
    if not is_label and (not word or found[0].isdigit()):
        return None
    name = f'"{found}"' if found.isdigit() else re.sub(r"\W", "_", found)
    name = f"_{name}" if name[0].isdigit() else name
    help = f"`{line.text[: match.start('at')]}{name}{line.text[match.end('at') :]}`"
    message = f"`{shortened(found)}` is not a name"
    return _report(mistake, "E125", message, match.span("at"), help)


def _report(
    mistake: Mistake, code: str, message: str, at: tuple[int, int], help: str
) -> Diagnostic:
    start = mistake.line.start
    span = Span(mistake.run.source, start + at[0], start + at[1])
    return Diagnostic(code, message, span, help=help)

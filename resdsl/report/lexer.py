"""The language in colours: a lexer for Pygments, which finds it by its entry point.

A word is a keyword where the grammar takes it for one, as far as a lexer can see that: the words of
statements where a statement may begin, and all of them only where what follows fits.
"""

from __future__ import annotations

import re
from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, default, include, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
)

DECLARATIONS = ("block", "model")
STATEMENTS = (
    "default", "drop", "expect", "for", "init", "input", "let", "note", "output", "param",
    "require", "share", "stage", "use", "when",
)  # fmt: skip
RESERVED = ("else", "if", "match")
OPERATORS = ("and", "in", "not", "or")
MODIFIERS = ("stride", "x")
CONNECTIVES = ("from", "with")

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_NOT_A_NAME_HERE = r"(?!\w)(?![ \t]*(?:[:=.,|})\]\r\n#]|->|\Z))"


class ResLexer(RegexLexer):  # type: ignore[misc]
    """Colours for *.res; `root` is where a statement may begin, `line` is inside of one."""

    name = "resdsl"
    aliases = ("res", "resdsl")
    filenames = ("*.res",)
    mimetypes = ("text/x-resdsl",)
    flags = re.MULTILINE

    tokens: ClassVar = {
        "root": [
            (r"\n", Whitespace),
            include("blank"),
            (
                rf"({'|'.join(DECLARATIONS)})([ \t]+)({_NAME})(?![ \t]*(?:[:.,]|->))",
                bygroups(Keyword.Declaration, Whitespace, Name.Class),
                "line",
            ),
            (
                rf"(stage)([ \t]+)({_NAME})(?=[ \t]*[:{{])",
                bygroups(Keyword, Whitespace, Name.Label),
                "line",
            ),
            (words(STATEMENTS, suffix=_NOT_A_NAME_HERE), Keyword, "line"),
            (rf"{_NAME}(?=[ \t]*:)", Name.Label, "line"),
            default("line"),
        ],
        "line": [
            (r"\n", Whitespace, "#pop"),
            (r"[{|]", Punctuation, "#pop"),
            include("expression"),
        ],
        "blank": [
            (r"[ \t\r]+", Whitespace),
            (r"##[^\n]*", String.Doc),
            (r"#[^\n]*", Comment.Single),
        ],
        "expression": [
            include("blank"),
            (r'@?"', String, "string"),
            (rf"@{_NAME}", Name.Variable),
            (words(RESERVED, suffix=r"(?!\w)"), Keyword),
            (words(OPERATORS, suffix=r"(?!\w)(?![ \t]*=(?!=))"), Operator.Word),
            (words(("for", *CONNECTIVES), suffix=_NOT_A_NAME_HERE), Keyword),
            (r"(?<=[ \t])x[0-9]+(?!\w)", Keyword.Pseudo),
            (words(MODIFIERS, prefix=r"(?<=[ \t])", suffix=r"(?=[ \t]+[\w(@])"), Keyword.Pseudo),
            (r"(true|false)(?!\w)", Keyword.Constant),
            (r"[0-9]+(?:x[0-9]+)+(?!\w)", Number.Integer),
            (r"[0-9]+(?:_[0-9]+)*\.[0-9]+(?:[eE][+-]?[0-9]+)?[kMGT]?", Number.Float),
            (r"[0-9]+(?:_[0-9]+)*(?:[eE][+-]?[0-9]+)?[kMGT]?", Number.Integer),
            (rf"{_NAME}(?=\()", Name.Function),
            (rf"{_NAME}(?=[ \t]*=(?!=))", Name.Attribute),
            (_NAME, Name),
            (r"->|\*\*|//|[=!<>~]=|[-+*/%<>=]", Operator),
            (r"\.\.\.|[()\[\]{}|:,.]", Punctuation),
            (r".", Text),
        ],
        "string": [
            (r"\\.|\{\{|\}\}", String.Escape),
            (r"\{", String.Interpol, "inserted"),
            (r'"', String, "#pop"),
            (r"\n", Whitespace, "#pop"),
            (r'[^"\\{}\n]+|[\\}]', String),
        ],
        "inserted": [
            (r"\}", String.Interpol, "#pop"),
            (r'(?=["\n])', String, "#pop"),
            include("expression"),
        ],
    }

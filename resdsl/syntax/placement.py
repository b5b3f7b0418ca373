"""Which statement has a meaning where (E123), and the gathering of a file's parts.

The grammar takes every statement everywhere, so that a misplaced one gets this answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, Literal

from resdsl.diagnostics import Diagnostic, Label, ResdslError
from resdsl.source import Source, Span
from resdsl.syntax import tree

Place = Literal["model", "derived", "block", "branch", "group", "if", "for"]


@tree.node
class ModelHead(tree.Tree):
    """`model NAME` on a line of its own."""

    name: tree.Ident


_WORDS: dict[type, str] = {
    tree.Use: "use",
    tree.BlockDef: "block",
    tree.ModelDef: "model",
    tree.ModelAlias: "model",
    ModelHead: "model",
    tree.Param: "param",
    tree.InputStatement: "input",
    tree.Note: "note",
    tree.Expect: "expect",
    tree.InitStatement: "init",
    tree.Drop: "drop",
    tree.Let: "let",
    tree.LetFunction: "let",
    tree.Share: "share",
    tree.If: "if",
    tree.For: "for",
    tree.Require: "require",
    tree.Default: "default",
}
_FILE = (tree.Use, tree.BlockDef, tree.ModelDef, tree.ModelAlias, ModelHead)
_MODEL = (tree.Param, tree.InputStatement, tree.Note)
_AFTER = (tree.Expect, tree.InitStatement)
_OVERRIDES = (
    tree.Labelled, tree.OutputStatement, tree.Drop, tree.Note, tree.Expect, tree.InitStatement,
)  # fmt: skip

_REFUSED: dict[Place, tuple[type, ...]] = {
    "model": (*_FILE, tree.Drop),
    "block": (*_FILE, *_MODEL, *_AFTER, tree.Drop),
    "branch": (*_FILE, *_MODEL, *_AFTER, tree.Drop),
    "group": (*_FILE, *_MODEL, *_AFTER, tree.Drop),
    "if": (*_FILE, *_MODEL, tree.Expect, tree.Drop),
    "for": (*_FILE, *_MODEL, tree.Expect, tree.Drop),
}
_INSIDE: dict[Place, str] = {
    "model": "inside a model",
    "derived": "in the braces of a derived model",
    "block": "inside a block",
    "branch": "inside a branch",
    "group": "inside braces",
    "if": "inside `if`",
    "for": "inside `for`",
}


def check(place: Place, body: Sequence[Any]) -> None:
    """Refuse what has no meaning in a body of this kind, in the `if`s and `for`s of it, too."""
    for statement in body:
        if place == "derived":
            wrong = not isinstance(statement, _OVERRIDES)
        else:
            wrong = isinstance(statement, _REFUSED[place])
        if wrong:
            raise _misplaced(statement, place)
        if isinstance(statement, tree.If):
            check("if" if place == "model" else place, (*statement.then, *statement.otherwise))
        elif isinstance(statement, tree.For):
            check("for" if place == "model" else place, statement.body)


def collect(source: Source, items: Sequence[Any]) -> tree.File:
    """The File of the statements at the top, where bare ones make the script-form model."""
    uses = tuple(item for item in items if isinstance(item, tree.Use))
    blocks = tuple(item for item in items if isinstance(item, tree.BlockDef))
    models = [item for item in items if isinstance(item, tree.ModelDef | tree.ModelAlias)]
    heads = [item for item in items if isinstance(item, ModelHead)]
    bare = tuple(item for item in items if not isinstance(item, _FILE))
    if len(heads) > 1:
        first = Label(heads[0].span, "it has its name here")
        message = "a second name for this file's model"
        help = f"several models in a file have braces: `model {heads[1].name.text} {{ ... }}`"
        raise ResdslError(Diagnostic("E123", message, heads[1].span, (first,), help=help))
    if heads and bare and bare[0].span.start < heads[0].span.start:
        first = Label(bare[0].span, "a statement of the model stands here already")
        message = "`model NAME` stands after statements of that model"
        help = "let it be the first statement, or put the model into braces"
        raise ResdslError(Diagnostic("E123", message, heads[0].span, (first,), help=help))
    if heads or bare:
        check("model", bare)
        models.append(_script(source, heads, bare))
        models.sort(key=lambda model: model.span.start)
    whole = Span(source, 0, len(source.text))
    return tree.File(whole, source, uses, blocks, tuple(models))


def _script(
    source: Source, heads: list[ModelHead], bare: tuple[tree.Statement, ...]
) -> tree.ModelDef:
    first = heads[0] if heads else bare[0]
    last = bare[-1] if bare else heads[-1]
    span = first.span.to(last.span)
    if heads:
        return tree.ModelDef(span, heads[0].name, bare)
    at_start = Span(source, span.start, span.start)
    return tree.ModelDef(span, tree.Ident(at_start, stem(source.name)), bare)


def stem(name: str) -> str:
    """The name of a model that a file's name gives: `specs/res-net.v2.res` makes `res_net_v2`."""
    path = PurePath(name)
    word = re.sub(r"[^A-Za-z0-9_]+", "_", path.stem if path.suffix == ".res" else path.name)
    word = word.strip("_") or "model"
    return f"_{word}" if word[0].isdigit() else word


def _misplaced(statement: tree.Tree, place: Place) -> ResdslError:
    word = _WORDS.get(type(statement))
    span = statement.span
    if word:
        what = f"`{word}` has no meaning {_INSIDE[place]}"
        span = Span(span.source, span.start, span.start + len(word))
    else:
        what = f"a step without a label has no meaning {_INSIDE[place]}"
    return ResdslError(Diagnostic("E123", what, span, help=_help(statement, place)))


def _help(statement: tree.Tree, place: Place) -> str:
    if isinstance(statement, tree.Use | ModelHead):
        return "it stands at the top of a file"
    if isinstance(statement, _FILE):
        return "models and blocks are defined at the top of a file, side by side"
    if isinstance(statement, tree.Drop):
        return "only a derived model drops labels: `model b = a { drop head }`"
    if place == "derived" and isinstance(statement, tree.Param | tree.InputStatement):
        return "it keeps those of its base; values are given with `with name=value`"
    if place == "derived":
        return "a derived model replaces labelled steps, `conv1: ...`, and drops them, `drop head`"
    if place == "block" and isinstance(statement, tree.Param | tree.InputStatement):
        return "a block's parameters stand in parentheses: `block name(out, stride = 1) { ... }`"
    return "put it among the model's own statements"

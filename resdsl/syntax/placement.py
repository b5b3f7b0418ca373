"""Which statement has a meaning where (E123), and the gathering of a file's parts.

The grammar takes every statement everywhere, so that a misplaced one gets this answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any, Literal

from resdsl.diagnostics import Diagnostic, Label
from resdsl.source import Source, Span
from resdsl.syntax import tree
from resdsl.syntax.layout import Run

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
    tree.Broken,
)  # fmt: skip
_FILE_WORD = re.compile(r"(?:use|model|block)\b")

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


def placed(place: Place, body: Iterable[Any], run: Run) -> tuple[tree.Statement, ...]:
    """The body, with Broken for what has no meaning in one of this kind.

    In the `if`s and `for`s of it, too.
    """
    return tuple(_placed(place, statement, run) for statement in body)


def _placed(place: Place, statement: Any, run: Run) -> tree.Statement:
    if run.is_torn(statement.span):
        return run.break_(statement.span)
    if place == "derived":
        wrong = not isinstance(statement, _OVERRIDES)
    else:
        wrong = isinstance(statement, _REFUSED[place])
    if wrong:
        run.found.append(_misplaced(statement, place))
        if place == "branch" and isinstance(statement, tree.Param):
            _tear_line(statement.span, run)  # the choice in `| param x: A|B` makes a branch
        return run.break_(statement.span)
    if isinstance(statement, tree.If):
        inner: Place = "if" if place == "model" else place
        then = placed(inner, statement.then, run)
        return replace(statement, then=then, otherwise=placed(inner, statement.otherwise, run))
    if isinstance(statement, tree.For):
        body = placed("for" if place == "model" else place, statement.body, run)
        return replace(statement, body=body)
    return statement  # type: ignore[no-any-return]


def _tear_line(statement: Span, run: Run) -> None:
    """Nothing more is told of what stands behind a statement in its line."""
    end = run.source.text.find("\n", statement.end)
    torn = replace(statement, start=statement.end, end=end if end >= 0 else run.stop)
    run.torn.append(torn)


def collect(items: Sequence[Any], run: Run) -> tree.File:
    """The File of the statements at the top, where bare ones make the script-form model."""
    uses = tuple(item for item in items if isinstance(item, tree.Use))
    blocks = tuple(item for item in items if isinstance(item, tree.BlockDef))
    models = [item for item in items if isinstance(item, tree.ModelDef | tree.ModelAlias)]
    heads = [item for item in items if isinstance(item, ModelHead)]
    bare = [item for item in items if not isinstance(item, _FILE) and not _declares(item)]
    steps = [item for item in bare if not isinstance(item, tree.Broken)]
    if len(heads) > 1:
        first = Label(heads[0].span, "it has its name here")
        message = "a second name for this file's model"
        help = f"several models in a file have braces: `model {heads[1].name.text} {{ ... }}`"
        run.found.append(Diagnostic("E123", message, heads[1].span, (first,), help=help))
    if heads and steps and steps[0].span.start < heads[0].span.start:
        first = Label(steps[0].span, "a statement of the model stands here already")
        message = "`model NAME` stands after statements of that model"
        help = "let it be the first statement, or put the model into braces"
        run.found.append(Diagnostic("E123", message, heads[0].span, (first,), help=help))
    if heads and steps:
        _brace_below(heads[0], steps[0], run)
    if heads or steps:
        models.append(_script(run.source, heads, placed("model", bare, run)))
        models.sort(key=lambda model: model.span.start)
    whole = Span(run.source, 0, len(run.source.text))
    return tree.File(whole, run.source, uses, blocks, tuple(models), _outermost(run.broken))


def _brace_below(head: ModelHead, first: tree.Statement, run: Run) -> None:
    """Say of `model NAME` with a `{` in the next line what it is, not what is wrong in the braces.

    Such braces are a group of steps, and neither `input` nor `param` has a meaning in them.
    """
    if not isinstance(first, tree.Chain) or not isinstance(first.steps[0], tree.GroupStep):
        return
    span = first.steps[0].span
    others = [
        d for d in run.found
        if d.code != "E123" or not d.span or not span.start < d.span.start < span.end
    ]  # fmt: skip
    if len(others) == len(run.found):
        return
    brace = Span(run.source, span.start, span.start + 1)
    message = f"expected `{{` in the line of `model {head.name.text}`"
    help = f"`model {head.name.text} {{`"
    run.found[:] = [*others, Diagnostic("E104", message, brace, help=help)]


def _outermost(broken: Iterable[tree.Broken]) -> tuple[tree.Broken, ...]:
    """In the order of the text, without those that stand in another."""
    kept: list[tree.Broken] = []
    for statement in sorted(broken, key=lambda s: (s.span.start, -s.span.end)):
        if not kept or statement.span.end > kept[-1].span.end:
            kept.append(statement)
    return tuple(kept)


def _declares(statement: tree.Tree) -> bool:
    """Whether a broken statement would define something at the top of the file."""
    return isinstance(statement, tree.Broken) and bool(_FILE_WORD.match(statement.span.text))


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


def _misplaced(statement: tree.Tree, place: Place) -> Diagnostic:
    word = _WORDS.get(type(statement))
    span = statement.span
    if word:
        what = f"`{word}` has no meaning {_INSIDE[place]}"
        span = Span(span.source, span.start, span.start + len(word))
    else:
        what = f"a step without a label has no meaning {_INSIDE[place]}"
    return Diagnostic("E123", what, span, help=_help(statement, place))


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

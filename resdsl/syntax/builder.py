"""From the parser's reductions to the tree: files, declarations, statements and dataflow.

One method a rule of grammar.lark, called with the rule's children.
"""

from __future__ import annotations

import re
from typing import Any

from resdsl.diagnostics import Diagnostic, Label, ResdslError
from resdsl.source import Span
from resdsl.syntax import literals, tree
from resdsl.syntax.characters import shortened
from resdsl.syntax.expressions import Children, ExpressionBuilder, Part, error
from resdsl.syntax.placement import ModelHead, collect, placed

_DOC_LINE = re.compile(r"\ufeff?[ \t]*## ?(.*)")


class Builder(ExpressionBuilder):
    """Lark's transformer."""

    # ------------------------------------------------------------ file and declarations

    def start(self, children: Children) -> tree.File:
        return collect(children, self.run)

    def use_all(self, children: Children) -> tree.Use:
        use, file = children
        return tree.Use(self._from(use, file), None, self._plain_text(file, "a file's name"))

    def use_names(self, children: Children) -> tree.Use:
        use, *names, file = children
        text = self._plain_text(file, "a file's name")
        return tree.Use(self._from(use, file), self._idents(names), text)

    def model_head(self, children: Children) -> ModelHead:
        model, name = children
        return ModelHead(self._from(model, name), self._ident(name))

    def model_def(self, children: Children) -> tree.ModelDef:
        model, name, body = children
        items = placed("model", body.items, self.run)
        return tree.ModelDef(self._from(model, body), self._ident(name), items)

    def model_alias(self, children: Children) -> tree.ModelAlias:
        model, name, base, settings, body = children
        overrides = placed("derived", body.items, self.run) if body else ()
        return tree.ModelAlias(
            self._from(model, body or settings or base),
            self._ident(name),
            self._ident(base),
            settings.items if settings else (),
            overrides,
        )

    def with_(self, children: Children) -> Part:
        return Part(self._from(children[0], children[-1]), tuple(children))

    def block_def(self, children: Children) -> tree.BlockDef:
        block, name, params, body = children
        return tree.BlockDef(
            self._from(block, body),
            self._ident(name),
            params.items if params else (),
            placed("block", body.items, self.run),
            _doc(self.run.source.text, block.start_pos),
        )

    def block_param(self, children: Children) -> tree.Param:
        name, type_, default = children
        span = self._from(name, default or type_ or name)
        return tree.Param(span, self._ident(name), type_, default)

    def rest_param(self, children: Children) -> tree.Param:
        return tree.Param(self._at(children[0]), None, None, None)

    def type_name(self, children: Children) -> tree.TypeName:
        token = children[0]
        span = self._at(token)
        value: str | int | float = str(token)
        if token.type == "NUMBER":
            value = literals.number(token, span)
        elif token.type == "STRING":
            value = self._plain_text(token, "a member's name").value
        return tree.TypeName(span, value)

    def list_type(self, children: Children) -> tree.ListType:
        opening, item, closing = children
        return tree.ListType(self._from(opening, closing), item)

    def union_type(self, children: Children) -> tree.UnionType:
        return tree.UnionType(self._from(children[0], children[-1]), tuple(children[::2]))

    # ------------------------------------------------------------ statements

    def param(self, children: Children) -> tree.Param:
        word, name, type_, default = children
        span = self._from(word, default or type_ or name)
        return tree.Param(span, self._ident(name), type_, default)

    def input(self, children: Children) -> tree.InputStatement:
        word, name, settings, shape = children
        items = settings.items if settings else ()
        return tree.InputStatement(self._from(word, shape), self._ident(name), items, shape)

    def init(self, children: Children) -> tree.InitStatement:
        word, selector, value = children
        text = str(selector)
        if selector.type == "STRING":
            text = self._plain_text(selector, "a selector").value
        where = tree.Ident(self._at(selector), text)
        return tree.InitStatement(self._from(word, value), where, value)

    def note(self, children: Children) -> tree.Note:
        word, name, value = children
        return tree.Note(self._from(word, value), self._ident(name), value)

    def expect(self, children: Children) -> tree.Expect:
        return tree.Expect(self._from(*children), children[1])

    def drop(self, children: Children) -> tree.Drop:
        word, *names = children
        return tree.Drop(self._from(word, names[-1]), self._idents(names))

    def let(self, children: Children) -> tree.Let:
        word, name, value = children
        return tree.Let(self._from(word, value), self._ident(name), value)

    def let_function(self, children: Children) -> tree.LetFunction:
        word, name, _, names, _, value = children
        return tree.LetFunction(self._from(word, value), self._ident(name), names, value)

    def share(self, children: Children) -> tree.Share:
        word, name, value = children
        return tree.Share(self._from(word, value), self._ident(name), value)

    def output(self, children: Children) -> tree.OutputStatement:
        word, name, settings, chain = children
        items = settings.items if settings else ()
        span = self._from(word, chain or settings or name)
        return tree.OutputStatement(span, self._ident(name), items, chain)

    def stage(self, children: Children) -> tree.Labelled:
        word, label, chain = children
        return tree.Labelled(self._from(word, chain), self._label_text(label), chain, stage=True)

    def stage_group(self, children: Children) -> tree.Labelled:
        word, label, group = children
        return self.stage([word, label, tree.Chain(group.span, (group,))])

    def labelled(self, children: Children) -> tree.Labelled:
        label, chain = children
        return tree.Labelled(self._from(label, chain), self._label_text(label), chain)

    def if_(self, children: Children) -> tree.If:
        word, condition, then, *rest = children
        otherwise: tuple[tree.Statement, ...] = ()
        if rest:
            last = rest[1]
            otherwise = last.items if isinstance(last, Part) else (last,)
        return tree.If(self._from(word, children[-1]), condition, then.items, otherwise)

    def for_(self, children: Children) -> tree.For:
        word, names, _, items, body = children
        return tree.For(self._from(word, body), names, items, body.items)

    def require(self, children: Children) -> tree.Require:
        word, condition, message = children
        text = self._text(self._at(message)) if message else None
        return tree.Require(self._from(word, message or condition), condition, text)

    def default(self, children: Children) -> tree.Default:
        word, *calls = children
        return tree.Default(self._from(word, calls[-1]), tuple(calls))

    def broken(self, children: Children) -> tree.Broken:
        return self.run.break_(self._at(children[0]))

    def setting(self, children: Children) -> tree.Setting:
        name, value = children
        return tree.Setting(self._from(name, value), self._ident(name), value)

    # ------------------------------------------------------------ dataflow

    def chain(self, children: Children) -> tree.Chain:
        return tree.Chain(self._from(children[0], children[-1]), tuple(children))

    def step(self, children: Children) -> tree.CallStep:
        call, *modifiers = children
        if not modifiers:
            return call  # type: ignore[no-any-return]
        span = self._from(call, modifiers[-1])
        return tree.CallStep(span, call.path, call.args, _distinct(span, modifiers))

    def call(self, children: Children) -> tree.CallStep:
        path, arguments = children
        items = arguments.items if arguments else None
        return tree.CallStep(self._from(path[0], arguments or path[-1]), path, items)

    def merge(self, children: Children) -> tree.MergeStep:
        call, _, *branches, closing = children
        return tree.MergeStep(self._from(call, closing), call, tuple(branches))

    def branch(self, children: Children) -> tree.Branch:
        guard = children[1] if len(children) > 1 else None
        if not isinstance(guard, tree.WhenGuard | tree.ForGuard):
            guard = None
        body = placed("branch", children[2 if guard else 1 :], self.run)
        return tree.Branch(self._from(children[0], children[-1]), guard, body)

    def when_guard(self, children: Children) -> tree.WhenGuard:
        return tree.WhenGuard(self._from(*children), children[1])

    def for_guard(self, children: Children) -> tree.ForGuard:
        word, names, _, items = children
        return tree.ForGuard(self._from(word, items), names, items)

    def group(self, children: Children) -> tree.GroupStep:
        body, *modifiers = children
        items = placed("group", body.items, self.run)
        return tree.GroupStep(
            self._from(body, children[-1]), items, _distinct(body.span, modifiers)
        )

    def tap(self, children: Children) -> tree.TapStep:
        return tree.TapStep(children[0].span, children[0])

    def repeat_literal(self, children: Children) -> tree.Repeat:
        span = self._at(children[0])
        digits = Span(self.run.source, span.start + 1, span.end)
        value = literals.number(digits.text, digits)
        return tree.Repeat(span, tree.Number(digits, value, digits.text))

    def repeat(self, children: Children) -> tree.Repeat:
        return tree.Repeat(self._from(*children), children[1])

    def first_stride(self, children: Children) -> tree.FirstStride:
        return tree.FirstStride(self._from(*children), children[1])

    def stride_setting(self, children: Children) -> tree.Modifier:
        word, value = children
        text = value.span.text
        help = (
            f"`stride {text}` strides the first block only; for every block write "
            f"`stride={text}` inside the parentheses"
        )
        raise error("E118", "`stride=` after the call", self._from(word, value), help)


def _distinct(step: Span, modifiers: list[Any]) -> tuple[tree.Modifier, ...]:
    """The modifiers of a step, none given twice (E119)."""
    seen: dict[str, tree.Modifier] = {}
    for modifier in modifiers:
        if isinstance(modifier, tree.Setting):
            key = f"{modifier.name.text}="
        else:
            key = "x" if isinstance(modifier, tree.Repeat) else "stride"
        if key in seen:
            first = Label(seen[key].span, "given here already")
            what = {"x": "two repeats on one step", "stride": "two strides on one step"}
            message = what.get(key, f"`{shortened(key)}` given twice")
            help = "remove one of them"
            inner = step.source.text[step.start : modifier.span.start].rstrip()
            if key == "x" and "\n" not in inner and len(inner) <= 80:
                help = f"a repeat of repeats is a group: `{{ {inner} }} {modifier.span.text}`"
            raise ResdslError(Diagnostic("E119", message, modifier.span, (first,), help=help))
        seen[key] = modifier
    return tuple(modifiers)


def _doc(text: str, start: int) -> str:
    """The `##` lines right above the line of `start`, without their marks."""
    lines: list[str] = []
    end = text.rfind("\n", 0, start)
    while end > 0:
        begin = text.rfind("\n", 0, end) + 1
        line = _DOC_LINE.fullmatch(text[begin:end].rstrip())
        if not line:
            break
        lines.append(line[1])
        end = begin - 1
    return "\n".join(reversed(lines))

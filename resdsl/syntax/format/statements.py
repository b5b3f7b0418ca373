"""Statements and files as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from resdsl.source import Source, Span
from resdsl.syntax import tree
from resdsl.syntax.format.document import (
    Braces,
    Cat,
    Cells,
    Doc,
    Group,
    Line,
    Nest,
    Row,
    Rows,
    Text,
    spaced,
)
from resdsl.syntax.format.expressions import CONTINUED, ExpressionPrinter, Made, cells

Parts = tuple[Doc, list[Doc], list[Doc]]
"""A chain: all of it, the parts of its first step, and its other steps, each with its arrow."""


class Printer(ExpressionPrinter):
    """One method a statement, called when its first word is the next one."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.source = source

    # ------------------------------------------------------------ files

    def file(self, file: tree.File) -> Doc:
        rows = [self.row(span, make) for span, make in sorted(self._items(file), key=_start)]
        return Rows(rows, self.words[-1].above)

    def _items(self, file: tree.File) -> Iterator[tuple[Span, Callable[[], Made]]]:
        """What stands at the top of a file; the statements of its own model among it."""
        for item in (*file.uses, *file.blocks):
            yield item.span, partial(self.statement, item)
        for model in file.models:
            if isinstance(model, tree.ModelAlias) or self._in_braces(model):
                yield model.span, partial(self.statement, model)
                continue
            if model.name.span.text:
                yield Span(self.source, model.span.start, model.name.span.end), self._model_line
            for statement in model.body:
                yield statement.span, partial(self.statement, statement)

    def _in_braces(self, model: tree.ModelDef) -> bool:
        if not model.name.span.text:
            return False
        word = self.words[self.ends[model.name.span.end] + 1]
        is_step = bool(model.body) and model.body[0].span.start == word.start
        return word.text == "{" and not is_step

    def _model_line(self) -> Made:
        return Cat(self.take(), " ", self.take()), None

    # ------------------------------------------------------------ bodies

    def statement(self, node: tree.Tree) -> Made:
        made: Made = self._STATEMENTS[type(node)](self, node)
        return made

    def rows(self, statements: Sequence[tree.Statement]) -> list[Row]:
        return [self.row(node.span, partial(self.statement, node)) for node in statements]

    def body(self, statements: Sequence[tree.Statement], short: bool = True) -> Doc:
        """`{ ... }`; one statement may stand on the line of the braces (`short`)."""
        opening = self.take()
        rows = self.rows(statements)
        short = short and len(rows) == 1
        return self.closed(lambda last, end: Braces(opening, rows, last, end, short))

    # ------------------------------------------------------------ declarations

    def use(self, node: tree.Use) -> Made:
        parts = [self.take(), Text(" ")]
        if node.names is not None:
            parts += [self.names(node.names), Text(" "), self.take(), Text(" ")]
        return Cat(*parts, self.take()), None

    def model(self, node: tree.ModelDef) -> Made:
        return Cat(self.take(), " ", self.take(), " ", self.body(node.body, short=False)), None

    def derived_model(self, node: tree.ModelAlias) -> Made:
        label = Cat(self.take(), " ", self.take())
        lead = spaced(self.take(), self.take())
        more: list[Doc] = []
        if node.settings:
            more.append(Cat(self.take(), " ", self.sequence(node.settings, self.setting)))
        if self.next == "{" and self.words[self.at].start < node.span.end:
            more.append(self.body(node.overrides))
        doc = Cat(label, " ", lead, *(part for one in more for part in (" ", one)))
        if doc.flat is None or doc.braces:
            return doc, None
        columns = tuple(part.flat or "" for part in more)
        return doc, Cells("model", label.flat or "", "", lead.flat or "", True, columns)

    def block(self, node: tree.BlockDef) -> Made:
        parts: list[Doc | str] = [self.take(), " ", self.take()]
        if self.next == "(":
            parts.append(self.listed(node.params, self.parameter))
        return Cat(*parts, " ", self.body(node.body)), None

    def parameter(self, node: tree.Param) -> Doc:
        """`name: type = default`, or `...`."""
        parts: list[Doc] = [self.take()]
        if node.type:
            parts = [spaced(Cat(*parts, self.take()), self.type_(node.type))]
        if node.default:
            parts.append(self.value(node.default))
        return Cat(*parts)

    def type_(self, node: tree.Type) -> Doc:
        if isinstance(node, tree.ListType):
            return Cat(self.take(), self.type_(node.item), self.take())
        if isinstance(node, tree.TypeName):
            return self.take()
        parts = [self.type_(node.alternatives[0])]
        for member in node.alternatives[1:]:
            parts += [self.take(), Line(""), self.type_(member)]
        return Group(Nest(Cat(*parts), CONTINUED))

    # ------------------------------------------------------------ statements

    def param(self, node: tree.Param) -> Made:
        return Cat(self.take(), " ", self.parameter(node)), None

    def input(self, node: tree.InputStatement) -> Made:
        head = self._named_head(node.settings)
        return spaced(Cat(head, self.take()), self.expr(node.shape)), None

    def output(self, node: tree.OutputStatement) -> Made:
        head = self._named_head(node.settings)
        if node.chain is None:
            return head, None
        return self._labelled("output", Cat(head, self.take()), node.chain)

    def _named_head(self, settings: Sequence[tree.Setting]) -> Doc:
        """`input name`, `output name(when=train)`."""
        head = Cat(self.take(), " ", self.take())
        return Cat(head, self.listed(settings, self.setting)) if settings else head

    def setting(self, node: tree.Setting) -> Doc:
        return self.named(node.value)

    def init(self, node: tree.InitStatement) -> Made:
        parts: list[Doc | str] = [self.take(), " "]
        while self.words[self.at].start < node.selector.span.end:
            parts.append(self.take())
        return Cat(*parts, self.value(node.value)), None

    def definition(self, node: tree.Let | tree.Share | tree.Note) -> Made:
        return Cat(self.take(), " ", self.take(), self.value(node.value)), None

    def function(self, node: tree.LetFunction) -> Made:
        head = Cat(self.take(), " ", self.take())
        names = self.listed(node.params, lambda _: self.take(), trailing=False)
        return Cat(head, names, self.value(node.value)), None

    def expect(self, node: tree.Expect) -> Made:
        return Cat(self.take(), " ", Nest(self.expr(node.condition), CONTINUED)), None

    def require(self, node: tree.Require) -> Made:
        doc = Cat(self.take(), " ", Nest(self.expr(node.condition), CONTINUED))
        if node.message is None:
            return doc, None
        return Group(Cat(doc, self.take(), Nest(Cat(Line(), self.take()), 2))), None

    def drop(self, node: tree.Drop) -> Made:
        return Cat(self.take(), " ", self.names(node.names)), None

    def default(self, node: tree.Default) -> Made:
        return Cat(self.take(), " ", self.sequence(node.calls, self.call)), None

    def if_(self, node: tree.If) -> Made:
        alone = not node.otherwise
        parts: list[Doc | str] = [self._condition(node), self.body(node.then, alone)]
        end = node.span.end
        while self.next == "else" and self.words[self.at].start < end:
            word = self.take()
            rest: Doc
            if self.next == "if":
                (node,) = node.otherwise  # type: ignore[assignment]
                rest = Cat(self._condition(node), self.body(node.then, short=False))
            else:
                rest = self.body(node.otherwise, short=False)
            parts += [" ", word, " ", rest]
        return Cat(*parts), None

    def _condition(self, node: tree.If) -> Doc:
        return Cat(self.take(), " ", Nest(self.expr(node.condition), CONTINUED), " ")

    def for_(self, node: tree.For) -> Made:
        return Cat(self.loop(node.names, node.items), " ", self.body(node.body, short=False)), None

    # ------------------------------------------------------------ dataflow

    def labelled(self, node: tree.Labelled) -> Made:
        label = Cat(self.take(), " ", self.take()) if node.stage else self.take()
        if self.next != ":":
            return Cat(label, " ", self._chain(node.chain)[0]), None
        kind = "stage" if node.stage else "label"
        return self._labelled(kind, Cat(label, self.take()), node.chain)

    def _labelled(self, kind: str, label: Doc, chain: tree.Chain) -> Made:
        parts = self._chain(chain)
        return spaced(label, parts[0]), self._cells(kind, label, chain, parts)

    def chain(self, node: tree.Chain) -> Made:
        """A step without a label may stand between those with one; one that repeats has columns."""
        parts = self._chain(node)
        if _repeats(node.steps[0]):
            return parts[0], self._cells("label", Text(""), node, parts)
        doc, *_ = parts
        return doc, None if doc.flat is None else Cells("label", "", "", doc.flat)

    def _cells(self, kind: str, label: Doc, chain: tree.Chain, parts: Parts) -> Cells | None:
        """A chain as a row: the first step with what modifies it, and the other steps."""
        whole, (first, *modifiers), others = parts
        step = chain.steps[0]
        lead = cells(kind, label, step, first)
        if lead is None or whole.flat is None:
            return None
        lead.mixed = kind == "stage"
        tail = " ".join(other.flat or "" for other in others)
        if isinstance(step, tree.TapStep):
            lead.head, lead.tail = "@", tail
        elif isinstance(step, tree.CallStep) and _in_order(step):
            lead.columns, lead.tail = _columns(step, modifiers), tail
        else:
            lead.lead = whole.flat
        return lead

    def _chain(self, node: tree.Chain) -> Parts:
        first = self._step(node.steps[0])
        parts: list[Doc | str] = [_joined(first)]
        others = []
        braces = any(isinstance(step, tree.MergeStep | tree.GroupStep) for step in node.steps)
        for step in node.steps[1:]:
            other = spaced(self.take(), _joined(self._step(step)))
            others.append(other)
            if braces:  # what follows a brace goes on in its line
                parts += [Group(Nest(Line(), 2)), other]
            else:
                parts.append(Nest(Cat(Line(), other), 2))
        return Group(Cat(*parts)), first, others

    def _step(self, step: tree.Step) -> list[Doc]:
        """The parts of a step: the call (or what else it is), and each modifier."""
        if isinstance(step, tree.TapStep):
            return [self.expr(step.tensor)]
        if isinstance(step, tree.MergeStep):
            return [Cat(self.call(step.call), " ", self._branches(step.branches))]
        doc = self.call(step) if isinstance(step, tree.CallStep) else self.body(step.body)
        return [doc, *(self._modifier(modifier) for modifier in step.modifiers)]

    def call(self, node: tree.CallStep) -> Doc:
        parts = [self.take() for _ in range(2 * len(node.path) - 1)]
        return Cat(*parts) if node.args is None else Cat(*parts, self.arguments(node.args))

    def _modifier(self, node: tree.Modifier) -> Doc:
        if isinstance(node, tree.Setting):
            return self.setting(node)
        word = self.take()
        if isinstance(node, tree.FirstStride):
            return Cat(word, " ", self.expr(node.value))
        if word.flat != "x":
            return word  # x4
        plain = isinstance(node.count, tree.Number) and self.next.isdigit()
        return Cat(word, "" if plain else " ", self.expr(node.count))

    def _branches(self, branches: Sequence[tree.Branch]) -> Doc:
        opening = self.take()
        rows = [self.row(branch.span, partial(self._branch, branch)) for branch in branches]
        short = all(
            not branch.body or (len(branch.body) == 1 and isinstance(branch.body[0], tree.Chain))
            for branch in branches
        )
        return self.closed(lambda last, end: Braces(opening, rows, last, end, short))

    def _branch(self, node: tree.Branch) -> Made:
        head = self.take()
        if isinstance(node.guard, tree.WhenGuard):
            condition = Cat(self.take(), " ", Nest(self.expr(node.guard.condition), CONTINUED))
            head = Cat(head, " ", condition, self.take())
        elif node.guard:
            head = Cat(head, " ", self.loop(node.guard.names, node.guard.items), self.take())
        rows = self.rows(node.body)
        if not rows:
            return head, None
        between: Doc = Text(" ")
        if node.guard:
            alone = len(rows) == 1 and rows[0].bare
            between = Group(Nest(Line(), 2)) if alone else Nest(Line(), 2)
        below = rows[0].doc if len(rows) == 1 and rows[0].bare else Rows(rows)
        return Cat(head, between, Nest(below, 2)), None

    _STATEMENTS: ClassVar[dict[type, Callable[[Any, Any], Made]]] = {
        tree.Use: use,
        tree.ModelDef: model,
        tree.ModelAlias: derived_model,
        tree.BlockDef: block,
        tree.Param: param,
        tree.InputStatement: input,
        tree.OutputStatement: output,
        tree.InitStatement: init,
        tree.Let: definition,
        tree.Share: definition,
        tree.Note: definition,
        tree.LetFunction: function,
        tree.Expect: expect,
        tree.Require: require,
        tree.Drop: drop,
        tree.Default: default,
        tree.If: if_,
        tree.For: for_,
        tree.Labelled: labelled,
        tree.Chain: chain,
    }


def _start(item: tuple[Span, Callable[[], Made]]) -> int:
    return item[0].start


def _joined(parts: Sequence[Doc]) -> Doc:
    return Cat(parts[0], *(piece for part in parts[1:] for piece in (" ", part)))


def _column(modifier: tree.Modifier) -> int:
    kinds = (tree.Repeat, tree.FirstStride, tree.Setting)
    return next(i for i, kind in enumerate(kinds) if isinstance(modifier, kind))


def _repeats(step: tree.Step) -> bool:
    return isinstance(step, tree.CallStep) and any(
        isinstance(modifier, tree.Repeat) for modifier in step.modifiers
    )


def _in_order(step: tree.CallStep) -> bool:
    """Whether the repeat comes first, then `stride`, then settings: as columns have them."""
    order = [_column(modifier) for modifier in step.modifiers]
    return order == sorted(order)


def _columns(step: tree.CallStep, docs: Sequence[Doc]) -> tuple[str, ...]:
    """What modifies a step: the repeat, `stride`, and all settings in one."""
    columns = ["", "", ""]
    for modifier, doc in zip(step.modifiers, docs, strict=True):
        column = _column(modifier)
        columns[column] = f"{columns[column]} {doc.flat}".lstrip()
    return tuple(columns)

"""The rule about what is never taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from resdsl.diagnostics import Diagnostic, Label, ResdslError
from resdsl.elaborate.context import Build, Context, Defaults, Frame
from resdsl.elaborate.evaluate import evaluate
from resdsl.elaborate.types import BUILTIN, alternatives, infer
from resdsl.elaborate.values import Binding, Env, Member, Value
from resdsl.ir.builder import Draft
from resdsl.lint.text import Definition, Text, names, walk
from resdsl.source import Span
from resdsl.syntax import tree

World = Mapping[str, Value]
"""One choice of values for the parameters that enumerate theirs."""

MAX_WORLDS = 256


def branch(text: Text) -> Iterator[Diagnostic]:
    """A branch is dead if no values of the parameters lead there: its condition, or what it is the
    `else` of, is settled by constants and by the enumerated and boolean parameters alone. So is a
    `match` case after `else` or after an equal one, and a `for` over nothing.

    A parameter whose name something else in the definition binds, too, may have any value.
    """
    for definition in text.definitions:
        yield from _Walk(text).definition(definition)


@dataclass(frozen=True)
class _Walk:
    """Down the branches of one definition, with the worlds that lead to each."""

    text: Text

    def definition(self, definition: Definition) -> Iterator[Diagnostic]:
        worlds = _worlds(definition)
        yield from self.below(definition.values(), worlds)

    def below(self, node: object, worlds: list[World]) -> Iterator[Diagnostic]:
        """What is dead in here, if these are the worlds that come in."""
        if isinstance(node, tuple):
            for part in node:
                yield from self.below(part, worlds)
        elif isinstance(node, tree.If | tree.Ternary):
            yield from self.choice(node, worlds)
        elif isinstance(node, tree.Match):
            yield from self.match(node, worlds)
        elif isinstance(node, tree.Tree):
            yield from self.guarded(node, worlds)

    def choice(self, node: tree.If | tree.Ternary, worlds: list[World]) -> Iterator[Diagnostic]:
        then = node.then if isinstance(node, tree.If) else node.value
        yield from self.below(node.condition, worlds)
        held, failed = self.split(node.condition, worlds)
        if not held:
            yield _dead(node.condition.span, "this condition never holds")
        else:
            yield from self.below(then, held)
        if not failed and node.otherwise:
            message = "this condition always holds: what follows `else` is never taken"
            if isinstance(node.otherwise, tuple) and isinstance(node.otherwise[0], tree.If):
                yield _dead(node.otherwise[0].condition.span, "this branch is never taken", node)
            else:
                yield _dead(node.condition.span, message)
        elif failed:
            yield from self.below(node.otherwise, failed)

    def match(self, node: tree.Match, worlds: list[World]) -> Iterator[Diagnostic]:
        yield from self.below(node.subject, worlds)
        seen: dict[object, Span] = {}
        values = [self.value(node.subject, world) for world in worlds]
        settled = all(value is not None for value in values)
        left = list(zip(worlds, values, strict=True))
        after_else: Span | None = None
        for arm in node.arms:
            if after_else:
                where = (Label(after_else, "`else` takes all that is left"),)
                yield Diagnostic("W311", "this case is never taken", arm.span, labels=where)
                continue
            for pattern in arm.patterns:
                if pattern in seen:
                    where = (Label(seen[pattern], "the same case"),)
                    yield Diagnostic("W311", "this case is never taken", pattern.span, labels=where)
                seen.setdefault(pattern, pattern.span)
            if not arm.patterns:
                after_else = arm.span
                if settled and not left:
                    yield _dead(arm.span, "every value has its case: `else` is never taken")
                    continue
            mine = {_pattern(p) for p in arm.patterns}
            here = [w for w, v in left if not settled or not mine or v in mine]
            yield from self.below(arm.value, here or worlds)
            if settled:
                left = [(w, v) for w, v in left if mine and v not in mine]

    def guarded(self, node: tree.Tree, worlds: list[World]) -> Iterator[Diagnostic]:
        guard = node.guard if isinstance(node, tree.Branch) else None
        if isinstance(guard, tree.WhenGuard):
            held, _ = self.split(guard.condition, worlds)
            if not held:
                yield _dead(guard.condition.span, "this condition never holds")
                return
            worlds = held
        loop = node if isinstance(node, tree.For) else guard
        if isinstance(loop, tree.For | tree.ForGuard) and self.value(loop.items, {}) == []:
            yield _dead(loop.items.span, "this list is empty: the `for` does nothing")
        yield from self.below(node.values(), worlds)

    def split(self, condition: tree.Expr, worlds: list[World]) -> tuple[list[World], list[World]]:
        """The worlds in which it may hold, and those in which it may not."""
        held: list[World] = []
        failed: list[World] = []
        for world in worlds:
            value = self.value(condition, world)
            held += [world] * (value is not False)
            failed += [world] * (value is not True)
        return held, failed

    def value(self, expr: tree.Expr, world: World) -> Value:
        """What the expression is worth in this world; None where that takes more to know."""
        members = {
            m for value in world.values() if isinstance(value, Member) for m in value.members
        }
        free = {n for n in names(expr) if n not in world and n not in members}
        if free - {"true", "false"} or any(isinstance(n, tree.TensorRef) for n in walk(expr)):
            return None
        env = Env(self.text.scope, None, {name: Binding(value) for name, value in world.items()})
        ctx = Context(Build(self.text.library), env, Frame(Draft("lint"), Defaults()))
        try:
            return evaluate(expr, ctx)
        except ResdslError:
            return None


def _worlds(definition: Definition) -> list[World]:
    """Every combination of the enumerated and boolean parameters that the definition asks about."""
    params = [p for p in walk(definition.values()) if isinstance(p, tree.Param) and p.name]
    rebound = [n.text for n in _bound(definition)]
    asked = names(definition)
    domains: dict[str, list[Value]] = {}
    for param in params:
        assert param.name is not None
        domain = _domain(param)
        if domain and asked[param.name.text] and param.name.text not in rebound:
            domains[param.name.text] = domain
    count = 1
    for name in list(domains):
        count *= len(domains[name])
        if count > MAX_WORLDS:
            del domains[name]
            count = MAX_WORLDS + 1
    return [dict(zip(domains, values, strict=True)) for values in product(*domains.values())]


def _bound(definition: Definition) -> Iterator[tree.Ident]:
    for node in walk(definition.values()):
        if isinstance(node, tree.Let | tree.LetFunction | tree.Share):
            yield node.name
        if isinstance(node, tree.For | tree.ForGuard | tree.Comprehension):
            yield from node.names
        if isinstance(node, tree.LetFunction):
            yield from node.params


def _domain(param: tree.Param) -> list[Value] | None:
    """The values of a parameter that enumerates them; None of any other."""
    type_ = param.type or infer(param.default)
    if type_ is None:
        return None
    words = alternatives(type_)
    if any(isinstance(word, tree.ListType) for word in words):
        return None
    values = [word.value for word in words if isinstance(word, tree.TypeName)]
    if values == ["bool"]:
        return [True, False]
    if len(values) < 2 or any(value in BUILTIN for value in values):
        return None
    members = tuple(value for value in values if isinstance(value, str))
    return [Member(value, members) if isinstance(value, str) else value for value in values]


def _pattern(pattern: tree.Number | tree.Name | tree.String | tree.ShapeLiteral) -> Value:
    if isinstance(pattern, tree.Name):
        return pattern.text
    return pattern.value if isinstance(pattern, tree.Number | tree.String) else pattern.dims


def _dead(span: Span, message: str, after: tree.If | tree.Ternary | None = None) -> Diagnostic:
    labels = (Label(after.condition.span, "this always holds"),) if after else ()
    return Diagnostic("W311", message, span, labels=labels)

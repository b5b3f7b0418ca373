"""What a rule looks at: one file with its names, and the nets that it makes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from resdsl.elaborate.library import Library, Scope
from resdsl.elaborate.model import Elaborated
from resdsl.elaborate.values import Block
from resdsl.ir.op import Op
from resdsl.syntax import tree

Definition = tree.BlockDef | tree.ModelDef
Declared = tree.Let | tree.LetFunction | tree.Share | tree.Param


@dataclass(frozen=True)
class Text:
    """A file without errors, and what its models come to."""

    file: tree.File
    library: Library
    elaborated: Sequence[Elaborated] = ()

    @cached_property
    def scope(self) -> Scope:
        scope = Scope(self.library, self.file, self.library.root)
        scope.link()
        return scope

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        models = (m for m in self.file.models if isinstance(m, tree.ModelDef))
        return (*self.file.blocks, *models)

    @cached_property
    def aliases(self) -> tuple[tree.ModelAlias, ...]:
        return tuple(m for m in self.file.models if isinstance(m, tree.ModelAlias))

    @cached_property
    def names(self) -> Counter[str]:
        """How often each name is used in the whole file."""
        return names(self.file)

    @cached_property
    def bound(self) -> frozenset[str]:
        """Every name that a variable has, anywhere in the file."""
        found = {d.name.text for d in walk(self.file) if isinstance(d, Declared) and d.name}
        for node in walk(self.file):
            if isinstance(node, tree.For | tree.ForGuard | tree.Comprehension):
                found |= {name.text for name in node.names}
            if isinstance(node, tree.LetFunction):
                found |= {name.text for name in node.params}
        return frozenset(found)

    @cached_property
    def taps(self) -> re.Pattern[str]:
        """The names of tensors that the file asks for: `@name`, `@"enc{i}"`, `@x.part`."""
        asked = [pattern(n.name) for n in walk(self.file) if isinstance(n, tree.TensorRef)]
        asked += [n.name.text for n in walk(self.file) if isinstance(n, tree.Attribute)]
        return re.compile("|".join(asked) or "(?!)")

    def is_tapped(self, label: tree.LabelText) -> bool:
        """Whether a tap may mean this label."""
        if isinstance(label, tree.Ident):
            return bool(self.taps.fullmatch(label.text))
        return pattern(label) in self.taps.pattern.split("|")

    def callee(self, step: tree.Tree) -> Any:
        """What a step calls: an op's class, or a Block of the standard library. None for all that
        this file defines or binds itself: its meaning is not in its name.
        """
        if not isinstance(step, tree.CallStep) or step.name in self.bound:
            return None
        found = self.scope.callee(step.name)
        is_op = isinstance(found, type) and issubclass(found, Op)
        return found if is_op or self.is_std(found) else None

    def is_std(self, found: Any) -> bool:
        return isinstance(found, Block) and found is self.library.std_block(found.name)


def walk(*nodes: object) -> Iterator[tree.Tree]:
    """The nodes and all below them, in the order of the text."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting += reversed(node)
        elif isinstance(node, tree.Tree):
            yield node
            waiting += reversed(node.values())


def names(*nodes: object) -> Counter[str]:
    """How often each name is used as a value, a step or a tensor, or as a base."""
    found: Counter[str] = Counter()
    for node in walk(*nodes):
        if isinstance(node, tree.Name):
            found[node.text] += 1
        elif isinstance(node, tree.CallStep):
            found[node.path[0].text] += 1
        elif isinstance(node, tree.TensorRef):
            found[node.name.text if isinstance(node.name, tree.Ident) else node.name.value] += 1
        elif isinstance(node, tree.ModelAlias):
            found[node.base.text] += 1
    return found


def pattern(label: tree.LabelText) -> str:
    """A regular expression for the names that a label or a tap may come to."""
    if isinstance(label, tree.Ident):
        return re.escape(label.text)
    return "".join(re.escape(p) if isinstance(p, str) else r"\w+" for p in label.parts)


def bodies(*nodes: object) -> Iterator[tuple[tree.Statement, ...]]:
    """Every body: of a definition, of braces, of a branch."""
    for node in walk(*nodes):
        if isinstance(node, tree.If):
            yield node.then
            yield node.otherwise
        elif isinstance(
            node, tree.BlockDef | tree.ModelDef | tree.GroupStep | tree.Branch | tree.For
        ):
            yield node.body


def lines(body: tuple[tree.Statement, ...]) -> Iterator[tuple[tree.Statement, tree.Step]]:
    """The steps of a body that follow each other, each with its statement; `output` lines aside."""
    for statement in body:
        chain = statement.chain if isinstance(statement, tree.Labelled) else statement
        for step in chain.steps if isinstance(chain, tree.Chain) else ():
            yield statement, step

"""The rule about blocks that were written before."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from resdsl.diagnostics import Diagnostic
from resdsl.elaborate.library import read
from resdsl.lint.text import Text, walk
from resdsl.paths import std_root
from resdsl.syntax import tree
from resdsl.syntax.parse import parse


def twin(text: Text) -> Iterator[Diagnostic]:
    """A block that differs from one of the standard library in names and layout alone is that one:
    names of the block, of its parameters and variables, and of its labels.
    """
    if not text.file.blocks:
        return
    standard = _standard(std_root())
    for block in text.file.blocks:
        known = standard.get(shape(block))
        if known and text.file.source.name != known.name.span.source.name:
            name = known.name.text
            yield Diagnostic(
                "W312",
                f"this is `{name}` of the standard library",
                block.name.span,
                help=f"use `{name}`, and remove the block"
                if name != block.name.text
                else "remove it: every spec sees that one",
            )


@cache
def _standard(root: Path) -> dict[object, tree.BlockDef]:
    """The blocks of the standard library that a spec can name, by their shape."""
    files = [parse(read(path, None)) for path in sorted(root.glob("*.res"))]
    return {shape(b): b for f in files for b in f.blocks if not b.name.text.startswith("_")}


def shape(block: tree.BlockDef) -> object:
    """The block with a number for each name that it gives: equal for blocks that differ in those
    alone.
    """
    own = {name: f"{i}" for i, name in enumerate(dict.fromkeys(_given(block)))}

    def of(node: object) -> object:
        if isinstance(node, tuple):
            return tuple(map(of, node))
        if isinstance(node, tree.Argument | tree.Setting):  # its name belongs to what is called
            return type(node), node.name and node.name.text, of(node.value)
        if isinstance(node, tree.Ident | tree.Name):
            return "name", own.get(node.text, node.text)
        if isinstance(node, tree.TypeName):
            return "type", node.value
        if isinstance(node, tree.Tree):
            return type(node), of(node.values())
        return type(node), node

    return of(block.params), of(block.body)


def _given(block: tree.BlockDef) -> Iterator[str]:
    """The names that a block gives, in the order of its text."""
    for node in walk(block.params, block.body):
        if isinstance(node, tree.Labelled) and isinstance(node.label, tree.Ident):
            yield node.label.text
        elif isinstance(node, tree.For | tree.ForGuard | tree.Comprehension):
            yield from (name.text for name in node.names)
        elif isinstance(node, tree.Let | tree.Share | tree.Param) and node.name:
            yield node.name.text
        elif isinstance(node, tree.LetFunction):
            yield node.name.text
            yield from (name.text for name in node.params)

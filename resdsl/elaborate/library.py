"""Files and the names in them: what a spec uses, the zoo, and the standard library, read when first
needed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import resdsl.ops  # noqa: F401  (fills the registry of ops)
from resdsl import limits
from resdsl.diagnostics import Diagnostic, Label, ResdslError, did_you_mean, nearest
from resdsl.elaborate.types import no_type
from resdsl.elaborate.values import Block, fail
from resdsl.ir.op import Op
from resdsl.paths import as_written, shown, specs_root, std_root
from resdsl.source import Source, Span
from resdsl.syntax import parse as syntax
from resdsl.syntax import tree


@dataclass(eq=False, slots=True)
class Model:
    """A model definition or alias, and the file scope that it stands in."""

    definition: tree.ModelDef | tree.ModelAlias
    scope: Scope

    @property
    def name(self) -> str:
        return self.definition.name.text

    @property
    def is_counted(self) -> bool:
        """Whether it says itself what it counts; the rule of a family leaves that to its nets."""
        model = self.definition
        body = model.overrides if isinstance(model, tree.ModelAlias) else model.body
        return any(isinstance(statement, tree.Expect) for statement in body)


_Definition = tree.BlockDef | tree.ModelDef | tree.ModelAlias


class Scope:
    """The names of one file: its own blocks and models, and those that it uses."""

    def __init__(self, library: Library, file: tree.File, folder: Path | None) -> None:
        self.library, self.file, self.folder = library, file, folder
        self.blocks: dict[str, Block] = {}
        self.models: dict[str, Model] = {}
        self._first: dict[str, _Definition] = {}
        self._blind = False  # a `use` line of unknown names brought nothing
        self._missing: list[str] = []  # what `use` lines name and nothing has
        self._hidden = {w for b in file.broken for w in re.findall(r"\w+", b.span.text)}
        for block in file.blocks:
            if self._is_new(block):
                self.blocks[block.name.text] = Block(block, self)
            self._check(block.params)
        for model in file.models:
            if self._is_new(model):
                self.models[model.name.text] = Model(model, self)

    def _is_new(self, definition: _Definition) -> bool:
        name = definition.name
        first = self._first.setdefault(name.text, definition)
        if first is not definition and _is_cut_off(first):
            first = self._first[name.text] = definition
        is_written = name.span.end > name.span.start  # not the script's, named after its file
        if first is not definition and (is_written or not self.is_torn):
            self.library.errors += _twice(name, first.name.span).diagnostics
        return first is definition

    def _check(self, params: tuple[tree.Param, ...]) -> None:
        seen: dict[str, Span] = {}
        for param in params:
            if wrong := no_type(param.type):
                self.library.errors += wrong.diagnostics
            if param.name is None:
                continue
            first = seen.setdefault(param.name.text, param.name.span)
            if first is not param.name.span:
                self.library.errors += _twice(param.name, first).diagnostics

    def link(self) -> None:
        """Bring in what the file's `use` lines name."""
        for use in self.file.uses:
            try:
                self._link(use)
            except ResdslError as error:
                self.library.errors += error.diagnostics
                self._blind = self._blind or use.names is None
                self._missing += [name.text for name in use.names or ()]

    def _link(self, use: tree.Use) -> None:
        other = self.library.used(use, self)
        if use.names is None:
            self._blind, self._hidden = self._blind or other._blind, self._hidden | other._hidden
            self.blocks = other.blocks | self.blocks
            self.models = other.models | self.models
        for name in use.names or ():
            if name.text in other.blocks:
                self.blocks.setdefault(name.text, other.blocks[name.text])
            elif name.text in other.models:
                self.models.setdefault(name.text, other.models[name.text])
            else:
                self._missing.append(name.text)
                if not other.hides(name.text):
                    message = f"`{use.file.value}` defines no block or model `{name.text}`"
                    hint = did_you_mean(name.text, {*other.blocks, *other.models})
                    self.library.errors += fail("E202", message, name.span, help=hint).diagnostics

    @property
    def is_torn(self) -> bool:
        """Whether parts of the file could not be read."""
        return bool(self.file.broken)

    def hides(self, name: str) -> bool:
        """Whether what could not be read may well define this name."""
        misspelt = self._missing and did_you_mean(name, self._missing)
        return self._blind or name in self._hidden or bool(misspelt)

    def callee(self, name: str) -> Any:
        """The block, model or op of that name: the file's own, then the standard library's, then
        the ops.
        """
        found = self.blocks.get(name) or self._model(name) or self.library.std_block(name)
        return found or Op.registry.get(name)

    def _model(self, name: str) -> Model | None:
        model = self.models.get(name)
        if model is None or model.definition.name.span.text == name:
            return model
        return None  # the script's own model, named after the file only: no word of the text

    def names(self) -> set[str]:
        return {*self.blocks, *self.models, *self.library.std, *Op.registry}


def _is_cut_off(definition: _Definition) -> bool:
    """Whether nothing stands behind its `{`, which is never closed."""
    body = definition.overrides if isinstance(definition, tree.ModelAlias) else definition.body
    return len(body) == 1 and isinstance(body[0], tree.Broken) and not body[0].span.text


def _twice(name: tree.Ident, first: Span) -> ResdslError:
    labels = (Label(first, "first defined here"),)
    return fail("E205", f"`{name.text}` is defined twice", name.span, labels=labels)


@dataclass(eq=False)
class Library:
    """All files of one run. `root` is the folder of the spec: with the zoo, all that `use` may
    reach. `errors` are those of the files themselves: their syntax, their names, their `use` lines.
    """

    root: Path | None = None
    errors: list[Diagnostic] = field(default_factory=list)
    scopes: dict[Path, Scope] = field(default_factory=dict)
    _loading: dict[Path, Span] = field(default_factory=dict)  # and the `use` that led there

    def open(self, source: Source, folder: Path | None) -> Scope:
        """The scope of the spec itself."""
        file, errors = syntax.read(source)
        self.errors += errors
        scope = Scope(self, file, folder)
        scope.link()
        return scope

    def used(self, use: tree.Use, scope: Scope) -> Scope:
        """The scope of the file that a `use` line names."""
        name = use.file.value
        bases = [b for b in (scope.folder, specs_root()) if b is not None]
        allowed = [b.resolve() for b in (self.root, specs_root()) if b is not None]
        try:
            candidates = [(base / name).resolve() for base in bases]
            inside = [c for c in candidates if any(c.is_relative_to(a) for a in allowed)]
            path = next((c for c in inside if c.is_file()), None)
        except (OSError, RuntimeError, ValueError):  # too long, links in a circle, a null
            raise fail("E600", "this names no file", use.file.span) from None
        if not inside:
            raise fail(
                "E602",
                f"`{name}` lies outside the spec's own folder and the zoo",
                use.file.span,
                help="`use` reaches files beside the spec, below it, and in the zoo",
            )
        if path is None:
            hint = self._near(use, bases)
            raise fail("E600", f"there is no file `{name}`", use.file.span, help=hint)
        if path in self._loading:
            uses = [*self._loading.values()][[*self._loading].index(path) + 1 :]
            labels = tuple(Label(span, "which is used here") for span in reversed(uses))
            message = f"`{name}` uses this file, in a circle"
            raise fail("E603", message, use.file.span, labels=labels)
        if path not in self.scopes:
            self._loading[path] = use.file.span
            try:
                self.scopes[path] = self.open(read(as_written(path), use.file.span), path.parent)
            finally:
                del self._loading[path]
        return self.scopes[path]

    def _near(self, use: tree.Use, bases: list[Path]) -> str:
        """What a file that is not there was meant to be."""
        if use.names and all(name.text in self.std for name in use.names):
            return "blocks of the standard library need no `use`"
        zoo = sorted(specs_root().glob("**/*.res"))
        there = [p.relative_to(specs_root()).as_posix() for p in zoo]
        there = [p.name for base in bases for p in sorted(base.glob("*.res"))] + there
        wanted = use.file.value.rpartition("/")[2].removesuffix(".res")
        same = next((p for p in there if p.rpartition("/")[2] == f"{wanted}.res"), None)
        if same is None:
            stems = {p.rpartition("/")[2].removesuffix(".res"): p for p in reversed(there)}
            same = stems.get(nearest(wanted, stems) or "")
        near = f"did you mean `{same}`?" if same else None
        return near or "it is looked for from the folder of this file, and among the shipped nets"

    @cached_property
    def std(self) -> dict[str, Path]:
        """Which file of the standard library defines which block; found without parsing them."""
        return {
            name: path
            for path in sorted(std_root().glob("*.res"))
            for name in syntax.block_names(path.read_text(encoding="utf-8"))
        }

    def is_std(self, span: Span) -> bool:
        """Whether this is text of the standard library."""
        read = (self.scopes[path] for path in {*self.std.values()} if path in self.scopes)
        return any(scope.file.source is span.source for scope in read)

    def std_block(self, name: str) -> Block | None:
        path = self.std.get(name)
        if path is None:
            return None
        if path not in self.scopes:
            self.scopes[path] = Scope(self, syntax.parse(read(path, None)), None)
        return self.scopes[path].blocks[name]


def read(path: Path, span: Span | None) -> Source:
    """The text of a file, or a diagnostic."""
    try:
        if path.stat().st_size > limits.MAX_FILE_BYTES:
            raise fail("E500", f"{path} is longer than {limits.MAX_FILE_BYTES:,} bytes", span)
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise fail("E600", f"cannot read {path}: {reason}", span) from None
    return decode(data, shown(path), span)


def decode(data: bytes, name: str, span: Span | None = None) -> Source:
    """The text of these bytes, or a diagnostic."""
    if len(data) > limits.MAX_FILE_BYTES:
        raise fail("E500", f"{name} is longer than {limits.MAX_FILE_BYTES:,} bytes", span)
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        at = len(data[: error.start].decode("utf-8"))
        shown = Span(Source(name, data.decode("utf-8", "replace")), at, at + 1)
        labels = (Label(span, "used here"),) if span else ()
        message = f"{name} is not UTF-8 text (byte {error.start})"
        raise fail("E601", message, shown, labels=labels) from None

"""Rules about what nothing uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resdsl.diagnostics import Diagnostic, Label
from resdsl.ir.op import Op
from resdsl.lint.text import Text, bodies, names, pattern, walk
from resdsl.ops.act import Pointwise
from resdsl.source import Span
from resdsl.syntax import tree


def label(text: Text) -> Iterator[Diagnostic]:
    """A label of a tap, of `identity` or of an activation names neither parameters nor a stage.
    Unless it is tapped, published, dropped, replaced or selected, nothing has a use for it.

    A label that says no more than what its op is (`relu1: relu`, `drop: dropout`) is a way to
    write, and so is one in quotes; the last line of a body may say what the body makes.
    """
    wanted = re.compile("|".join(_wanted(text)) or "(?!)")
    for definition in text.definitions:
        ends = {id(_end(body)) for body in bodies(definition)}
        for node in walk(definition.body):
            if (
                isinstance(node, tree.Labelled)
                and isinstance(node.label, tree.Ident)
                and not node.stage
                and id(node) not in ends
                and not (text.is_tapped(node.label) or wanted.fullmatch(node.label.text))
                and _is_only_a_name(node, text)
            ):
                name = node.label.text
                yield Diagnostic(
                    "W306",
                    f"the label `{name}` is never used",
                    node.label.span,
                    help=f"leave it out, or use the tensor as `@{name}`",
                )
    yield from _inputs(text)


def _end(body: tuple[tree.Statement, ...]) -> tree.Statement | None:
    """The line that makes what the body makes."""
    flow = [s for s in body if isinstance(s, tree.Labelled | tree.Chain | tree.If | tree.For)]
    return flow[-1] if flow else None


def _inputs(text: Text) -> Iterator[Diagnostic]:
    """Of several inputs none is the current tensor: one that no `@` asks for is not used."""
    for definition in text.definitions:
        inputs = [n for n in definition.body if isinstance(n, tree.InputStatement)]
        used = names(definition, *text.aliases)
        for node in inputs if len(inputs) > 1 else ():
            if not used[node.name.text]:
                name = node.name.text
                yield Diagnostic(
                    "W306",
                    f"the input `{name}` is never used",
                    node.name.span,
                    help=f"take it as `@{name}`, or remove it",
                )


def _wanted(text: Text) -> Iterator[str]:
    """Patterns of the names that are wanted for more than their tensor."""
    for node in walk(text.file):
        if isinstance(node, tree.OutputStatement):
            yield re.escape(node.name.text)
        elif isinstance(node, tree.Drop):
            yield from (re.escape(name.text) for name in node.names)
        elif isinstance(node, tree.InitStatement):
            yield from map(re.escape, node.selector.text.split("."))
        elif isinstance(node, tree.ModelAlias):
            yield from (pattern(o.label) for o in node.overrides if isinstance(o, tree.Labelled))


def _is_only_a_name(node: tree.Labelled, text: Text) -> bool:
    assert isinstance(node.label, tree.Ident)
    plain = node.label.text.rstrip("0123456789_")
    for step in node.chain.steps:
        if isinstance(step, tree.TapStep):
            continue
        callee = text.callee(step)
        if not isinstance(step, tree.CallStep) or callee is None or step.modifiers:
            return False
        if isinstance(callee, type):
            if not issubclass(callee, Pointwise) or callee.weights is not Op.weights:
                return False
            if callee.kind.startswith(plain) or plain in ("act", "activation"):
                return False
        elif step.name != "identity":
            return False
    return True


def name(text: Text) -> Iterator[Diagnostic]:
    """A parameter of a model, a block or a function, a `let` or a `share` that nothing in its
    definition names (a model's: nor in a model derived from it) changes nothing.

    A block that is handed about as a value has the parameters that its callers give it.
    """
    handed = {n.text for n in walk(text.file) if isinstance(n, tree.Name)}
    for definition in text.definitions:
        yield from _overwritten(definition)
        is_model = isinstance(definition, tree.ModelDef)
        used = names(definition, *(text.aliases if is_model else ()))
        nodes = walk(definition.values())
        if not is_model and definition.name.text in handed:
            nodes = walk(definition.body)
        for node in nodes:
            if isinstance(node, tree.LetFunction):
                yield from _function(node)
            if (
                isinstance(node, tree.Let | tree.LetFunction | tree.Share | tree.Param)
                and node.name is not None
                and used[node.name.text] == names(node)[node.name.text]
            ):
                what = "the parameter " if isinstance(node, tree.Param) else ""
                yield _unused(node.name, what, definition.name.text if what else "")


def _overwritten(definition: tree.BlockDef | tree.ModelDef) -> Iterator[Diagnostic]:
    """A parameter is without effect, too, if a `let` takes its name before anything reads it."""
    params = definition.params if isinstance(definition, tree.BlockDef) else ()
    unread: dict[str, tree.Ident] = {p.name.text: p.name for p in params if p.name}
    for node in definition.body:
        if unread:
            read = names(node.value if isinstance(node, tree.Let) else node)
            unread = {word: name for word, name in unread.items() if not read[word]}
        if isinstance(node, tree.Let) and (name := unread.pop(node.name.text, None)):
            yield Diagnostic(
                "W307",
                f"the parameter `{name.text}` of `{definition.name.text}` has no effect",
                name.span,
                labels=(Label(node.name.span, "this takes its place before anything reads it"),),
                help="give the `let` another name, or remove the parameter",
            )
        if isinstance(node, tree.Param) and node.name:
            unread[node.name.text] = node.name


def _function(node: tree.LetFunction) -> Iterator[Diagnostic]:
    used = names(node.value)
    for param in node.params:
        if not used[param.text]:
            yield _unused(param, "the parameter ", node.name.text)


def _unused(name: tree.Ident, what: str, owner: str) -> Diagnostic:
    of = f" of `{owner}`" if owner else ""
    return Diagnostic(
        "W307",
        f"{what}`{name.text}`{of} is never used",
        name.span,
        help="use it, or remove it: it changes nothing",
    )


def step(text: Text) -> Iterator[Diagnostic]:
    """A step whose output nothing uses is work thrown away, and its parameters are counted all the
    same. One whose label is tapped somewhere, or that is an output, has its use.
    """
    dead = {at for made in text.elaborated for at in made.unread if at.source is text.file.source}
    if not dead:
        return
    excused = [
        node.span
        for node in walk(text.file)
        if isinstance(node, tree.OutputStatement)
        or (isinstance(node, tree.Labelled) and text.is_tapped(node.label))
    ]
    for at in dead:
        if not any(at in span for span in excused):
            yield Diagnostic(
                "W316",
                "nothing uses what this step makes",
                at,
                help="remove it; or give it a name, and take it up with `@name`",
            )


def block(text: Text) -> Iterator[Diagnostic]:
    """A file with a model is there for its models: a block that none of its lines names is not
    used. A file of blocks alone, or one that a file beside it uses, is a library.
    """
    if not text.file.models:
        return
    for definition in text.file.blocks:
        name = definition.name.text
        if text.names[name] > names(definition)[name] or _has_users(text):
            continue
        yield Diagnostic(
            "W308",
            f"the block `{name}` is never used",
            definition.name.span,
            help="use it, or remove it",
        )


def _has_users(text: Text) -> bool:
    """Whether a file of the same folder has a `use` line for this one."""
    folder = text.library.root
    own = text.file.source.name.replace("\\", "/").rpartition("/")[2]
    if folder is None:
        return False
    use = re.compile(rf'^\s*use\b[^"\n]*"(?:[^"\n]*/)?{re.escape(own)}"', re.MULTILINE)
    beside = (path for path in folder.glob("*.res") if path.name != own and path.is_file())
    return any(use.search(path.read_text("utf-8", "replace")) for path in beside)


def use(text: Text) -> Iterator[Diagnostic]:
    """A `use` whose names nothing in the file names brings in nothing: each name of a list, and
    the whole of a line without one. In a file of `use` lines alone they are there for others.
    """
    if not text.definitions and not text.aliases:
        return
    own = {d.name.text for d in (*text.file.blocks, *text.file.models)}
    for line in text.file.uses:
        shown = line.file.value
        if line.names is None:
            other = text.library.used(line, text.scope)
            if not any(text.names[n] and n not in own for n in (*other.blocks, *other.models)):
                yield _brings_nothing(line.span, f"nothing of `{shown}` is used")
        for name in line.names or ():
            if not text.names[name.text] or name.text in own:
                yield _brings_nothing(name.span, f"`{name.text}` of `{shown}` is never used")


def _brings_nothing(span: Span, message: str) -> Diagnostic:
    return Diagnostic("W309", message, span, help="remove it from the `use` line, or the line")

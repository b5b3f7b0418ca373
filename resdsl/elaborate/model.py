"""A model and its settings -> a frozen Net: the way in to elaboration."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from resdsl.diagnostics import Diagnostic, Label, ResdslError, did_you_mean, in_order
from resdsl.elaborate import statements
from resdsl.elaborate.application import argument
from resdsl.elaborate.arithmetic import ORDER, calculate
from resdsl.elaborate.blame import Gathered, lost
from resdsl.elaborate.context import Build, Context, Defaults, Frame, ModelState
from resdsl.elaborate.derive import derive
from resdsl.elaborate.evaluate import evaluate
from resdsl.elaborate.formals import plain
from resdsl.elaborate.library import Library, Model
from resdsl.elaborate.values import LOST, UNKNOWN, Binding, Env, Given, Value, fail, text
from resdsl.ir import reading
from resdsl.ir.builder import Draft, Tensor
from resdsl.ir.freeze import Freezer
from resdsl.ir.graph import InitRule, Net, Output
from resdsl.ir.weights import ALIASES, matches, weights
from resdsl.source import Source, Span
from resdsl.syntax import tree
from resdsl.syntax.parse import parse_expression

RECURSION = 20_000
"""Frames of Python that elaboration may use; nesting itself is bounded by `resdsl.limits`, far
below.
"""


@dataclass(slots=True)
class Elaborated:
    """A net, and what its text promises of it.

    `expects` are the promises of the model as written; an alias states its own. What is set from
    outside suspends them, and deriving suspends the base's: `suspended` has those that nothing took
    the place of. `unread` are the steps whose outputs nothing uses.
    """

    net: Net
    expects: list[tuple[tree.Expect, Context]]
    suspended: tuple[str, ...]
    params: dict[str, Value] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    unread: tuple[Span, ...] = ()


def elaborate(
    model: Model,
    library: Library,
    settings: dict[str, str | Given] | None = None,
    shapes: dict[str, list[int]] | None = None,
) -> Elaborated:
    """Elaborate `model`.

    `settings` are parameters set from outside (they win over all): values, or the text of an
    expression. `shapes` replaces the declared shapes of inputs; the name "" means the only one.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    found: list[Diagnostic] = [*library.errors]
    try:
        elaborated = _elaborate(model, library, settings or {}, shapes or {})
    except ResdslError as error:
        found += error.diagnostics
        assert found, "what is lost was lost by an error"
    except RecursionError:
        found += fail(
            "E500", "this spec is nested too deeply", model.definition.name.span
        ).diagnostics
    finally:
        sys.setrecursionlimit(limit)
    if found:
        raise ResdslError(*in_order(found))
    return elaborated


def _elaborate(
    model: Model, library: Library, outside: dict[str, str | Given], shapes: dict[str, list[int]]
) -> Elaborated:
    derived = derive(model)
    build = Build(library)
    draft = Draft("model", derived.name)
    frame = Frame(draft, Defaults())
    ctx = Context(build, Env(derived.scope), frame, record=True)
    settings = statements.settings_of(derived, ctx)
    gathered = Gathered()
    for name, value in outside.items():
        settings[name] = Given(LOST, derived.definition.name.span)
        with gathered:
            settings[name] = _outside(name, value, ctx) if isinstance(value, str) else value
    declared = [s for s in derived.definition.body if isinstance(s, tree.InputStatement)]
    with gathered:
        shapes = _input_shapes(model, declared, shapes)
    state = ModelState(settings, derived.overrides, derived.drops, shapes)
    frame.model = state
    build.active.append(derived.definition)
    result: Tensor = LOST
    with gathered, _given_shapes(declared, shapes):
        result = statements.run_model(derived.body, ctx)
    gathered.result(result)
    own = {id(s) for s in (derived.extras if derived.changed else derived.definition.body)}
    draft.close(result, {k: v for k, v in frame.labels.items() if v.draft is draft})
    draft.args = tuple((k, a) for k, v in state.params.items() if (a := plain(v)) is not UNKNOWN)
    outputs = state.outputs or [Output(name="out", value=draft.use(result))]
    overridden = bool(outside or shapes)
    freezer = Freezer()
    root = freezer.freeze(draft, (), "", tuple(outputs))
    draft.inits += [(s, i) for s, i, _ in state.inits]
    net = Net(
        name=derived.name,
        root=root,
        regions=freezer.regions,
        inits=tuple(_inits(draft, "", {})),
        notes=state.notes,
    )
    if not overridden and not derived.changed:
        _check_selectors(net, state.inits)
    promised = {_quantity(e) for e, _ in state.expects if id(e) in own}
    expects: list[tuple[tree.Expect, Context]] = []
    suspended: list[str] = []
    for node, env in state.expects:
        if id(node) in own and not overridden:
            expects.append((node, Context(build, env, frame)))
        elif id(node) in own or _quantity(node) not in promised:
            suspended.append(node.condition.span.text)
    warnings = build.advice()
    unread = () if derived.overrides or derived.drops else reading.unread(draft)
    return Elaborated(net, expects, tuple(suspended), state.params, warnings, unread)


def _input_shapes(
    model: Model, declared: list[tree.InputStatement], shapes: dict[str, list[int]]
) -> dict[str, list[int]]:
    """The shapes set from outside, each by the name of its input."""
    names = [s.name.text for s in declared]
    if "" in shapes:
        if len(names) != 1:
            help = f"name them: {', '.join(f'{name}=...' for name in names)}"
            raise fail("E320", f"`{model.name}` has {len(names)} inputs", None, help=help)
        return {names[0]: shapes[""]}
    for name in shapes:
        if name not in names:
            hint = did_you_mean(name, names)
            raise fail("E320", f"`{model.name}` has no input `{name}`", None, help=hint)
    return shapes


@contextmanager
def _given_shapes(
    declared: list[tree.InputStatement], shapes: dict[str, list[int]]
) -> Iterator[None]:
    """Say of what does not fit that the shape of an input is not the one in the text."""
    try:
        yield
    except ResdslError as error:
        labels = tuple(
            Label(s.shape.span, f"this is {'x'.join(map(str, shapes[s.name.text]))}, by --input")
            for s in declared
            if s.name.text in shapes
        )
        told = (
            replace(d, labels=(*d.labels, *labels)) if d.code.startswith("E3") else d
            for d in error.diagnostics
        )
        raise lost([*told]) from None


def _quantity(node: tree.Expect) -> str:
    """What an `expect` is about: `params` of `expect params == 25_557_032`."""
    condition = node.condition
    return (condition.left if isinstance(condition, tree.Binary) else condition).span.text


def _outside(name: str, value: str, ctx: Context) -> Given:
    """`--set name=value`: the text of an expression, with its own place."""
    source = Source(f"--set {name}", value)
    expr = parse_expression(source)
    return Given(argument(expr, ctx), expr.span, None)


def _inits(draft: Draft, scope: str, memo: dict[int, bool]) -> list[InitRule]:
    """The `init` statements of this draft and, with their scopes, of the models that it uses. A
    net's own come last, and so win.
    """
    found: list[InitRule] = []
    for node in draft.nodes:
        if node.callee and _has_inits(node.callee, memo):
            found += _inits(node.callee, f"{scope}{node.name}.", memo)
    return found + [InitRule(scope=scope, selector=s, init=i) for s, i in draft.inits]


def _has_inits(draft: Draft, memo: dict[int, bool]) -> bool:
    if id(draft) not in memo:
        memo[id(draft)] = bool(draft.inits) or any(
            _has_inits(n.callee, memo) for n in draft.nodes if n.callee
        )
    return memo[id(draft)]


def _check_selectors(net: Net, inits: list[tuple[str, object, Span]]) -> None:
    if not inits:
        return
    owned = weights(net)
    for selector, _, span in inits:
        if not any(matches(selector, path, op) for path, (op, _) in owned.items()):
            help = _near(selector, {path: op.kind for path, (op, _) in owned.items()})
            raise fail("E215", f"`{selector}` matches no weight of this net", span, help=help)


def _near(selector: str, owned: dict[str, str]) -> str | None:
    """What a selector was meant to be: a path of as many words, else a single word."""
    paths = [path.split(".") for path in owned]
    paths += [[word for word in path if not word.isdecimal()] for path in paths]
    for word, meant in ALIASES.items():
        paths += [[*path[:-1], word] for path in paths if path[-1] == meant]
    size = selector.count(".") + 1
    long = {".".join(path[:size]) for path in paths if len(path) >= size > 1}
    words = {word for path in paths for word in path} | {*owned.values()}
    return did_you_mean(selector, sorted(long)) or did_you_mean(
        selector.rpartition(".")[2], sorted(words)
    )


def unmet(elaborated: Elaborated, measured: dict[str, int]) -> list[Diagnostic]:
    """The `expect`s that the measured figures (params, macs, ...) do not meet."""
    found: list[Diagnostic] = []
    for node, ctx in elaborated.expects:
        env = Env(ctx.env.scope, ctx.env)
        env.bindings |= {k: Binding(v) for k, v in measured.items()}
        inner = Context(ctx.build, env, ctx.frame)
        try:
            found += _unmet(node, inner)
        except ResdslError as error:
            found += error.diagnostics
    return found


def _unmet(node: tree.Expect, ctx: Context) -> list[Diagnostic]:
    from resdsl.elaborate import repairs

    condition = node.condition
    if isinstance(condition, tree.Binary) and condition.op in ("==", "~=", *ORDER):
        left, right = evaluate(condition.left, ctx), evaluate(condition.right, ctx)
        if condition.op == "~=":
            met = _close(left, right, condition.right)
        else:
            met = left == right if condition.op == "==" else ORDER[condition.op](left, right)
        if met:
            return []
        shown = f"{left:,}" if isinstance(left, int) else text(left)
        wanted = f"{condition.op} {condition.right.span.text}".removeprefix("== ")
        far = repairs.of_difference(condition.op, left, right)
        said = f"`{condition.left.span.text}` is {shown}, expected {wanted}{far}"
        where = "`resdsl stats` shows what each line has"
        return [Diagnostic("E402", said, condition.span, help=where)]
    if evaluate(condition, ctx) is True:
        return []
    values, _ = repairs.of_condition(condition, ctx)
    notes = (f"with {values}",) if values else ()
    return [
        Diagnostic("E402", f"`{condition.span.text}` does not hold", condition.span, notes=notes)
    ]


def _close(value: Value, written: Value, expr: tree.Expr) -> bool:
    """`~=`: equal at the precision written; 4.09G has a precision of 0.01G."""
    digits = expr.digits if isinstance(expr, tree.Number) else ""
    scale = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}.get(digits[-1:], 1.0)
    fraction = digits.rstrip("kMGT").partition(".")[2]
    unit = scale / 10 ** len(fraction)
    return bool(abs(calculate("-", value, written, expr.span)) <= unit / 2)

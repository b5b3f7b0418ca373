"""`model b = a with k=v { overrides }`: from an alias, down its chain of bases, to what is
elaborated.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from resdsl.diagnostics import did_you_mean
from resdsl.elaborate.library import Model, Scope
from resdsl.elaborate.values import Lost, fail
from resdsl.source import Span
from resdsl.syntax import tree


@dataclass(slots=True)
class Derived:
    """A model definition, and what its aliases say of it, outermost alias last."""

    name: str
    definition: tree.ModelDef
    scope: Scope
    settings: list[tuple[tree.Setting, Scope]] = field(default_factory=list)
    overrides: dict[str, tree.Labelled | tree.OutputStatement] = field(default_factory=dict)
    drops: dict[str, Span] = field(default_factory=dict)
    extras: list[tree.Statement] = field(
        default_factory=list
    )  # notes, inits, expects of the aliases
    changed: bool = False

    @property
    def body(self) -> tuple[tree.Statement, ...]:
        """The base's statements, and then what the aliases add."""
        return (*self.definition.body, *self.extras)


def derive(model: Model, seen: tuple[Model, ...] = ()) -> Derived:
    """Follow the aliases of `model`; overrides by label replace earlier ones, `drop` removes."""
    definition = model.definition
    if isinstance(definition, tree.ModelDef):
        return Derived(model.name, definition, model.scope)
    if model in seen:
        raise fail("E213", f"the model `{model.name}` derives from itself", definition.base.span)
    base = model.scope.models.get(definition.base.text)
    if base is None:
        name = definition.base
        if model.scope.hides(name.text):
            raise Lost
        hint = did_you_mean(name.text, model.scope.models)
        raise fail("E202", f"unknown model `{name.text}`", name.span, help=hint)
    derived = derive(base, (*seen, model))
    derived.name = model.name
    derived.settings += [(s, model.scope) for s in definition.settings]
    derived.changed |= bool(definition.settings or definition.overrides)
    if derived.changed:
        derived.extras = [s for s in derived.extras if not isinstance(s, tree.Expect)]
    for statement in definition.overrides:
        if isinstance(statement, tree.Drop):
            derived.drops |= {name.text: name.span for name in statement.names}
            continue
        if not isinstance(statement, tree.Labelled | tree.OutputStatement):
            derived.extras.append(statement)
            continue
        label = _label(statement)
        derived.drops.pop(label, None)
        derived.overrides[label] = statement
    return derived


def _label(statement: tree.Labelled | tree.OutputStatement) -> str:
    if isinstance(statement, tree.OutputStatement):
        return statement.name.text
    label = statement.label
    return label.text if isinstance(label, tree.Ident) else label.value

"""One class of all instances of a block: what differs between them becomes its arguments."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from resdsl.codegen.align import Template
from resdsl.codegen.expr import (
    ATOM,
    Apply,
    Const,
    Expr,
    Keyword,
    Sort,
    Term,
    Value,
    leaves,
    literal,
)
from resdsl.codegen.fit import Fitter, Variable, same
from resdsl.codegen.names import identifier
from resdsl.codegen.steps import Step
from resdsl.codegen.text import Param
from resdsl.ir.graph import Region
from resdsl.ir.shape import channel_axis

Vector = dict[int, Value]


@dataclass(slots=True)
class Fitted:
    """The constants of one step as terms: of its constructor, and of its call.

    `stored` are the terms of the call that the constructor knows: attribute name -> term.
    """

    module: list[Term] = field(default_factory=list)
    call: list[Term] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Presence:
    """When an optional step is there; `passed` says that the call of the block decides it."""

    yes: Term
    no: Term
    passed: bool


class Unifier:
    """Fits what the instances of a template differ in.

    `made` are arguments of the constructor. What differs between uses of one shared instance cannot
    be among them: `passed` are arguments of the forward pass.
    """

    def __init__(
        self, template: Template, regions: Sequence[Region], steps: Sequence[Sequence[Step]],
        one_instance: Sequence[Sequence[int]], taken: Collection[str], words: Collection[str],
    ) -> None:  # fmt: skip
        self.template, self.regions, self.steps = template, regions, steps
        self.one_instance = one_instance
        self.taken = taken
        varying = list(self._varying())
        sizes = [vector for leaf, vector in varying if leaf.sort != "channels"]
        variables = list(_variables(regions, words))
        for variable in variables:
            if variable.name not in CHANNELS and any(
                len(vector) == len(regions)
                and all(same(v, variable.values.get(i)) for i, v in vector.items())
                for vector in sizes
            ):
                variable.scales = False
        fixed = [v for v in variables if not self._differs_in_one(v.values)]
        self.made = Fitter(fixed, len(regions))
        self.passed = Fitter(variables, len(regions))
        self.made.result = dict(enumerate(map(_result_channels, regions)))
        self.attributes: dict[str, Term] = {}
        optional = [at in template.bypass for at in range(len(template.body.steps))]
        order = sorted(range(len(optional)), key=lambda at: optional[at])
        found = {at: self._fit(at) for at in order}  # what all have first: the others reuse it
        self.fitted = [found[at] for at in range(len(optional))]
        self.presence = [self._presence(at) for at in range(len(template.body.steps))]

    def _step(self, instance: int, at: int) -> Step | None:
        own = self.template.rows[instance][at]
        return None if own is None else self.steps[instance][own]

    def vectors(self, at: int, part: str) -> Iterator[tuple[Const, Vector]]:
        """The constants of step `at` (`part`: module or call): each with its value per instance."""
        there = {i: step for i in range(len(self.regions)) if (step := self._step(i, at))}
        exprs = {i: getattr(step, part) for i, step in there.items()}
        if any(expr is None for expr in exprs.values()):
            return
        columns = {i: leaves(expr) for i, expr in exprs.items()}
        for position, leaf in enumerate(next(iter(columns.values()))):
            yield leaf, {i: column[position].value for i, column in columns.items()}

    def _varying(self) -> Iterator[tuple[Const, Vector]]:
        for at in range(len(self.template.body.steps)):
            for part in ("module", "call"):
                for leaf, vector in self.vectors(at, part):
                    if len(set(vector.values())) > 1:
                        yield leaf, vector

    def _differs_in_one(self, vector: Mapping[int, Value]) -> bool:
        """Two uses of one shared instance have other values."""
        return any(
            len({vector[i] for i in instances if i in vector}) > 1
            for instances in self.one_instance
        )

    def _fit(self, at: int) -> Fitted:
        step, fitted = self.template.body.steps[at], Fitted()
        member = identifier(step.name)
        for leaf, vector in self.vectors(at, "module"):
            fitted.module.append(self.made.fit(vector, leaf.name, member, leaf.sort))
        for leaf, vector in self.vectors(at, "call"):
            if self._differs_in_one(vector):
                fitted.call.append(self.passed.fit(vector, leaf.name, member, leaf.sort))
                continue
            term = self.made.fit(vector, leaf.name, member, leaf.sort)
            constant = len({(v, type(v)) for v in vector.values()}) == 1
            fitted.call.append(term if constant else self.attribute(term, leaf.name))
        return fitted

    def attribute(self, term: Term, wish: str) -> Term:
        """`self.NAME` for a term of the constructor's that the forward pass needs."""
        known = next((name for name, other in self.attributes.items() if other == term), "")
        name = known or (term.text if term.text.isidentifier() else wish)
        stem, count = name, 2
        while name in self.taken or self.attributes.get(name, term) != term:
            name, count = f"{stem}{count}", count + 1
        self.attributes[name] = term
        return Term(f"self.{name}", ATOM)

    def _presence(self, at: int) -> Presence | None:
        present = {i: row[at] is not None for i, row in enumerate(self.template.rows)}
        if all(present.values()):
            return None
        passed = self._differs_in_one(present)
        fitter = self.passed if passed else self.made
        alike = [
            step
            for other, step in enumerate(self.template.body.steps)
            if all(
                (row[other] is not None) == present[i] for i, row in enumerate(self.template.rows)
            )
        ]
        members = [step.name for step in alike if step.module]
        name = identifier(members[0] if members else alike[0].kind)
        yes, no = fitter.condition(present, name)
        return Presence(yes, no, passed)

    # ------------------------------------------------------------ arguments

    def params(self) -> list[Variable]:
        """The constructor's arguments, those without default first."""
        return _ordered(self.made)

    def passed_params(self) -> list[Variable]:
        """Further arguments of the forward pass."""
        return _ordered(self.passed)

    def construct(self, name: str, instance: int, hands_on: Sequence[Keyword] = ()) -> Expr:
        """The constructor's call of one instance."""
        args, keywords = [], []
        for variable in self.params():
            const = _const(variable, instance)
            if variable.has_default:
                keywords.append(Keyword(variable.name, const, (variable.trivial,)))
            else:
                args.append(const)
        return Apply(name, tuple(args), (*keywords, *hands_on))

    def keywords(self, instance: int) -> tuple[Keyword, ...]:
        """What the call of one instance passes besides tensors."""
        return tuple(
            Keyword(v.name, _const(v, instance), (v.trivial,) if v.has_default else ())
            for v in self.passed_params()
        )


CHANNELS = ("in_channels", "in_features", "dim")


def _variables(regions: Sequence[Region], words: Collection[str]) -> Iterator[Variable]:
    """The channels of the input, then the block's own parameters in their order."""
    ranks = {len(region.inputs[0].shape) for region in regions if region.inputs}
    if len(ranks) == 1 and all(region.inputs for region in regions):
        (rank,) = ranks
        name = {1: "in_features", 2: "dim"}.get(rank, "in_channels")
        shapes = [region.inputs[0].shape for region in regions]
        values: Vector = {i: shape[channel_axis(shape)] for i, shape in enumerate(shapes)}
        yield Variable(name, values, scales=True)
    else:
        name = ""
    args = [dict(region.args) for region in regions]
    for key in dict.fromkeys(key for arg in args for key in arg):
        word = identifier(key)
        if word in words or word in _UNUSABLE or word == name:
            word += "_"
        values = {i: _plain(arg[key]) for i, arg in enumerate(args) if key in arg}
        if any(isinstance(v, str) and not v.isidentifier() for v in values.values()):
            continue  # an op with its own arguments
        scales = all(type(value) is int for value in values.values())
        yield Variable(word, values, scales)


def _result_channels(region: Region) -> int:
    shape = region.shapes[region.outputs[0].value]
    return shape[channel_axis(shape)]


def _plain(value: Value) -> Value:
    """A pair of equal numbers as one."""
    if isinstance(value, tuple) and len(value) == 2 and same(value[0], value[1]):
        return value[0]
    return value


def _const(variable: Variable, instance: int) -> Const:
    sort: Sort = "channels" if variable.scales else "size" if _is_int(variable) else "other"
    return Const(variable.values.get(instance, variable.trivial), variable.name, sort)


def _is_int(variable: Variable) -> bool:
    return all(type(value) is int for value in variable.values.values())


def _ordered(fitter: Fitter) -> list[Variable]:
    order = {v.name: position for position, v in enumerate(fitter.variables)}
    used = sorted(fitter.used.values(), key=lambda v: order[v.name])
    for variable in used:
        _set_default(variable, fitter.instances)
    return sorted(used, key=lambda v: v.has_default)


_UNUSABLE = {"self", "i", "x", *dir(builtins)}
_UNIT = ("stride", "dilation", "groups")


def _set_default(variable: Variable, instances: int) -> None:
    """What most instances have and says nothing: stride=1, a flag that is off."""
    values = list(variable.values.values())
    if len(values) < instances:
        variable.trivial, variable.has_default = None, True
        return
    if all(isinstance(value, bool) for value in values):
        variable.trivial = False
    elif _is_int(variable) and (variable.is_unit or variable.name in _UNIT):
        variable.trivial = 1
    elif all(isinstance(value, float) for value in values):
        variable.trivial = 0.0
    else:
        return
    variable.has_default = any(same(value, variable.trivial) for value in values)


def param(variable: Variable) -> Param:
    """As a parameter of a signature."""
    values = [*variable.values.values(), *([variable.trivial] if variable.has_default else [])]
    annotation = " | ".join(dict.fromkeys(_annotation(value) for value in values))
    default = literal(variable.trivial).text if variable.has_default else ""
    return Param(variable.name, annotation, default)


def _annotation(value: Value) -> str:
    if value is None:
        return "None"
    if isinstance(value, tuple):
        return f"tuple[{', '.join(_annotation(v) for v in value)}]"
    return type(value).__name__

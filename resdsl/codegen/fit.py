"""What the instances of a class differ in, as expressions of few constructor arguments.

Every instance gives each varying constant a value. `Fitter` looks for an expression of the input's
channels and the block's own parameters that gives all of them, and makes a new argument where there
is none. Fits are exact on every instance, so they are equal to the literals they stand for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from resdsl.codegen.expr import PRODUCT, SUM, Sort, Term, Value, literal

Vector = Mapping[int, Value]
"""Instance -> value, for the instances that have it."""

LARGEST_FACTOR = 64
_UNIT = ("stride", "dilation", "groups")
_WORDS = {"kernel_size": "k", "out_channels": "out", "out_features": "out", "padding": "pad"}
"""What the language calls what the framework calls otherwise."""


@dataclass(slots=True)
class Variable:
    """Something that an instance may be constructed with."""

    name: str
    values: dict[int, Value]
    scales: bool = False
    """It counts channels, so multiples of it may be fitted."""
    is_unit: bool = False
    """It is a stride or the like: 1 says nothing."""
    trivial: Value = None
    """The default, if `has_default`."""
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class _Option:
    term: Term
    uses: tuple[Variable, ...]
    complexity: int


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A number of channels that every instance has, and its expression."""

    term: Term
    values: dict[int, Value]
    uses: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class _Predicate:
    """An expression that is true of some instances, and its contrary."""

    yes: Term
    no: Term
    truth: dict[int, bool]
    uses: tuple[Variable, ...]
    is_shape: bool = False
    """It compares channels that come in with those that go out."""

    def inverse(self) -> _Predicate:
        return _Predicate(self.no, self.yes, _inverse(self.truth), self.uses, self.is_shape)


class Fitter:
    """Holds the arguments of one class while its constants are fitted one by one."""

    def __init__(self, variables: Sequence[Variable], instances: int) -> None:
        self.variables: list[Variable] = []
        self.instances = instances
        self.named: dict[str, str] = {}
        """Products that the block itself has a name for: `in_channels * expand` -> `hidden`."""
        for variable in variables:
            if not self._is_derived(variable):
                self.variables.append(variable)
        self.used: dict[str, Variable] = {}
        self.channels: dict[str, _Fitted] = {}
        self.result: Vector = {}
        """How many channels come out: what conditions compare the input's with, if they can."""

    def fit(self, vector: Vector, name: str, member: str, sort: Sort) -> Term:
        """The expression for a constant that a member's attribute `name` has."""
        first = next(iter(vector.values()))
        if all(same(value, first) for value in vector.values()):
            return literal(first)
        options = list(self._options(vector, name, sort))
        if sort == "channels":
            options += self._known(vector)
        if name == "new_channels":
            options = [o for o in options if " - " in o.term.text] or options
        if options:
            best = min(options, key=self._cost)
        else:
            variable = self._completed(vector, name, sort) or self._new(vector, name, member, sort)
            best = _Option(Term(variable.name), (variable,), 0)
        self._use(best.uses)
        if any(word in name for word in _UNIT):
            for variable in best.uses:
                variable.is_unit = variable.is_unit or sort == "size"
        if sort == "channels" and len(vector) == self.instances:
            self.channels.setdefault(best.term.text, _Fitted(best.term, dict(vector), best.uses))
        return best.term

    def _use(self, variables: tuple[Variable, ...]) -> None:
        for variable in variables:
            self.used.setdefault(variable.name, variable)

    def _is_derived(self, variable: Variable) -> bool:
        """A multiple or a product of what came before: `out = 4 * width`."""
        values = variable.values
        if not variable.scales or len(values) < self.instances or len(set(values.values())) < 2:
            return False
        for option in self._options(values, variable.name, "channels"):
            if " * " in option.term.text:
                if len(option.uses) > 1:
                    self.named[option.term.text] = variable.name
                return True
        return False

    def _known(self, vector: Vector) -> Iterator[_Option]:
        """What members of every instance have already."""
        for fitted in self.channels.values():
            if all(fitted.values[i] == value for i, value in vector.items()):
                yield _Option(fitted.term, fitted.uses, 0)

    def _cost(self, option: _Option) -> tuple[int, int]:
        return sum(v.name not in self.used for v in option.uses), option.complexity

    def _options(self, vector: Vector, name: str, sort: Sort) -> Iterator[_Option]:
        whole = all(type(value) is int for value in vector.values())
        known = [v for v in self.variables if all(i in v.values for i in vector)]
        for variable in known:
            if all(same(variable.values[i], value) for i, value in vector.items()):
                yield _Option(Term(variable.name), (variable,), 1)
        if not whole:
            return
        ints = [v for v in known if all(type(v.values[i]) is int for i in vector)]
        if name == "padding":
            for variable in ints:
                if not variable.scales and all(vector[i] == _int(variable, i) // 2 for i in vector):
                    yield _Option(Term(f"{variable.name} // 2", PRODUCT), (variable,), 2)
        if sort != "channels":
            return
        for variable in ints:
            if variable.scales:
                yield from _scaled(variable, vector)
        for a, b in combinations(ints, 2):
            if a.scales and b.scales:
                yield from _paired(a, b, vector)

    def _completed(self, vector: Vector, name: str, sort: Sort) -> Variable | None:
        """A parameter that some calls leave to its default: the vector says what that is."""
        for variable in self.variables:
            known = {i: value for i, value in variable.values.items() if i in vector}
            if (
                variable.name in (name, _WORDS.get(name))
                and 0 < len(known) < len(vector) == self.instances
                and all(same(vector[i], value) for i, value in known.items())
            ):
                variable.values, variable.scales = dict(vector), sort == "channels"
                return variable
        return None

    def _new(self, vector: Vector, name: str, member: str, sort: Sort) -> Variable:
        taken = {v.name for v in self.variables}
        if name in taken:
            name = f"{member}_{name}" if member else name
        stem, count = name, 2
        while name in taken:
            name, count = f"{stem}{count}", count + 1
        variable = Variable(name, dict(vector), sort == "channels")
        self.variables.append(variable)
        return variable

    # ------------------------------------------------------------ conditions

    def condition(self, present: Mapping[int, bool], name: str) -> tuple[Term, Term]:
        """When an optional member exists: an expression for it, and for its contrary.

        `stride != 1 or in_channels != out`, where that is exact, else one of the two, or a flag.
        """
        thresholds, shapes = list(self._thresholds()), list(self._comparisons())
        kept = [p for p in shapes if p.is_shape]
        others = [p for p in shapes if not p.is_shape]
        options = [*_compounds(thresholds, kept), *kept, *thresholds, *self._members(), *others]
        exact = [p for p in options if all(p.truth[i] == there for i, there in present.items())]
        if exact:
            best = min(exact, key=lambda p: sum(v.name not in self.used for v in p.uses))
            self._use(best.uses)
            return best.yes, best.no
        flag = self._new(present, name, "has", "other")
        self._use((flag,))
        return Term(flag.name), Term(f"not {flag.name}", NOT)

    def _thresholds(self) -> Iterator[_Predicate]:
        """`stride != 1`, `drop != 0`, `se`; each the other way round too."""
        for variable in self._complete():
            values = variable.values
            kinds = {type(value) for value in values.values()}
            if kinds == {bool}:
                yes, no = Term(variable.name), Term(f"not {variable.name}", NOT)
                truth = {i: value is True for i, value in values.items()}
            elif kinds <= {int, float}:
                pivots = [p for p in (1, 0) if any(same(value, p) for value in values.values())]
                if not pivots:
                    continue
                pivot = pivots[0]
                yes, no = _compared(variable.name, "!=", str(pivot))
                truth = {i: value != pivot for i, value in values.items()}
            else:
                continue
            predicate = _Predicate(yes, no, truth, (variable,))
            yield from (predicate, predicate.inverse())

    def _members(self) -> Iterator[_Predicate]:
        """`option == "A"`, and `option != "A"`."""
        for variable in self._complete():
            words = {value for value in variable.values.values() if isinstance(value, str)}
            if not all(word.isidentifier() for word in words):
                continue  # such as `bn(eps=0.1)`: no word that a caller could write
            for word in sorted(words):
                yes, no = _compared(variable.name, "==", literal(word).text)
                truth = {i: value == word for i, value in variable.values.items()}
                predicate = _Predicate(yes, no, truth, (variable,))
                yield from (predicate, predicate.inverse())

    def _comparisons(self) -> Iterator[_Predicate]:
        """`in_channels != 4 * width`, and `in_channels == 4 * width`."""
        scaling = [v for v in self._complete() if v.scales]
        sides = {v.name: _Fitted(Term(v.name), v.values, (v,)) for v in scaling} | self.channels
        pairs = sorted(combinations(sides.values(), 2), key=lambda ab: ab[1].values != self.result)
        for a, b in pairs:
            left, right = (b, a) if a.term.level < b.term.level else (a, b)
            yes, no = _compared(left.term.text, "!=", right.term.text)
            truth = {i: value != right.values[i] for i, value in left.values.items()}
            kept = right.values == self.result
            predicate = _Predicate(yes, no, truth, (*left.uses, *right.uses), kept)
            yield from (predicate, predicate.inverse())

    def _complete(self) -> Iterator[Variable]:
        """The variables that every instance has, and that say something."""
        for variable in self.variables:
            if len(variable.values) == self.instances and len(set(variable.values.values())) > 1:
                yield variable


NOT, COMPARISON, AND, OR = 2, 3, 1, 0


def _compared(left: str, relation: str, right: str) -> tuple[Term, Term]:
    contrary = "==" if relation == "!=" else "!="
    yes, no = f"{left} {relation} {right}", f"{left} {contrary} {right}"
    return Term(yes, COMPARISON), Term(no, COMPARISON)


def _compounds(thresholds: list[_Predicate], shapes: list[_Predicate]) -> Iterator[_Predicate]:
    """`stride != 1 or in_channels != out`, and its contrary."""
    for a in thresholds:
        for b in shapes:
            if a.uses[0].scales or "!=" not in a.yes.text or "!=" not in b.yes.text:
                continue
            some = Term(f"{a.yes.text} or {b.yes.text}", OR)
            none = Term(f"{a.no.text} and {b.no.text}", AND)
            truth = {i: a.truth[i] or b.truth[i] for i in a.truth}
            either = _Predicate(some, none, truth, (*a.uses, *b.uses))
            yield from (either, either.inverse())


def _scaled(variable: Variable, vector: Vector) -> Iterator[_Option]:
    """k * p, and p // k."""
    pairs = [(_int(variable, i), value) for i, value in vector.items() if isinstance(value, int)]
    if any(a < 1 or b < 1 for a, b in pairs):
        return
    a, b = pairs[0]
    if b % a == 0 and b // a <= LARGEST_FACTOR and all(y == x * (b // a) for x, y in pairs):
        yield _Option(Term(f"{b // a} * {variable.name}", PRODUCT), (variable,), 2)
    for k in range(max(2, a // (b + 1)), min(LARGEST_FACTOR, a // b) + 1):
        if all(y == x // k for x, y in pairs):
            yield _Option(Term(f"{variable.name} // {k}", PRODUCT), (variable,), 3)


def _paired(a: Variable, b: Variable, vector: Vector) -> Iterator[_Option]:
    """p * q, p // q and p - q."""
    uses = (a, b)
    if all(value == _int(a, i) * _int(b, i) for i, value in vector.items()):
        yield _Option(Term(f"{a.name} * {b.name}", PRODUCT), uses, 4)
    for p, q in ((a, b), (b, a)):
        if all(_int(q, i) and value == _int(p, i) // _int(q, i) for i, value in vector.items()):
            yield _Option(Term(f"{p.name} // {q.name}", PRODUCT), uses, 5)
        if all(v == _int(p, i) - _int(q, i) for i, v in vector.items()):
            yield _Option(Term(f"{p.name} - {q.name}", SUM), uses, 5)


def same(a: Value, b: Value) -> bool:
    """Equal, and of one sort: True is not 1 here."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def _inverse(truth: dict[int, bool]) -> dict[int, bool]:
    return {i: not value for i, value in truth.items()}


def _int(variable: Variable, instance: int) -> int:
    value = variable.values[instance]
    assert isinstance(value, int)
    return value

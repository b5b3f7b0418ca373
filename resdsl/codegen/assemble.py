"""A class from a template: its constructor, and its forward pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from resdsl.codegen.align import Template
from resdsl.codegen.classes import CHANNELS, Presence, Unifier, param
from resdsl.codegen.dialect import Dialect
from resdsl.codegen.expr import Code, Expr, Term, compress, render
from resdsl.codegen.flow import Flow, Move
from resdsl.codegen.lower import Lowering, is_numbered
from resdsl.codegen.names import Names, attribute, identifier, is_word, list_of
from resdsl.codegen.steps import Step
from resdsl.codegen.text import Block, Line, Method, Param, Statement
from resdsl.ir.graph import Region

Entry = tuple[str, str, str | None]
"""A member: its name, what makes it, and the condition under which it is there."""
MOST_SAID = 3
"""How often a constructor says a product before it gets a name."""


class Assembler:
    """Writes the two methods of one class. Training-only steps come last in the forward pass."""

    def __init__(
        self, dialect: Dialect, lowering: Lowering, template: Template, region: Region,
        unifier: Unifier, labels: dict[int, str],
    ) -> None:  # fmt: skip
        self.dialect, self.region, self.template, self.unifier = dialect, region, template, unifier
        self.steps, self.outputs = template.body.steps, template.body.outputs
        self.order = sorted(range(len(self.steps)), key=lambda at: self.steps[at].train)
        self.members = dict(self._members(lowering))
        self.bare = {step.name for step in self.steps if step.bare}
        lent = {name for step in self.steps for name in step.lends}
        self.bare |= {name for name in lent if lowering.is_bare(region.id, name)}
        numbers = [name for name in self.members if name.isdigit()]
        owners = [self.members[name][1] for name in numbers]
        always = all(at is None or unifier.presence[at] is None for at in owners)
        always = always and not self.bare & {*numbers}
        self.is_list = bool(numbers) and is_numbered(numbers) and always
        self.base = dialect.numbered if self.is_list else dialect.module
        takes = bool(self.members) or region.kind == "model"
        self.takes = dialect.takes if takes else ()
        self.hands_on = dialect.hands_on if takes else ()
        self.attributes = member_attributes(list(self.members), dialect)
        self.stored = dict(unifier.attributes)
        self.flags = self._flags()
        self.local_names = self._local_names()
        self.locals = Names(dialect.globals | {"self", "i"})
        self.inputs = self._inputs()
        self.borrowed = {name: self.locals.take(identifier(name)) for name in region.borrows}
        self.passed = [param(v) for v in unifier.passed_params()]
        for extra in self.passed:
            self.locals.take(extra.name)
        kept = [*self.outputs, *(v for v in labels if v >= len(self.inputs))]
        self.flow = Flow(
            [self._move(at) for at in self.order],
            dict(enumerate(self.inputs)), labels, kept, self.locals,
        )  # fmt: skip

    # ------------------------------------------------------------ members

    def _members(self, lowering: Lowering) -> Iterator[tuple[str, tuple[Expr, int | None]]]:
        """name -> (constructor, the step that owns it), in the order of first use."""
        seen: set[str] = set()
        for at, step in enumerate(self.steps):
            if step.module and step.name not in seen:
                seen.add(step.name)
                yield step.name, (step.module, at)
            for name in step.lends:
                if name not in seen and name not in self.region.borrows:
                    seen.add(name)
                    yield name, (lowering.member(self.region.id, name), self._owner(name))

    def _owner(self, name: str) -> int | None:
        return next((at for at, s in enumerate(self.steps) if s.module and s.name == name), None)

    def _flags(self) -> dict[tuple[str, bool], tuple[str, str]]:
        """How the forward pass asks for each condition (its text, and whether it is passed), and
        how it denies it."""
        flags: dict[tuple[str, bool], tuple[str, str]] = {}
        for at, presence in enumerate(self.unifier.presence):
            if presence is None or (presence.yes.text, presence.passed) in flags:
                continue
            yes, no = presence.yes.text, presence.no.text
            contrary = flags.get((no, presence.passed))
            if presence.passed:
                asked = yes, no
            elif owner := self._stateful(presence):
                asked = f"{owner} is not None", f"{owner} is None"
            elif contrary:
                asked = contrary[1], contrary[0]
            else:
                asked = self._flag(presence, self.steps[at])
            flags[yes, presence.passed] = asked
        return flags

    def _stateful(self, presence: Presence) -> str:
        """A member that exists just where the steps of this condition do."""
        for at, other in enumerate(self.unifier.presence):
            if other == presence and self.steps[at].module and not list_of(self.steps[at].name):
                return self._reference(self.steps[at].name)
        return ""

    def _flag(self, presence: Presence, step: Step) -> tuple[str, str]:
        words = presence.yes.text.split()
        is_plain = words[2:] in ([], ["0"], ["1"]) or (words[2:3] and words[2].startswith('"'))
        if words[0] in self.unifier.made.used and len(words) in (1, 3) and is_plain:
            word = self.unifier.attribute(Term(words[0]), words[0]).text
            self.stored = dict(self.unifier.attributes)
            return " ".join([word, *words[1:]]), presence.no.text.replace(words[0], word, 1)
        name = "residual" if step.kind == "add" else f"has_{identifier(step.kind)}"
        if step.kind != "add" and any(f"{word} != " in presence.yes.text for word in CHANNELS):
            name = "changes_shape"
        term = self.unifier.attribute(presence.yes, name)
        self.stored = dict(self.unifier.attributes)
        return term.text, f"not {term.text}"

    def _reference(self, name: str, index: str = "") -> str:
        """How the forward pass names a member."""
        if name in self.region.borrows:
            return self.borrowed[name]
        if name.isdigit() and self.is_list:
            return self.dialect.item(index or name)
        if held := list_of(name):
            return f"self.{self.attributes[held]}[{name.rpartition('.')[2]}]"
        if not is_word(name):
            return self.dialect.get(name, name in self.bare)
        return f"self.{self.attributes[name]}"

    # ------------------------------------------------------------ the constructor

    def constructor(
        self, tail: Sequence[Statement] = (), last: Sequence[Expr] | None = None
    ) -> Method:
        """`__init__`. Of a sequence, the members and the `last` layers, which have no weights, are
        the arguments of the base's.
        """
        params = tuple(param(v) for v in self.unifier.params())
        local = [Line(f"{name} = {text}") for text, name in self.local_names.items()]
        stored = [Line(f"self.{name} = {term.text}") for name, term in self.stored.items()]
        entries = [*self._listed([(name, *self._entry(name)) for name in self.members])]
        said = [
            Line(f"{name} = {value}")
            for name, value in self.dialect.said
            if any(name in text for _, text, _ in entries)
        ]
        begin = [Line(self.dialect.begin)] if self.dialect.begin else []
        local = [*said, *local]
        stored += self._mode()
        body: list[Statement] = [*begin, *local, *stored]
        if self.is_list:
            layers = _layers(text for name, text, _ in entries if name.isdigit())
            items = _iterable(layers) if last is None else _arguments([*layers, *last])
            hold = self.dialect.hold_numbered if last is None else "super().__init__({})".format
            body = [*local, Line(hold(items)), *stored]
            entries = [entry for entry in entries if not entry[0].isdigit()]
        for condition, some in groupby(entries, key=lambda entry: entry[2]):
            body += self._assigned([(name, text) for name, text, _ in some], condition)
        return Method("__init__", params, "None", (*body, *tail), self.takes)

    def _listed(self, entries: Sequence[Entry]) -> Iterator[Entry]:
        """The items of a list as the one member that holds them, where the first of them stood. An
        item without weights is no member: something stands for it."""
        lists: dict[str, dict[int, tuple[str, str | None]]] = {}
        for name, text, when in entries:
            if held := list_of(name):
                lists.setdefault(held, {})[int(name.rpartition(".")[2])] = text, when
        none = render(self.dialect.identity).text, None
        for name, text, when in entries:
            held = list_of(name)
            if not held:
                yield name, text, when
            elif items := lists.pop(held, {}):
                every = [items.get(number, none) for number in range(max(items) + 1)]
                bare = any(list_of(other) == held for other in self.bare)
                yield held, self.dialect.items(_list(every), bare), None

    def _mode(self) -> list[Line]:
        """The attribute that says whether this is training, where something asks."""
        asks = any(step.train for step in self.steps) or any(o.train for o in self.region.outputs)
        return [Line(self.dialect.mode)] if asks and self.dialect.mode else []

    def _entry(self, name: str) -> tuple[str, str | None]:
        module, at = self.members[name]
        if at is None:
            return render(module).text, None
        fits = self.unifier.fitted[at].module
        presence = self.unifier.presence[at]
        text = render(module, iter([self._short(term) for term in fits])).text
        return text, presence.yes.text if presence and not presence.passed else None

    def _local_names(self) -> dict[str, str]:
        """Products of two arguments that the constructor says often."""
        texts = [term.text for fitted in self.unifier.fitted for term in fitted.module]
        often = {text for text in texts if texts.count(text) >= MOST_SAID and _is_product(text)}
        known = self.unifier.made.named
        names = Names(self.unifier.made.used)
        return {text: names.take(known.get(text, "hidden")) for text in sorted(often)}

    def _short(self, term: Term) -> Term:
        return Term(self.local_names[term.text]) if term.text in self.local_names else term

    def _assigned(self, entries: list[tuple[str, str]], when: str | None) -> Iterator[Statement]:
        if when is None:
            yield from (self._assign(name, text) for name, text in entries)
            return
        (name, text), *more = entries
        if not more and is_word(name):
            line = f"self.{self.attributes[name]} = {text} if {when} else None"
            if len(line) <= 92:
                yield Line(line)
                return
        targets = " = ".join(f"self.{self.attributes[n]}" for n, _ in entries if is_word(n))
        members = Block(f"if {when}:", tuple(self._assign(n, t) for n, t in entries))
        if targets and self.dialect.none_first:
            yield Line(f"{targets} = None")
        yield members
        if targets and not self.dialect.none_first:
            yield Block("else:", (Line(f"{targets} = None"),))

    def _assign(self, name: str, text: str) -> Line:
        if not is_word(name):
            return Line(self.dialect.add(name, text, name in self.bare))
        return Line(f"self.{self.attributes[name]} = {text}")

    # ------------------------------------------------------------ the forward pass

    def _inputs(self) -> list[str]:
        if self.region.kind == "model":
            return [self.locals.take(identifier(item.name)) for item in self.region.inputs]
        names = [self.locals.take("x")] if self.region.inputs else []
        names += [self.locals.take(identifier(item.name)) for item in self.region.inputs[1:]]
        return names

    def forward_params(self) -> tuple[Param, ...]:
        """Tensors, borrowed modules, and what differs between uses of a shared instance."""
        return (
            *(Param(name, self.dialect.tensor) for name in self.inputs),
            *(Param(name, self._type(label)) for label, name in self.borrowed.items()),
            *self.passed,
        )

    def _type(self, borrowed: str) -> str:
        return self.dialect.parameter if borrowed in self.bare else self.dialect.module

    def _move(self, at: int) -> Move:
        step, presence = self.steps[at], self.unifier.presence[at]
        when, unless = self.flags[presence.yes.text, presence.passed] if presence else ("", "")
        fits = self.unifier.fitted[at].call

        def show(slots: Sequence[Term], index: str = "") -> Term:
            return render(
                step.call, iter(fits), slots, lambda name: self._reference(name or step.name, index)
            )

        member = self.attributes.get(step.name, "")
        number = int(step.name) if step.module and step.name.isdigit() and self.is_list else None
        return Move(
            step.kind, step.style, step.inputs, step.outputs, show, when, unless,
            self.template.bypass.get(at, -1), member, number,
        )  # fmt: skip

    def statements(self, result: int | None) -> tuple[list[Statement], list[Statement]]:
        """What always happens, and what only training does. `result` may be returned at once."""
        train = sum(step.train for step in self.steps)
        whole = len(self.order)
        main = self.flow.write(0, whole - train, None if train else result)
        return main, self.flow.write(whole - train, whole)


def member_attributes(members: Sequence[str], dialect: Dialect) -> dict[str, str]:
    """member -> its attribute: the name itself wherever that is free. Only words are attributes."""
    words = [*dict.fromkeys(w for name in members if is_word(w := list_of(name) or name))]
    given = {name: name for name in words if attribute(name, dialect.reserved) == name}
    names = Names(given)
    for name in words:
        if name not in given:
            given[name] = names.take(attribute(name, dialect.reserved))
    return given


def _list(items: Sequence[tuple[str, str | None]]) -> str:
    """What makes these items, each with the condition under which it is there."""
    parts: list[Expr] = []
    for when, some in groupby(items, key=lambda item: item[1]):
        layers = _layers(text for text, _ in some)
        if when is None:
            parts += layers
        else:
            made = _iterable(layers)
            made = made if made.startswith("[") else f"[{made}]"
            parts.append(Code((f"*({made} if {when} else [])",)))
    return _iterable(parts)


def _layers(texts: Iterable[str]) -> tuple[Expr, ...]:
    return compress([Code((text,)) for text in texts])


def _arguments(layers: Sequence[Expr]) -> str:
    """`a, b`."""
    return ", ".join(render(layer).text for layer in layers)


def _iterable(layers: Sequence[Expr]) -> str:
    """`[a, b]`, or what alone would be unpacked into it: a loop."""
    items = _arguments(layers)
    return items[2:-1] if len(layers) == 1 and items.startswith("*(") else f"[{items}]"


def _is_product(text: str) -> bool:
    first, times, second = text.partition(" * ")
    return bool(times) and first.isidentifier() and second.isidentifier()

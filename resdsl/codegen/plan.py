"""From a net to classes: one for each block definition, callees first, the model last.

    net -> groups of regions -> templates -> arguments -> classes

`grouping` says which regions one class may serve, `align` which of their nodes correspond,
`classes` what their constants become, and `assemble` writes the two methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from resdsl.codegen.align import Template, group
from resdsl.codegen.assemble import Assembler, member_attributes
from resdsl.codegen.classes import Unifier
from resdsl.codegen.dialect import Dialect
from resdsl.codegen.grouping import groups
from resdsl.codegen.lower import INPUT, Lowering, Made, cannot_share
from resdsl.codegen.names import Names, camel, identifier
from resdsl.codegen.root import finish, output_class
from resdsl.codegen.sharing import Sharing
from resdsl.codegen.steps import Body
from resdsl.codegen.text import Block, ClassDef, Line, Method, Statement
from resdsl.ir.graph import Call, Net, Region


@dataclass(frozen=True, slots=True)
class Plan:
    """The classes of a file in order; `root` is the name of the model's."""

    classes: tuple[ClassDef, ...]
    root: str
    folds: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """region -> the runs, by their first number and their length, that are one member each."""
    lists: set[str] = field(default_factory=set)
    """The regions whose numbered members are a sequence or a list."""


def plan(net: Net, dialect: Dialect) -> Plan:
    """The classes of a net in a framework's words."""
    return _Planner(net, dialect).run()


class _Planner:
    def __init__(self, net: Net, dialect: Dialect) -> None:
        self.net, self.dialect = net, dialect
        self.sharing = Sharing(net)
        self.lowering = Lowering(net, dialect, self.sharing)
        self.names = Names(dialect.globals)
        self.root = self.names.take(camel(net.name))
        self.classes: list[ClassDef] = []
        self.lists: set[str] = set()

    def run(self) -> Plan:
        for regions in groups(self.net):
            bodies = [self.lowering.body(region) for region in regions]
            if regions[0].id == self.net.root:
                self._model(regions[0], bodies[0])
            elif not (regions[0].kind == "scope" and self._sequences(regions, bodies)):
                for template in self._templates(regions, bodies):
                    self._class(template, regions, bodies)
        return Plan(tuple(self.classes), self.root, self.lowering.folds, self.lists)

    def _templates(self, regions: Sequence[Region], bodies: Sequence[Body]) -> list[Template]:
        try:
            return group(bodies, self._one_instance(regions))
        except ValueError:
            raise cannot_share(regions[0].block or _label(regions[0])) from None

    def _one_instance(self, regions: Sequence[Region]) -> list[list[int]]:
        """The indices of regions that one instance runs, each at its own use."""
        sets: dict[str, list[int]] = {}
        for i, region in enumerate(regions):
            sets.setdefault(self.sharing.region_set(region.id), []).append(i)
        return [instances for instances in sets.values() if len(instances) > 1]

    def _sequences(self, regions: Sequence[Region], bodies: Sequence[Body]) -> bool:
        """Scopes that are mere sequences need no class."""
        chains = [self.lowering.chain(r, body) for r, body in zip(regions, bodies, strict=True)]
        if None in chains:
            return False
        for region, layers in zip(regions, chains, strict=True):
            enter = self.lowering.enters(region) or INPUT
            sequence = self.lowering.sequence(region, layers or [])
            self.lowering.made[region.id] = Made(sequence, (), enter)
            self.lists.add(region.id)
        return True

    def _unify(
        self, template: Template, regions: Sequence[Region], bodies: Sequence[Body]
    ) -> Unifier:
        steps = template.body.steps
        names = dict.fromkeys(name for step in steps for name in (step.name, *step.lends))
        members = member_attributes(list(names), self.dialect)
        return Unifier(
            template, regions, [body.steps for body in bodies], self._one_instance(regions),
            {*members.values(), *self.dialect.reserved}, self.dialect.globals,
        )  # fmt: skip

    def _class(self, template: Template, regions: Sequence[Region], bodies: Sequence[Body]) -> None:
        model = regions[template.model]
        regions = [regions[i] for i in template.members]
        bodies = [bodies[i] for i in template.members]
        unifier = self._unify(template, regions, bodies)
        name = self.names.take(camel(model.block or _label(model)))
        labels = _labels(model, template.body, self.net)
        assembler = Assembler(self.dialect, self.lowering, template, model, unifier, labels)
        cls = ClassDef(name, assembler.base)
        if not self._as_sequence(cls, assembler, model, template.body):
            self._write(cls, assembler, model)
        self.classes.append(cls)
        self.lists |= {region.id for region in regions if assembler.is_list}
        for i, region in enumerate(regions):
            construct = unifier.construct(name, i, assembler.hands_on)
            self.lowering.made[region.id] = Made(construct, unifier.keywords(i))

    def _as_sequence(self, cls: ClassDef, assembler: Assembler, region: Region, body: Body) -> bool:
        """Numbered members one after the other: a sequence, whose forward pass is known."""
        layers = assembler.is_list and not assembler.template.bypass and not assembler.stored
        chain = self.lowering.chain(region, body) if layers else None
        members = len(assembler.members)
        is_longer = chain is not None and len(chain) > members
        if chain is None or len(chain) < members or (is_longer and self.lowering.enters(region)):
            return False
        cls.base = self.dialect.sequence
        cls.methods = [assembler.constructor(last=[layer for _, layer in chain[members:]])]
        return True

    def _write(self, cls: ClassDef, assembler: Assembler, region: Region) -> None:
        values = assembler.outputs
        result = values[0] if len(values) == 1 else None
        main, train = assembler.statements(result)
        tensor = self.dialect.tensor
        body: list[Statement] = [*main, *_trained(train, self.dialect, region, assembler)]
        if not (main and isinstance(main[-1], Line) and main[-1].text.startswith("return ")):
            terms = [assembler.flow.term(value).text for value in values]
            body.append(Line(f"return {', '.join(terms)}"))
        returns = tensor if result is not None else f"tuple[{', '.join([tensor] * len(values))}]"
        forward = Method(self.dialect.forward, assembler.forward_params(), returns, tuple(body))
        constructor = assembler.constructor()
        begun = [Line(self.dialect.begin)] if self.dialect.begin else []
        empty = not constructor.params and [*constructor.body] == begun
        cls.methods = [forward] if empty else [constructor, forward]

    def _model(self, region: Region, body: Body) -> None:
        (template,) = group([body])
        unifier = self._unify(template, [region], [body])
        labels = _labels(region, body, self.net)
        labels |= {output.value: identifier(output.name) for output in region.outputs}
        labels = {v: name for v, name in labels.items() if v >= len(region.inputs)}
        assembler = Assembler(self.dialect, self.lowering, template, region, unifier, labels)
        output = output_class(region, self.root, self.names, self.dialect)
        if output:
            self.classes.append(output)
        show = self.dialect.show
        inputs = ", ".join(f"{i.name} {show(i.shape)}" for i in region.inputs)
        outputs = ", ".join(f"{o.name} {show(region.shapes[o.value])}" for o in region.outputs)
        cls = ClassDef(self.root, assembler.base, f"{inputs} -> {outputs}")
        forward = finish(region, assembler, self.dialect, output.name if output else "")
        last = (Line(self.dialect.initialise),) if self.dialect.initialise else ()
        constructor = assembler.constructor(last)
        cls.methods = [constructor, forward]
        self.classes.append(cls)
        self.lists |= {region.id} if assembler.is_list else set()


def _label(region: Region) -> str:
    """What a scope's class is called: its id without a counter."""
    return region.id.partition("#")[0]


def _labels(region: Region, body: Body, net: Net) -> dict[int, str]:
    """Values with names of their own: stages, exported parts, branches of a model's merges, and
    what is used further down."""
    uses: dict[int, list[int]] = {}
    for at, step in enumerate(body.steps):
        for value in step.inputs:
            uses.setdefault(value, []).append(at)
    found: dict[int, str] = {}
    for node in region.nodes:
        if isinstance(node, Call) and len(node.outputs) > 1:
            parts = [output.name for output in net.regions[node.region].outputs[1:]]
            names = [node.name, *(f"{node.name}_{part}" for part in parts)]
            found |= zip(node.outputs, map(identifier, names), strict=True)
    for statement in region.statements:
        value = statement.value
        if statement.start == statement.stop:
            continue
        if not (statement.stage or statement.name.isidentifier()):  # a line of several steps
            continue
        users = uses.get(value, [])
        far = len(users) > 1 or any(at > statement.stop for at in users)
        merged = any(len(body.steps[at].inputs) > 1 for at in users)
        if statement.stage or ((far or merged) and region.kind == "model"):
            found[value] = identifier(statement.name)
    for output, value in list(zip(region.outputs, body.outputs, strict=True))[1:]:
        found[value] = identifier(output.name)
    return {v: name for v, name in found.items() if v >= len(region.inputs)}


def _trained(
    train: list[Statement], dialect: Dialect, region: Region, assembler: Assembler
) -> list[Statement]:
    """The statements that only training runs, their results None elsewhere."""
    if not train:
        return []
    pairs = zip(region.outputs, assembler.outputs, strict=True)
    names = [assembler.flow.term(value).text for output, value in pairs if output.train]
    none = [Line(f"{' = '.join(names)} = None")] if names else []
    return [*none, Block(f"if {dialect.training}:", tuple(train))]

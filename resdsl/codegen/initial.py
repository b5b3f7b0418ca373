"""Initial weights as statements: where a net's are others than a framework's own.

Most weights follow a rule of their module's type. The others are told by the names of their
modules, by a pattern where one says exactly those.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from resdsl.codegen.expr import literal
from resdsl.codegen.names import attribute
from resdsl.codegen.text import Block, Line, Statement
from resdsl.ir.graph import Net
from resdsl.ir.init import Init
from resdsl.ir.op import Op, Weight
from resdsl.ir.weights import initialisers, weights


@dataclass(frozen=True, slots=True)
class Tensor:
    """A trainable tensor: its module's name and type, its own name there, and how it begins here
    and in the framework (None: as no rule of ours says).
    """

    module: str
    type: str
    name: str
    init: Init
    default: Init | None


Place = tuple[str, str, Init | None]
"""The type of a module, the name of a tensor in it, and how it begins in the framework."""


def tensors(
    net: Net, reserved: Collection[str], place: Callable[[Op, str, Weight], Place]
) -> Iterator[Tensor]:
    """The trainable tensors of a net; `place` says where a framework has one of an op's."""
    inits = initialisers(net)
    for path, (op, weight) in weights(net).items():
        if weight.role != "trainable":
            continue
        module, _, name = path.rpartition(".")
        dotted = ".".join(
            level if level.isdigit() else attribute(level, reserved) for level in module.split(".")
        )
        type_, own, default = place(op, name, weight)
        yield Tensor(dotted, type_, own, inits[path], default)


class Initial:
    """The statements. They speak of `module` and its `name`; `write` is the line that sets the
    tensor `module.NAME` of a module of some type.
    """

    def __init__(self, tensors: Sequence[Tensor], write: Callable[[str, str, Init], Line]) -> None:
        self.tensors, self.write = tensors, write
        self.rules = _rules(tensors)

    # ------------------------------------------------------------ by type

    def by_type(self) -> list[Block]:
        """What most modules of a type have."""
        blocks: dict[str, list[Statement]] = {}
        for (type_, name), init in self.rules.items():
            line: Statement = self.write(type_, name, init)
            modules = {t.module for t in self.tensors if t.type == type_}
            if len(modules) > sum((t.type, t.name) == (type_, name) for t in self.tensors):
                line = Block(f"if module.{name} is not None:", (line,))
            blocks.setdefault(type_, []).append(line)
        alike: dict[tuple[Statement, ...], list[str]] = defaultdict(list)
        for type_, lines in blocks.items():
            alike[tuple(lines)].append(type_)
        found: list[Block] = []
        for body, types in alike.items():
            word = "elif" if found else "if"
            found.append(Block(f"{word} isinstance(module, {' | '.join(types)}):", body))
        return found

    # ------------------------------------------------------------ by name

    def by_name(self) -> list[Block]:
        """What modules have that are told by their names."""
        groups: dict[tuple[str, str, Init], list[str]] = defaultdict(list)
        for tensor in self.tensors:
            if tensor.init != self.rules.get((tensor.type, tensor.name), tensor.default):
                line = self.write(tensor.type, tensor.name, tensor.init)
                groups[tensor.name, line.text, tensor.init].append(tensor.module)
        found = []
        for (name, text, _), modules in groups.items():
            types = {t.type for t in self.tensors if t.name == name and t.module in modules}
            alike = [t for t in self.tensors if t.name == name and t.type in types]
            condition = _below(modules, alike) or _condition(modules, alike)
            found.append(Block(f"if {condition}:", (Line(text),)))
        return found


def plain(value: float) -> str:
    """A number as people write it: whole ones without `.0`."""
    whole = value.is_integer() and abs(value) < 2**31
    return literal(int(value) if whole else value).text


def _rules(tensors: Sequence[Tensor]) -> dict[tuple[str, str], Init]:
    """(type, tensor) -> how most of them begin, where some of these begin otherwise in the
    framework."""
    counts: dict[tuple[str, str], Counter[Init]] = defaultdict(Counter)
    for tensor in tensors:
        counts[tensor.type, tensor.name][tensor.init] += 1
    most = {key: count.most_common(1)[0][0] for key, count in counts.items()}
    return {
        key: init
        for key, init in most.items()
        if any((t.type, t.name) == key and t.init == init != t.default for t in tensors)
    }


def _below(modules: Sequence[str], alike: Sequence[Tensor]) -> str:
    """That a module is of one type and below one path, where this says exactly `modules`; or ""."""
    types = {t.type for t in alike}
    path = modules[0].partition(".")[0]
    same = {t.module for t in alike if t.module.startswith(f"{path}.")}
    if len(modules) < 3 or len(types) != 1 or same != set(modules):
        return ""
    return f'isinstance(module, {types.pop()}) and name.startswith("{path}.")'


def _condition(modules: Sequence[str], alike: Sequence[Tensor]) -> str:
    """What is true of these modules, and of no other: a pattern of names asks for the type, too."""
    rest, others = list(modules), {t.module for t in alike} - set(modules)
    patterns: list[str] = []
    while rest:
        fits = (p for p in _patterns(rest[0]) if not any(fnmatchcase(o, p) for o in others))
        pattern = next(fits, rest[0])
        patterns.append(pattern)
        rest = [module for module in rest if not fnmatchcase(module, pattern)]
    if all("*" not in pattern for pattern in patterns):
        if len(patterns) == 1:
            return f'name == "{patterns[0]}"'
        return "name in ({})".format(", ".join(f'"{p}"' for p in patterns))
    names = " or ".join(
        f'fnmatchcase(name, "{p}")' if "*" in p else f'name == "{p}"' for p in patterns
    )
    types = " | ".join(sorted({t.type for t in alike}))
    return f"isinstance(module, {types}) and {names if len(patterns) == 1 else f'({names})'}"


def _patterns(module: str) -> Iterator[str]:
    """From the widest: `*.bn3`, `conv2_x.*.bn3`, `conv2_x.0.bn3`."""
    levels = module.split(".")
    if len(levels) > 1:
        yield f"*.{levels[-1]}"
        yield ".".join("*" if level.isdigit() else level for level in levels)
        yield f"{levels[0]}.*"

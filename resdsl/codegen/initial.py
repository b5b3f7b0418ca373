"""Initial weights as statements: where a net's are others than a framework's own.

Most weights follow a rule of their module's type. The others are told by the names of their
modules, by a pattern where one says exactly those; bare tensors by their own names.
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
from resdsl.ir.op import Op, path_of
from resdsl.ir.shape import Shape
from resdsl.ir.weights import initialisers, weights


@dataclass(frozen=True, slots=True)
class Tensor:
    """A trainable tensor: its module's name and type, its own name there, its shape, and how it
    begins here and in the framework (None: as no rule of ours says). A bare tensor has its own name
    as the module's, and no type.
    """

    module: str
    type: str
    name: str
    shape: Shape
    init: Init
    default: Init | None

    @property
    def path(self) -> str:
        """Its whole name in the framework."""
        return path_of(self.module, self.name)


Place = tuple[str, str, Init | None]
"""The type of a module, the name of a tensor in it, and how it begins in the framework."""


def tensors(
    net: Net, reserved: Collection[str], place: Callable[[Op, str], Place]
) -> Iterator[Tensor]:
    """The trainable tensors of a net; `place` says where a framework has one of an op's."""
    inits = initialisers(net)
    for path, (op, weight) in weights(net).items():
        if weight.role != "trainable":
            continue
        levels = path.split(".")
        name = "" if op.bare else levels.pop()
        type_, own, default = ("", "", weight.init) if op.bare else place(op, name)
        module = ".".join(attribute(level, reserved) for level in levels)
        yield Tensor(module, type_, own, weight.shape, inits[path], default)


class Initial:
    """The statements. They speak of `module` and its `name`, or of a bare `tensor` and its; `write`
    is the line that sets a tensor.
    """

    def __init__(self, tensors: Sequence[Tensor], write: Callable[[Tensor], Line]) -> None:
        self.paths = [tensor.path for tensor in tensors]
        self.tensors = [tensor for tensor in tensors if tensor.type]
        self.bare = [tensor for tensor in tensors if not tensor.type]
        self.write = write
        self.rules = _rules(self.tensors)

    # ------------------------------------------------------------ by type

    def by_type(self) -> list[Block]:
        """What most modules of a type have."""
        blocks: dict[str, list[Statement]] = {}
        for (type_, name), init in self.rules.items():
            alike = (t for t in self.tensors if (t.type, t.name, t.init) == (type_, name, init))
            line: Statement = self.write(next(alike))
            modules = {t.module for t in self.tensors if t.type == type_}
            if len(modules) > sum((t.type, t.name) == (type_, name) for t in self.tensors):
                line = Block(f"if module.{name} is not None:", (line,))
            blocks.setdefault(type_, []).append(line)
        merged: dict[tuple[Statement, ...], list[str]] = defaultdict(list)
        for type_, lines in blocks.items():
            merged[tuple(lines)].append(type_)
        found: list[Block] = []
        for body, types in merged.items():
            word = "elif" if found else "if"
            found.append(Block(f"{word} isinstance(module, {' | '.join(types)}):", body))
        return found

    # ------------------------------------------------------------ by name

    def by_name(self) -> list[Block]:
        """What modules have that are told by their names."""
        groups: dict[tuple[str, str, Init], list[str]] = defaultdict(list)
        for tensor in self.tensors:
            if tensor.init != self.rules.get((tensor.type, tensor.name), tensor.default):
                line = self.write(tensor)
                groups[tensor.name, line.text, tensor.init].append(tensor.module)
        found = []
        for (name, text, _), modules in groups.items():
            types = {t.type for t in self.tensors if t.name == name and t.module in modules}
            alike = [t for t in self.tensors if t.name == name and t.type in types]
            others = {t.module for t in alike} - set(modules)
            condition = _below(modules, alike) or _condition(modules, others, types)
            found.append(Block(f"if {condition}:", (Line(text),)))
        return found

    def of_bare(self) -> list[Block]:
        """What bare tensors have that begin otherwise than they are made."""
        groups: dict[str, list[str]] = defaultdict(list)
        for tensor in self.bare:
            if tensor.init != tensor.default:
                groups[self.write(tensor).text].append(tensor.path)
        return [
            Block(f"if {_condition(paths, {*self.paths} - {*paths}, ())}:", (Line(text),))
            for text, paths in groups.items()
        ]


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


def _condition(modules: Sequence[str], others: Collection[str], types: Collection[str]) -> str:
    """What is true of these modules, and not of these others: a pattern of names asks for the type,
    too."""
    rest = list(modules)
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
    if not types:
        return names
    is_one = f"isinstance(module, {' | '.join(sorted(types))})"
    return f"{is_one} and {names if len(patterns) == 1 else f'({names})'}"


def _patterns(module: str) -> Iterator[str]:
    """From the widest: `*.bn3`, `conv2_x.*.bn3`, `conv2_x.0.bn3`."""
    levels = module.split(".")
    if len(levels) > 1:
        yield f"*.{levels[-1]}"
        yield ".".join("*" if level.isdigit() else level for level in levels)
        yield f"{levels[0]}.*"

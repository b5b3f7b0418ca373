"""`_initialise`: the initial weights of a net, where torch's own are others.

Most weights follow a rule of their module's type. The others are told by the names of their
modules, by a pattern where one says exactly those.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from resdsl.codegen.expr import literal
from resdsl.codegen.names import attribute
from resdsl.codegen.text import Block, Line, Method, Statement
from resdsl.ir.graph import Net
from resdsl.ir.init import ONES, ZEROS, Constant, FanInUniform, Init, Normal
from resdsl.ir.op import Op, Weight
from resdsl.ir.weights import initialisers, weights
from resdsl_torch.reserved import RESERVED

_TYPES = {
    "conv": "nn.Conv2d",
    "conv_transpose": "nn.ConvTranspose2d",
    "fc": "nn.Linear",
    "attention": "nn.Linear",
    "ln": "nn.LayerNorm",
    "gn": "nn.GroupNorm",
    "instance_norm": "nn.InstanceNorm2d",
    "prelu": "nn.PReLU",
    "class_token": "ClassToken",
    "position_embedding": "PositionEmbedding",
}
_OWN: dict[str, Init] = {  # what the modules of `helpers` and torch's others begin with
    "prelu": Constant(value=0.25),
    "class_token": ZEROS,
    "position_embedding": Normal(std=0.02),
}
_LINEAR = ("conv", "conv_transpose", "fc", "attention")


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A trainable tensor: its module's name and type, and how it begins here and in torch."""

    module: str
    type: str
    name: str
    init: Init
    default: Init | None


def initialise(net: Net) -> Method | None:
    """The method, or None where torch's defaults are right for every weight."""
    tensors = list(_tensors(net))
    rules = _rules(tensors)
    by_type, by_name = _by_type(tensors, rules), _by_name(tensors, rules)
    if not by_type and not by_name:
        return None
    head = (
        "for name, module in self.named_modules():" if by_name else "for module in self.modules():"
    )
    return Method("_initialise", (), "None", (Block(head, (*by_type, *by_name)),))


def _tensors(net: Net) -> Iterator[_Tensor]:
    inits = initialisers(net)
    for path, (op, weight) in weights(net).items():
        if weight.role != "trainable":
            continue
        module, _, name = path.rpartition(".")
        dotted = ".".join(
            level if level.isdigit() else attribute(level, RESERVED) for level in module.split(".")
        )
        yield _Tensor(dotted, _type(op, weight), name, inits[path], _default(op, name, weight))


def _type(op: Op, weight: Weight) -> str:
    if op.kind == "bn":
        return "nn.modules.batchnorm._BatchNorm"
    if op.kind == "layer_scale":
        return "LayerScale | LayerScale2d"
    return _TYPES[op.kind]


def _default(op: Op, name: str, weight: Weight) -> Init | None:
    """How torch begins this tensor; None for what is no rule of ours."""
    if op.kind in _LINEAR:
        return FanInUniform() if name == "weight" else None
    if op.kind == "layer_scale":
        return weight.init
    return _OWN.get(op.kind, ONES if name == "weight" else ZEROS)


# ---------------------------------------------------------------- by type


def _rules(tensors: Sequence[_Tensor]) -> dict[tuple[str, str], Init]:
    """(type, tensor) -> how most of them begin, where torch begins some of these otherwise."""
    counts: dict[tuple[str, str], Counter[Init]] = defaultdict(Counter)
    for tensor in tensors:
        counts[tensor.type, tensor.name][tensor.init] += 1
    most = {key: count.most_common(1)[0][0] for key, count in counts.items()}
    return {
        key: init
        for key, init in most.items()
        if any((t.type, t.name) == key and t.init == init != t.default for t in tensors)
    }


def _by_type(tensors: Sequence[_Tensor], rules: dict[tuple[str, str], Init]) -> list[Block]:
    blocks: dict[str, list[Statement]] = {}
    for (type_, name), init in rules.items():
        line: Statement = _line(f"module.{name}", init)
        modules = {t.module for t in tensors if t.type == type_}
        if len(modules) > sum((t.type, t.name) == (type_, name) for t in tensors):
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


def _line(target: str, init: Init) -> Line:
    def text(value: float) -> str:
        return literal(int(value) if value.is_integer() and abs(value) < 2**31 else value).text

    if isinstance(init, Constant):
        if init.value in (0.0, 1.0):
            return Line(f"nn.init.{'ones_' if init.value else 'zeros_'}({target})")
        return Line(f"nn.init.constant_({target}, {text(init.value)})")
    if isinstance(init, Normal):
        mean = f", mean={text(init.mean)}" if init.mean else ""
        return Line(f"nn.init.normal_({target}{mean}, std={text(init.std)})")
    if init.kind == "trunc_normal":
        return Line(f"nn.init.trunc_normal_({target}, std={text(init.std)})")
    if init.kind == "uniform":
        return Line(f"nn.init.uniform_({target}, {text(-init.bound)}, {text(init.bound)})")
    if init.kind == "fan_in_uniform":
        return Line(f"nn.init.kaiming_uniform_({target}, a=5**0.5)")
    if init.kind in ("he_normal", "he_uniform"):
        function = "kaiming_normal_" if init.kind == "he_normal" else "kaiming_uniform_"
        return Line(f'nn.init.{function}({target}, mode="{init.mode}", nonlinearity="relu")')
    return Line(f"nn.init.{init.kind}_({target})")


# ---------------------------------------------------------------- by name


def _by_name(tensors: Sequence[_Tensor], rules: dict[tuple[str, str], Init]) -> list[Block]:
    groups: dict[tuple[str, Init], list[str]] = defaultdict(list)
    for tensor in tensors:
        if tensor.init != rules.get((tensor.type, tensor.name), tensor.default):
            groups[tensor.name, tensor.init].append(tensor.module)
    found = []
    for (name, init), modules in groups.items():
        alike = [t for t in tensors if t.name == name]
        condition = _below(modules, alike) or _condition(modules, {t.module for t in alike})
        found.append(Block(f"if {condition}:", (_line(f"module.{name}", init),)))
    return found


def _below(modules: Sequence[str], alike: Sequence[_Tensor]) -> str:
    """That a module is of one type and below one path, where this says exactly `modules`; or ""."""
    types = {t.type for t in alike if t.module in modules}
    path = modules[0].partition(".")[0]
    same = {t.module for t in alike if t.type in types and t.module.startswith(f"{path}.")}
    if len(modules) < 3 or len(types) != 1 or same != set(modules):
        return ""
    return f'isinstance(module, {types.pop()}) and name.startswith("{path}.")'


def _condition(modules: Sequence[str], alike: set[str]) -> str:
    """An expression of `name` that is true of these modules, and of none of the others."""
    rest, others = list(modules), alike - set(modules)
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
    return " or ".join(
        f'fnmatchcase(name, "{p}")' if "*" in p else f'name == "{p}"' for p in patterns
    )


def _patterns(module: str) -> Iterator[str]:
    """From the widest: `*.bn3`, `conv2_x.*.bn3`, `conv2_x.0.bn3`."""
    levels = module.split(".")
    if len(levels) > 1:
        yield f"*.{levels[-1]}"
        yield ".".join("*" if level.isdigit() else level for level in levels)
        yield f"{levels[0]}.*"

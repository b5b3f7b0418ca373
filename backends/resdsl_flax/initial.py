"""`_draws`: the initial weights of a net."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from resdsl.codegen.initial import Initial, Place, Tensor, plain, tensors
from resdsl.codegen.text import Block, Line, Method, Statement
from resdsl.ir.graph import Net
from resdsl.ir.init import ONES, ZEROS, Constant, Init, Normal, fans
from resdsl.ir.op import Op
from resdsl_flax.repeat import Folds, place
from resdsl_flax.reserved import RESERVED

_TYPES = {
    "conv": "nnx.Conv",
    "conv_transpose": "ConvTranspose",
    "fc": "nnx.Linear",
    "bn": "BatchNorm",
    "ln": "nnx.LayerNorm",
    "gn": "nnx.GroupNorm",
    "instance_norm": "nnx.InstanceNorm",
    "prelu": "PReLU",
}

_LINEAR = ("conv", "conv_transpose", "fc", "attention")
_NORMS = ("bn", "ln", "gn", "instance_norm")


def draws(net: Net, folds: Folds = MappingProxyType({})) -> Method | None:
    """The method, or None where the modules' own weights are right."""
    found = tensors(net, RESERVED, _place)
    placed = dict.fromkeys(replace(t, module=place(net, folds, t.module)) for t in found)
    initial = Initial(list(placed), _line)
    by_type, by_name, bare = initial.by_type(), initial.by_name(), initial.of_bare()
    path = Line('name = ".".join(str(level) for level in path if level != "layers")')
    named: list[Statement] = [path] if by_name else []
    head = f"for {'path' if by_name else '_'}, module in nnx.iter_modules(self):"
    blocks = []
    if by_type or by_name:
        blocks.append(Block(head, (*named, *by_type, *by_name)))
    if bare:
        inner = Block("if isinstance(tensor, nnx.Param):", (path, *bare))
        blocks.append(Block("for path, tensor in nnx.iter_graph(self):", (inner,)))
    if not blocks:
        return None
    return Method("_draws", (), "Draws", (Line("draws = Draws()"), *blocks, Line("return draws")))


def type_of(kind: str, name: str) -> str:
    """The module that has a tensor of an op."""
    if kind == "attention":
        return "Attention" if name.startswith("in_proj") else "nnx.Linear"
    return _TYPES[kind]


def leaf(kind: str, name: str) -> str:
    """What a module of Flax calls a tensor of an op."""
    if kind == "prelu":
        return "slope"
    name = name.removeprefix("in_proj_")
    if name != "weight":
        return name
    return "scale" if kind in _NORMS else "kernel"


def _place(op: Op, name: str) -> Place:
    return type_of(op.kind, name), leaf(op.kind, name), _default(op.kind, name)


def _default(kind: str, name: str) -> Init | None:
    """How Flax begins this tensor; None for what is no rule of ours."""
    if kind in _LINEAR:
        return None if name.endswith("weight") else ZEROS
    if kind == "prelu":
        return Constant(value=0.25)
    return ONES if name == "weight" else ZEROS


def _line(tensor: Tensor) -> Line:
    weight, init = f"module.{tensor.name}" if tensor.name else "tensor", tensor.init
    if isinstance(init, Constant):
        return Line(f"draws.constant({weight}, {plain(init.value)})")
    if isinstance(init, Normal):
        mean = f", {plain(init.mean)}" if init.mean else ""
        return Line(f"draws.normal({weight}, {plain(init.std)}{mean})")
    if init.kind == "trunc_normal":
        return Line(f"draws.trunc_normal({weight}, {plain(init.std)})")
    if init.kind == "uniform":
        return Line(f"draws.uniform({weight}, {plain(init.bound)})")
    fan_in, fan_out = "fan_in(module)", "fan_out(module)"
    if not tensor.type:
        fan_in, fan_out = (str(fan) for fan in fans(tensor.shape))
    if tensor.type == "ConvTranspose":  # a fan is of the weight's own two first axes: (in, out)
        fan_in, fan_out = fan_out, fan_in
    if init.kind == "fan_in_uniform":
        return Line(f"draws.uniform({weight}, {fan_in} ** -0.5)")
    if init.kind in ("he_normal", "he_uniform"):
        fan = fan_in if init.mode == "fan_in" else fan_out
        kind, gain = ("normal", 2) if init.kind == "he_normal" else ("uniform", 6)
        return Line(f"draws.{kind}({weight}, ({gain} / {fan}) ** 0.5)")
    kind, gain = ("normal", 2) if init.kind == "xavier_normal" else ("uniform", 6)
    return Line(f"draws.{kind}({weight}, ({gain} / ({fan_in} + {fan_out})) ** 0.5)")

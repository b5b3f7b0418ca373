"""`_initialise`: the initial weights of a net, where torch's own are others."""

from __future__ import annotations

from resdsl.codegen.initial import Initial, Place, plain, tensors
from resdsl.codegen.text import Block, Line, Method
from resdsl.ir.graph import Net
from resdsl.ir.init import ONES, ZEROS, Constant, FanInUniform, Init, Normal
from resdsl.ir.op import Op, Weight
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


def initialise(net: Net) -> Method | None:
    """The method, or None where torch's defaults are right for every weight."""
    initial = Initial(list(tensors(net, RESERVED, _place)), _line)
    by_type, by_name = initial.by_type(), initial.by_name()
    if not by_type and not by_name:
        return None
    head = (
        "for name, module in self.named_modules():" if by_name else "for module in self.modules():"
    )
    return Method("_initialise", (), "None", (Block(head, (*by_type, *by_name)),))


def _place(op: Op, name: str, weight: Weight) -> Place:
    return _type(op), name, _default(op, name, weight)


def _type(op: Op) -> str:
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


def _line(type_: str, name: str, init: Init) -> Line:
    target = f"module.{name}"
    if isinstance(init, Constant):
        if init.value in (0.0, 1.0):
            return Line(f"nn.init.{'ones_' if init.value else 'zeros_'}({target})")
        return Line(f"nn.init.constant_({target}, {plain(init.value)})")
    if isinstance(init, Normal):
        mean = f", mean={plain(init.mean)}" if init.mean else ""
        return Line(f"nn.init.normal_({target}{mean}, std={plain(init.std)})")
    if init.kind == "trunc_normal":
        return Line(f"nn.init.trunc_normal_({target}, std={plain(init.std)})")
    if init.kind == "uniform":
        return Line(f"nn.init.uniform_({target}, {plain(-init.bound)}, {plain(init.bound)})")
    if init.kind == "fan_in_uniform":
        return Line(f"nn.init.kaiming_uniform_({target}, a=5**0.5)")
    if init.kind in ("he_normal", "he_uniform"):
        function = "kaiming_normal_" if init.kind == "he_normal" else "kaiming_uniform_"
        return Line(f'nn.init.{function}({target}, mode="{init.mode}", nonlinearity="relu")')
    return Line(f"nn.init.{init.kind}_({target})")

"""`_initialise`: the initial weights of a net, where torch's own are others."""

from __future__ import annotations

from resdsl.codegen.initial import Initial, Place, Tensor, plain, tensors
from resdsl.codegen.text import Block, Line, Method
from resdsl.ir.graph import Net
from resdsl.ir.init import ONES, ZEROS, Constant, FanInUniform, Init, Normal
from resdsl.ir.op import Op
from resdsl_torch.reserved import RESERVED

_TYPES = {
    "conv": "nn.Conv2d",
    "conv_transpose": "nn.ConvTranspose2d",
    "fc": "nn.Linear",
    "ln": "nn.LayerNorm",
    "gn": "nn.GroupNorm",
    "instance_norm": "nn.InstanceNorm2d",
    "prelu": "nn.PReLU",
}
_LINEAR = ("conv", "conv_transpose", "fc", "attention")


def initialise(net: Net) -> Method | None:
    """The method, or None where torch's defaults are right for every weight."""
    initial = Initial(list(tensors(net, RESERVED, _place)), _line)
    by_type, by_name, bare = initial.by_type(), initial.by_name(), initial.of_bare()
    head = (
        "for name, module in self.named_modules():" if by_name else "for module in self.modules():"
    )
    loops = {head: (*by_type, *by_name), "for name, tensor in self.named_parameters():": bare}
    blocks = tuple(Block(head, tuple(body)) for head, body in loops.items() if body)
    return Method("_initialise", (), "None", blocks) if blocks else None


def _place(op: Op, name: str) -> Place:
    return _type(op, name), name, _default(op, name)


def _type(op: Op, name: str) -> str:
    if op.kind == "bn":
        return "nn.modules.batchnorm._BatchNorm"
    if op.kind == "attention":
        return "Attention" if name.startswith("in_proj") else "nn.Linear"
    return _TYPES[op.kind]


def _default(op: Op, name: str) -> Init | None:
    """How torch begins this tensor; None for what is no rule of ours."""
    if op.kind in _LINEAR:
        own: dict[str, Init] = {
            "weight": FanInUniform(),
            "in_proj_weight": FanInUniform(),
            "in_proj_bias": ZEROS,
        }
        return own.get(name)
    if op.kind == "prelu":
        return Constant(value=0.25)
    return ONES if name == "weight" else ZEROS


def _line(tensor: Tensor) -> Line:
    target, init = f"module.{tensor.name}" if tensor.name else "tensor", tensor.init
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

"""The table of ops: what each is in ONNX, in inference."""

from __future__ import annotations

from typing import Any

from resdsl_onnx import rows_exact as exact
from resdsl_onnx import rows_layers as layers
from resdsl_onnx import rows_tensors as tensors
from resdsl_onnx import rows_windows as windows
from resdsl_onnx.rows_tensors import Row, merged, nothing, reduced, same
from resdsl_onnx.writer import Scope

TABLE: dict[str, Row] = {
    "conv": layers.conv,
    "conv_transpose": layers.conv_transpose,
    "fc": layers.fc,
    "bn": layers.bn,
    "ln": layers.ln,
    "gn": layers.gn,
    "instance_norm": layers.instance_norm,
    "lrn": layers.lrn,
    "layer_scale": layers.layer_scale,
    "class_token": layers.class_token,
    "position_embedding": layers.position_embedding,
    "attention": layers.attention,
    "maxpool": windows.maxpool,
    "avgpool": windows.avgpool,
    "gap": windows.gap,
    "adaptive_avgpool": windows.adaptive_avgpool,
    "adaptive_maxpool": windows.adaptive_maxpool,
    "resize": windows.resize,
    "crop": tensors.crop,
    "relu": same("Relu"),
    "relu6": tensors.relu6,
    "leaky_relu": tensors.leaky_relu,
    "prelu": tensors.prelu,
    "sigmoid": same("Sigmoid"),
    "hardsigmoid": same("HardSigmoid", alpha=1 / 6, beta=0.5),
    "hardswish": same("HardSwish"),
    "silu": tensors.silu,
    "gelu": tensors.gelu,
    "tanh": same("Tanh"),
    "softmax": tensors.softmax,
    "dropout": nothing,
    "drop_path": nothing,
    "affine": tensors.affine,
    "add": merged("Add", "Sum"),
    "mul": merged("Mul"),
    "maximum": merged("Max", "Max"),
    "concat": tensors.concat,
    "flatten": tensors.flatten,
    "slice": tensors.slice_,
    "channel_shuffle": tensors.channel_shuffle,
    "subsample": tensors.subsample,
    "pad_channels": tensors.pad_channels,
    "zero_pad": tensors.zero_pad,
    "tokens": tensors.tokens,
    "token": tensors.token,
    "channel_mean": reduced("ReduceMean"),
    "channel_max": reduced("ReduceMax"),
}

EXACT: dict[str, Row] = {
    "bn": exact.bn,
    "ln": exact.ln,
    "gn": exact.gn,
    "instance_norm": exact.instance_norm,
    "lrn": layers.lrn_by_matrix,
    "leaky_relu": exact.leaky_relu,
    "hardsigmoid": exact.hardsigmoid,
    "hardswish": exact.hardswish,
    "gelu": exact.gelu,
    "resize": windows.resize_by_matrices,
}
"""In float64: what has numbers in attributes otherwise, which are float32."""


def lower(scope: Scope, dtype: str) -> Any:
    """The value that one op makes."""
    kind = scope.op.kind
    if kind not in TABLE:
        raise NotImplementedError(f"the onnx backend has no row for the op `{kind}`")
    row = EXACT.get(kind, TABLE[kind]) if dtype == "float64" else TABLE[kind]
    return row(scope.op, scope)

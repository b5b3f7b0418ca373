"""Ops that are one tensor and nothing else, and labels that are no words: the parameter has the
name, in every framework and in files.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax.numpy as jnp
import pytest
import torch
from resdsl_flax import backend as flax
from resdsl_torch import backend as torch_backend

import resdsl
from resdsl import frameworks
from tests.backends.flax_pairs import native_after_moving
from tests.backends.nets import image

TEXT = """
model m
input image: 3x8x8
share twice = layer_scale(0.5)
conv(8, 2, stride=2, pad=valid)
twice
"a-b": conv(8, 1) -> twice
type: layer_scale(0.25)
scales: layer_scale(2) x2
units: unit x3
other: unit(false)
"7": layer_scale
tokens
class_token: class_token
enc: {
  pos: position_embedding
  attn: attention(2)
  layer_scale(3)
}
token(0)
"x-1": fc(3)
output y
block unit(scaled = true) {
  add {
    | fc(16, flatten=false) -> relu -> fc(8, flatten=false)
      if scaled { gamma: layer_scale(0.1) }
    | identity
  }
}
"""
BARE = {
    "twice": (8, 1, 1), "type": (8, 1, 1), "scales.0": (8, 1, 1), "scales.1": (8, 1, 1),
    "units.0.gamma": (8, 1, 1), "units.1.gamma": (8, 1, 1), "units.2.gamma": (8, 1, 1),
    "7": (8, 1, 1), "class_token": (1, 1, 8), "enc.pos": (1, 17, 8), "enc.layer_scale1": (8,),
}  # fmt: skip
NET = resdsl.loads(TEXT)


def test_the_paths_of_the_state_dict() -> None:
    state = NET.build("torch").state_dict()
    shapes = {name.replace("type_", "type"): tuple(t.shape) for name, t in state.items()}
    assert {path: shapes.get(path) for path in BARE} == BARE
    assert frameworks.net_shapes(NET.ir) == shapes
    assert "type_" in state
    assert "a-b.conv1.weight" in state
    assert "x-1.weight" in state


def test_the_source_is_as_people_write_it() -> None:
    text = NET.source("torch")
    for line in (
        "self.class_token = nn.Parameter(torch.zeros(1, 1, 8))",
        "self.pos = nn.Parameter(torch.empty(1, 17, 8).normal_(std=0.02))",
        "x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1)",
        "x = self.attn(x + self.pos)",
        "return x * self.layer_scale1",
        "self.gamma = nn.Parameter(torch.full((8, 1, 1), 0.1)) if scaled else None",
        'self.register_parameter("7", nn.Parameter(torch.full((8, 1, 1), 1e-6)))',
        'self.add_module("x-1", nn.Linear(8, 3))',
        'return self.get_submodule("x-1")(x)',
    ):
        assert f"        {line}\n" in text, line
    text = NET.source("flax")
    for line in (
        "self.class_token = nnx.Param(jnp.zeros((1, 8), param_dtype))",
        "return x * self.layer_scale1[...].astype(x.dtype)",
        'setattr(self, "7", nnx.Param(jnp.full((1, 1, 8), 1e-6, param_dtype)))',
        'return getattr(self, "x-1")(x)',
    ):
        assert f"        {line}\n" in text, line


def test_all_frameworks_agree() -> None:
    proof = NET.verify()
    assert proof.ok
    compared = {row.name for row in proof.rows}
    assert {"twice", "type", "scales", "7", "class_token", "x-1"} <= compared


def test_they_begin_as_they_are_told() -> None:
    lines = (
        "init scales.1 = 0.25\ninit class_token = normal(0.5)\ninit enc.pos = he_normal(fan_in)\n"
        'init gamma = uniform(0.125)\ninit attention = normal(0.5)\ninit "7" = 0\n'
    )
    net = resdsl.loads(TEXT.replace("block unit", f"{lines}block unit"))
    torch.manual_seed(0)
    trees = [net.weights(net.build("torch")), net.weights(net.build("flax", repeat="scan"))]
    trees += [net.weights(_constructed(net)), _of_onnx(net)]
    for tree in trees:
        assert (tree["scales.0"] == 2).all()
        assert (tree["scales.1"] == 0.25).all()
        assert (tree["twice"] == 0.5).all()
        assert (tree["7"] == 0).all()
        assert 0.1 < tree["class_token"].std() < 1.5
        assert 0.7 < tree["enc.pos"].std() / (2 / (17 * 8)) ** 0.5 < 1.3
        assert 0.01 < abs(tree["units.2.gamma"]).max() <= 0.125
        assert not (tree["units.2.gamma"] == tree["units.1.gamma"]).any()
        assert 0.3 < tree["enc.attn.in_proj_weight"].std() < 0.7
        assert not tree["enc.attn.in_proj_bias"].any()
    with pytest.raises(ValueError, match="fan of a vector"):
        resdsl.loads("input x: [5]\nlayer_scale\ninit layer_scale = he_normal\n").build("flax")


def _constructed(net: resdsl.Network) -> Any:
    from flax import nnx

    from resdsl.codegen.load import load_module

    module = load_module(net.source("flax"), net.name, "flax")
    return module.M(rngs=nnx.Rngs(0))


def _of_onnx(net: resdsl.Network) -> dict[str, Any]:
    import onnx

    source = net.source("onnx")
    assert isinstance(source, bytes)
    tensors = onnx.load_from_string(source).graph.initializer
    return {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in tensors}


@pytest.mark.parametrize("repeat", ["unroll", "scan"])
def test_weights_move_between_models_and_files(repeat: str, tmp_path: Path) -> None:
    native = native_after_moving(NET, repeat, tmp_path / "flax")
    assert native["scales.0"] == native["type"] == (1, 1, 8)
    assert native["class_token"] == (1, 8)
    assert native["enc.pos"] == (17, 8)
    assert native["enc.attn.kernel"] == (8, 24)


def test_files_of_flax_have_the_names_of_its_state() -> None:
    from flax import nnx

    state = nnx.to_flat_state(nnx.state(NET.build("flax", repeat="unroll"), nnx.Param))
    names = {".".join(map(str, path)): variable.shape for path, variable in state}
    layouts = flax.layouts(NET.ir)
    own = frameworks.net_shapes(NET.ir)
    assert {at.name: at.native_shape(own[path]) for path, at in layouts.items()} == names
    assert torch_backend.layouts(NET.ir)["type"].name == "type_"


def test_a_block_of_bare_tensors_keeps_the_dtype_of_what_comes() -> None:
    model = NET.build("flax", dtype="bfloat16")
    assert model(jnp.zeros((2, 8, 8, 3))).dtype == jnp.bfloat16
    assert NET.build("torch", dtype=torch.bfloat16)(image(2, 3, 8, 8).bfloat16()).dtype == (
        torch.bfloat16
    )


def test_a_foreign_model_s_bare_tensors_are_found() -> None:
    class Foreign(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gamma = torch.nn.Parameter(torch.ones(8))
            self.cls = torch.nn.Parameter(torch.zeros(8))
            self.place = torch.nn.Parameter(torch.zeros(5, 8))
            self.mix = torch.nn.Parameter(torch.zeros(8, 24))
            self.end = torch.nn.Linear(8, 8, bias=False)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = (x.permute(0, 2, 3, 1) * self.gamma).flatten(1, 2)
            x = torch.cat([self.cls.expand(len(x), 1, 8), x], 1) + self.place
            q, k, v = (x @ self.mix).unflatten(2, (3, 2, 4)).permute(2, 0, 3, 1, 4)
            x = torch.nn.functional.scaled_dot_product_attention(q, k, v)
            return self.end(x.transpose(1, 2).flatten(2))

    net = resdsl.loads(
        "input image: 8x2x2\nscale: layer_scale\ntokens\nclass_token: class_token\n"
        "pos: position_embedding\n"
        "attention: attention(2, false, false)\n"
    )
    keys = net.adopt(Foreign())
    paths = {key: route.path for key, route in keys.weights.items()}
    assert paths == {
        "gamma": "scale", "cls": "class_token", "place": "pos",
        "mix": "attention.in_proj_weight", "end.weight": "attention.out_proj.weight",
    }  # fmt: skip


def test_torch_s_tools_take_them() -> None:
    model = NET.build("torch").eval()
    x = image(3, 3, 8, 8)
    batch = torch.export.Dim("batch", min=1, max=64)
    exported = torch.export.export(model, (x,), dynamic_shapes=({0: batch},)).module()
    traced = torch.fx.symbolic_trace(model)
    for other in (exported, traced):
        assert torch.allclose(other(x[:2]), model(x[:2]), atol=1e-5)

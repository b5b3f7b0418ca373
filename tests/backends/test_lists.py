"""Labels that are items of a list, `convs.0`: a list of the module that they stand in, and the
paths that people know from lists of theirs.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from resdsl_flax import backend as flax

import resdsl
from resdsl import ResdslError, frameworks
from tests.backends.flax_pairs import native_after_moving

TEXT = """
model m
input image: 4x8x8
for i in range(3) {
  "convs.{i}": conv(4)
  let act = relu if i == 0 else prelu(slope=0.25 * i)
  "acts.{i}": act
}
"scales.0": layer_scale(1)
"scales.1": layer_scale(1)
"units.0": unit x2
"units.1": conv(4) -> relu
"0": conv(4)
more: twice -> twice
less: some(1)
all: some(3)
add { | | @"convs.1" }
gap -> fc(3)
output y
block unit { conv_bn_act(4) }
block twice { "c.0": conv(4, 1) -> relu }
block some(n) {
  for i in range(n) {
    "d.{i}": conv(4, 1)
    relu
  }
}
"""
NET = resdsl.loads(TEXT)
PATHS = [
    "convs.0.weight", "convs.0.bias", "convs.1.weight", "convs.2.bias",
    "acts.1.weight", "acts.2.weight", "scales.0", "scales.1",
    "units.0.0.conv1.weight", "units.0.1.conv1.weight", "units.1.conv1.weight", "0.weight",
    "more.c.0.conv1.weight", "more.c.1.conv1.weight",
    "less.d.0.weight", "all.d.0.weight", "all.d.1.weight", "all.d.2.weight",
]  # fmt: skip


def test_the_paths_are_those_of_lists() -> None:
    paths = frameworks.net_shapes(NET.ir)
    assert set(PATHS) <= paths.keys()
    state = NET.build("torch").state_dict()
    assert {k: tuple(v.shape) for k, v in state.items() if "batches" not in k} == paths


def test_the_source_is_as_people_write_it() -> None:
    text = NET.source("torch")
    for line in (
        "self.convs = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(3))",
        "        nn.Identity(),",
        "out = self.acts[2](out) * self.scales[0] * self.scales[1]",
        "        *([nn.Conv2d(4, 4, 1) for _ in range(2)] if n != 1 else []),",
        "out = self.convs[2](self.acts[1](x))",
    ):
        assert f"        {line}\n" in text, line
    assert "self.convs = nnx.List(\n" in NET.source("flax")


def test_all_frameworks_agree() -> None:
    proof = NET.verify()
    assert proof.ok
    assert {"convs", "acts", "scales", "units", "more", "all"} <= {row.name for row in proof.rows}


@pytest.mark.parametrize("repeat", ["unroll", "scan"])
def test_weights_move_between_models_and_files(repeat: str, tmp_path: Path) -> None:
    native = native_after_moving(NET, repeat, tmp_path / "flax")
    assert native["units.0.layers.1.conv1.kernel"] == (3, 3, 4, 4)


def test_files_of_flax_have_the_names_of_its_state() -> None:
    from flax import nnx

    state = nnx.to_flat_state(nnx.state(NET.build("flax", repeat="unroll"), nnx.Param))
    names = {".".join(map(str, path)): variable.shape for path, variable in state}
    own = frameworks.net_shapes(NET.ir)
    found = {at.name: at.native_shape(own[path]) for path, at in flax.layouts(NET.ir).items()}
    assert names.items() <= found.items()


def test_they_begin_as_they_are_told() -> None:
    lines = "init convs.1 = 0.5\ninit acts = 0.75\ninit units.0 = 0\n"
    net = resdsl.loads(TEXT.replace("block unit", f"{lines}block unit"))
    for tree in (net.weights(net.build("torch")), net.weights(net.build("flax"))):
        assert (tree["convs.1.weight"] == 0.5).all()
        assert (tree["acts.1.weight"] == tree["acts.2.weight"]).all()
        assert (tree["acts.2.weight"] == 0.75).all()
        assert not tree["units.0.1.conv1.weight"].any()
        assert tree["convs.0.weight"].std() > 0.1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"c.1": relu', "the next item of the list `c` is `c.0`"),
        ('"c.0": relu\n"c.2": relu', "the next item of the list `c` is `c.1`"),
        ('"c.0": relu\nc: relu', "`c` is defined twice"),
        ('c: relu\n"c.0": relu', "`c` is defined twice"),
        ('"c.0": relu\n"c.0": relu', r"`c\.0` is defined twice"),
        ('"c.x": relu', "a label has letters"),
        ('"c.0.1": relu', "a label has letters"),
        ('"c.": relu', "a label has letters"),
    ],
)
def test_what_is_no_item(text: str, said: str) -> None:
    with pytest.raises(ResdslError, match=said):
        resdsl.loads(f"input x: 3x8x8\n{text}\n")


def test_a_label_of_the_body_wins_over_a_list_of_an_inlined_block() -> None:
    net = resdsl.loads('input x: 4x8x8\nb\nc: conv(4)\nb\nblock b { "c.0": conv(4, 1) -> relu }\n')
    own = [path for path in frameworks.net_shapes(net.ir) if path.endswith("weight")]
    assert own == ["c2.0.conv1.weight", "c.weight", "c2.1.conv1.weight"]

"""Weight sharing, several inputs and outputs, and models as blocks: against plain torch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import resdsl
from tests.backends.compare import assert_equal_models, by_position
from tests.backends.references import sharing

RECURRENT = """
model recurrent
input image: 3x19x23
stem: conv(8)
share u = conv_bn_act(8)
u x3
output y
"""
PYRAMID = """
use resnet18 from "resnet18.res"
model trunk = resnet18 { drop head, logits }
model pyramid {
  input image: 3x157x211  # no multiples of 32: the path down resizes to what it meets
  body: trunk
  lateral5: @body.conv5_x -> conv(64, 1)
  lateral4: @body.conv4_x -> conv(64, 1)
  lateral3: @body.conv3_x -> conv(64, 1)
  merged4: @lateral4 -> top_down(@lateral5)
  merged3: @lateral3 -> top_down(@merged4)
  share head = conv_relu(64)
  output p5: @lateral5 -> head
  output p4: @merged4 -> head
  output p3: @merged3 -> head
}
"""
BAD_SHARE = """
model bad_share
input image: 3x32x32
share c = conv(16)
c -> c
output y
"""


def images(*shapes: tuple[int, ...], batch: int = 2) -> list[Tensor]:
    made = torch.Generator().manual_seed(1)
    return [torch.randn(batch, *s, generator=made, dtype=torch.float64) for s in shapes]


def macs(model: nn.Module, inputs: list[Tensor]) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.eval()(*[x[:1] for x in inputs])
    return counter.get_total_flops() // 2


NETS = {
    "examples/siamese": (sharing.Siamese, [(3, 96, 96), (3, 64, 128)]),
    "examples/two_view": (sharing.TwoView, [(3, 64, 64), (3, 64, 64)]),
    "pyramid": (sharing.Pyramid, [(3, 157, 211)]),
    "examples/exchange_net": (sharing.HighResolution, [(3, 64, 64)]),
    "examples/shared_dilation": (sharing.Trident, [(3, 32, 32)]),
    "examples/two_headed": (sharing.TwoHeads, [(3, 64, 64)]),
    "recurrent": (sharing.Recurrent, [(3, 19, 23)]),
}
TEXTS = {"pyramid": PYRAMID, "recurrent": RECURRENT}


def load(name: str) -> resdsl.Network:
    return resdsl.loads(TEXTS[name], name=name) if name in TEXTS else resdsl.load(name)


@pytest.mark.parametrize("name", NETS)
def test_it_equals_plain_torch(name: str) -> None:
    make, shapes = NETS[name]
    ours = load(name).build("torch", dtype=torch.float64)
    theirs = make().double()
    assert_equal_models(ours, theirs, images(*shapes), names=by_position(ours, theirs))


@pytest.mark.parametrize("name", NETS)
def test_sharing_counts_parameters_once_and_macs_for_every_use(name: str) -> None:
    make, shapes = NETS[name]
    theirs = make().double()
    stats = load(name).stats()
    assert stats.params == sum(p.numel() for p in theirs.parameters())
    assert stats.macs == macs(theirs, images(*shapes))


def test_shared_weights_are_one_tensor_with_both_gradients() -> None:
    model = load("examples/siamese").build("torch", dtype=torch.float64)
    names = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    assert len(names) == len(set(names)) == len(model.state_dict()) - len(list(model.buffers()))
    assert sum("conv1.conv1.weight" in name for name in names) == 1


@pytest.mark.parametrize("name", ["examples/two_view", "pyramid", "examples/two_headed"])
def test_several_outputs_are_a_named_tuple_in_the_order_of_the_text(name: str) -> None:
    network = load(name)
    _, shapes = NETS[name]
    result = network.build("torch", dtype=torch.float64).eval()(*images(*shapes))
    assert isinstance(result, tuple)
    assert list(result._fields) == [o.name for o in network.ir.main.outputs]


def test_a_shared_instance_with_weights_of_another_shape() -> None:
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads(BAD_SHARE).stats()
    found = caught.value.diagnostics[0]
    assert found.code == "E330"
    assert found.span is not None
    assert (
        found.span.source.position(found.span.start)[0]
        == BAD_SHARE.splitlines().index("c -> c") + 1
    )
    assert "16x3x3x3" in str(found) or "3" in found.message


def test_a_share_inside_a_block_is_new_for_every_call_of_the_block() -> None:
    text = """
model m
input image: 8x12x12
a: twice
b: twice
output out
block twice { share u = conv(8)
u x2 }
"""
    network = resdsl.loads(text)
    one = 8 * 8 * 9 + 8
    assert network.stats().params == 2 * one
    assert network.stats().macs == 4 * 8 * 8 * 9 * 144
    model = network.build("torch")
    assert list(model.state_dict()) == ["a.u.weight", "a.u.bias", "b.u.weight", "b.u.bias"]


def test_a_model_as_a_step_takes_other_heights_and_widths_but_not_other_channels() -> None:
    model = "model inner {\ninput image: 3x32x32\nc: conv(4, stride=2)\noutput y\n}\n"
    text = "model outer {{\ninput image: {}\ninner: inner\noutput y\n}}\n"
    network = resdsl.loads(model + text.format("3x21x17"), name="outer")
    assert network.build("torch")(torch.zeros(1, 3, 21, 17)).shape == (1, 4, 11, 9)
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads(model + text.format("5x32x32"), name="outer").stats()
    assert caught.value.diagnostics[0].code == "E320"

"""Normalisations: shapes, weights and buffers are torch's."""

from __future__ import annotations

import pytest
import torch.nn.functional as F
from torch import Tensor, nn

from resdsl.ir.init import ONES, ZEROS
from resdsl.ir.op import Window
from resdsl.ops.norm import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, LocalResponseNorm
from tests.ops.torch_says import agree, make, refuses, rejects

VECTOR, SEQUENCE, IMAGE = (12,), (7, 12), (6, 13, 11)


class ChannelLayerNorm(nn.LayerNorm):
    """ConvNeXt's LayerNorm2d."""

    def forward(self, x: Tensor) -> Tensor:
        y = F.layer_norm(
            x.permute(0, 2, 3, 1), self.normalized_shape, self.weight, self.bias, self.eps
        )
        return y.permute(0, 3, 1, 2)


NORMS = {
    "bn": (BatchNorm(), nn.BatchNorm2d(6), IMAGE),
    "bn by position": (make("bn", 1e-3, 0.01), nn.BatchNorm2d(6, 1e-3, 0.01), IMAGE),
    "bn not affine": (BatchNorm(affine=False), nn.BatchNorm2d(6, affine=False), IMAGE),
    "bn vector": (BatchNorm(), nn.BatchNorm1d(12), VECTOR),
    "ln image": (LayerNorm(eps=1e-6), ChannelLayerNorm(6), IMAGE),
    "ln image not affine": (
        LayerNorm(affine=False),
        ChannelLayerNorm(6, elementwise_affine=False),
        IMAGE,
    ),
    "ln sequence": (make("ln", 1e-6), nn.LayerNorm(12), SEQUENCE),
    "ln vector": (LayerNorm(), nn.LayerNorm(12), VECTOR),
    "gn": (make("gn", 3), nn.GroupNorm(3, 6), IMAGE),
    "gn not affine": (GroupNorm(groups=2, affine=False), nn.GroupNorm(2, 6, affine=False), IMAGE),
    "gn vector": (GroupNorm(groups=4, eps=1e-3), nn.GroupNorm(4, 12), VECTOR),
    "gn default": (GroupNorm(), nn.GroupNorm(32, 64), (64, 3, 3)),
    "instance": (InstanceNorm(), nn.InstanceNorm2d(6, affine=True), IMAGE),
    "instance not affine": (make("instance_norm", 1e-3, False), nn.InstanceNorm2d(6), IMAGE),
    "lrn": (LocalResponseNorm(), nn.LocalResponseNorm(5), IMAGE),
    "lrn all": (make("lrn", 4, 0.5, 0.6, 2), nn.LocalResponseNorm(4, 0.5, 0.6, 2), IMAGE),
}


@pytest.mark.parametrize("name", NORMS)
def test_norm(name: str) -> None:
    op, plain, x = NORMS[name]
    agree(op, plain, x)
    state = [k for k in plain.state_dict() if k != "num_batches_tracked"]
    assert list(op.weights(x)) == state, "in the order of a state dict"


def test_inits_and_roles() -> None:
    weights = BatchNorm().weights(IMAGE)
    assert [w.init for w in weights.values()] == [ONES, ZEROS, ZEROS, ONES]
    assert [w.role for w in weights.values()] == ["trainable"] * 2 + ["buffer"] * 2
    for op in (LayerNorm(), GroupNorm(groups=3), InstanceNorm()):
        assert [w.init for w in op.weights(IMAGE).values()] == [ONES, ZEROS]


def test_windows() -> None:
    for op in (BatchNorm(), LayerNorm(), LocalResponseNorm()):
        assert op.window((IMAGE,)) == (Window(), Window())
    for op in (GroupNorm(groups=3), InstanceNorm()):
        assert op.window((IMAGE,)) == (Window(0), Window(0))


def test_refusals() -> None:
    refuses(BatchNorm(), SEQUENCE, field=None, says="`bn` takes a vector (D) or an image (CxHxW)")
    refuses(GroupNorm(groups=3), SEQUENCE, field=None, says="got 7x12")
    refuses(InstanceNorm(), VECTOR, field=None, says="takes an image")
    refuses(InstanceNorm(), (6, 1, 1), field=None, says="needs more than one position, got 6x1x1")
    refuses(LocalResponseNorm(), SEQUENCE, field=None, says="takes an image")
    says = "channels (=6) must be divisible by `groups` (=32)"
    refuses(GroupNorm(), IMAGE, field="groups", says=says)
    says = "`gn` needs more than one element in a group, got 6x1x1 in 6"
    refuses(GroupNorm(groups=6), (6, 1, 1), field="groups", says=says)


@pytest.mark.parametrize("kind", ["bn", "ln", "gn", "instance_norm"])
def test_fields_are_bounded(kind: str) -> None:
    for field, value in [
        ("eps", -1e-5), ("eps", float("inf")), ("eps", "1"), ("eps", True), ("affine", 1),
    ]:  # fmt: skip
        rejects(kind, field, **{field: value})


def test_further_fields_are_bounded() -> None:
    rejects("bn", "momentum", momentum=1.5)
    rejects("bn", "momentum", momentum=-0.1)
    rejects("gn", "groups", groups=0)
    rejects("lrn", "size", size=0)
    rejects("lrn", "size", size=5.0)
    for field in ("alpha", "beta", "k"):
        rejects("lrn", field, **{field: float("nan")})

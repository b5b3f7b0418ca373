"""Linear layers and attention: shapes, weights and multiply-adds are torch's."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from resdsl.ir.init import Constant, FanInUniform, Normal, XavierNormal
from resdsl.ir.op import Window
from resdsl.ops.dense import Fc
from resdsl.ops.tokens import Attention, ClassToken, PositionEmbedding, Token, Tokens
from tests.ops.torch_says import agree, make, refuses, rejects

VECTOR, SEQUENCE, IMAGE = (12,), (7, 12), (6, 3, 5)


class Flat(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.flatten(1))


class Pointwise(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, 3)).movedim(3, 1)


def test_fc() -> None:
    agree(make("fc", 5), nn.Linear(12, 5), VECTOR)
    agree(Fc(out=5), nn.Linear(12, 5), SEQUENCE)
    agree(Fc(out=5), Flat(90, 5), IMAGE)
    agree(make("fc", 5, False), nn.Linear(12, 5, bias=False), VECTOR)
    agree(Fc(out=5, flatten=False), Pointwise(6, 5), IMAGE)
    agree(Fc(out=5, flatten=False), nn.Linear(12, 5), SEQUENCE)


def test_fc_s_inits() -> None:
    inits = [w.init for w in Fc(out=5).weights(VECTOR).values()]
    assert inits == [FanInUniform(), Constant(value=0.0)]
    assert Fc(out=5, init=XavierNormal()).weights(VECTOR)["weight"].init == XavierNormal()


def test_fc_sees_everything_but_other_tokens_and_positions() -> None:
    assert Fc(out=5).window((IMAGE,)) == (Window(0), Window(0))
    assert Fc(out=5).window((VECTOR,)) == (Window(0), Window(0))
    assert Fc(out=5).window((SEQUENCE,)) == (Window(), Window())
    assert Fc(out=5, flatten=False).window((IMAGE,)) == (Window(), Window())


class PlainAttention(nn.Module):
    """With the names of torch's `MultiheadAttention`, which has one `bias` for both."""

    def __init__(self, width: int, heads: int, qkv_bias: bool, proj_bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.zeros(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width)) if qkv_bias else None
        self.out_proj = nn.Linear(width, width, bias=proj_bias)

    def forward(self, x: Tensor) -> Tensor:
        b, n, d = x.shape
        qkv = nn.functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        q, k, v = qkv.reshape(b, n, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) / (d // self.heads) ** 0.5).softmax(-1)
        return self.out_proj((weights @ v).transpose(1, 2).reshape(b, n, d))


@pytest.mark.parametrize("heads", [1, 3, 12])
@pytest.mark.parametrize("qkv_bias", [True, False])
@pytest.mark.parametrize("proj_bias", [True, False])
def test_attention(heads: int, qkv_bias: bool, proj_bias: bool) -> None:
    op = make("attention", heads, qkv_bias, proj_bias)
    plain = PlainAttention(12, heads, qkv_bias, proj_bias)
    agree(op, plain, SEQUENCE)
    assert list(op.weights(SEQUENCE)) == list(plain.state_dict())
    assert op.window((SEQUENCE,)) == (Window(0), Window(0))


@pytest.mark.parametrize("bias", [True, False])
def test_attention_has_the_weights_of_torch_s(bias: bool) -> None:
    state = nn.MultiheadAttention(12, 3, bias=bias).state_dict()
    ours = Attention(heads=3, qkv_bias=bias, proj_bias=bias).weights(SEQUENCE)
    assert {k: w.shape for k, w in ours.items()} == {k: tuple(v.shape) for k, v in state.items()}


class WithClassToken(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, 12))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.token.expand(len(x), -1, -1), x], 1)


class WithPositions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.zeros(1, 7, 12))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.embedding


def test_tokens() -> None:
    agree(Tokens(), lambda x: x.flatten(2).transpose(1, 2), IMAGE)
    agree(make("token", 3), lambda x: x[:, 3], SEQUENCE)
    agree(Token(), lambda x: x[:, 0], SEQUENCE)
    agree(ClassToken(), WithClassToken(), SEQUENCE)
    agree(PositionEmbedding(), WithPositions(), SEQUENCE)
    assert ClassToken().weights(SEQUENCE)[""].init == Constant(value=0.0)
    assert PositionEmbedding().weights(SEQUENCE)[""].init == Normal(std=0.02)


def test_refusals() -> None:
    says = "channels (=12) must be divisible by `heads` (=5)"
    refuses(Attention(heads=5), SEQUENCE, field="heads", says=says)
    says = "`index` (=7) must be below the tokens (=7) of 7x12"
    refuses(Token(index=7), SEQUENCE, field="index", says=says)
    refuses(Tokens(), SEQUENCE, field=None, says="takes an image (CxHxW), got 7x12")
    for kind, fields in {
        "attention": {"heads": 3}, "token": {}, "class_token": {}, "position_embedding": {},
    }.items():  # fmt: skip
        refuses(make(kind, **fields), IMAGE, field=None, says="takes a sequence (NxD), got 6x3x5")


def test_fields_are_bounded() -> None:
    rejects("fc", "out", out=0)
    rejects("fc", "out", out=10**9)
    rejects("fc", "bias", out=5, bias=0)
    rejects("fc", "init", out=5, init="glorot")
    rejects("attention", "heads", heads=0)
    rejects("attention", "heads", heads=10**9)
    rejects("attention", "qkv_bias", heads=3, qkv_bias="x")
    rejects("attention", "proj_bias", heads=3, proj_bias=2)
    rejects("token", "index", index=-1)
    rejects("token", "index", index=10**9)

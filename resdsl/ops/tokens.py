"""Sequences of tokens: from image to sequence, and attention. (Dosovitskiy et al. 2021, ViT.)"""

from __future__ import annotations

from resdsl.diagnostics import RuleError
from resdsl.ir.init import ZEROS, FanInUniform, Normal
from resdsl.ir.op import Flag, Natural, Op, PositiveInt, Weight, Window, need_rank
from resdsl.ir.shape import Shape, show


class Tokens(Op):
    """Positions as tokens, row by row. In: C x H x W. Out: (H W) x C."""

    kind = "tokens"

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 3)
        return x[1] * x[2], x[0]


class Token(Op):
    """Token `index` (from 0) alone. In: N x D. Out: D."""

    kind = "token"

    index: Natural = 0

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 2)
        if self.index >= x[0]:
            raise RuleError(
                f"`index` (={self.index}) must be below the tokens (={x[0]}) of {show(x)}",
                field="index",
            )
        return x[1:]


class ClassToken(Op):
    """A learnt token, 1 x 1 x D, before all others. In: N x D. Out: (1 + N) x D.

    (Devlin et al. 2019.)
    """

    kind = "class_token"
    bare = True

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 2)
        return 1 + x[0], x[1]

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": Weight((1, 1, *inputs[0][1:]), ZEROS)}


class PositionEmbedding(Op):
    """Adds a learnt vector to each token, 1 x N x D in all. In and out: N x D."""

    kind = "position_embedding"
    bare = True

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 2)
        return x

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        return {"": Weight((1, *inputs[0]), Normal(std=0.02))}


class Attention(Op):
    """Multi-head self-attention, out_proj(concat over heads of softmax(q k^T / sqrt(D / heads)) v).

    In and out: N x D. `in_proj_weight` and `in_proj_bias` make the queries of all heads, then their
    keys, then their values; `out_proj` joins the heads: the names of torch's `MultiheadAttention`.
    (Vaswani et al. 2017, section 3.2.)
    """

    kind = "attention"
    weighted_layers = 2  # in_proj, then out_proj

    heads: PositiveInt
    qkv_bias: Flag = True
    proj_bias: Flag = True

    def infer(self, *inputs: Shape) -> Shape:
        (x,) = inputs
        need_rank(self, x, 2)
        if x[1] % self.heads:
            raise RuleError(
                f"channels (={x[1]}) must be divisible by `heads` (={self.heads})", field="heads"
            )
        return x

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        d = inputs[0][1]
        return (
            {"in_proj_weight": Weight((3 * d, d), FanInUniform())}
            | ({"in_proj_bias": Weight((3 * d,), ZEROS)} if self.qkv_bias else {})
            | {"out_proj.weight": Weight((d, d), FanInUniform())}
            | ({"out_proj.bias": Weight((d,), ZEROS)} if self.proj_bias else {})
        )

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        n, d = output
        linear = n * d * 3 * d + n * d * d
        return linear + 2 * n * n * d  # q k^T, and its product with v

    def window(self, inputs: tuple[Shape, ...]) -> tuple[Window, Window]:
        return Window(size=0), Window(size=0)

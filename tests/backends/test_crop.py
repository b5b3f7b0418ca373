"""Files of a net that crops take images of other sizes than the one they were written for."""

from __future__ import annotations

import pytest
import torch

import resdsl
from tests.backends.flax_pairs import assert_same_outputs, double

ACROSS = """
model net
input image: 1x20x23
whole: tanh
conv(2, 3, pad=valid)
across(@whole)
output sides
crop(size=9x10)
output middle

block across(from: tensor) {
  concat { | @from -> crop(like=@in) | identity }
}
"""


def test_at_other_sizes() -> None:
    model = resdsl.loads(ACROSS).build("torch", dtype=torch.float64).eval()
    traced = torch.fx.symbolic_trace(model)
    for height, width in ((20, 23), (11, 12), (16, 30)):
        x = torch.randn(2, 1, height, width, dtype=torch.float64)
        sides, middle = model(x)
        assert torch.equal(sides[:, :1], x.tanh()[:, :, 1:-1, 1:-1])
        top, left = (height - 2 - 9) // 2, (width - 2 - 10) // 2
        assert torch.equal(middle, sides[:, :, top : top + 9, left : left + 10])
        assert torch.equal(traced(x)[1], middle)


def test_nothing_grows() -> None:
    model = resdsl.loads(ACROSS).build("torch").eval()
    with pytest.raises(RuntimeError, match="exceeds dimension"):
        model(torch.zeros(1, 1, 10, 23))


def test_torch_and_flax_agree() -> None:
    with double():
        assert_same_outputs(resdsl.loads(ACROSS))

"""Small nets that the tests of the PyTorch backend share."""

from __future__ import annotations

import torch
from torch import Tensor

SMALL = """
model small
param classes = 7
input image: 3x33x35
stem: conv_bn_act(8)
stage one: basic(8) x2
stage two: basic(16) x2 stride 2
head: gap -> dropout(0.5) -> fc(classes)
output logits
"""
WITH_AUX = """
model with_aux
input image: 3x17x17
stage one: conv_bn_act(8)
output aux(loss_weight=0.3, when=train): @one -> gap -> fc(4)
stage two: conv_bn_act(12, stride=2)
output scores: gap -> fc(5)
output map: @two
"""


def image(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(3))

"""Nets that use the blocks of each file of the standard library, in all of their ways.

A block is looked into where it is used, so that a mutant of a file of blocks is judged with the net
of that file behind it.
"""

from __future__ import annotations

CALLS = {
    "attention": """
      squeeze_excite -> squeeze_excite(hidden=4, act=silu)
      neg -> one_minus
    """,
    "conv": """
      conv_relu(8) -> conv_bn(8, 3, 2) -> conv_bn_act(8, 1x7, act=silu)
      dwconv -> dwconv(5, 2, multiplier=2) -> identity
    """,
    "dense": """
      dense_layer(8, drop=0.1) x2 -> transition
    """,
    "head": """
      classifier(10, drop=0.1)
    """,
    "inception": """
      inception(8, 8, 8, 8, 8, 8) -> inception(8, 8, 8, 8, 8, 8, unit=conv_bn_act, k5=3)
    """,
    "mobile": """
      separable(16, 2) -> inverted_residual(16, expand=1) -> inverted_residual(16)
      inverted_residual(32, 2, se=squeeze_excite) -> shuffle_unit(64, 2) -> shuffle_unit(64)
    """,
    "modern": """
      convnext_block
      flatten_tokens: tokens -> vit_block(4)
    """,
    "preact": """
      preact_basic(16) -> preact_basic(32, 2, drop=0.1) -> preact_bottleneck(16, 2)
    """,
    "residual": """
      basic(16) -> basic(32, 2) -> basic(64, 2, shortcut=A) -> basic(64, shortcut=C)
      bottleneck(32, 2, shortcut=D) -> bottleneck(32, stride_at=2, groups=4, se=squeeze_excite)
      plain(32, 2)
    """,
}


def net_of(name: str) -> str:
    """A model that uses the blocks of that file."""
    return f"\nmodel calls {{\n      input image: 16x32x32\n{CALLS[name].rstrip()}\n}}\n"

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
      conv_norm_act(8) -> conv_norm_act(8, 1, act=identity)
      dwconv -> dwconv(5, 2, multiplier=2) -> identity
    """,
    "dense": """
      dense_layer(8, drop=0.1) x2 -> transition -> dense_layer(8, bottleneck=0)
    """,
    "head": """
      fcn_head(8, drop=0.2) -> classifier(10, drop=0.1)
    """,
    "highway": """
      highway -> flatten -> fc(8) -> highway(layer=fc, act=tanh)
    """,
    "hrnet": """
      fine: conv(8)
      coarse: conv(16, 3, 2)
      hr_stage([@fine, @coarse], 8, 2)
    """,
    "inception": """
      inception(8, 8, 8, 8, 8, 8) -> inception(8, 8, 8, 8, 8, 8, unit=conv_bn_act, k5=3)
    """,
    "maxout": """
      maxout_unit(8) -> maxout -> flatten -> maxout_unit(9, 3, layer=fc)
    """,
    "mobile": """
      separable(16, 2) -> inverted_residual(16, expand=1) -> inverted_residual(16)
      inverted_residual(32, 2, se=squeeze_excite) -> inverted_residual(32, k=5, drop=0.1)
      shuffle_unit(64, 2) -> shuffle_unit(64)
    """,
    "modern": """
      convnext_block
      flatten_tokens: tokens -> vit_block(4)
    """,
    "nin": """
      mlpconv([8, 8, 4], 5, stride=2, act=silu)
    """,
    "pooling": """
      spatial_pyramid([4, 2, 1]) -> fc(4)
    """,
    "preact": """
      preact_basic(16, first=true) -> preact_basic(32, 2, shortcut=A) -> preact_basic(32, drop=0.1)
      preact_bottleneck(16, 2) -> preact_bottleneck(16, 2, stride_at=2)
    """,
    "pyramid": """
      aspp(16, [2, 3]) -> aspp(16, drop=0.0, norm=ln, act=silu)
      top_down(@image)
      small: conv(8, 3, 2)
      feature_pyramid([@image, @small], 16, extra=subsample(2))
    """,
    "res2net": """
      res2_bottleneck(16) -> res2_bottleneck(16) -> res2_bottleneck(16, 2, base=32, scale=2)
    """,
    "residual": """
      basic(16) -> basic(32, 2) -> basic(64, 2, shortcut=A) -> basic(64, shortcut=C)
      bottleneck(32, 2, shortcut=D) -> bottleneck(32, stride_at=2, groups=4, dilation=2)
      bottleneck(32, se=squeeze_excite)
      plain(32, 2)
    """,
}


def net_of(name: str) -> str:
    """A model that uses the blocks of that file."""
    return f"\nmodel calls {{\n      input image: 16x32x32\n{CALLS[name].rstrip()}\n}}\n"

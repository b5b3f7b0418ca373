"""Modules and functions that torch has not: written into a file that uses them, and only then."""

from __future__ import annotations

import re

LAYER_NORM_2D = '''
class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of an image, at each position alone."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
'''

LAYER_SCALE = '''
class LayerScale(nn.Module):
    """One learnt factor a channel."""

    def __init__(self, features: int, value: float = 1e-6) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((features,), value))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma
'''

LAYER_SCALE_2D = '''
class LayerScale2d(nn.Module):
    """One learnt factor a channel of an image."""

    def __init__(self, features: int, value: float = 1e-6) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((features,), value))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma[:, None, None]
'''

CLASS_TOKEN = '''
class ClassToken(nn.Module):
    """A learnt token before all others."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.token.expand(x.shape[0], 1, -1), x], 1)
'''

POSITION_EMBEDDING = '''
class PositionEmbedding(nn.Module):
    """A learnt vector for each token, added."""

    def __init__(self, tokens: int, dim: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(0.02 * torch.randn(tokens, dim))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.embedding
'''

ATTENTION = '''
class Attention(nn.Module):
    """Multi-head self-attention (Vaswani et al. 2017, section 3.2)."""

    def __init__(self, dim: int, heads: int, qkv_bias: bool = True, proj_bias: bool = True) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=qkv_bias)
        self.proj = nn.Linear(dim, dim, bias=proj_bias)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.qkv(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        x = F.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).flatten(2))
'''

PAD_SAME = '''
def pad_same(
    x: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int],
    dilation: int | tuple[int, int] = 1,
    value: float = 0.0,
) -> Tensor:
    """Pad such that a window makes ceil(size / stride) outputs, the odd row at the end."""
    padding: list[int] = []
    for size, k, s, d in zip(x.shape[2:], *map(_pair, (kernel_size, stride, dilation))):
        total = max((-(-size // s) - 1) * s + d * (k - 1) + 1 - size, 0)
        padding = [total // 2, total - total // 2, *padding]
    return F.pad(x, padding, value=value)
'''

PAIR = """
def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)
"""

CONV_2D_SAME = '''
class Conv2dSame(nn.Conv2d):
    """A convolution padded such that it makes ceil(size / stride) outputs."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(pad_same(x, self.kernel_size, self.stride, self.dilation))
'''

AVG_POOL_2D_SAME = '''
def avg_pool2d_same(
    x: Tensor, kernel_size: int | tuple[int, int], stride: int | tuple[int, int]
) -> Tensor:
    """Average pooling to ceil(size / stride) outputs, over the elements of the image alone."""
    total = F.avg_pool2d(pad_same(x, kernel_size, stride), kernel_size, stride)
    ones = pad_same(torch.ones_like(x[:1, :1]), kernel_size, stride)
    return total / F.avg_pool2d(ones, kernel_size, stride)
'''

MAX_POOL_2D_PADDED = '''
def max_pool2d_padded(
    x: Tensor,
    kernel_size: int | tuple[int, int],
    stride: int | tuple[int, int],
    padding: int | tuple[int, int],
    dilation: int | tuple[int, int],
    ceil_mode: bool,
) -> Tensor:
    """Max pooling with more padding than half of its kernel, as a dilated one may need."""
    (s, t), (p, q) = _pair(stride), _pair(padding)
    more = (t - 1, s - 1) if ceil_mode else (0, 0)
    padded = F.pad(x, (q, q + more[0], p, p + more[1]), value=float("-inf"))
    y = F.max_pool2d(padded, kernel_size, stride, dilation=dilation)
    return y[:, :, : (x.shape[2] + p - 1) // s + 1, : (x.shape[3] + q - 1) // t + 1]
'''

DROP_PATH = '''
def drop_path(x: Tensor, p: float, training: bool) -> Tensor:
    """Drop whole samples of a residual branch, and scale the others (Huang et al. 2016)."""
    if p == 0.0 or not training:
        return x
    kept = x.new_empty(x.shape[0], *(1,) * (x.ndim - 1)).bernoulli_(1 - p)
    return x * kept / (1 - p)
'''

HELPERS: dict[str, str] = {
    "_pair": PAIR,
    "pad_same": PAD_SAME,
    "avg_pool2d_same": AVG_POOL_2D_SAME,
    "max_pool2d_padded": MAX_POOL_2D_PADDED,
    "drop_path": DROP_PATH,
    "Conv2dSame": CONV_2D_SAME,
    "LayerNorm2d": LAYER_NORM_2D,
    "LayerScale": LAYER_SCALE,
    "LayerScale2d": LAYER_SCALE_2D,
    "ClassToken": CLASS_TOKEN,
    "PositionEmbedding": POSITION_EMBEDDING,
    "Attention": ATTENTION,
}


def needed(code: str) -> list[str]:
    """The helpers that the code uses, and that these use, as source in the order of `HELPERS`."""
    names: set[str] = set()
    texts = [code]
    while texts:
        words = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", texts.pop()))
        new = (words & HELPERS.keys()) - names
        names |= new
        texts += [HELPERS[name] for name in new]
    return [text.strip("\n") for name, text in HELPERS.items() if name in names]

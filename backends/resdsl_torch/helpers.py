"""Modules and functions that torch has not: written into a file that uses them, and only then."""

from __future__ import annotations

import re

LAYER_NORM_2D = '''
class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of an image, at each position alone."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
'''

LINEAR_2D = '''
class Linear2d(nn.Linear):
    """A linear layer over the channels of an image, at each position alone."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
'''

ATTENTION = '''
class Attention(nn.Module):
    """Multi-head self-attention (Vaswani et al. 2017, section 3.2)."""

    def __init__(self, dim: int, heads: int, qkv_bias: bool = True, proj_bias: bool = True) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim)) if qkv_bias else None
        self.out_proj = nn.Linear(dim, dim, bias=proj_bias)
        nn.init.kaiming_uniform_(self.in_proj_weight, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        q, k, v = qkv.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        x = F.scaled_dot_product_attention(q, k, v)
        return self.out_proj(x.transpose(1, 2).flatten(2))
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

CENTER_CROP = '''
def center_crop(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """The middle of an image; of an odd remainder the smaller part lies before."""
    height, width = size[0], size[1]
    rows = x.narrow(2, (x.shape[2] - height) // 2, height)
    return rows.narrow(3, (x.shape[3] - width) // 2, width)
'''

HELPERS: dict[str, str] = {
    "_pair": PAIR,
    "pad_same": PAD_SAME,
    "avg_pool2d_same": AVG_POOL_2D_SAME,
    "max_pool2d_padded": MAX_POOL_2D_PADDED,
    "drop_path": DROP_PATH,
    "center_crop": CENTER_CROP,
    "Conv2dSame": CONV_2D_SAME,
    "LayerNorm2d": LAYER_NORM_2D,
    "Linear2d": LINEAR_2D,
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

"""Functions that Flax has not, and which of all helpers a file needs."""

from __future__ import annotations

import re

from resdsl_flax.helpers_draws import DRAWS
from resdsl_flax.helpers_layers import LAYERS
from resdsl_flax.helpers_repeat import REPEATS

PAIR = """
def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)
"""

WITH_SETTINGS = '''
def with_settings(module: Any, **settings: object) -> Any:
    """The module with other settings, on the same weights."""
    other = copy.copy(module)
    for name, value in settings.items():
        setattr(other, name, value)
    return other
'''

FLATTEN = '''
def flatten(x: Array) -> Array:
    """One vector a sample; an image in the order channels, rows, columns."""
    if x.ndim == 4:
        x = x.transpose(0, 3, 1, 2)
    return x.reshape(x.shape[0], -1)
'''

TOKENS = '''
def to_tokens(x: Array) -> Array:
    """The positions of an image as a sequence, row by row."""
    return x.reshape(x.shape[0], -1, x.shape[-1])
'''

PREPEND = '''
def prepend(token: Array, x: Array) -> Array:
    """A token before all others, in every sample."""
    tokens = jnp.broadcast_to(token.astype(x.dtype), (x.shape[0], *token.shape))
    return jnp.concatenate([tokens, x], 1)
'''

CHANNEL_SHUFFLE = '''
def channel_shuffle(x: Array, groups: int) -> Array:
    """The groups' channels in turns."""
    return x.reshape(*x.shape[:-1], groups, -1).swapaxes(-1, -2).reshape(x.shape)
'''

GLOBAL_AVG_POOL = '''
def global_avg_pool(x: Array) -> Array:
    """The mean of each channel."""
    return x.mean((1, 2), keepdims=True)
'''

MAX_ALONG = '''
def max_along(x: Array, axis: int, keepdims: bool = False) -> Array:
    """`jnp.max`, whose gradient goes to the first of the largest.

    That of `jnp.max` goes to what equals the largest, and XLA may compute both anew, with other
    roundings: then it is lost.
    """
    at = jnp.argmax(x, axis, keepdims=True)
    largest = jnp.take_along_axis(x, at, axis, mode="promise_in_bounds")
    return largest if keepdims else largest.squeeze(axis)
'''

ADAPTIVE_POOL = '''
def adaptive_pool(x: Array, size: tuple[int, int], reduce: Callable[..., Array]) -> Array:
    """Reduce an image to `size`: row i is of rows floor(i H / H') to ceil((i + 1) H / H')."""
    for axis, new in (2, size[1]), (1, size[0]):
        old = x.shape[axis]
        if old != new:
            ends = [(i * old // new, -(-(i + 1) * old // new)) for i in range(new)]
            parts = [jax.lax.slice_in_dim(x, *end, axis=axis) for end in ends]
            x = jnp.concatenate([reduce(part, axis, keepdims=True) for part in parts], axis)
    return x
'''

CEIL_PADDING = '''
def ceil_padding(
    x: Array,
    window_shape: tuple[int, int],
    strides: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int] = (1, 1),
) -> tuple[tuple[int, int], ...]:
    """Padding such that every window that begins in the image, or before it, is whole."""
    sides = []
    for size, k, s, p, d in zip(
        x.shape[1:3], window_shape, strides, padding, dilation, strict=True
    ):
        free = size + 2 * p - d * (k - 1) - 1
        more = -free % s
        sides.append((p, p + more if free + more < size + p else p))
    return tuple(sides)
'''

MAX_POOL_CEIL = '''
def max_pool_ceil(
    x: Array,
    window_shape: tuple[int, int],
    strides: tuple[int, int],
    padding: tuple[int, int] = (0, 0),
) -> Array:
    """Max pooling with a last window that reaches beyond the image."""
    return nnx.max_pool(x, window_shape, strides, ceil_padding(x, window_shape, strides, padding))
'''

MAX_POOL_DILATED = '''
def max_pool_dilated(
    x: Array,
    window_shape: tuple[int, int],
    strides: tuple[int, int],
    dilation: tuple[int, int],
    padding: tuple[int | tuple[int, int], int | tuple[int, int]] = (0, 0),
    ceil_mode: bool = False,
) -> Array:
    """Max pooling with gaps in its windows, of which `jax.lax.reduce_window` has no gradient. Of
    equal elements the first has it, as in PyTorch."""
    if ceil_mode:
        sides = ceil_padding(x, window_shape, strides, padding, dilation)
    else:
        sides = [p if isinstance(p, tuple) else (p, p) for p in padding]
    x = jnp.pad(x, ((0, 0), *sides, (0, 0)), constant_values=-jnp.inf)
    columns_first = (pair[::-1] for pair in (window_shape, strides, dilation))
    for axis, k, s, d in zip((2, 1), *columns_first, strict=True):
        length = x.shape[axis] - d * (k - 1)
        x, *others = (jax.lax.slice_in_dim(x, d * i, d * i + length, s, axis) for i in range(k))
        for other in others:
            x = jnp.where((other > x) | jnp.isnan(other), other, x)
    return x
'''

AVG_POOL_CEIL = '''
def avg_pool_ceil(
    x: Array,
    window_shape: tuple[int, int],
    strides: tuple[int, int],
    padding: tuple[int, int] = (0, 0),
    count_include_pad: bool = True,
) -> Array:
    """Average pooling with a last window that reaches beyond the image; what lies beyond the
    padding does not count."""
    sides = ceil_padding(x, window_shape, strides, padding)
    if count_include_pad:
        rows, columns = padding
        x = jnp.pad(x, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
        sides = [(0, after - p) for p, (_, after) in zip(padding, sides, strict=True)]
    return nnx.avg_pool(x, window_shape, strides, sides, count_include_pad=False)
'''

LOCAL_RESPONSE_NORM = '''
def local_response_norm(
    x: Array, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Array:
    """x / (k + alpha / size * the sum of x^2 over `size` channels around)^beta."""
    window, sides = (1, 1, 1, size), ((0, 0), (0, 0), (0, 0), (size // 2, (size - 1) // 2))
    total = jax.lax.reduce_window(x * x, 0.0, jax.lax.add, window, (1, 1, 1, 1), sides)
    return x / (k + alpha / size * total) ** beta
'''

RESIZE = '''
def resize(
    x: Array,
    size: tuple[int, int] | None = None,
    factor: tuple[float, float] = (1, 1),
    mode: str = "nearest",
    align_corners: bool = False,
) -> Array:
    """Interpolate an image to `size`, or to `factor` times its size, as PyTorch does."""
    if size is None:
        size = int(x.shape[1] * factor[0]), int(x.shape[2] * factor[1])
    for axis, new in enumerate(size, 1):
        old = x.shape[axis]
        at = jnp.arange(new)
        if mode == "nearest":
            x = x.take(at * old // new, axis)
            continue
        exact = jnp.promote_types(x.dtype, jnp.float32)
        if align_corners:
            place = at.astype(exact) * ((old - 1) / max(new - 1, 1))
        else:
            place = jnp.maximum((at.astype(exact) + 0.5) * (old / new) - 0.5, 0)
        low = jnp.minimum(place.astype(int), old - 1)
        part = jnp.expand_dims(place - low, [0, *range(1, axis), *range(axis + 1, 4)])
        first, second = x.take(low, axis), x.take(jnp.minimum(low + 1, old - 1), axis)
        x = (first * (1 - part) + second * part).astype(x.dtype)
    return x
'''

CENTER_CROP = '''
def center_crop(x: Array, size: tuple[int, ...]) -> Array:
    """The middle of an image; of an odd remainder the smaller part lies before."""
    for axis, new in enumerate(size, 1):
        x = jax.lax.dynamic_slice_in_dim(x, (x.shape[axis] - new) // 2, new, axis)
    return x
'''

HELPERS: dict[str, str] = {
    "_pair": PAIR,
    "with_settings": WITH_SETTINGS,
    "flatten": FLATTEN,
    "to_tokens": TOKENS,
    "prepend": PREPEND,
    "channel_shuffle": CHANNEL_SHUFFLE,
    "global_avg_pool": GLOBAL_AVG_POOL,
    "max_along": MAX_ALONG,
    "adaptive_pool": ADAPTIVE_POOL,
    "ceil_padding": CEIL_PADDING,
    "max_pool_ceil": MAX_POOL_CEIL,
    "max_pool_dilated": MAX_POOL_DILATED,
    "avg_pool_ceil": AVG_POOL_CEIL,
    "local_response_norm": LOCAL_RESPONSE_NORM,
    "resize": RESIZE,
    "center_crop": CENTER_CROP,
    **LAYERS,
    **REPEATS,
    **DRAWS,
}

_WORD = re.compile(r"(?<![.\w])[A-Za-z_][A-Za-z0-9_]*")


def needed(code: str) -> list[str]:
    """The helpers that the code uses, and that these use, as source in the order of `HELPERS`."""
    names: set[str] = set()
    texts = [code]
    while texts:
        words = set(_WORD.findall(texts.pop()))
        new = (words & HELPERS.keys()) - names
        names |= new
        texts += [HELPERS[name] for name in new]
    return [text.strip("\n") for name, text in HELPERS.items() if name in names]

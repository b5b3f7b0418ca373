"""Modules that Flax has not: written into a file that uses them, and only then."""

from __future__ import annotations

BATCH_NORM = '''
class BatchNorm(nnx.BatchNorm):
    """Batch norm as PyTorch has it: the running variance is of the unbiased ones."""

    def __init__(
        self,
        features: int,
        *,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        affine: bool = True,
        dtype: DTypeLike | None = None,
        param_dtype: DTypeLike = jnp.float32,
        rngs: nnx.Rngs,
    ) -> None:
        super().__init__(
            features,
            momentum=momentum,
            epsilon=epsilon,
            dtype=dtype,
            param_dtype=param_dtype,
            use_bias=affine,
            use_scale=affine,
            rngs=rngs,
        )
        exact = jnp.promote_types(param_dtype, jnp.float32)
        self.mean.set_value(jnp.zeros(features, exact))
        self.var.set_value(jnp.ones(features, exact))

    def __call__(self, x: Array) -> Array:
        x = x.astype(jnp.promote_types(x.dtype, jnp.float32))
        mean, var = self.mean[...], self.var[...]
        if not self.use_running_average:
            axes, kept = tuple(range(x.ndim - 1)), self.momentum
            count = x.size // x.shape[-1]
            batch_mean, batch_var = x.mean(axes), x.var(axes)
            unbiased = batch_var * (count / max(count - 1, 1))
            self.mean.set_value(kept * mean + (1 - kept) * jax.lax.stop_gradient(batch_mean))
            self.var.set_value(kept * var + (1 - kept) * jax.lax.stop_gradient(unbiased))
            mean, var = batch_mean, batch_var
        factor = jax.lax.rsqrt(var + self.epsilon)
        if self.scale is not None:
            factor = factor * self.scale[...]
        y = (x - mean) * factor
        if self.bias is not None:
            y = y + self.bias[...]
        return y if self.dtype is None else y.astype(self.dtype)
'''

CONV_TRANSPOSE = '''
class ConvTranspose(nnx.Module):
    """The adjoint of a convolution, with its padding; the kernel is (rows, columns, in, out)."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        kernel_size: tuple[int, int],
        *,
        strides: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        output_padding: int | tuple[int, int] = 0,
        kernel_dilation: int | tuple[int, int] = 1,
        feature_group_count: int = 1,
        use_bias: bool = True,
        dtype: DTypeLike | None = None,
        param_dtype: DTypeLike = jnp.float32,
        rngs: nnx.Rngs,
    ) -> None:
        shape = (*kernel_size, in_features, out_features // feature_group_count)
        init = nnx.initializers.lecun_normal()
        self.kernel = nnx.Param(init(rngs.params(), shape, param_dtype))
        bias = nnx.Param(jnp.zeros(out_features, param_dtype)) if use_bias else None
        self.bias = nnx.data(bias)
        self.kernel_size, self.feature_group_count = kernel_size, feature_group_count
        self.strides, self.padding, self.output_padding = strides, padding, output_padding
        self.kernel_dilation, self.dtype = kernel_dilation, dtype

    def __call__(self, x: Array) -> Array:
        groups, (*size, inputs, outputs) = self.feature_group_count, self.kernel.shape
        bias = None if self.bias is None else self.bias[...]
        x, kernel, bias = nnx.nn.dtypes.promote_dtype((x, self.kernel[...], bias), dtype=self.dtype)
        kernel = kernel[::-1, ::-1].reshape(*size, groups, inputs // groups, outputs)
        kernel = jnp.moveaxis(kernel, 2, 3).reshape(*size, inputs // groups, groups * outputs)
        sides = []
        settings = self.padding, self.output_padding, self.kernel_dilation
        for k, pad, extra, spread in zip(size, *map(_pair, settings), strict=True):
            side = spread * (k - 1) - pad
            sides.append((side, side + extra))
        y = jax.lax.conv_general_dilated(
            x,
            kernel,
            (1, 1),
            sides,
            lhs_dilation=_pair(self.strides),
            rhs_dilation=_pair(self.kernel_dilation),
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
            feature_group_count=groups,
        )
        return y if bias is None else y + bias
'''

_TAKES = """dtype: DTypeLike | None = None,
        param_dtype: DTypeLike = jnp.float32,
        rngs: nnx.Rngs,"""

PRELU = f'''
class PReLU(nnx.Module):
    """Negative elements times a learnt slope: one a channel, or one for all."""

    def __init__(
        self,
        features: int,
        *,
        {_TAKES}
    ) -> None:
        self.slope = nnx.Param(jnp.full(features, 0.25, param_dtype))

    def __call__(self, x: Array) -> Array:
        return jnp.where(x > 0, x, x * self.slope[...].astype(x.dtype))
'''

ATTENTION = f'''
class Attention(nnx.Module):
    """Multi-head self-attention (Vaswani et al. 2017, section 3.2).

    `kernel` and `bias` make queries, keys and values.
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        qkv_bias: bool = True,
        proj_bias: bool = True,
        *,
        {_TAKES}
    ) -> None:
        init = nnx.initializers.lecun_normal()
        self.kernel = nnx.Param(init(rngs.params(), (dim, 3 * dim), param_dtype))
        bias = nnx.Param(jnp.zeros(3 * dim, param_dtype)) if qkv_bias else None
        self.bias = nnx.data(bias)
        dtypes = {{"dtype": dtype, "param_dtype": param_dtype}}
        self.out_proj = nnx.Linear(dim, dim, use_bias=proj_bias, **dtypes, rngs=rngs)
        self.heads, self.dtype = heads, dtype

    def __call__(self, x: Array) -> Array:
        bias = None if self.bias is None else self.bias[...]
        x, kernel, bias = nnx.nn.dtypes.promote_dtype((x, self.kernel[...], bias), dtype=self.dtype)
        qkv = x @ kernel if bias is None else x @ kernel + bias
        qkv = qkv.reshape(*x.shape[:2], 3, self.heads, -1)
        q, k, v = jnp.moveaxis(qkv, 2, 0)
        exact = jnp.promote_types(q.dtype, jnp.float32)  # jax.nn's own is float32, whatever q is
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k, preferred_element_type=exact)
        shares = nnx.softmax(scores * q.shape[-1] ** -0.5).astype(v.dtype)
        return self.out_proj(jnp.einsum("bhqk,bkhd->bqhd", shares, v).reshape(x.shape))
'''

LAYERS: dict[str, str] = {
    "BatchNorm": BATCH_NORM,
    "ConvTranspose": CONV_TRANSPOSE,
    "PReLU": PRELU,
    "Attention": ATTENTION,
}

"""`Repeat`, and the convolution that its blocks need: written into a file that uses them."""

from __future__ import annotations

REPEAT = '''
class Repeat(nnx.Module):
    """Equal blocks, one after the other, as a loop: XLA compiles the block once.

    `layers` is one block, each of whose weights has a first axis: one entry for each of the blocks.
    `repeat[2]` is a copy of the third.
    """

    def __init__(
        self, count: int, block: type[nnx.Module], /, *args: Any, rngs: nnx.Rngs, **settings: Any
    ) -> None:
        @nnx.split_rngs(splits=count)
        @nnx.vmap
        def stacked(rngs: nnx.Rngs) -> nnx.Module:
            return block(*args, **settings, rngs=rngs)

        self.count = count
        self.layers = stacked(rngs)
        for _, module in nnx.iter_modules(self.layers):
            if isinstance(module, nnx.Conv):
                module.conv_general_dilated = conv_in_loop

    def __call__(self, x: Array) -> Array:
        @nnx.scan(in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)
        def run(x: Array, block: nnx.Module) -> Array:
            return block(x)

        made = jax.eval_shape(lambda x: self[0](x), x)  # the loop begins with what it goes on with
        return run(x.astype(made.dtype), self.layers)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> nnx.Module:
        at = range(self.count)[index]
        return jax.tree.map(lambda stack: stack[at], self.layers)
'''

CONV_IN_LOOP = '''
def conv_in_loop(
    x: Array, kernel: Array, strides: Any, padding: Any, *, dimension_numbers: Any, **settings: Any
) -> Array:
    """`jax.lax.conv_general_dilated` as `nnx.Conv` calls it, with gradients that are fast on a CPU.

    There XLA runs a convolution of the layout (NHWC, HWIO, NHWC) fast, and brings others into it:
    but not in the body of a loop, where the usual gradients are up to 60 times as slow.
    """
    groups, dilation = settings["feature_group_count"], settings["rhs_dilation"]
    layout = ("NHWC", "HWIO", "NHWC")
    (n, *size, _), (*window, inputs, _) = x.shape, kernel.shape
    reach = [d * (k - 1) for d, k in zip(dilation, window, strict=True)]
    usual = partial(
        jax.lax.conv_general_dilated,
        window_strides=strides,
        padding=padding,
        dimension_numbers=layout,
        **settings,
    )
    plain = partial(
        jax.lax.conv_general_dilated, dimension_numbers=layout, feature_group_count=groups
    )

    def backward(saved: tuple[Array, Array], dy: Array) -> tuple[Array, Array]:
        def on_cpu(x: Array, kernel: Array, dy: Array) -> tuple[Array, Array]:
            before = [low for low, _ in padding]
            after = [
                length - s * (made - 1) - 1 + low
                for length, s, made, low in zip(size, strides, dy.shape[1:3], before, strict=True)
            ]
            turned = kernel[::-1, ::-1].reshape(*window, inputs, groups, -1)
            turned = turned.transpose(0, 1, 4, 3, 2).reshape(*window, -1, groups * inputs)
            sides = [(r - low, high) for r, low, high in zip(reach, before, after, strict=True)]
            dx = plain(dy, turned, (1, 1), sides, lhs_dilation=strides, rhs_dilation=dilation)
            images = x.reshape(n, *size, groups, inputs).transpose(4, 1, 2, 3, 0)
            images = images.reshape(inputs, *size, groups * n)
            sides = [(low, r - high) for r, low, high in zip(reach, before, after, strict=True)]
            shifts = dy.transpose(1, 2, 0, 3)
            dkernel = plain(images, shifts, dilation, sides, rhs_dilation=strides)
            return dx, dkernel.transpose(1, 2, 0, 3)

        def elsewhere(x: Array, kernel: Array, dy: Array) -> tuple[Array, Array]:
            return jax.vjp(usual, x, kernel)[1](dy)

        return jax.lax.platform_dependent(*saved, dy, cpu=on_cpu, default=elsewhere)

    conv = jax.custom_vjp(usual)
    conv.defvjp(lambda x, kernel: (usual(x, kernel), (x, kernel)), backward)
    return conv(x, kernel)
'''

REPEATS: dict[str, str] = {"conv_in_loop": CONV_IN_LOOP, "Repeat": REPEAT}

"""From the source of a file to its model."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import MissingFramework
from resdsl.codegen.load import load_module

if TYPE_CHECKING:
    from jax.typing import DTypeLike


def build(
    source: str, name: str, seed: int, dtype: DTypeLike | None, param_dtype: DTypeLike | None
) -> Any:
    """A new model, its weights drawn from `seed`; by default they are of float32."""
    module = load(source, name)
    _check("dtype", dtype)
    _check("param_dtype", param_dtype)
    return module.create(seed, dtype=dtype, param_dtype=param_dtype or "float32")


def load(source: str, name: str) -> ModuleType:
    """The file as a module."""
    try:
        import flax.nnx  # noqa: F401  # the file imports both
        import jax  # noqa: F401
    except ModuleNotFoundError as error:
        if error.name not in ("flax", "jax"):
            raise
        raise MissingFramework(error.name, "flax") from None
    return load_module(source, name, "flax")


def _check(option: str, dtype: DTypeLike | None) -> None:
    import jax.numpy as jnp

    try:
        fits = dtype is None or jnp.issubdtype(jnp.dtype(dtype), jnp.floating)
    except TypeError:
        fits = False
    if not fits:
        raise TypeError(f"`{option}` must be a floating point dtype of JAX, got {dtype!r}")

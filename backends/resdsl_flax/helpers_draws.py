"""`Draws`, which sets the initial weights of a model."""

from __future__ import annotations

CLASS = '''
class Draws:
    """The initial weights of a model; what is said last of one counts."""

    def __init__(self) -> None:
        self.rules: dict[int, tuple[nnx.Variable[Array], tuple[str, float], float, float]] = {}

    def constant(self, weight: nnx.Variable[Array], value: float) -> None:
        """Every element is `value`."""
        self.rules.pop(id(weight), None)
        weight.set_value(jnp.full(weight.shape, value, weight.dtype))

    def normal(self, weight: nnx.Variable[Array], std: float, mean: float = 0.0) -> None:
        """N(mean, std^2)."""
        self.rules[id(weight)] = weight, ("normal", 0.0), std, mean

    def trunc_normal(self, weight: nnx.Variable[Array], std: float) -> None:
        """N(0, std^2), none of it outside [-2, 2]."""
        self.rules[id(weight)] = weight, ("trunc_normal", 2 / std), std, 0.0

    def uniform(self, weight: nnx.Variable[Array], bound: float) -> None:
        """U(-bound, bound)."""
        self.rules[id(weight)] = weight, ("uniform", 0.0), bound, 0.0

    def blank(self) -> None:
        """Zeros for now, so that nothing is drawn."""
        for weight, *_ in self.rules.values():
            weight.set_value(jnp.zeros(weight.shape, weight.dtype))

    def draw(self, key: Array) -> None:
        """Set the weights. All numbers of a distribution are one draw, and cut on the host where
        they are known: each shape would have to be compiled."""
        for i, kind in enumerate(dict.fromkeys(kind for _, kind, *_ in self.rules.values())):
            rules = [rule for rule in self.rules.values() if rule[1] == kind]
            numbers = _numbers(kind, key, i, sum(weight.size for weight, *_ in rules))
            if not isinstance(numbers, jax.core.Tracer):
                numbers = jax.device_get(numbers)
            for weight, _, scale, shift in rules:
                part, numbers = numbers[: weight.size], numbers[weight.size :]
                value = scale * part.reshape(weight.shape)
                value = value + shift if shift else value  # each pass over all numbers counts
                weight.set_value(jnp.asarray(value, weight.dtype))
'''

NUMBERS = '''
def _numbers(kind: tuple[str, float], key: Array, stream: int, count: int) -> Any:
    """Numbers of a distribution, from which those of a weight are scaled. Where the key is known,
    NumPy draws them if it can: nothing has to be compiled, and it is faster."""
    name, limit = kind
    if name == "trunc_normal" or isinstance(key, jax.core.Tracer):
        key = jax.random.fold_in(key, stream)
        if name == "trunc_normal":
            return jax.random.truncated_normal(key, -limit, limit, (count,))
        if name == "normal":
            return jax.random.normal(key, (count,))
        return jax.random.uniform(key, (count,), minval=-1)
    host = np.random.default_rng((stream, *jax.device_get(jax.random.key_data(key))))
    if name == "normal":
        return host.standard_normal(count, np.float32)
    return 2 * host.random(count, np.float32) - 1
'''

FAN_IN = '''
def fan_in(module: Any) -> int:
    """From how many inputs an output of a linear layer or a convolution is made."""
    return math.prod(getattr(module, "kernel_size", ())) * module.kernel.shape[-2]
'''

FAN_OUT = '''
def fan_out(module: Any) -> int:
    """Into how many outputs an input goes; of groups, as if there were one."""
    return math.prod(getattr(module, "kernel_size", ())) * module.kernel.shape[-1]
'''

DRAWS: dict[str, str] = {
    "fan_in": FAN_IN,
    "fan_out": FAN_OUT,
    "_numbers": NUMBERS,
    "Draws": CLASS,
}

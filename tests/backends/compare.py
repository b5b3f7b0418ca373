"""Is a generated module the same function as another, with its weights? In float64, to 1e-10."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

TOLERANCE = 1e-10
FLOOR = 1e-4  # below it everywhere, a tensor is rounding (a bias before a batch norm), not signal
PERIOD = 1_000_003

Model = Callable[..., object]


def tensor_of(value: object) -> list[Tensor]:
    """All tensors of a result: a tensor, a (named) tuple or list of such, or a dict of them."""
    if isinstance(value, Tensor):
        return [value]
    if value is None:  # a side output outside training
        return []
    items = value.values() if isinstance(value, dict) else value
    return [tensor for item in items for tensor in tensor_of(item)]  # type: ignore[attr-defined]


def differs(ours: Tensor, theirs: Tensor, floor: float = FLOOR) -> str | None:
    """What is wrong, or None: the largest difference, measured by the largest element."""
    if ours.shape != theirs.shape:
        return f"shape {tuple(ours.shape)} instead of {tuple(theirs.shape)}"
    if ours.numel() == 0 or not ours.is_floating_point():
        return None if torch.equal(ours, theirs) else "unequal"
    error = (ours - theirs).abs().max().item()
    scale = max(theirs.abs().max().item(), floor)
    return None if error <= TOLERANCE * scale else f"differs by {error:.3g} of {scale:.3g}"


def floor_of(gradients: Iterable[Tensor | None]) -> float:
    """Below it a gradient is rounding: that of a bias before a batch norm is a sum which is zero,
    of terms as large as the other gradients."""
    return FLOOR * max((1.0, *(g.abs().max().item() for g in gradients if g is not None)))


def assert_same(ours: object, theirs: object, what: str, floor: float = FLOOR) -> None:
    left, right = tensor_of(ours), tensor_of(theirs)
    assert len(left) == len(right), f"{what}: {len(left)} tensors instead of {len(right)}"
    for i, (a, b) in enumerate(zip(left, right, strict=True)):
        problem = differs(a.detach(), b.detach(), floor)
        assert problem is None, f"{what} {i}: {problem}"


def randomise(model: nn.Module, seed: int = 0) -> None:
    """Weights and statistics such that nothing is zero, one or symmetric by luck."""
    made = torch.Generator().manual_seed(seed)
    norms = (nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm2d)
    for module in model.modules():
        for name, value in [*module._parameters.items(), *module._buffers.items()]:
            if value is None or not value.is_floating_point():
                continue
            drawn = _noise(value, made)
            if name == "running_var" or (isinstance(module, norms) and name == "weight"):
                drawn = 0.5 + torch.rand(value.shape, generator=made, dtype=value.dtype)
            elif value.ndim > 1:
                drawn *= (2 / value[0].numel()) ** 0.5
            else:
                drawn *= 0.2
            with torch.no_grad():
                value.copy_(drawn)


def _noise(like: Tensor, made: torch.Generator) -> Tensor:
    """N(0, 1) in the shape of a tensor. Large ones repeat, at a prime: no two rows are alike."""
    drawn = torch.randn(min(like.numel(), PERIOD), generator=made, dtype=like.dtype)
    return drawn.repeat(-(-like.numel() // PERIOD))[: like.numel()].view(like.shape)


def by_name(source: nn.Module, target: nn.Module) -> dict[str, str]:
    """The same names on both sides."""
    return {name: name for name in target.state_dict()}


def by_position(source: nn.Module, target: nn.Module) -> dict[str, str]:
    """{name in target: name in source} in the order of the state dicts; shapes must agree."""
    left, right = source.state_dict(), target.state_dict()
    assert len(left) == len(right), f"{len(left)} tensors against {len(right)}"
    pairs = {}
    for (a, x), (b, y) in zip(left.items(), right.items(), strict=True):
        assert x.shape == y.shape, f"{a} against {b}"
        assert a.rpartition(".")[2] == b.rpartition(".")[2], f"{a} against {b}"
        pairs[b] = a
    return pairs


def copy_weights(source: nn.Module, target: nn.Module, names: dict[str, str]) -> None:
    weights = source.state_dict()
    target.load_state_dict({b: weights[a].clone() for b, a in names.items()}, strict=True)


def run(model: nn.Module, inputs: Sequence[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Outputs, and gradients of the inputs, of a random projection; parameters keep theirs."""
    model.zero_grad(set_to_none=True)
    torch.manual_seed(9)  # dropout falls alike where it stands at the same places
    given = [x.clone().requires_grad_() for x in inputs]
    outputs = tensor_of(model(*given))
    made = torch.Generator().manual_seed(7)
    loss = sum(
        (out * torch.randn(out.shape, generator=made, dtype=torch.float64).to(out)).sum()
        for out in outputs
    )
    loss.backward()
    return outputs, [torch.zeros_like(x) if x.grad is None else x.grad for x in given]


def assert_equal_models(
    ours: nn.Module,
    theirs: nn.Module,
    inputs: Sequence[Tensor],
    *,
    names: dict[str, str] | None = None,
    train: bool = True,
) -> None:
    """Outputs, gradients of every parameter and input, in eval and train; all after one SGD step.

    `names` maps names of `theirs` to names of `ours`, by default the same. Random weights are made
    here, in `theirs`, and moved.
    """
    names = names or by_name(ours, theirs)
    back = {a: b for b, a in names.items()}
    randomise(theirs)
    copy_weights(theirs, ours, back)
    for training in (False, True) if train else (False,):
        ours.train(training)
        theirs.train(training)
        mode = "train" if training else "eval"
        (out_a, in_a), (out_b, in_b) = run(ours, inputs), run(theirs, inputs)
        assert_same(out_a, out_b, f"{mode}: output")
        assert_same(in_a, in_b, f"{mode}: gradient of input")
        assert_same_gradients(ours, theirs, names, mode)
    if not train:
        return
    for model in (ours, theirs):
        torch.optim.SGD(model.parameters(), lr=1e-3).step()
    state_a, state_b = ours.state_dict(), theirs.state_dict()
    for b, a in names.items():
        problem = differs(state_a[a], state_b[b])
        assert problem is None, f"after one step: {a}: {problem}"
    ours.eval()
    theirs.eval()
    assert_same(ours(*inputs), theirs(*inputs), "after one step: output")


def assert_same_gradients(
    ours: nn.Module, theirs: nn.Module, names: dict[str, str], mode: str
) -> None:
    left, right = dict(ours.named_parameters()), dict(theirs.named_parameters())
    assert {names[b] for b in right} == set(left), "parameters differ"
    floor = floor_of(w.grad for w in right.values())
    for b, theirs_ in right.items():
        ours_ = left[names[b]]
        assert (ours_.grad is None) == (theirs_.grad is None), f"{mode}: only one gradient at {b}"
        if theirs_.grad is None:
            continue
        problem = differs(ours_.grad, theirs_.grad, floor)
        assert problem is None, f"{mode}: gradient of {names[b]}: {problem}"

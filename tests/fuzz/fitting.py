"""Steps that bring a tensor to another shape, so that it can be merged."""

from __future__ import annotations

from resdsl.ir.shape import Shape, show
from tests.fuzz.drawing import Pick

Fitted = tuple[list[str], Shape]


def fit(pick: Pick, shape: Shape, target: Shape, concat: bool) -> Fitted | None:
    """Steps from `shape` to `target`; before a `concat`, the channels may stay as they are."""
    steps: list[str] = []
    if len(shape) == 3 and len(target) == 2:
        steps += [f"adaptive_avgpool({target[0]}x1)", "tokens"]
        shape = (target[0], shape[0])
    if len(shape) > 1 and len(target) == 1:
        steps += ["token"] if len(shape) == 2 else ["gap", "flatten"]
        shape = shape[-1:] if len(shape) == 2 else shape[:1]
    if len(shape) != len(target) or (len(shape) == 2 and shape[0] != target[0]):
        return None
    if len(shape) == 3 and shape[1:] != target[1:]:
        sides = show(target[1:])
        kinds = ("resize(size={})", "resize(size={}, mode=bilinear)")
        kinds += ("adaptive_avgpool({})", "adaptive_maxpool({})")
        steps.append(pick.one(kinds).format(sides))
        shape = (shape[0], *target[1:])
    if shape == target or concat:
        return steps, shape
    return [*steps, _channels(pick, shape, target)], target


def _channels(pick: Pick, shape: Shape, target: Shape) -> str:
    if len(shape) == 3:
        wider, out = target[0] > shape[0], target[0]
        moved = f"pad_channels({out})" if wider else f"slice(0, {out})"
        return pick.one([f"conv({out}, 1)", moved, f"conv_bn({out})"])
    return f"fc({target[-1]})"


def spread(pick: Pick, shape: Shape) -> Fitted:
    """Steps to dimensions of 1, which `mul` repeats."""
    if len(shape) != 3:
        return ["sigmoid"], shape
    if pick.some(0.5):
        return ["gap", "sigmoid"], (shape[0], 1, 1)
    return [pick.one(["channel_mean", "channel_max"]), "sigmoid"], (1, *shape[1:])

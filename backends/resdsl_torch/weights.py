"""Weights of a model in and out of safetensors files, under the names of its state dict.

The batch counters of torch's batch norms are no weights: files are written without them, and may
have them when they are read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from resdsl.files import write_bytes

if TYPE_CHECKING:
    from torch import Tensor, nn

_COUNTER = "num_batches_tracked"
MOST_NAMED = 5


class WeightsError(ValueError):
    """A file that does not fit the model; nothing of the model was changed."""


def save(model: nn.Module, file: str | os.PathLike[str]) -> None:
    """Write all parameters and buffers. The file is there whole or not at all."""
    from safetensors.torch import save as to_bytes

    data = to_bytes({name: tensor.contiguous() for name, tensor in _tensors(model).items()})
    write_bytes(Path(file), data)


def load(model: nn.Module, file: str | os.PathLike[str]) -> None:
    """Read what `save` wrote, in the model's own dtype and on its device.

    Raises WeightsError, which names what is missing, extra or of another shape, before anything is
    changed; FileNotFoundError and the like where there is no such file.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    own = _tensors(model)
    if not Path(file).is_file():
        raise FileNotFoundError(f"there is no file {os.fspath(file)}")
    try:
        with safe_open(file, framework="pt") as source:
            names = {name for name in source.keys() if not name.endswith(_COUNTER)}  # noqa: SIM118
            shapes = {name: tuple(source.get_slice(name).get_shape()) for name in names}
            _check(own, shapes, os.fspath(file))
            found = {name: source.get_tensor(name) for name in own}
    except SafetensorError as error:
        raise WeightsError(f"{os.fspath(file)} is no safetensors file: {error}") from None
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(found[name])


def _tensors(model: nn.Module) -> dict[str, Tensor]:
    state = model.state_dict()
    return {name: tensor for name, tensor in state.items() if not name.endswith(_COUNTER)}


def _check(own: dict[str, Tensor], shapes: dict[str, tuple[int, ...]], file: str) -> None:
    problems = []
    if missing := sorted(own.keys() - shapes.keys()):
        problems.append(f"it lacks {_listed(missing)}")
    if extra := sorted(shapes.keys() - own.keys()):
        problems.append(f"the model has no {_listed(extra)}")
    other = [
        f"{name} is {shapes[name]}, not {tuple(tensor.shape)}"
        for name, tensor in own.items()
        if name in shapes and shapes[name] != tuple(tensor.shape)
    ]
    if other:
        problems.append(_listed(other))
    if problems:
        raise WeightsError(f"{file} does not fit the model: {'; '.join(problems)}")


def _listed(names: Iterable[str]) -> str:
    first, rest = list(names)[:MOST_NAMED], list(names)[MOST_NAMED:]
    return ", ".join(first) + (f" and {len(rest)} more" if rest else "")

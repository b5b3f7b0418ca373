"""Weights in safetensors files: the head is read first, so that a file that does not fit costs
nothing; a file is written whole or not at all.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from resdsl.files import write_bytes
from resdsl.ir.shape import Shape
from resdsl.weights.tree import Tree, WeightsError, is_counter, listing

KEY = "resdsl"
"""Of the metadata: JSON that says of which net the weights are. One key, because the order of
several is not the same in every run.
"""

CANONICAL = "canonical"
_FLOATS = {"F64", "F32", "F16", "BF16"}


class Origin(BaseModel):
    """The net that weights are of: its digest, and how it was loaded; and whose names and layouts
    the file has, a backend's or the canonical ones.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    digest: str
    spec: str
    params: dict[str, str]
    input: dict[str, list[int]]
    layout: str = CANONICAL


@dataclass(frozen=True)
class Stored:
    """The head of a file: what it holds, but for torch's batch counters. `read` reads the rest."""

    file: str
    shapes: dict[str, Shape]
    origin: Origin | None

    def read(self) -> Tree:
        """The arrays, in the dtypes of the file."""
        import ml_dtypes  # noqa: F401  # numpy knows bfloat16 from now on
        from safetensors import safe_open

        with safe_open(self.file, framework="numpy") as source:
            return {path: source.get_tensor(path) for path in self.shapes}


def stored(file: str | os.PathLike[str]) -> Stored:
    """The head of a safetensors file.

    Raises WeightsError, which names every tensor that is truncated or holds no floating point
    numbers; FileNotFoundError where there is no such file.
    """
    from safetensors import SafetensorError, safe_open

    name = os.fspath(file)
    if not Path(name).is_file():
        raise FileNotFoundError(2, f"there is no file {name}")
    try:
        with safe_open(name, framework="numpy") as source:
            paths = [path for path in source.keys() if not is_counter(path)]  # noqa: SIM118
            slices = {path: source.get_slice(path) for path in paths}
            shapes = {path: tuple(part.get_shape()) for path, part in slices.items()}
            dtypes = {path: part.get_dtype() for path, part in slices.items()}
            origin = _origin((source.metadata() or {}).get(KEY, ""))
    except SafetensorError as error:
        if lost := _truncated(Path(name)):
            raise WeightsError(listing(f"{name} is truncated", lost)) from None
        raise WeightsError(f"{name} is no safetensors file, or breaks off: {error}") from None
    if other := [f"{path} is of {dtype}" for path, dtype in dtypes.items() if dtype not in _FLOATS]:
        raise WeightsError(listing(f"{name} holds no floating point numbers", other))
    return Stored(name, shapes, origin)


def write(tree: Tree, file: str | os.PathLike[str], origin: Origin) -> None:
    """The tree as a file, atomically."""
    write_bytes(Path(file), to_bytes(tree, origin))


def to_bytes(tree: Tree, origin: Origin) -> bytes:
    """The whole file."""
    import numpy
    from safetensors.numpy import save

    dense = {path: numpy.asarray(array, order="C") for path, array in tree.items()}
    return save(dense, {KEY: origin.model_dump_json()})


def _origin(text: str) -> Origin | None:
    """What is written there; None where nobody, or something else, wrote it."""
    try:
        return Origin.model_validate_json(text)
    except ValidationError:
        return None


def _truncated(file: Path) -> list[str]:
    """The tensors that a file announces and breaks off before; none where it is no such file."""
    with file.open("rb") as source:
        length = int.from_bytes(source.read(8), "little")
        if length > file.stat().st_size:
            return []
        try:
            head = json.loads(source.read(length))
            there = file.stat().st_size - 8 - length
            ends = {
                path: fact["data_offsets"][1] for path, fact in head.items() if path[:2] != "__"
            }
            return [f"lost: {path}" for path, end in ends.items() if end > there]
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return []

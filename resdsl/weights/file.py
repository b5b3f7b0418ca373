"""Weights in safetensors files: the head is read first, so that a file that does not fit costs
nothing; a file is written whole or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from resdsl.files import write_bytes
from resdsl.ir.shape import Shape
from resdsl.weights.tree import Tree, WeightsError, check, is_counter

KEY = "resdsl"
"""Of the metadata: JSON that says of which net the weights are. One key, because the order of
several is not the same in every run.
"""

CANONICAL = "canonical"
_DTYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}


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
    """The head of a file: what it announces, but for torch's batch counters, and what of it lies
    beyond its end.
    """

    file: str
    shapes: dict[str, Shape]
    dtypes: dict[str, str]
    origin: Origin | None
    lost: tuple[str, ...] = ()

    def read(self, wanted: Mapping[str, Shape], unused: Collection[str] = ()) -> Tree:
        """The arrays that are wanted, in the dtypes of the file; `unused` may be there besides.

        Raises WeightsError, which names everything that does not fit.
        """
        import ml_dtypes  # noqa: F401  # numpy knows bfloat16 from now on
        from safetensors import safe_open

        found = {path: shape for path, shape in self.shapes.items() if path not in unused}
        check(wanted, found, self.file, self.dtypes, self.lost)
        with safe_open(self.file, framework="numpy") as source:
            return {path: source.get_tensor(path) for path in wanted}


def stored(file: str | os.PathLike[str]) -> Stored:
    """The head of a safetensors file.

    Raises WeightsError where it is none, FileNotFoundError where there is no such file.
    """
    from safetensors import SafetensorError, safe_open

    name = os.fspath(file)
    if not Path(name).is_file():
        raise FileNotFoundError(2, f"there is no file {name}")
    try:
        with safe_open(name, framework="numpy") as source:
            slices = {path: source.get_slice(path) for path in source.keys()}  # noqa: SIM118
            tensors = {k: (part.get_shape(), part.get_dtype()) for k, part in slices.items()}
            return _head(name, tensors, source.metadata())
    except SafetensorError as error:
        if found := _truncated(Path(name)):
            return found
        if _is_pickle(Path(name)):
            why = "looks like a pickle; save its state_dict with safetensors.torch.save_file"
            raise WeightsError(f"{name} {why}") from None
        raise WeightsError(f"{name} is no safetensors file, or breaks off: {error}") from None


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


def _head(
    name: str,
    tensors: Mapping[str, tuple[Any, str]],
    metadata: Mapping[str, str] | None,
    lost: tuple[str, ...] = (),
) -> Stored:
    kept = {path: said for path, said in tensors.items() if not is_counter(path)}
    shapes = {path: tuple(shape) for path, (shape, _) in kept.items()}
    dtypes = {path: _DTYPES.get(dtype, dtype) for path, (_, dtype) in kept.items()}
    return Stored(name, shapes, dtypes, _origin((metadata or {}).get(KEY, "")), lost)


def _truncated(file: Path) -> Stored | None:
    """The head of a file that announces tensors and breaks off before their end."""
    with file.open("rb") as source:
        length = int.from_bytes(source.read(8), "little")
        there = file.stat().st_size - 8 - length
        if there < 0:
            return None
        try:
            head = json.loads(source.read(length))
            metadata = head.pop("__metadata__", None)
            tensors = {path: (fact["shape"], fact["dtype"]) for path, fact in head.items()}
            lost = [path for path, fact in head.items() if fact["data_offsets"][1] > there]
            return _head(str(file), tensors, metadata, tuple(lost)) if lost else None
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            return None


def _is_pickle(file: Path) -> bool:
    """Torch's own files: a zip, or of old a bare pickle."""
    with file.open("rb") as source:
        head = source.read(8)
    begins = head[:4] == b"PK\3\4" or (head[:1] == b"\x80" and b"\2" <= head[1:2] <= b"\5")
    return begins and int.from_bytes(head, "little") > file.stat().st_size

"""Models as bytes and as files."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from resdsl.files import write_atomically, write_bytes

if TYPE_CHECKING:
    import onnx_ir as ir

MOST_BYTES = 2**31 - 2**24
"""Of weights in one file: protobuf ends at 2 GiB, and the graph needs room too."""


class TooLarge(ValueError):
    """More weights than one file of ONNX holds."""


def to_bytes(model: ir.Model) -> bytes:
    """The same bytes for the same model, anywhere."""
    import onnx_ir as ir

    if (size := _size(model)) > MOST_BYTES:
        raise TooLarge(
            f"{size:,} bytes of weights are more than one ONNX file holds; "
            "`resdsl compile -o FILE` puts them beside it"
        )
    data: bytes = ir.to_proto(model).SerializeToString(deterministic=True)
    return data


def save(model: ir.Model, file: Path, overwrite: bool) -> None:
    """Write the model; its weights to `FILE.data` if they are too large for one file.

    Such a file that is there without a model beside it is not replaced unless `overwrite` says so:
    FileExistsError.
    """
    import onnx_ir as ir

    if _size(model) <= MOST_BYTES:
        write_bytes(file, to_bytes(model))
        return
    data = file.with_name(f"{file.name}.data")
    if data.exists() and not file.exists() and not overwrite:
        raise FileExistsError(17, f"{data} was not written by resdsl; --force overwrites it")
    with TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
        ir.save(model, Path(folder) / file.name, external_data=data.name)
        write_atomically(data, lambda place: _move(Path(folder) / data.name, place))
        write_atomically(file, lambda place: _move(Path(folder) / file.name, place))


def _move(source: Path, place: Path) -> None:
    source.replace(place)


def _size(model: ir.Model) -> int:
    tensors = (value.const_value for value in model.graph.initializers.values())
    return sum(tensor.nbytes for tensor in tensors if tensor is not None)

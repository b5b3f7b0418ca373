"""Models as bytes and as files."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from resdsl.codegen.backend import TooLarge
from resdsl.files import write_atomically

if TYPE_CHECKING:
    import onnx_ir as ir

MOST_BYTES = 2**31 - 2**24
"""Of weights in one file: protobuf ends at 2 GiB, and the graph needs room too."""


def to_bytes(model: ir.Model) -> bytes:
    """The same bytes for the same model, anywhere. TooLarge where protobuf cannot hold them."""
    import onnx_ir as ir

    if (size := _size(model)) > MOST_BYTES:
        raise TooLarge(
            f"{size:,} bytes of weights are more than one ONNX file holds; -o FILE writes them to "
            "FILE.data, beside it",
            lambda file, overwrite: save(model, file, overwrite),
        )
    data: bytes = ir.to_proto(model).SerializeToString(deterministic=True)
    return data


def save(model: ir.Model, file: Path, overwrite: bool) -> None:
    """Write the model, and its weights to `FILE.data`.

    Such a file that is there without a model beside it is not replaced unless `overwrite` says so:
    FileExistsError.
    """
    import onnx_ir as ir

    data = file.with_name(f"{file.name}.data")
    if data.exists() and not file.exists() and not overwrite:
        raise FileExistsError(f"{data} was not written by resdsl; --force overwrites it")
    with TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
        ir.save(model, Path(folder) / file.name, external_data=data.name)
        write_atomically(data, lambda place: _move(Path(folder) / data.name, place))
        write_atomically(file, lambda place: _move(Path(folder) / file.name, place))


def _move(source: Path, place: Path) -> None:
    source.replace(place)


def _size(model: ir.Model) -> int:
    tensors = (value.const_value for value in model.graph.initializers.values())
    return sum(tensor.nbytes for tensor in tensors if tensor is not None)

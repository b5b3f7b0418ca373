"""Models as bytes and as files."""

from __future__ import annotations

from collections.abc import Iterator
from glob import escape
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from resdsl.codegen.backend import TooLarge
from resdsl.files import named, write_atomically, write_bytes

if TYPE_CHECKING:
    import onnx
    import onnx_ir as ir

MOST_BYTES = 2**31 - 2**24
"""Of weights in one file: protobuf ends at 2 GiB, and the graph needs room too."""
DIGITS = 16
"""Of the digest in the name of a file of weights."""


def to_bytes(model: ir.Model) -> bytes:
    """The same bytes for the same model, anywhere. TooLarge where protobuf cannot hold them."""
    import onnx_ir as ir

    if (size := _size(model)) > MOST_BYTES:
        raise TooLarge(
            f"{size:,} bytes of weights are more than one ONNX file holds; -o FILE writes them to "
            "a file beside it",
            lambda file, overwrite: save(model, file, overwrite),
        )
    data: bytes = ir.to_proto(model).SerializeToString(deterministic=True)
    return data


def save(model: ir.Model, file: Path, overwrite: bool) -> None:
    """Write the model, and its weights to `FILE.DIGEST.data` beside it.

    The digest is of that file's content, and it is written first: a model that is there always
    finds the weights that it was written with, whatever fails. FileExistsError where something else
    has this name, unless `overwrite`.
    """
    import onnx
    import onnx_ir as ir

    with named(file), TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
        made, weights = Path(folder) / "model", Path(folder) / "weights"
        ir.save(model, made, format="protobuf", external_data=weights.name)
        digest = _digest(weights)
        data = file.with_name(f"{file.name}.{digest}.data")
        proto = onnx.load(made, format="protobuf", load_external_data=False)
        for place in _places(proto):
            place.value = data.name
        new = not data.exists()
        if new or _digest(data) != digest:
            if not new and not overwrite:
                raise FileExistsError(f"{data} was not written by resdsl; --force overwrites it")
            write_atomically(data, lambda to: _move(weights, to))
        try:
            write_bytes(file, proto.SerializeToString(deterministic=True))
        except BaseException:
            if new:
                data.unlink()
            raise


def beside(file: Path) -> set[Path]:
    """The files of weights that `save` wrote for the model that is at `file`."""
    hexadecimal = "[0-9a-f]" * DIGITS
    found = set(file.parent.glob(f"{escape(file.name)}.{hexadecimal}.data"))
    if not found or not file.is_file():
        return set()
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        proto = onnx.load(file, format="protobuf", load_external_data=False)
    except DecodeError:
        return set()
    used = {place.value for place in _places(proto)}
    return {data for data in found if data.name in used}


def _places(proto: onnx.ModelProto) -> Iterator[onnx.StringStringEntryProto]:
    """Where the model says that weights lie."""
    for tensor in proto.graph.initializer:
        yield from (entry for entry in tensor.external_data if entry.key == "location")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()[:DIGITS]


def _move(source: Path, place: Path) -> None:
    source.replace(place)


def _size(model: ir.Model) -> int:
    tensors = (value.const_value for value in model.graph.initializers.values())
    return sum(tensor.nbytes for tensor in tensors if tensor is not None)

"""What one does with models of any framework: where `codegen`, which finds backends, meets
`weights` and `verify`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, Protocol, cast

from resdsl.codegen.backend import (
    Backend,
    MissingFramework,
    UnknownBackend,
    find_backend,
    installed,
)
from resdsl.ir.graph import Net
from resdsl.ir.shape import Shape
from resdsl.ir.weights import weights
from resdsl.verify.proof import Proof, prove
from resdsl.verify.runner import Executor
from resdsl.weights import file as files
from resdsl.weights import match_map as maps
from resdsl.weights import transfer as moves
from resdsl.weights.layout import Layout
from resdsl.weights.match import match
from resdsl.weights.match_graph import Graph
from resdsl.weights.tree import (
    Tree,
    WeightsError,
    check,
    dtypes,
    is_counter,
    listing,
    shapes,
)

File = str | os.PathLike[str]


class Keeper(moves.Holder, Protocol):
    """A backend whose models hold weights that can be moved."""

    name: str

    def layouts(self, net: Net) -> dict[str, Layout]:
        """Canonical path -> the tensor's whole name and its axes in files of the framework."""
        ...


class Tracer(Protocol):
    """A backend that can tell what a model computes."""

    def owns(self, model: Any) -> bool:
        """Whether `model` is of this framework."""
        ...

    def trace(self, model: Any, inputs: Sequence[Shape]) -> Graph:
        """Any model of the framework, in inference; weights by their keys in its checkpoints."""
        ...

    def trace_net(self, net: Net) -> Graph:
        """The model of a net; weights by their canonical paths."""
        ...


def transfer(source: Any, target: Any) -> None:
    """Give the model `target` the weights of the model `source`; either may be of any framework.

    Raises WeightsError, which names all that does not fit, before anything is changed.
    """
    moves.transfer(source, keeper(source), target, keeper(target))


def keeper(model: Any) -> Keeper:
    """The backend whose model this is."""
    for name in installed():
        backend = find_backend(name)
        if _keeps(backend) and cast(Keeper, backend).owns(model):
            return cast(Keeper, backend)
    raise WeightsError(f"no backend has weights in a {type(model).__qualname__}")


def read_model(net: Net, model: Any) -> Tree:
    """A copy of the weights of a model of `net`."""
    found = keeper(model)
    check(net_shapes(net), found.shapes(model), "the model")
    return found.read(model)


def read_file(
    net: Net, file: File, layout: str = "torch", keys: File | maps.KeyMap | None = None
) -> Tree:
    """What a file holds for `net`. Its names and layouts are those of `keys`, a map, where there is
    one; else those that it says itself, else those of the backend `layout`.

    Another net's digest is a warning where all fits.
    """
    if keys is not None:
        return _read_foreign(net, file, keys)
    head, own = files.stored(file), net_shapes(net)
    layouts = _layouts(net, head.origin.layout if head.origin else layout)
    wanted = {at.name: at.native_shape(own[path]) for path, at in layouts.items()}
    found = head.read(wanted)
    if head.origin and head.origin.digest != net.digest():
        note = f"{head.file} was written for another net, `{head.origin.spec}`; its weights fit"
        warnings.warn(note, stacklevel=4)
    return {path: at.canonical(found[at.name]) for path, at in layouts.items()}


def load(net: Net, model: Any, source: File | Tree, keys: File | maps.KeyMap | None = None) -> None:
    """Set a model's weights from a tree, or a file, whose names the map `keys` may translate."""
    found = keeper(model)
    check(net_shapes(net), found.shapes(model), "the model")
    if isinstance(source, str | os.PathLike):
        found.write(model, read_file(net, source, keys=keys))
    elif keys is None:
        found.write(model, tree(net, source))
    else:
        raise WeightsError("a map translates the names of a file, and this is none")


def adopt(net: Net, model: Any, name: str, origin: files.Origin) -> maps.KeyMap:
    """The map from the checkpoints of any model that computes what `net` does.

    Raises WeightsError, which says where they begin to differ.
    """
    tracer = next((t for t in map(find_backend, installed()) if _traces(t, model)), None)
    if tracer is None:
        if isinstance(model, type):
            raise WeightsError(f"`{model.__qualname__}` is a class; adopt a model that it makes")
        raise WeightsError(f"no backend can follow what a {type(model).__qualname__} computes")
    there = cast(Tracer, tracer).trace(model, [entry.shape for entry in net.main.inputs])
    here = cast(Tracer, tracer).trace_net(net)
    return maps.key_map(name, origin, there, here, match(there, here))


def tree(net: Net, weights: Any) -> Tree:
    """The canonical tree for `net` of a tree, a file or a model."""
    if isinstance(weights, str | os.PathLike):
        return read_file(net, weights)
    if not isinstance(weights, Mapping):
        return read_model(net, weights)
    found = _arrays(weights)
    check(net_shapes(net), shapes(found), "the tree", dtypes(found))
    return found


def file_bytes(net: Net, tree: Tree, layout: str, origin: files.Origin) -> bytes:
    """A file with the names and the layouts of a backend."""
    native = {at.name: at.native(tree[path]) for path, at in _layouts(net, layout).items()}
    return files.to_bytes(native, origin.model_copy(update={"layout": layout}))


REFERENCE = "torch"
"""The backend that others are compared with."""


def verify(net: Net, backends: Sequence[str] | str, dtype: str, batch: int, seed: int) -> Proof:
    """Compare `backends`, or all that are installed, with the reference. What cannot be compared
    is an error where it is asked for; else it is left out, and the proof says so.
    """
    if dtype not in ("float32", "float64"):
        raise ValueError(f"`dtype` must be float32 or float64, got {dtype!r}")
    if batch < 2:
        raise ValueError(f"`batch` (={batch}) must be at least 2: batch norms need a variance")
    asked = [backends] if isinstance(backends, str) else backends
    left_out = {} if asked else _left_out(dtype)
    executors = {k: _executor(k) for k in asked or _runnable() if k not in left_out}
    reference = _executor(REFERENCE)
    if dtype == "float32":  # its own error is part of the bound
        executors = {REFERENCE: reference, **executors}
    else:
        executors.pop(REFERENCE, None)
    if not executors:
        told = "".join(f"; {name} is left out: {why}" for name, why in left_out.items())
        raise ValueError(f"{dtype} compares others with {REFERENCE}, and there is no other{told}")
    proof = prove(net, executors, (REFERENCE, reference), dtype, batch, seed)
    return replace(proof, left_out=left_out)


def _executor(name: str) -> Executor:
    backend = find_backend(name)
    if not hasattr(backend, "runner"):
        raise ValueError(f"the backend `{name}` runs nothing that could be compared")
    executor = cast(Executor, backend)
    if find_spec(executor.framework) is None:
        raise MissingFramework(executor.framework, name)
    return executor


def _runnable() -> list[str]:
    """The backends that are there to be compared."""
    return [name for name in installed() if hasattr(find_backend(name), "runner")]


def _left_out(dtype: str) -> dict[str, str]:
    """Of these, backend -> why it is not compared where none is named."""
    found = {}
    for name in _runnable():
        executor = cast(Executor, find_backend(name))
        if find_spec(executor.framework) is None:
            found[name] = f"{executor.framework} is not installed"
        elif dtype not in executor.quick:
            found[name] = f"in {dtype} it has to be asked for"
    return found


def net_shapes(net: Net) -> dict[str, Shape]:
    """Canonical path -> shape, of all weights of a net."""
    return {path: weight.shape for path, (_, weight) in weights(net).items()}


def has_layouts(backend: Backend) -> bool:
    """Whether files of weights in the framework's own names can be read and written."""
    return hasattr(backend, "layouts")


def _arrays(weights: Mapping[str, Any]) -> Tree:
    """A tree whose leaves may be whatever numpy takes, such as the state dict of a torch model."""
    import numpy

    found, lines = {}, []
    for path, value in weights.items():
        if not is_counter(path):
            try:
                found[path] = numpy.asarray(value)
            except Exception as error:  # each library has its own
                lines.append(f"no array: {path} ({error})")
    if lines:
        raise WeightsError(listing("the tree does not fit", lines))
    return found


def _read_foreign(net: Net, file: File, keys: File | maps.KeyMap) -> Tree:
    table = keys if isinstance(keys, maps.KeyMap) else maps.read(keys)
    head, own = files.stored(file), net_shapes(net)
    found = head.read(table.wanted(own), table.unused)
    if table is not keys:  # paths and shapes tell no epsilon
        note = f"map {keys}: of {table.module}; another configuration computes something else"
        warnings.warn(note, stacklevel=5)
    if table.net.digest != net.digest():
        note = f"the map is for another net, `{table.net.spec}`; the weights fit"
        warnings.warn(note, stacklevel=5)
    return table.tree(own, found)


def _traces(backend: Backend, model: Any) -> bool:
    return hasattr(backend, "trace") and cast(Tracer, backend).owns(model)


def _keeps(backend: Backend) -> bool:
    return all(hasattr(backend, name) for name in ("owns", "shapes", "read", "write"))


def _layouts(net: Net, layout: str) -> dict[str, Layout]:
    if layout == files.CANONICAL:
        return {path: Layout(path) for path in weights(net)}
    try:
        found = find_backend(layout)
    except UnknownBackend as error:
        raise WeightsError(str(error)) from None
    if not has_layouts(found):
        raise WeightsError(f"the backend `{layout}` has no files of weights alone")
    return cast(Keeper, found).layouts(net)

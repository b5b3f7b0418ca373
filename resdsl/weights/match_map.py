"""A map: which tensor of a foreign checkpoint is which weight of a net, as data."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from resdsl.ir.shape import Shape
from resdsl.weights.file import Origin
from resdsl.weights.match import Matched
from resdsl.weights.match_graph import Graph
from resdsl.weights.match_views import place, refined
from resdsl.weights.tree import Tree, WeightsError, check, listing

if TYPE_CHECKING:
    from numpy.typing import NDArray

HEAD = b'{\n "resdsl_map": 1,'
"""How a map begins."""

MAPS = Path(__file__).parent / "maps"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Route(_Data):
    """Where a foreign tensor goes. One of another shape has that `shape`; one of another order is
    reshaped to `split`, and then transposed by `axes`.
    """

    path: str
    shape: tuple[int, ...] = ()
    split: tuple[int, ...] = ()
    axes: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Route:
        whole = math.prod(self.split) == math.prod(self.shape)
        if self.axes and not (whole and sorted(self.axes) == [*range(len(self.split))]):
            raise ValueError("these axes are none")
        return self

    def __call__(self, array: NDArray[Any], own: Shape) -> NDArray[Any]:
        """The tensor in the shape that the net has."""
        if self.axes:
            array = array.reshape(self.split).transpose(self.axes)
        return array.reshape(own)


def _route_of(said: Any) -> Any:
    return {"path": said} if isinstance(said, str) else said


class KeyMap(_Data):
    """The routes of all weights of a net, by their keys in the checkpoint of `module`. `unused` are
    keys that it may have besides; `alike` are those whose part of the model has a twin that does
    the same.
    """

    resdsl_map: Literal[1] = 1
    module: str
    net: Origin
    weights: dict[str, Annotated[Route, BeforeValidator(_route_of)]]
    unused: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    def wanted(self, own: Mapping[str, Shape]) -> dict[str, Shape]:
        """The foreign tensors for these weights. Raises WeightsError unless the map leads to each
        of them, and only once.
        """
        keys: dict[str, list[str]] = {}
        for key, route in self.weights.items():
            keys.setdefault(route.path, []).append(key)
        if several := [f"{path}: {', '.join(k)}" for path, k in keys.items() if len(k) > 1]:
            head = f"the map of {self.module} has several keys for one weight"
            raise WeightsError(listing(head, several))
        check(own, {path: own.get(path, ()) for path in keys}, f"the map of {self.module}")
        return {key: route.shape or own[route.path] for key, route in self.weights.items()}

    def tree(self, own: Mapping[str, Shape], found: Tree) -> Tree:
        """The canonical tree of foreign tensors that fit."""
        return {r.path: r(found[key], own[r.path]) for key, r in self.weights.items()}

    def to_json(self) -> str:
        """One weight a line."""
        said = self.model_dump(mode="json", exclude_defaults=True)
        routes = [f"{_line(key)}: {_line(_short(r))}" for key, r in said.pop("weights").items()]
        lines = [f"{_line(key)}: {_line(value)}" for key, value in said.items()]
        weights = '"weights": {\n  ' + ",\n  ".join(routes) + "\n }"
        return "{\n " + ",\n ".join(['"resdsl_map": 1', *lines, weights]) + "\n}\n"


def key_map(module: str, origin: Origin, there: Graph, here: Graph, matched: Matched) -> KeyMap:
    """The map that a pairing is. Raises WeightsError where it leaves a weight out."""
    if here.unused:
        head = "a model says nothing of weights that it needs in training only"
        raise WeightsError(listing(head, here.unused))
    routes = {}
    for a, b in matched.pairs:
        if there.nodes[a].kind == "weight":
            routes[there.nodes[a].key] = _route(there, a, here, b)
    unused = there.unused + there.aliases
    return KeyMap(module=module, net=origin, weights=routes, unused=unused, alike=matched.alike)


def read(name: str | os.PathLike[str]) -> KeyMap:
    """The map in a file, or the shipped one of this name.

    Raises WeightsError where it is no map; FileNotFoundError where there is none.
    """
    found = Path(name)
    if not found.is_file():
        shipped = names()
        if os.fspath(name) not in shipped:
            raise FileNotFoundError(2, f"there is no map {os.fspath(name)}")
        found = MAPS / f"{os.fspath(name)}.json"
    try:
        return KeyMap.model_validate_json(found.read_bytes())
    except ValidationError:
        raise WeightsError(f"{found} is no map of weights, as `resdsl adopt` writes it") from None


def names() -> list[str]:
    """The shipped maps."""
    return sorted(
        file.relative_to(MAPS).with_suffix("").as_posix() for file in MAPS.rglob("*.json")
    )


def _route(there: Graph, a: int, here: Graph, b: int) -> Route:
    mine, own = there.nodes[a], here.nodes[b]
    rows = refined([there.view(a), here.view(b)])
    if rows is None:
        raise WeightsError(f"{mine.key} and {own.key} cannot be laid out alike")
    source = sorted(rows, key=lambda row: place(row[0]))
    order = [source.index(row) for row in sorted(rows, key=lambda row: place(row[1]))]
    shape = mine.shape if mine.shape != own.shape else ()
    if order == sorted(order):
        return Route(path=own.key, shape=shape)
    split = tuple(row[0].size for row in source)
    return Route(path=own.key, shape=mine.shape, split=split, axes=tuple(order))


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(route: dict[str, Any]) -> Any:
    return route["path"] if len(route) == 1 else route

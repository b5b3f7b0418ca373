"""Weights from one model to another, of the same framework or not."""

from __future__ import annotations

from typing import Any, Protocol

from resdsl.ir.shape import Shape
from resdsl.weights.tree import Tree, check


class Holder(Protocol):
    """What a backend knows of the weights in its models. It needs no net."""

    def owns(self, model: Any) -> bool:
        """Whether `model` is of this framework. Imports no framework to find out."""
        ...

    def shapes(self, model: Any) -> dict[str, Shape]:
        """Canonical path -> canonical shape; also of a model that has no arrays yet."""
        ...

    def read(self, model: Any) -> Tree:
        """A copy of all weights."""
        ...

    def write(self, model: Any, tree: Tree) -> None:
        """Set all weights in place, in the model's own dtypes and on its devices.

        The tree is complete and fits: the caller has checked it.
        """
        ...


def transfer(source: Any, of: Holder, target: Any, to: Holder) -> None:
    """Give `target` the weights of `source`, or raise WeightsError and change nothing."""
    check(to.shapes(target), of.shapes(source), "the source")
    to.write(target, of.read(source))

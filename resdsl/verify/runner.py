"""What a backend offers to be compared: a net with weights, from arrays to arrays.

Arrays are numpy's, canonical and with the batch first: an image is (batch, channels, rows,
columns).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from resdsl.ir.graph import Net

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays: TypeAlias = "dict[str, NDArray[Any]]"


class Runner(Protocol):
    """A net in inference."""

    def forward(self, inputs: Arrays) -> Arrays:
        """The maps of the stages and the outputs of inference, by name. An output wins over a stage
        of its name.
        """
        ...


@runtime_checkable
class Trainer(Runner, Protocol):
    """A net that can take a training step."""

    def gradients(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """In training mode, with `cotangents` for every output, those of training included: the
        gradients of the sum of output x cotangent by canonical path, and the buffers after the
        step. The net stays as it was.
        """
        ...


class Reference(Trainer, Protocol):
    """What others are compared with."""

    def statistics(self, inputs: Arrays) -> Arrays:
        """The buffers of batch norms that have seen nothing but these inputs."""
        ...


class Executor(Protocol):
    """A backend that runs nets."""

    framework: str
    """The package that has to be installed for that."""
    quick: frozenset[str]
    """The dtypes in which it is compared without being asked for."""

    def runner(self, net: Net, dtype: str, weights: Arrays) -> Runner:
        """`net` in `float32` or `float64`, with these weights."""
        ...

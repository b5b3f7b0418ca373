"""Running models: ONNX Runtime, and in float64 the reference evaluator of ONNX itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import Header, MissingFramework, loadable
from resdsl.ir.flat import flatten
from resdsl.ir.graph import Net
from resdsl.weights.tree import Tree
from resdsl_onnx.emit import model, results
from resdsl_onnx.files import to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def session(
    source: bytes | Path,
    sess_options: Any = None,
    providers: Sequence[Any] = ("CPUExecutionProvider",),
    provider_options: Sequence[Any] | None = None,
) -> Any:
    """An `onnxruntime.InferenceSession` of a model, as bytes or as a file."""
    try:
        import onnxruntime  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise
        raise MissingFramework("onnxruntime", "onnx") from None
    return onnxruntime.InferenceSession(source, sess_options, providers, provider_options)


class OnnxRunner:
    """A net with weights, in inference. In float64, for which ONNX Runtime has no convolution,
    ONNX's own reference evaluator runs it.
    """

    def __init__(self, net: Net, dtype: str, weights: Tree) -> None:
        header = Header(net.name, (), "", "", "0")
        made = model(net, header, weights, features=True, dtype=dtype)
        self.names = [name for name, _ in results(net, flatten(net))]
        self.dtype = dtype
        with loadable(lambda: to_bytes(made)) as source:
            self._run: Any = _evaluator(source, dtype).run

    def forward(self, inputs: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Outputs by name, and stages' maps by theirs; an output wins over a stage of its name."""
        given = {name: array.astype(self.dtype) for name, array in inputs.items()}
        return dict(zip(self.names, self._run(None, given), strict=True))


def _evaluator(source: Any, dtype: str) -> Any:
    if dtype != "float64":
        return session(source)
    from resdsl_onnx.reference import evaluator

    return evaluator(source)

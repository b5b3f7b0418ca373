"""The ONNX backend: `backend` is what the entry point of group `resdsl.backends` names.

Emitting needs onnx-ir and numpy; `build` imports ONNX Runtime, and nothing imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import Header
from resdsl.ir.graph import Net
from resdsl.weights.tree import Tree

if TYPE_CHECKING:
    from resdsl_onnx.run import OnnxRunner


class OnnxBackend:
    """Nets as models of ONNX, for inference."""

    name = "onnx"
    suffix = ".onnx"
    framework = "onnxruntime"
    quick = frozenset({"float32", "float64"})
    emit_options: frozenset[str] = frozenset({"weights", "seed", "features", "dtype", "functions"})

    def emit(
        self,
        net: Net,
        header: Header,
        weights: Tree | None = None,
        seed: int = 0,
        features: bool = False,
        dtype: str = "float32",
        functions: bool = False,
    ) -> bytes:
        """One file, with these weights or with random ones by the net's initialisers.

        `features` adds the stages' maps as outputs; `dtype` is float32, float64 or float16;
        `functions` makes each stage a function of the model, for viewers. Raises WeightsError where
        the weights do not fit, TooLarge past the 2 GB that one file can hold.
        """
        from resdsl_onnx.emit import model
        from resdsl_onnx.files import to_bytes

        return to_bytes(model(net, header, weights, seed, features, dtype, functions))

    def build(self, source: bytes | Path, net: Net, **options: Any) -> Any:
        """An `onnxruntime.InferenceSession`. The options are three of that class: `providers`, by
        default the CPU's, `provider_options` and `sess_options`.
        """
        from resdsl_onnx.run import session

        return session(source, **options)

    def beside(self, file: Path) -> set[Path]:
        """The files beside a model that hold its weights; they are of no use without it."""
        from resdsl_onnx.files import beside

        return beside(file)

    def runner(self, net: Net, dtype: str, weights: Mapping[str, Any]) -> OnnxRunner:
        """The net with these weights, from arrays to arrays."""
        from resdsl_onnx.run import OnnxRunner

        return OnnxRunner(net, dtype, dict(weights))


backend = OnnxBackend()

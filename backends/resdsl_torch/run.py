"""A net with weights, from arrays to arrays: what `verify` compares others with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from resdsl.codegen.backend import Header
from resdsl.ir.graph import Net
from resdsl.verify.runner import Arrays
from resdsl.weights.tree import is_counter
from resdsl_torch.build import build
from resdsl_torch.emit import emit
from resdsl_torch.weights import canonical, write

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor


class TorchRunner:
    """The module of the very source that `compile` writes, on the CPU."""

    def __init__(self, net: Net, dtype: str, weights: Arrays) -> None:
        import torch

        self.dtype = getattr(torch, dtype)
        outputs = sorted(net.main.outputs, key=lambda output: output.train)
        self.outputs = [output.name for output in outputs]
        self.has_stages = any(statement.stage for statement in net.main.statements)
        source = emit(net, Header(net.name, (), "", "", ""))
        self.model = build(source, net.name, "meta", self.dtype).to_empty(device="cpu")
        for name, buffer in self.model.named_buffers():
            if is_counter(name):
                buffer.zero_()
        write(self.model, weights)

    def forward(self, inputs: Arrays) -> Arrays:
        """Stages' maps and outputs, in inference."""
        import torch

        options = {"return_features": True} if self.has_stages else {}
        with torch.no_grad():
            found = self.model.eval()(*map(self._tensor, inputs.values()), **options)
        outputs, maps = found if options else (found, {})
        return {name: t.numpy() for name, t in {**maps, **self._named(outputs)}.items()}

    def gradients(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        """Of the sum of output x cotangent, and the buffers after the step."""
        import torch

        with self._restored():
            self.model.train().zero_grad()
            outputs = self._named(self.model(*map(self._tensor, inputs.values())))
            parts = [(out * self._tensor(cotangents[k])).sum() for k, out in outputs.items()]
            loss = torch.stack(parts).sum()
            if loss.requires_grad:  # not so where nothing is learnt
                loss.backward()  # type: ignore[no-untyped-call]
            grads = {
                canonical(name): parameter.grad.numpy()
                for name, parameter in self.model.named_parameters()
                if parameter.grad is not None
            }
            return grads, self._buffers()

    def statistics(self, inputs: Arrays) -> Arrays:
        """The buffers of batch norms that have seen nothing but these inputs."""
        import torch

        kinds = (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)
        norms = [module for module in self.model.modules() if isinstance(module, kinds)]
        momenta = [norm.momentum for norm in norms]
        with self._restored(), torch.no_grad():
            for norm in norms:
                norm.momentum = 1.0
            self.model.train()(*map(self._tensor, inputs.values()))
            for norm, momentum in zip(norms, momenta, strict=True):
                norm.momentum = momentum
            return self._buffers()

    def _named(self, result: Any) -> dict[str, Tensor]:
        """What the module returns, by the names of the net's outputs; those of training come last,
        and not at all in inference."""
        found = result if isinstance(result, tuple) else (result,)
        return {name: t for name, t in zip(self.outputs, found, strict=False) if t is not None}

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        import torch

        return torch.from_numpy(array).to(self.dtype)

    def _buffers(self) -> Arrays:
        return {
            canonical(name): buffer.numpy().copy()
            for name, buffer in self.model.named_buffers()
            if not is_counter(name)
        }

    @contextmanager
    def _restored(self) -> Iterator[None]:
        """The buffers are afterwards what they were."""
        before = {name: buffer.clone() for name, buffer in self.model.named_buffers()}
        yield
        self.model.load_state_dict(before, strict=False)

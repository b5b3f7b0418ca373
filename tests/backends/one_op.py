"""One op from text, built in torch, against a plain expression with the same weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

import resdsl
from tests.backends.compare import assert_same, randomise, run, tensor_of

Weights = dict[str, Tensor]
Reference = Callable[..., Tensor]


@dataclass(frozen=True)
class Case:
    """`body`: lines of a spec, of which `t` is the op.

    `reference(w, *inputs)`: w has the weights of `t` by name. Inputs are `image` (the current
    tensor), then `other`. `same_in_training`: nothing depends on the mode.
    """

    body: str
    reference: Reference
    inputs: tuple[tuple[int, ...], ...] = ((6, 13, 11),)
    same_in_training: bool = True

    @property
    def text(self) -> str:
        names = ("image", "other")
        declared = [f"input {n}: {list(s)}" for n, s in zip(names, self.inputs, strict=False)]
        start = ["@image -> identity"] if len(self.inputs) > 1 else []
        return "\n".join(["model m", *declared, *start, self.body, "output out", ""])


def inputs_of(case: Case, batch: int = 3) -> list[Tensor]:
    made = torch.Generator().manual_seed(5)
    return [torch.randn(batch, *s, generator=made, dtype=torch.float64) for s in case.inputs]


def check(case: Case) -> None:
    """Shape, outputs, gradients of inputs and weights, and multiply-adds."""
    network = resdsl.loads(case.text)
    model = network.build("torch", dtype=torch.float64)
    randomise(model)
    inputs = inputs_of(case)
    weights = {k.removeprefix("t."): v.detach().clone() for k, v in model.state_dict().items()}
    trained = {k.removeprefix("t."): v for k, v in model.named_parameters()}
    for name in trained:
        weights[name].requires_grad_()
    plain = _Plain(case.reference, weights)

    theirs, their_gradients = run(plain, inputs)
    for training in (False, True) if case.same_in_training else (False,):
        model.train(training)
        ours, our_gradients = run(model, inputs)
        assert_same(ours, theirs, f"output, training={training}")
        assert_same(our_gradients, their_gradients, "gradient of an input")
        for name, weight in trained.items():
            assert weight.grad is not None, name
            assert_same(weight.grad, weights[name].grad, f"gradient of {name}")

    main = network.ir.main
    assert [main.shapes[o.value] for o in main.outputs] == [t.shape[1:] for t in theirs]
    with FlopCounterMode(display=False) as counter:
        plain(*[x[:1] for x in inputs])
    assert network.stats().macs == counter.get_total_flops() // 2


class _Plain:
    """A reference with its weights; quacks like a module as far as `run` asks."""

    def __init__(self, reference: Reference, weights: Weights) -> None:
        self.reference, self.weights = reference, weights

    def zero_grad(self, set_to_none: bool = True) -> None:
        for weight in self.weights.values():
            weight.grad = None

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        return tensor_of(self.reference(self.weights, *inputs))

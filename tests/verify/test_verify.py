"""`verify`: backends that agree are told from those that do not, by the row where they part."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy
import pytest
from resdsl_torch import backend as torch_backend
from resdsl_torch.run import TorchRunner

import resdsl
from resdsl.ir.graph import Net, OpNode
from resdsl.passes.still import still
from resdsl.verify import errors
from resdsl.verify.proof import CLOSE, EXACT, Proof, prove
from resdsl.verify.runner import Arrays, Runner, Trainer
from tests.backends.nets import SMALL, WITH_AUX

NET = resdsl.loads(SMALL).ir
REFERENCE = ("torch", torch_backend)
Change = Callable[[Arrays], object]


class Other:
    """Torch, with a mistake in what it computes."""

    framework, quick = "torch", frozenset({"float32"})

    def __init__(self, trains: bool = True, **changes: Change) -> None:
        self.trains, self.changes = trains, changes

    def runner(self, net: Net, dtype: str, weights: Arrays) -> Runner:
        changed = dict(weights)
        self.changes.get("weights", len)(changed)
        return (Wrong if self.trains else Infers)(TorchRunner(net, dtype, changed), self.changes)


class Infers:
    def __init__(self, runner: TorchRunner, changes: dict[str, Change]) -> None:
        self.runner, self.changes = runner, changes

    def forward(self, inputs: Arrays) -> Arrays:
        found = self.runner.forward(inputs)
        self.changes.get("outputs", len)(found)
        return found


class Wrong(Infers):
    def gradients(self, inputs: Arrays, cotangents: Arrays) -> tuple[Arrays, Arrays]:
        grads, buffers = self.runner.gradients(inputs, cotangents)
        self.changes.get("gradients", len)(grads)
        self.changes.get("statistics", len)(buffers)
        return grads, buffers


def proof(dtype: str = "float64", net: Net = NET, **changes: Change) -> Proof:
    return prove(net, {"other": Other(**changes)}, REFERENCE, dtype)


def scale(path: str, factor: float) -> Change:
    return lambda arrays: arrays.update({path: factor * arrays[path]})


def too_far(found: Proof) -> set[tuple[str, str]]:
    return {(row.part, row.name) for row in found.rows if not row.ok}


def test_what_is_equal_agrees_in_every_row() -> None:
    found = proof()
    assert found.ok
    assert [(row.part, row.name) for row in found.rows] == [
        *[("outputs", name) for name in ("one", "two", "logits")],
        *[("gradients", name) for name in ("stem", "one", "two", "head")],
        *[("statistics", name) for name in ("stem", "one", "two")],
    ]
    assert {row.bound for row in found.rows} == {EXACT}
    assert found.worst("other") == 0.0


@pytest.mark.parametrize("factor", [1 + 1e-8, nan])
def test_a_stage_that_differs_is_named(factor: float) -> None:
    assert too_far(proof(outputs=scale("two", factor))) == {("outputs", "two")}


def test_a_weight_that_differs_shows_from_there_on() -> None:
    found = too_far(proof(weights=scale("two.0.conv1.weight", 1 + 1e-6)))
    assert {("outputs", "two"), ("outputs", "logits"), ("statistics", "two")} <= found
    assert ("outputs", "one") not in found


def test_what_is_missing_or_misshapen_is_too_far() -> None:
    assert too_far(proof(outputs=lambda maps: maps.pop("one"))) == {("outputs", "one")}
    whole: Change = lambda maps: maps.update({"one": maps["one"][:1]})  # noqa: E731
    assert too_far(proof(outputs=whole)) == {("outputs", "one")}


def test_a_gradient_that_differs_is_named() -> None:
    found = proof(gradients=scale("one.1.bn2.bias", 1 + 1e-7))
    assert too_far(found) == {("gradients", "one")}


@pytest.mark.parametrize("path", ["stem.bn1.running_mean", "stem.bn1.running_var"])
def test_statistics_that_did_not_move_are_seen(path: str) -> None:
    before: Arrays = {}

    def keep(weights: Arrays) -> None:
        before.update(weights)

    stuck: Change = lambda buffers: buffers.update({path: before[path]})  # noqa: E731
    assert too_far(proof(weights=keep, statistics=stuck)) == {("statistics", "stem")}


def test_one_that_cannot_train_is_compared_in_inference() -> None:
    found = prove(NET, {"other": Other(trains=False)}, REFERENCE, "float64")
    assert found.ok
    assert {row.part for row in found.rows} == {"outputs"}


def test_float32_is_close_and_a_step_is_exact() -> None:
    found = prove(NET, {"torch": torch_backend, "other": Other()}, REFERENCE, "float32")
    assert found.ok
    for row in found.rows:
        assert row.bound == (CLOSE if row.part == "outputs" else EXACT)
        assert set(row.errors) == ({"torch", "other"} if row.part == "outputs" else {"other"})
    assert 1e-9 < found.worst("torch") < CLOSE
    wrong = prove(NET, {"other": Other(outputs=scale("two", 1.001))}, REFERENCE, "float32")
    assert too_far(wrong) == {("outputs", "two")}


def test_a_deep_net_is_measured_by_torch_s_own_error() -> None:
    deep = resdsl.load("cifar/resnet20", input="3x16x16").ir
    found = prove(deep, {"torch": torch_backend}, REFERENCE, "float32")
    worst = max(row.errors["torch"] for row in found.rows)
    for row in found.rows:
        assert row.bound == min(max(CLOSE, 4 * row.errors["torch"]), 4 * worst)
    assert min(row.bound for row in found.rows) < CLOSE


def test_outputs_of_training_count_in_a_step() -> None:
    found = proof(net=resdsl.loads(WITH_AUX).ir)
    assert found.ok
    assert [row.name for row in found.rows if row.part == "outputs"] == [
        "one",
        "two",
        "scores",
        "map",
    ]
    assert "aux" in {row.name for row in found.rows if row.part == "gradients"}


def test_several_inputs_and_shared_weights() -> None:
    net = resdsl.load("examples/siamese", input={"left": "3x32x32", "right": "3x32x48"})
    assert prove(net.ir, {"other": Other()}, REFERENCE, "float64").ok


def test_the_same_seed_is_the_same_proof() -> None:
    one, again = (prove(NET, {"torch": torch_backend}, REFERENCE, seed=5) for _ in range(2))
    assert one == again
    assert prove(NET, {"torch": torch_backend}, REFERENCE, seed=6) != one


# ------------------------------------------------------------------ the runner of torch


def test_a_runner_leaves_the_net_as_it_was() -> None:
    random = numpy.random.default_rng(0)
    tree = resdsl.loads(SMALL).weights(resdsl.loads(SMALL).build("torch"))
    runner = TorchRunner(NET, "float64", tree)
    inputs = {"image": random.standard_normal((2, 3, 33, 35))}
    before = runner.forward(inputs)
    runner.gradients(inputs, {"logits": numpy.ones((2, 7))})
    runner.statistics(inputs)
    after = runner.forward(inputs)
    assert all(numpy.array_equal(before[name], after[name]) for name in before)
    assert isinstance(runner, Trainer)


# ------------------------------------------------------------------ errors; the net without chance


def test_a_gradient_that_is_zero_but_for_rounding_is_measured_by_its_layer() -> None:
    right: dict[str, Any] = {"a.weight": numpy.ones(3), "a.bias": numpy.full(3, 1e-17)}
    found = {"a.weight": numpy.ones(3), "a.bias": numpy.full(3, -1e-17)}
    assert errors.of_gradients(found, right) == {"a": pytest.approx(2e-17)}
    assert errors.by_statement(found, right) == {"a": pytest.approx(2.0)}


def test_zero_is_zero_only() -> None:
    zero, one = numpy.zeros(2), numpy.ones(2)
    assert errors.relative(zero, zero) == 0.0
    assert errors.relative(one, zero) == inf
    assert errors.relative(inf * one, inf * one) == inf
    assert errors.relative(numpy.zeros((0, 2)), numpy.zeros((0, 2))) == 0.0


def test_a_still_net_draws_nothing_and_keeps_its_weights() -> None:
    quiet = still(NET)
    ops = [node.op for r in quiet.regions.values() for node in r.nodes if isinstance(node, OpNode)]
    assert [op.p for op in ops if op.kind == "dropout"] == [0.0]
    assert still(quiet).regions == quiet.regions
    plain = resdsl.load("cifar/resnet20").ir
    assert still(plain) is plain

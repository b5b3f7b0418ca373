"""The pass manager, and the inference graph."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.analysis.stats import stats
from resdsl.ir.dump import dump
from resdsl.ir.graph import Net, Output
from resdsl.ir.verify import verify
from resdsl.passes import run
from resdsl.passes.inference import inference
from tests.analysis.nets import Draft, net, resnet50, shared


def test_passes_run_in_order() -> None:
    def once(made: Net) -> Net:
        return made.model_copy(update={"name": f"({made.name})"})

    def star(made: Net) -> Net:
        return made.model_copy(update={"name": f"{made.name}*"})

    assert run(shared(), []) == shared()
    assert run(shared(), [star, once, star], check=True).name == "(shared*)*"


def test_what_a_pass_breaks_has_its_name() -> None:
    def careless(made: Net) -> Net:
        return made.model_copy(update={"root": "gone"})

    with pytest.raises(ValueError, match="`gone` is no region") as error:
        run(shared(), [inference, careless], check=True)
    assert error.value.__notes__ == ["in the pass `careless`"]


def test_what_a_pass_raises_has_its_name() -> None:
    def failing(made: Net) -> Net:
        raise KeyError(made.name)

    with pytest.raises(KeyError, match="shared") as error:
        run(shared(), [failing])
    assert error.value.__notes__ == ["in the pass `failing`"]


def test_a_net_without_training_parts_is_left_as_it_is() -> None:
    made = resnet50()
    assert inference(made) is made


@pytest.mark.parametrize("spec", ["classics/googlenet", "torchvision/googlenet"])
def test_auxiliary_heads_go(spec: str) -> None:
    made = resdsl.load(spec).ir
    bare = run(made, [inference], check=True)
    before, after = stats(made), stats(bare)
    assert len(bare.main.outputs) == 1
    assert (after.params, after.macs, after.depth) == (before.params, before.macs, before.depth)
    assert after.params_training == before.params < before.params_training
    assert after.rows == tuple(row for row in before.rows if not row.train)
    assert "train" not in dump(bare)


def test_what_only_training_calls_goes_with_its_loans_and_exports() -> None:
    deep = Draft("deep", inputs={"in": (4, 8, 8)}, borrows=("u",))
    deep_region = deep.end(deep.op("u", "conv", 0, out=4))
    inner = Draft("inner", inputs={"in": (4, 8, 8)}, borrows=("v", "w"))
    (aux,) = inner.call("deep", deep_region, 0, lends=(("u", "v"),), train=True)
    x = inner.op("w", "conv", 0, out=4)
    inner.line("both", aux)
    inner_region = inner.end(Output(name="out", value=x), Output(name="aux", value=aux))
    root = Draft("root", "model", {"image": (4, 8, 8)})
    x, aux = root.call("s", inner_region, 0, lends=(("v", "a"), ("w", "b")))
    root.line("s", x)
    x = root.op("relu1", "relu", x)
    side = Output(name="side", value=aux, train=True)
    made = net("n", deep_region, inner_region, root.end(Output(name="main", value=x), side))
    verify(made)
    bare = run(made, [inference], check=True)
    assert list(bare.regions) == ["inner", "root"]
    kept = bare.regions["inner"]
    assert [o.name for o in kept.outputs] == ["out"]
    assert kept.borrows == ("w",)
    assert [(s.start, s.stop, s.value) for s in kept.statements] == [(0, 1, 1)]
    call = bare.main.nodes[0]
    assert (call.outputs, call.lends) == ((1,), (("w", "b"),))  # type: ignore[union-attr]
    assert stats(bare).params == stats(made).params == 4 * 4 * 9 + 4

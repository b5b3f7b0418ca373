"""The verifier: silent on valid nets, and it names each law that is broken."""

from __future__ import annotations

from typing import Any

import pytest

from resdsl.ir.graph import Net, Region
from resdsl.ir.op import Op
from resdsl.ir.verify import verify
from tests.analysis.nets import Draft, net, resnet50, shared


@pytest.mark.parametrize("made", [resnet50(), resnet50(side=97), shared()], ids=lambda n: n.name)
def test_valid_nets_pass(made: Net) -> None:
    verify(made)


def changed(made: Net, id: str, **updates: Any) -> Net:
    region = made.regions[id].model_copy(update=updates)
    return made.model_copy(update={"regions": {**made.regions, id: region}})


def with_node(made: Net, id: str, index: int, **updates: Any) -> Net:
    nodes = list(made.regions[id].nodes)
    nodes[index] = nodes[index].model_copy(update=updates)
    return changed(made, id, nodes=tuple(nodes))


def with_output(made: Net, id: str, index: int, **updates: Any) -> Net:
    outputs = list(made.regions[id].outputs)
    outputs[index] = outputs[index].model_copy(update=updates)
    return changed(made, id, outputs=tuple(outputs))


def with_statement(made: Net, id: str, index: int, **updates: Any) -> Net:
    statements = list(made.regions[id].statements)
    statements[index] = statements[index].model_copy(update=updates)
    return changed(made, id, statements=tuple(statements))


def lending(made: Net, *lends: tuple[str, str]) -> Net:
    """Both calls of the root lend these."""
    return with_node(with_node(made, "shared", 0, lends=lends), "shared", 4, lends=lends)


def region(made: Net, id: str) -> Region:
    return made.regions[id]


# shared(): in %0; s -> %1 %2; c %3; aux.gap1 %4; aux.fc1 %5; s -> %6 %7; gap1 %8; fc1 %9
S, INNER = shared(), "inner"
SHAPES = region(S, "shared").shapes
CORRUPT = {
    "the root is no region": (S.model_copy(update={"root": "other"}), "`other` is no region"),
    "the root is not last": (S.model_copy(update={"root": INNER}), "must be the last region"),
    "a region under another key": (
        S.model_copy(update={"regions": {"x": region(S, INNER), "shared": region(S, "shared")}}),
        "the region `inner` stands under `x`",
    ),
    "the root borrows": (changed(S, "shared", borrows=("c",)), "the root borrows `c`"),
    "used before it is made": (
        with_node(S, "shared", 1, inputs=(8,)), "node `c` uses %8 before anything makes it",
    ),
    "used and never made": (with_node(S, INNER, 0, inputs=(99,)), "node `c` uses %99 before"),
    "a negative value": (with_node(S, INNER, 0, inputs=(-1,)), "node `c` uses %-1 before"),
    "made twice": (with_node(S, "shared", 1, output=0), "node `c` makes %0 again"),
    "without a shape": (with_node(S, INNER, 2, output=4), "makes %4, which has no shape"),
    "not dense": (changed(S, "shared", shapes=(*SHAPES, (1,))), "nothing makes %10"),
    "an input of another shape": (
        changed(S, "shared", shapes=((9, 16, 16), *SHAPES[1:])), "input `image` is 8x16x16",
    ),
    "an input without a shape": (
        changed(S, INNER, shapes=()), "inner: input `in` is 8x16x16, but its value %0 is not",
    ),
    "another shape than inferred": (
        changed(S, "shared", shapes=(*SHAPES[:9], (11,))), "makes 10, but %9 is 11",
    ),
    "a shape that the op refuses": (
        with_node(S, "shared", 6, op=Op.registry["conv"](out=3, pad="valid")),
        "node `fc1` (conv) cannot take 4x1x1: `conv` spans 3",
    ),
    "too few inputs for the op": (with_node(S, INNER, 0, inputs=()), "(conv) cannot take"),
    "a call of nothing": (with_node(S, "shared", 0, region="none"), "calls `none`, which is no"),
    "a call of a later region": (with_node(S, "shared", 0, region="shared"), "no region before"),
    "a call with too many inputs": (
        with_node(S, "shared", 0, inputs=(0, 0)), "gives 2 inputs, `inner` has 1",
    ),
    "a call with too few outputs": (
        with_node(S, "shared", 4, outputs=(6,)), "takes 1 outputs, `inner` has 2",
    ),
    "a call that makes nothing": (with_node(S, "shared", 4, outputs=()), "makes nothing"),
    "a call on another shape": (
        with_node(S, "shared", 4, inputs=(1,)), "gives 4x16x16 for `in`: 8x16x16",
    ),
    "a call that makes another shape": (
        changed(S, "shared", shapes=(SHAPES[0], (5, 16, 16), *SHAPES[2:])),
        "takes `out`: 4x16x16 as 5x16x16",
    ),
    "a loan that is missing": (
        with_node(S, "shared", 0, lends=()), "lends nothing, `inner` borrows `c`",
    ),
    "a loan that nobody wants": (
        with_node(S, "shared", 0, lends=(("c", "c"), ("d", "c"))), "lends `c`, `d`",
    ),
    "a loan of other weights": (
        with_node(S, "shared", 0, lends=(("c", "fc1"),)), "two nodes are called `fc1`",
    ),
    "borrowed and unused": (
        lending(changed(S, INNER, borrows=("c", "z")), ("c", "c"), ("z", "z")),
        "inner: borrows `z` and does not use it",
    ),
    "borrowed twice": (
        lending(changed(S, INNER, borrows=("c", "c")), ("c", "c"), ("c", "c")),
        "inner: borrows `c` twice",
    ),
    "one name for two": (with_node(S, "shared", 5, name="c"), "two nodes are called `c`"),
    "one name, other weights": (
        with_node(S, INNER, 2, name="c"),
        "inner: two nodes are called `c`, and their weights differ",
    ),
    "one path for two": (
        with_node(S, "shared", 3, name="s.conv1", op=Op.registry["fc"](out=10)),
        "two tensors have the path `s.conv1.weight`",
    ),
    "no output": (changed(S, INNER, outputs=()), "inner: no output"),
    "two outputs of one name": (with_output(S, INNER, 1, name="out"), "two outputs of one name"),
    "an output that does not exist": (with_output(S, INNER, 1, value=9), "which does not exist"),
    "an inference output from training": (
        with_output(S, "shared", 1, train=False), "output `aux` is of the inference graph",
    ),
    "an inference node on training": (
        with_node(S, "shared", 3, train=False), "`aux.fc1` is of the inference graph and uses",
    ),
    "statements with a gap": (with_statement(S, "shared", 1, start=2), "do not partition"),
    "statements that overlap": (with_statement(S, "shared", 1, start=0), "before node"),
    "statements that stop early": (with_statement(S, "shared", 4, stop=6), "do not partition"),
    "statements that run over": (with_statement(S, "shared", 4, stop=8), "do not partition"),
    "no statements": (changed(S, INNER, statements=()), "do not partition the 3 nodes"),
    "a statement back to front": (with_statement(S, "shared", 4, start=7, stop=5), "before node 7"),
    "a statement without a tensor": (with_statement(S, INNER, 0, value=7), "`rest` ends in %7"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "said"), CORRUPT.values(), ids=CORRUPT)
def test_a_broken_law_is_named(made: Net, said: str) -> None:
    with pytest.raises(ValueError, match="net shared: ") as error:
        verify(made)
    assert said in str(error.value)


def test_all_problems_are_listed() -> None:
    broken = with_output(with_statement(S, "shared", 4, stop=6), INNER, 1, value=9)
    with pytest.raises(ValueError, match="does not exist") as error:
        verify(broken)
    assert len(str(error.value).splitlines()) > 1


def test_stateless_ops_may_share_a_name() -> None:
    root = Draft("root", "model", {"image": (3, 4, 4)})
    verify(net("acts", root.end(root.op("act", "relu", root.op("act", "relu", 0)))))


def test_one_instance_may_see_other_sizes() -> None:
    root = Draft("root", "model", {"image": (3, 8, 8), "small": (3, 4, 4)})
    a, b = (root.op("c", "conv", v, out=3, k=3) for v in (0, 1))
    verify(net("sizes", root.end(a, b)))

"""What a model of ONNX says and returns: names, outputs, weights, metadata."""

from __future__ import annotations

import math
import subprocess
import sys
from typing import Any

import numpy
import onnx
import pytest
import torch
from resdsl_onnx import backend
from resdsl_onnx.initial import initial

import resdsl
from resdsl.ir.init import INITS, TruncNormal
from resdsl.ir.weights import initialisers, weights
from resdsl.weights.tree import WeightsError
from tests.analysis.nets import shared
from tests.backends.compare import randomise
from tests.backends.nets import SMALL, WITH_AUX
from tests.backends.onnx_nets import assert_close, emitted, inputs_for, named, outputs, tree

SEVERAL = """
model several
input left: 3x9x11
input right: 2x9x11
@left -> conv(6)
stage one: add { | relu | conv(6) }
stage two: dropout(0.5)
share c = conv(6)
c -> c
output map
output again: @one
output gate: @right -> gap -> sigmoid
"""


def equal_to_torch(network: resdsl.Network, batch: int = 3) -> None:
    """In both dtypes, with random weights of torch's."""
    model = network.build("torch", dtype=torch.float64).eval()
    randomise(model)
    inputs = inputs_for(network, batch)
    with torch.no_grad():
        expected = outputs(network, model(*inputs))
    for dtype, tolerance in (("float32", 2e-5), ("float64", 1e-10)):
        made = backend.runner(network.ir, dtype, tree(model)).forward(named(network, inputs))
        assert_close({name: made[name] for name in expected}, expected, tolerance)


@pytest.mark.parametrize("text", [SMALL, WITH_AUX, SEVERAL], ids=["small", "aux", "several"])
def test_it_is_the_function_of_the_torch_model(text: str) -> None:
    network = resdsl.loads(text)
    emitted(network, features=True)
    equal_to_torch(network)


@pytest.mark.parametrize(
    ("spec", "input_", "params"),
    [
        ("mobilenet_v2", "3x65x49", {}),
        ("vit_b_16", "3x32x48", {"dim": 48}),
        ("convnext_tiny", "3x64x65", {"depths": [1, 1, 2, 1], "width": 8}),
    ],
)
def test_shipped_nets_are_the_functions_of_the_torch_models(
    spec: str, input_: str, params: dict[str, Any]
) -> None:
    equal_to_torch(resdsl.load(spec, input=input_, params=params), batch=2)


def test_the_stages_maps_are_torch_s_features() -> None:
    network = resdsl.loads(SMALL)
    model = network.build("torch").eval()
    randomise(model)
    (x,) = inputs_for(network, 2)
    _, maps = model(x.float(), return_features=True)
    made = backend.runner(network.ir, "float32", tree(model)).forward(named(network, x))
    assert list(made) == ["logits", "one", "two"]
    expected = {name: value.detach().numpy() for name, value in maps.items()}
    assert_close({name: made[name] for name in maps}, expected, 1e-5)


# ---------------------------------------------------------------- names


def test_names_are_the_canonical_paths() -> None:
    network = resdsl.load("resnet18", input="3x32x32")
    proto = emitted(network)
    assert {t.name for t in proto.graph.initializer} == set(weights(network.ir))
    shapes = {t.name: tuple(t.dims) for t in proto.graph.initializer}
    assert shapes == {path: weight.shape for path, (_, weight) in weights(network.ir).items()}
    nodes = {node.name: node for node in proto.graph.node}
    conv = nodes["conv3_x/0/conv2"]
    assert list(conv.input)[1:] == ["conv3_x.0.conv2.weight"]
    assert list(conv.output) == ["conv3_x.0.conv2"]
    assert {p.key: p.value for p in conv.metadata_props} == {"namespace": "conv3_x/0"}
    assert len(nodes) == len(proto.graph.node)
    (fc,) = (node for node in proto.graph.node if node.op_type == "Gemm")
    assert shapes[fc.input[1]] == (1000, 512)


def test_values_are_called_as_the_stages_and_the_outputs() -> None:
    proto = emitted(resdsl.load("resnet18", input="3x32x32"))
    made = {name for node in proto.graph.node for name in node.output}
    assert {"conv2_x", "conv3_x", "conv4_x", "conv5_x", "logits"} <= made
    (out,) = proto.graph.output
    assert [d.dim_param or d.dim_value for d in out.type.tensor_type.shape.dim] == ["batch", 1000]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("input x: 3x8x8\nconv(4)\noutput x\n", ["x~2"]),
        ("input x: 3x8x8\ny: conv(4)\nrelu\noutput y\n", ["y"]),
        ("input x: 3x8x8\nstage y: conv(4)\nrelu\noutput y\n", ["y"]),
        ("input x: 3x8x8\nstage y: conv(4)\noutput z\n", ["z", "y"]),
        ("input x: 3x8x8\nstage y: identity\nstage z: dropout(0.1)\noutput o\n", ["o", "z"]),
        ("input x: 3x8x8\nconv(4)\noutput a\noutput b\n", ["a", "b"]),
    ],
)
def test_two_values_never_have_one_name(text: str, names: list[str]) -> None:
    network = resdsl.loads(text)
    proto = emitted(network, features=True)
    assert [value.name for value in proto.graph.output] == names
    emitted(network)
    equal_to_torch(network)


def test_shared_weights_are_there_once() -> None:
    net = shared()
    source = backend.emit(net, resdsl.loads(SMALL).header("onnx"))
    proto = onnx.load_from_string(source)
    onnx.checker.check_model(proto, full_check=True)
    names = [tensor.name for tensor in proto.graph.initializer]
    assert sorted(set(names)) == sorted(names)
    assert [node.name for node in proto.graph.node if "c.weight" in node.input] == [
        "c", "c#2", "c#3", "c#4", "c#5",
    ]  # fmt: skip


def test_what_is_of_training_alone_is_not_there() -> None:
    proto = emitted(resdsl.loads(WITH_AUX), features=True)
    assert [value.name for value in proto.graph.output] == ["scores", "map", "one", "two"]
    assert not [tensor.name for tensor in proto.graph.initializer if "aux" in tensor.name]
    assert "Dropout" not in {node.op_type for node in emitted(resdsl.loads(SMALL)).graph.node}


# ---------------------------------------------------------------- contents


def test_batch_norm_stays_one() -> None:
    network = resdsl.loads("input x: 3x8x8\nbn(eps=0.001, momentum=0.3)\noutput y\n")
    (node,) = emitted(network).graph.node
    assert node.op_type == "BatchNormalization"
    facts = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    assert facts == pytest.approx({"epsilon": 0.001, "momentum": 0.7})
    assert list(node.input)[1:] == [
        "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var",
    ]  # fmt: skip


def test_the_metadata_say_which_net_it_is() -> None:
    network = resdsl.load("cifar/resnet20")
    proto = emitted(network)
    facts = {entry.key: entry.value for entry in proto.metadata_props}
    assert facts["paper"] == network.ir.notes["paper"]
    assert facts["resdsl.digest"] == network.ir.digest()
    assert "269,722 parameters" in facts["resdsl.counts"]
    assert facts["resdsl.command"].startswith("resdsl compile cifar/resnet20 --backend onnx")
    assert (proto.producer_name, proto.graph.name) == ("resdsl", "resnet20")


def test_the_batch_is_free() -> None:
    session = resdsl.loads(SMALL).build("onnx", seed=3)
    sizes = [len(session.run(None, {"image": numpy.zeros((n, 3, 33, 35), "f")})[0]) for n in (1, 5)]
    assert sizes == [1, 5]


def test_the_bytes_are_the_same_and_a_seed_makes_others() -> None:
    first, second = (resdsl.loads(SMALL).source("onnx") for _ in range(2))
    assert first == second
    assert first != resdsl.loads(SMALL).source("onnx", seed=1)
    program = "import resdsl, sys; sys.stdout.buffer.write(resdsl.load('lenet5').source('onnx'))"
    words = [sys.executable, "-c", program]
    run = subprocess.run(words, capture_output=True, check=True)
    assert run.stdout == resdsl.load("lenet5").source("onnx")


def test_emitting_imports_no_torch_and_no_runtime() -> None:
    program = (
        "import resdsl, sys; resdsl.load('lenet5').source('onnx'); "
        "print([m for m in ('torch', 'jax', 'onnxruntime', 'networkx') if m in sys.modules])"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_missing_framework_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    network = resdsl.loads(SMALL)
    for name in ("onnxruntime", "onnx_ir"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(resdsl.codegen.backend.MissingFramework, match=r"resdsl\[onnx\]"):
            network.build("onnx")


def test_an_unknown_dtype_is_refused() -> None:
    with pytest.raises(ValueError, match="`dtype` is one of float32, float64, float16"):
        resdsl.loads(SMALL).source("onnx", dtype="bfloat16")


# ---------------------------------------------------------------- weights


def test_weights_that_do_not_fit_are_all_named() -> None:
    network = resdsl.loads(SMALL)
    found = tree(network.build("torch"))
    del found["two.0.conv1.weight"]
    found["more"] = numpy.zeros(3, "f")
    found["head.fc1.weight"] = numpy.zeros((3, 3), "f")
    with pytest.raises(WeightsError) as error:
        backend.emit(network.ir, network.header("onnx"), weights=found)
    for line in ("missing: two.0.conv1.weight", "extra: more", "head.fc1.weight is 3x3, not 7x16"):
        assert line in str(error.value)


def test_random_weights_follow_the_initialisers() -> None:
    network = resdsl.loads(SMALL + "init conv = he_normal(fan_in)\ninit bn.bias = 0.5\n")
    proto = emitted(network, seed=2)
    made = {t.name: onnx.numpy_helper.to_array(t) for t in proto.graph.initializer}
    for path, rule in initialisers(network.ir).items():
        array = made[path]
        assert array.dtype == numpy.float32
        if rule.kind == "constant":
            assert (array == numpy.float32(rule.value)).all()
        if rule.kind == "he_normal" and array.size > 1000:
            assert array.std() == pytest.approx(math.sqrt(2 / array[0].size), rel=0.1)


@pytest.mark.parametrize("kind", sorted(INITS.keys() - {"constant"}))
def test_the_distributions_are_torch_s(kind: str) -> None:
    """By mean, deviation and bound, of a convolution's weight of 40 x 30 x 3 x 3."""
    rule, shape = INITS[kind](), (40, 30, 3, 3)
    made = initial("a.weight", shape, rule, 0)
    theirs = torch.empty(shape)
    torch.manual_seed(0)
    init = torch.nn.init
    draw = {
        "normal": lambda: init.normal_(theirs, std=0.01),
        "trunc_normal": lambda: init.trunc_normal_(theirs, std=0.02),
        "uniform": lambda: init.uniform_(theirs, -0.05, 0.05),
        "fan_in_uniform": lambda: init.kaiming_uniform_(theirs, a=5**0.5),
        "he_normal": lambda: init.kaiming_normal_(theirs, mode="fan_out"),
        "he_uniform": lambda: init.kaiming_uniform_(theirs, mode="fan_out", nonlinearity="relu"),
        "xavier_normal": lambda: init.xavier_normal_(theirs),
        "xavier_uniform": lambda: init.xavier_uniform_(theirs),
    }
    draw[kind]()
    deviation = theirs.std().item()
    assert made.std() == pytest.approx(deviation, rel=0.03)
    assert abs(made.mean()) < 0.05 * deviation
    if kind.endswith("uniform"):
        assert abs(made).max() == pytest.approx(theirs.abs().max().item(), rel=0.01)


@pytest.mark.parametrize("std", [0.0, 0.9, 1.5, 40.0])
def test_a_truncated_normal_ends_at_two(std: float) -> None:
    made = initial("a.weight", (200, 200), TruncNormal(std=std), 0)
    theirs = torch.nn.init.trunc_normal_(torch.empty(200, 200), std=max(std, 1e-9))
    assert abs(made).max() <= 2
    assert made.std() == pytest.approx(theirs.std().item(), rel=0.03, abs=1e-6)


def test_a_vector_has_no_fan() -> None:
    with pytest.raises(ValueError, match="the fan of a vector"):
        initial("a.bias", (3,), INITS["he_normal"](), 0)

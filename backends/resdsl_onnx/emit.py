"""A net as an ONNX model, from its flat view; no torch, and no runtime."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from resdsl.codegen.backend import Header, MissingFramework
from resdsl.ir.flat import Flat, flatten
from resdsl.ir.graph import Net
from resdsl.ir.op import path_of
from resdsl.ir.weights import initialisers, weights
from resdsl.weights.tree import Tree, check, shapes
from resdsl_onnx.functions import outline, parts
from resdsl_onnx.initial import initial
from resdsl_onnx.table import lower
from resdsl_onnx.writer import Scope, Writer

if TYPE_CHECKING:
    import onnx_ir as ir

OPSET, IR_VERSION = 21, 10
DTYPES = ("float32", "float64", "float16")


def model(
    net: Net,
    header: Header,
    tree: Tree | None = None,
    seed: int = 0,
    features: bool = False,
    dtype: str = "float32",
    functions: bool = False,
) -> ir.Model:
    """The model of `net` with these weights, or with random ones.

    `features` adds the stages' maps as outputs, under their names; `functions` makes each scope of
    the model a function. Raises WeightsError, which names everything that does not fit.
    """
    try:
        import onnx_ir as ir
    except ModuleNotFoundError as error:
        if error.name != "onnx_ir":
            raise
        raise MissingFramework("onnx-ir", "onnx") from None
    if dtype not in DTYPES:
        raise ValueError(f"`dtype` is one of {', '.join(DTYPES)}, not {dtype!r}")
    flat = flatten(net)
    tensors = _initialisers(net, flat, tree, seed, dtype)
    wanted = results(net, flat, features)
    reserved = {*tensors, *(tensor.name for tensor in net.main.inputs), *dict(results(net, flat))}
    writer = Writer(dtype, tensors, reserved)
    inputs = [writer.value(tensor.name, tensor.shape) for tensor in net.main.inputs]
    made = dict(zip(flat.values, inputs, strict=False))
    ends = [0]
    for node in flat.nodes:
        if not node.train:
            made[node.key] = lower(Scope(writer, node, [made[key] for key in node.inputs]), dtype)
        ends.append(len(writer.nodes))
    outputs = _outputs(writer, inputs, [(name, made[key]) for name, key in wanted])
    _name_stages([(name, made[key]) for name, key in results(net, flat)], [*inputs, *outputs])
    graph = ir.Graph(
        inputs, outputs, nodes=writer.nodes, initializers=list(tensors.values()),
        opset_imports={"": OPSET}, name=net.name,
    )  # fmt: skip
    found = ir.Model(
        graph, ir_version=IR_VERSION, producer_name="resdsl", producer_version=header.version,
        doc_string=header.docstring(), metadata_props=_metadata(net, header),
    )  # fmt: skip
    drawn = f"random, seed {seed}" if tree is None else _given(tensors.values())
    found.metadata_props["resdsl.weights"] = drawn
    if functions:
        nodes = writer.nodes
        outline(found, [(p.label, nodes[ends[p.start] : ends[p.stop]]) for p in parts(net)])
    return found


def _metadata(net: Net, header: Header) -> dict[str, str]:
    """The notes (`paper` and others), and what resdsl says of the net under names of its own."""
    own = {"counts": header.counts, "command": header.command, "digest": net.digest()}
    return {**dict(header.notes), **{f"resdsl.{key}": value for key, value in own.items()}}


def _given(values: Iterable[ir.Value]) -> str:
    """What is said of weights that are not random: the SHA-256 of their bytes in the model."""
    found = sha256()
    for tensor in (value.const_value for value in values):
        assert tensor is not None
        found.update(tensor.tobytes())
    return f"given, sha256 {found.hexdigest()}"


def _initialisers(
    net: Net, flat: Flat, tree: Tree | None, seed: int, dtype: str
) -> dict[str, ir.Value]:
    """Canonical path -> the weight, without those of training alone."""
    import onnx_ir as ir

    owned = weights(net)
    if tree is not None:
        own = {path: weight.shape for path, (_, weight) in owned.items()}
        check(own, shapes(tree), "the tree of weights")
    used = {
        path_of(node.path, name)
        for node in flat.nodes
        if not node.train
        for name in node.op.weights(*node.shapes)
    }
    rules = initialisers(net)
    found = {}
    for path, (_, weight) in owned.items():
        if path not in used:
            continue
        array = initial(path, weight.shape, rules[path], seed) if tree is None else tree[path]
        tensor = ir.Tensor(array.astype(dtype, order="C", copy=False), name=path)
        found[path] = ir.val(path, const_value=tensor)
    return found


# ---------------------------------------------------------------- outputs


def results(net: Net, flat: Flat, features: bool = True) -> list[tuple[str, str]]:
    """(name, key of what makes it) of what the model returns in inference: its outputs, then its
    stages, but for those that have the name of an output.
    """
    main = net.main
    found = {o.name: flat.values[o.value] for o in main.outputs if not o.train}
    training = {node.key for node in flat.nodes if node.train}
    if features:
        stages = [(s.name, flat.values[s.value]) for s in main.statements if s.stage]
        found = {**{name: key for name, key in stages if key not in training}, **found}
    outputs = {o.name for o in main.outputs}
    return sorted(found.items(), key=lambda item: item[0] not in outputs)


def _outputs(
    writer: Writer, inputs: list[ir.Value], named: list[tuple[str, ir.Value]]
) -> list[ir.Value]:
    """The graph's outputs: values under these names, `Identity` where a value has a name already.

    An output that is called as an input, which ONNX cannot have, gets a name like it. The node has
    a name that no label can be: one of the stage's own nodes may be called as the stage.
    """
    found: list[ir.Value] = []
    for name, value in named:
        if any(name == tensor.name for tensor in inputs):
            name = writer.fresh(name)
        if value in [*found, *inputs]:
            assert value.shape is not None
            shape = tuple(side for side in value.shape[1:] if isinstance(side, int))
            value = writer.add("Identity", f"{name}~output", (value,), writer.value(name, shape))
        value.name = name
        found.append(value)
    return found


def _name_stages(named: list[tuple[str, ir.Value]], others: list[ir.Value]) -> None:
    """Stages' values are called as the stages; one that has another name already keeps it."""
    done = list(others)
    for name, value in named:
        if value not in done:
            value.name = name
            done.append(value)

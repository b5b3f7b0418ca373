"""A net as text, as JSON and as a digest."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import resdsl
from resdsl.ir.dump import FORMAT, digest, dump, from_json, json_schema, to_data, to_json
from resdsl.ir.graph import InitRule, Net
from resdsl.ir.init import HeNormal
from resdsl.ir.op import Op
from tests.analysis.nets import Draft, net, resnet50, shared

SPEC = """
input image: 3x32x32
stage conv1: conv_bn(8) -> relu
share c = conv(8, bias=false)
stage twin: c -> c
aux: @conv1
head: gap -> fc(10)
output logits
output side(loss_weight=0.5, when=train): @conv1 -> gap -> fc(3)
init conv = he_normal(fan_in)
init head.fc1.bias = 0.5
"""
NETS = {
    "resnet50": resnet50(),
    "shared": shared(),
    "text": resdsl.loads(SPEC).ir,
    "googlenet": resdsl.load("classics/googlenet").ir,
    "hrnet": resdsl.load("examples/exchange_net").ir,
    "vit": resdsl.load("torchvision/vit_b_16").ir,
}
EVERY = pytest.mark.parametrize("made", NETS.values(), ids=NETS)


def test_the_dump_is_readable() -> None:
    made = shared().model_copy(
        update={
            "notes": {"paper": 'a "quoted"\nline'},
            "inits": (InitRule(selector="s.*", init=HeNormal(), scope="a."),),
        }
    )
    assert dump(made) == dedent("""\
        net shared
          note paper = "a \\"quoted\\"\\nline"
          init s.* = he_normal(mode=fan_out) in "a."

        scope inner
          in %0 in: 8x16x16
          borrows c
          rest -> %3
            %1 c = conv(out=8) %0: 8x16x16
            %2 c = conv(out=8, dilation=[2, 2]) %1: 8x16x16
            %3 conv1 = conv(out=4, k=[1, 1]) %2: 4x16x16
          out %3 out
          out %2 out1

        model shared (root)
          in %0 image: 8x16x16
          stage %1, %2 s = call inner lends(c=c) %0: 4x16x16, 8x16x16
          %3 c = conv(out=8) %2: 8x16x16
          aux -> %5
            %4 aux.gap1 = gap() %3: 8x1x1 train
            %5 aux.fc1 = fc(out=10) %4: 10 train
          again -> %6
            %6, %7 s = call inner lends(c=c) %3: 4x16x16, 8x16x16
          head -> %9
            %8 gap1 = gap() %6: 4x1x1
            %9 fc1 = fc(out=10) %8: 10
          out %9 logits
          out %5 aux train loss_weight=0.3
        """)


def test_blocks_are_dumped_with_their_arguments_before_their_callers() -> None:
    text = dump(resnet50())
    assert "\nblock conv_bn_act = conv_bn_act(out=64, k=7, stride=2)\n" in text
    assert text.index("block conv_bn_act =") < text.index("\nmodel resnet50 (root)\n")
    assert "  stage %5 conv4_x = call conv4_x %4: 1024x14x14\n" in text


@EVERY
def test_every_node_is_dumped(made: Net) -> None:
    text = dump(made)
    for region in made.regions.values():
        for node in region.nodes:
            assert f"%{node.output}" in text
            assert f" {node.name} = " in text or f' "{node.name}" = ' in text


def test_names_that_are_no_words_are_quoted() -> None:
    root = Draft("root", "model", {"a b": (3, 4, 4)})
    root.line("\x1b", root.op("x\ny", "relu", 0))
    text = dump(net("<>", root.end(1)))
    assert text.splitlines()[0] == 'net "<>"'
    assert '%1 "x\\ny" = relu() %0: 3x4x4' in text
    assert "\x1b" not in text


# ---------------------------------------------------------------- JSON


@EVERY
def test_json_is_read_back_equal(made: Net) -> None:
    again = from_json(to_json(made))
    assert again == made
    assert digest(again) == digest(made)
    assert dump(again) == dump(made)
    assert from_json(to_json(made, indent=2).encode()) == made


def test_json_writes_only_what_is_not_a_default() -> None:
    data = to_data(shared())
    assert data["format"] == FORMAT
    assert data["regions"]["inner"]["nodes"][2]["op"] == {"op": "conv", "out": 4, "k": [1, 1]}


OPS: list[tuple[str, dict[str, Any]]] = [
    ("conv", {"out": 4, "init": HeNormal(mode="fan_in")}),
    ("conv", {"out": 4, "k": (1, 7), "pad": "same_upper", "bias": False}),
    ("conv", {"out": 6, "pad": (0, 2), "groups": 3}),
    ("maxpool", {"k": 3, "stride": 2, "ceil": True}),
    ("maxpool", {"k": 2}),
    ("resize", {"factor": 1.5, "mode": "bilinear"}),
    ("bn", {"eps": 1e-3, "momentum": 0.5}),
]


@pytest.mark.parametrize(("kind", "fields"), OPS, ids=lambda part: str(part))
def test_the_fields_of_an_op_survive(kind: str, fields: dict[str, Any]) -> None:
    root = Draft("root", "model", {"image": (3, 9, 9)})
    made = net("one", root.end(root.op("it", kind, 0, **fields)))
    again = from_json(to_json(made))
    assert again == made
    assert again.main.nodes[0].op.model_fields_set  # type: ignore[union-attr]


@pytest.mark.parametrize("value", [3, 3.0, True, None, "relu", (1, 2.5, ("a", None)), ()])
def test_arguments_keep_their_types(value: Any) -> None:
    root = Draft("root", "model", {"image": (3, 9, 9)}, args=(("x", value),))
    made = net("one", root.end(root.op("it", "relu", 0)))
    again = from_json(to_json(made))
    assert repr(again.main.args) == repr(made.main.args) == repr((("x", value),))


@pytest.mark.parametrize(
    "text",
    [
        "", "3", "[]", "{}", '{"format": "resdsl/2"}', '{"format": "resdsl/1"}', "{" * 99_999,
        "[" * 99_999, '{"format": "resdsl/1", "name": "x", "root": "r", "regions": {}}',
    ],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_net_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(text)


def test_what_is_read_is_verified() -> None:
    data = to_data(shared())
    data["regions"]["inner"]["shapes"][3] = [5, 16, 16]
    with pytest.raises(ValueError, match="makes 4x16x16, but %3 is 5x16x16"):
        from_json(json.dumps(data))


def test_unknown_ops_and_fields_are_refused() -> None:
    for change in ({"op": "convx"}, {"strid": 2}):
        data = to_data(shared())
        data["regions"]["inner"]["nodes"][0]["op"].update(change)
        with pytest.raises(ValueError, match=r"unknown op|Extra inputs"):
            from_json(json.dumps(data))


DATA = to_data(shared())


def leaves(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all that is no container."""
    if not isinstance(data, dict | list):
        return [path]
    items = data.items() if isinstance(data, dict) else enumerate(data)
    return [leaf for key, value in items for leaf in leaves(value, (*path, key))]


@given(
    st.lists(st.sampled_from(leaves(DATA)), min_size=1, max_size=3),
    st.sampled_from([-1, 0, 1, 2, 5, 10**30, 0.5, None, True, "c", "inner", "shared", "", [], {}]),
)
@example([("regions", "inner", "id")], "c")
def test_whatever_is_changed_is_read_or_refused(paths: list[tuple[Any, ...]], value: Any) -> None:
    data = json.loads(json.dumps(DATA))
    for path in paths:
        part = data
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value
    try:
        made = from_json(json.dumps(data))
    except ValueError:
        return
    assert from_json(to_json(made)) == made
    dump(made)


# ---------------------------------------------------------------- digest


def test_the_digest_does_not_see_the_layout_of_the_text() -> None:
    spaced = (
        SPEC.replace("\n", "\n\n# comment\n").replace(" -> ", "   ->  ").replace("(8)", "( 8 )")
    )
    one, other = resdsl.loads(SPEC).ir, resdsl.loads(spaced).ir
    assert one != other  # lines differ
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("old", "new"),
    [("fc(10)", "fc(11)"), ("bias=false", "bias=true"), ("0.5", "0.25"), ("fan_in", "fan_out"),
     ("stage twin", "twin"), ("logits", "scores"), ("twin:", "pair:")],
)  # fmt: skip
def test_the_digest_sees_everything_else(old: str, new: str) -> None:
    assert digest(resdsl.loads(SPEC).ir) != digest(resdsl.loads(SPEC.replace(old, new)).ir)


def test_digests_are_of_the_net_alone() -> None:
    assert digest(shared()) == digest(shared())
    assert digest(shared()) != digest(resnet50())
    assert len(digest(shared())) == 64


# ---------------------------------------------------------------- schema


def test_every_op_is_in_the_schema_with_its_fields() -> None:
    found = json_schema()["$defs"]
    for kind, cls in Op.registry.items():
        properties = found[f"op.{kind}"]["properties"]
        assert properties["op"] == {"const": kind}
        assert set(properties) == {"op", *cls.model_fields}


@EVERY
def test_what_is_written_is_valid(made: Net) -> None:
    import jsonschema

    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(to_json(made)))


@pytest.mark.parametrize(
    "change", [{"op": "convx"}, {"strid": 2}, {"out": "64"}, {"out": 0}, {"k": [1, 2, 3]}]
)
def test_the_schema_refuses_what_the_reader_refuses(change: dict[str, Any]) -> None:
    import jsonschema

    data = json.loads(to_json(shared()))
    data["regions"]["inner"]["nodes"][0]["op"].update(change)
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(data)
    with pytest.raises(ValueError):  # noqa: PT011
        from_json(json.dumps(data))

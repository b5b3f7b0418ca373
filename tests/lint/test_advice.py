"""W301, W303 to W305 and W313: what depends on values and shapes."""

from __future__ import annotations

import pytest

from tests.lint.found import IMAGE, found, warnings

BIG = "input image: 3x224x224\n"


def test_a_stride_given_to_every_block() -> None:
    text = f"{BIG}conv_bn_act(64) -> maxpool(2)\nstage s: bottleneck(128, stride=2) x4"
    (one,) = warnings(text)
    assert one.code == "W301"
    assert one.message == "`stride=2` goes to all 4 blocks: the stage downsamples 16x"
    assert one.help == "`stride 2` (a space) strides the first block only"
    assert one.span is not None
    assert one.span.text == "stride=2"


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("basic(8, 2) x3", "2", "`stride=2` goes to all 3 blocks: the stage downsamples 8x"),
        ("let s = 2\nlet n = 3\nbasic(8, stride=s) x n", "stride=s", "downsamples 8x"),
        ("conv(8, 3, stride=[2, 1]) x2", "stride=[2, 1]", "downsamples 4x1x"),
        ("let b = basic(stride=2)\nb(8) x2", "stride=2", "to all 2 blocks"),
        ("mine(8, stride=2) x2\nblock mine(out, stride) { conv(out, 3, stride) -> relu }",
         "stride=2", "downsamples 4x"),
    ],
)  # fmt: skip
def test_however_it_is_given(text: str, at: str, said: str) -> None:
    (one,) = warnings(BIG + text)
    assert one.span is not None
    assert (one.code, one.span.text) == ("W301", at)
    assert said in one.message


@pytest.mark.parametrize(
    "text",
    [
        "basic(8) x3 stride 2",
        "basic(8, stride=2)",
        "basic(8, stride=2) x1",
        "basic(8, stride=1) x3",
        "maxpool(2, stride=2) x3",
        "conv_transpose(8, 2, stride=2) x3",
        "up(8, stride=2) x3\nblock up(out, stride) { conv(out) -> resize(factor=stride) }",
        "{ conv(8, stride=2) -> relu } x3",
    ],
)
def test_strides_that_are_meant(text: str) -> None:
    assert found(BIG + text) == []


def test_an_fc_on_an_image() -> None:
    (one,) = warnings("input image: 512x7x7\nfc(4096)")
    assert one.code == "W303"
    assert one.message == "`fc` flattens 512x7x7 into 25,088 features"
    for text in ("flatten -> fc(10)", "gap -> fc(10)", "maxpool(7) -> fc(10)", "tokens -> fc(10)"):
        assert found(f"input image: 512x7x7\n{text}") == []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("let B = 3\nbasic(B) shortcut=B", "B"),
        ("let B = 3\nbasic(B, shortcut=B)", "B"),
        ("let valid = 1\nconv(8, 3, valid, pad=valid)", "valid"),
        ("param kind: a|b = a\nlet b = 8\nif kind == b { conv(b) }", "b"),
    ],
)
def test_a_member_that_hides_a_variable(text: str, at: str) -> None:
    (one,) = warnings(IMAGE + text)
    assert one.span is not None
    assert (one.code, one.span.text) == ("W304", at)
    assert [label.message for label in one.labels] == ["this variable is not meant"]


@pytest.mark.parametrize(
    "text",
    [
        "param shortcut: A|B|C = B\nbasic(8, shortcut=shortcut)",
        "let option = 3\nbasic(option, shortcut=B)",
        'let A = "A"\nbasic(8, shortcut=A)',  # both readings are one
        "param kind: relu|plain = plain\nif kind == plain { relu }",  # blocks are no variables
    ],
)
def test_members_that_hide_nothing(text: str) -> None:
    assert [w for w in found(IMAGE + text) if "W304" in w] == []


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("conv(8, 4)", "4", "does not keep the size: 31 rows of 32"),
        ("conv(8, 1x2)", "1x2", "31 columns of 32"),
        ("conv(8, k=6, stride=2)", "6", "it pads 2 on both sides"),
        ("maxpool(2, 1, pad=same)", "2", "31 rows of 32"),
        ("conv_bn_act(8, 4)", "4", "31 rows of 32"),
        ("mine(4)\nblock mine(size) { conv(8, size) }", "4", "31 rows of 32"),
    ],
)
def test_an_even_kernel(text: str, at: str, said: str) -> None:
    (one,) = warnings(IMAGE + text)
    assert one.span is not None
    assert (one.code, one.span.text) == ("W305", at)
    assert said in one.message


@pytest.mark.parametrize(
    "text",
    [
        "conv(8, 4, pad=1)",
        "conv(8, 4, pad=same_upper)",
        "conv(8, 4, pad=valid)",
        "conv(8, 4, dilation=2)",  # spans 7
        "conv(8, 3)",
        "maxpool(2)",
        "conv_transpose(8, 2, stride=2)",
    ],
)
def test_kernels_with_a_middle(text: str) -> None:
    assert found(IMAGE + text) == []


@pytest.mark.parametrize(
    "text",
    [
        "conv(8) -> relu -> relu",
        "conv_relu(8)\nrelu",
        "basic(8) x2\nrelu",
        "x: conv_relu(8)\ntanh\n@x -> relu",
        "conv(8) -> sigmoid -> relu6",
        "conv(8) -> softmax -> relu",
        "stage s { conv(8) -> relu }\nhead: relu -> conv(8)",
    ],
)
def test_an_activation_that_does_nothing(text: str) -> None:
    (one,) = [w for w in warnings(IMAGE + text) if w.code == "W313"]
    assert one.span is not None
    assert one.span.text in ("relu", "relu6")


def test_a_norm_of_what_is_normalised() -> None:
    assert found(IMAGE + "conv(8, bias=false) -> bn -> bn") == ["W313 bn"]
    assert found(IMAGE + "conv_bn(8) -> bn") == ["W313 bn"]


@pytest.mark.parametrize(
    "text",
    [
        "conv(8) -> relu -> relu6",
        "conv(8) -> relu -> maxpool(2) -> relu",
        "relu -> conv(8)",
        "conv(8) -> leaky_relu -> relu",
        "relu -> tanh -> conv(8)",
        "conv_relu(8)\nfor i in range(3) { relu -> conv(8) }",  # it is wanted from the second on
        "conv_relu(8)\n{ relu -> conv(8) } x3",
        "conv_relu(8)\nunit -> unit\nblock unit { relu -> conv(8) }",
        "relu -> conv(8)\nlet steps = [relu, tanh, relu]\nrelu\nfor s in steps { s }",
    ],
)
def test_activations_that_do_something(text: str) -> None:
    assert [w for w in found(IMAGE + text) if "W313" in w] == []


def test_nothing_is_said_of_the_bodies_of_the_standard_library() -> None:
    """`preact` begins with a norm; after one, that is no fault of its own text."""
    assert found(IMAGE + "conv_bn(16)\npreact_basic(16)") == []


def test_a_line_of_a_block_is_told_once() -> None:
    text = IMAGE + "unit(8) x3\nunit(16)\nblock unit(out) { conv(out, 4) -> tanh }"
    assert found(text) == ["W305 4"]

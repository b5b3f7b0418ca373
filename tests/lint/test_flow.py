"""W302 and W314: steps in the wrong company."""

from __future__ import annotations

import pytest

from tests.lint.found import IMAGE, found, warnings


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("conv(8) -> bn", "conv(8)"),
        ("conv(8, 3, bias=true) -> bn", "bias=true"),
        ("conv(8) bias=true\nbn", "bias=true"),
        ("conv(8)\nbn", "conv(8)"),
        ("conv1: conv(8)\nbn1: bn", "conv(8)"),
        ("conv(8)\nlet n = 2\nbn\nconv(n)", "conv(8)"),
        ("conv_transpose(8, 2) -> instance_norm", "conv_transpose(8, 2)"),
        ("dwconv -> bn", "dwconv"),
        ("gap -> fc(8) -> bn", "fc(8)"),
        ("unit(8)\nblock unit(out) { conv(out) -> bn(eps=1e-3) -> relu }", "conv(out)"),
        ("add { | conv(3) -> bn\n | identity }", "conv(3)"),
    ],
)
def test_a_bias_straight_before_a_norm(text: str, at: str) -> None:
    (one,) = warnings(IMAGE + text)
    assert one.span is not None
    assert (one.code, one.span.text) == ("W302", at)
    assert one.help == "write `bias=false`"


@pytest.mark.parametrize(
    "text",
    [
        "conv(8, bias=false) -> bn",
        "conv(8) bias=false\nbn",
        "conv(8, 3, 1, same, 1, 1, false) -> bn",
        "param b = true\nconv(8, bias=b) -> bn",
        "conv(8) -> relu -> bn",
        "conv(8) -> gn(4)",  # the mean of a group is not that of a channel
        "conv(8) -> ln",
        "default conv(bias=false)\nconv(8) -> bn",
        "x: conv(8)\nbn\nadd(@x)",  # its bias is seen elsewhere
        "conv(8)\n{ relu }\nbn",
        "conv(8)\noutput y\nbn",
        "share conv1 = conv(8)\nconv1 -> bn",
        "conv(8) -> bn\nblock conv(out) { pad_channels(out) }",
        "unit(8)\nblock unit(out, norm: op = gn(4)) { conv(out) -> norm }",
        "unit(8, dilation=2)\nblock unit(out, ...) { conv(out, ...) -> bn }",
        "conv_bn(8)",
    ],
)
def test_a_bias_that_something_sees(text: str) -> None:
    assert found(IMAGE + text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gap -> fc(4) -> softmax\noutput logits", ["W314 logits"]),
        ("head: gap -> fc(4) -> softmax\noutput class_logits", ["W314 class_logits"]),
        ("gap\noutput logits: fc(4) -> softmax", ["W314 logits"]),
        ("gap -> fc(4) -> softmax\noutput probabilities", []),
        ("gap -> fc(4)\noutput logits", []),
        ("gap -> softmax -> fc(4)\noutput logits", []),
        ("gap -> fc(4)\nparam p = false\nif p { softmax }\noutput logits", []),
    ],
)
def test_logits_after_softmax(text: str, expected: list[str]) -> None:
    assert found(IMAGE + text) == expected

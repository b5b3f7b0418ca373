"""What an outside reader tripped over: each is a sentence of the language that must hold."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.ir.weights import initialisers
from tests.language.reading import at, error, net, result, weights


@pytest.mark.parametrize(
    ("condition", "span"),
    [
        ('"plain" == plain', "plain"),
        ("kind == plian", "plian"),
        ("kind == plain", "plain"),
        ("3 == true", "3 == true"),
        ("kind == 3", "kind == 3"),
    ],
)
def test_only_values_of_one_kind_are_compared(condition: str, span: str) -> None:
    found = error(f'let kind = "plain"\nif {condition} {{ relu }}')
    assert at(found) == ("E210", span)


def test_a_block_that_nothing_flows_into_is_refused_where_it_is_called() -> None:
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads("conv_bn(3)")
    found = caught.value.diagnostics[0]
    assert at(found) == ("E312", "conv_bn(3)")
    assert not found.trace
    with pytest.raises(resdsl.ResdslError) as caught:
        resdsl.loads("input a: 3x8x8\ninput b: 3x8x8\nconv_bn(3)")
    assert "@a, @b" in (caught.value.diagnostics[0].help or "")


def test_an_element_of_a_list_of_tensors_begins_a_chain() -> None:
    block = "block f(xs: [tensor]) { @xs[1] -> conv(7) }"
    assert result(net("a: conv(5)\nb: f([@image, @a])", block))[0] == 7
    assert at(error("f([@image])", "block f(xs: [tensor]) { @xs -> relu }"))[0] == "E209"


def test_a_parameter_may_have_any_name() -> None:
    text = "param input = 3\nparam spec = 1\ninput a: 3x8x8\nconv(input * spec)"
    wide = resdsl.loads(text, params={"input": 4, "spec": 2})
    assert wide.stats().outputs["out"] == (8, 8, 8)


def test_a_default_ends_with_its_braces_but_for_those_of_if() -> None:
    for text in ("{ default conv(bias=false) }", "for i in [1] { default conv(bias=false) }"):
        assert "conv1.bias" in weights(net(f"{text}\nconv(8)"))
    assert "conv1.bias" not in weights(net("if true { default conv(bias=false) }\nconv(8)"))


def test_a_scope_s_own_label_wins_over_an_inlined_one() -> None:
    block = "block a { down: conv(3) -> relu }"
    for text in ("a\ndown: conv(5)", "down: conv(5)\na"):
        assert weights(net(text, block))["down.weight"][0] == 5
        assert "down2.conv1.weight" in weights(net(text, block))


def test_selectors_name_tensors_kinds_and_everything() -> None:
    def begins(*lines: str) -> dict[str, str]:
        found = initialisers(net("\n".join(["conv(8)", "fc(3)", *lines])).ir)
        return {path: getattr(rule, "kind", "") for path, rule in found.items()}

    assert begins("init fc.bias = normal(1)")["fc1.bias"] == "normal"
    assert begins("init fc.bias = normal(1)")["conv1.bias"] == "constant"
    assert begins("init bias = normal(1)")["conv1.bias"] == "normal"
    assert begins("init * = normal(1)")["conv1.weight"] == "normal"
    assert begins("init * = normal(1)")["conv1.bias"] == "constant"


def test_a_sub_model_brings_its_inits_whatever_it_is_called_by() -> None:
    trunk = "model trunk { input image: 3x32x32\nconv(8)\ninit conv = 0 }\n"
    alias = "model t2 = trunk { init conv = 1 }\n"
    for step, path, value in (
        ("trunk", "conv1", 0),
        ("b: trunk", "b.conv1", 0),
        ("b: t2", "b.conv1", 1),
    ):
        text = f"{trunk}{alias}model m {{ input x: 3x64x48\n{step} }}"
        found = initialisers(resdsl.loads(text, name="m.res").ir)[f"{path}.weight"]
        assert getattr(found, "value", None) == value


def test_inputs_of_a_model_keep_the_order_in_which_it_declares_them() -> None:
    text = (
        "model two { input a: 3x8x8\ninput b: 4x8x8\nconcat { | @a | @b } -> conv(2) }\n"
        "model m { input p: 3x8x8\ninput q: 4x8x8\ns: @p -> two(b=@q)\noutput y: @s }"
    )
    net_ = resdsl.loads(text, name="m.res")
    assert [i.name for i in net_.ir.regions["two"].inputs] == ["a", "b"]


def test_words_of_ops_not_of_validators() -> None:
    assert error("conv(0)").message == "`out` of `conv` must be at least 1, got 0"
    found = error("conv(3)\ninit conv = he_normal(fan_inn)")
    assert (found.code, found.help) == ("E223", "did you mean `fan_in`?")
    assert error("a: conv(3)\nadd(a)").help == "a tensor wears an @: `@a`"
    assert error("relu { | conv(3)\n| when false: conv(3) }").code == "E209"

"""What the language means, a test a sentence: blocks, values, defaults, deriving, checks, init."""

from __future__ import annotations

import pytest

import resdsl
from tests.language.reading import (
    at,
    error,
    net,
    ops,
    params,
    result,
    script,
    shapes,
    uses,
    weights,
)

# ------------------------------------------------------------------ block parameters


def test_an_untyped_parameter_is_an_int_or_what_its_default_is() -> None:
    block = (
        "block unit(out, half = false, name = 1.5) { if half { conv(out) } else { conv(2 * out) } }"
    )
    assert result(net("unit(4)", block))[0] == 8
    assert result(net("unit(4, half=true)", block))[0] == 4
    assert at(error("unit(true)", block)) == ("E210", "true")
    assert at(error('unit(4, half="yes")', block)) == ("E210", '"yes"')


@pytest.mark.parametrize(
    ("type_", "good", "bad", "code"),
    [
        ("int", "4", "4.5", "E221"),
        ("float", "4.5", '"a"', "E210"),
        ("bool", "true", "1", "E210"),
        ("str", '"a"', "1", "E210"),
        ("shape", "3x4", "3", "E210"),
        ("op", "relu", "3", "E210"),
        ("tensor", "@image", "3", "E210"),
        ("[int]", "[1, 2]", "3", "E210"),
        ("[op]", "[relu, gelu]", "[1]", "E210"),
        ("A|B|C", "B", '"D"', "E223"),
        ("18|34|50", "34", "35", "E223"),
        ("same|valid|int", "7", '"full"', "E223"),
        ("int|float", "0.5", '"a"', "E210"),
    ],
)
def test_types_of_parameters(type_: str, good: str, bad: str, code: str) -> None:
    block = f"block unit(v: {type_}) {{ relu }}"
    assert ops(net(f"unit({good})", block)) == "relu"
    found = error(f"unit({bad})", block)
    assert found.code in {code, "E210"}
    assert found.span is not None
    assert found.span.text == bad


def test_the_rest_is_handed_on() -> None:
    block = "block unit(..., act: op = relu) { conv(..., bias=false) -> act }"
    here = net("unit(8, 5, stride=2, act=gelu)", block)
    assert ops(here) == "conv gelu"
    assert weights(here) == {"conv1.weight": (8, 3, 5, 5)}
    assert result(here) == (8, 8, 8)


def test_parameters_before_the_rest_may_be_positional_those_after_only_named() -> None:
    block = "block unit(k, ..., act: op = relu) { conv(k=k, ...) -> act }"
    assert weights(net("unit(1, 8, act=gelu)", block))["conv1.weight"] == (8, 3, 1, 1)
    assert error("unit(1, 8, 2, 1, 1, 1, true, gelu)", block).code.startswith("E2")


def test_a_block_needs_no_parentheses_without_parameters() -> None:
    assert ops(net("unit\nunit()", "block unit { relu }")) == "relu relu"


@pytest.mark.parametrize(
    ("call", "code", "where"),
    [
        ("unit", "E206", "unit"),
        ("unit(1, 2)", "E207", "2"),
        ("unit(1, out=2)", "E208", "out"),
        ("unit(out=1, stride=2)", "E203", "stride"),
        ("unti(1)", "E201", "unti"),
        ("conv(4, strid=2)", "E203", "strid"),
    ],
)
def test_calls_that_do_not_fit(call: str, code: str, where: str) -> None:
    assert at(error(call, "block unit(out) { conv(out) }")) == (code, where)


@pytest.mark.parametrize(
    "blocks", ["block a { a }", "block a { b }\nblock b { a }", "block a(u: op = a) { u }"]
)
def test_no_recursion(blocks: str) -> None:
    assert error("a", blocks).code in {"E213", "E206", "E500"}


# ------------------------------------------------------------------ op values and enumerations


def test_a_call_in_an_expression_is_partial_application() -> None:
    block = "block unit(act: op = relu) { conv(4) -> act }"
    here = net("unit(act=leaky_relu(0.2))\nunit(act=conv_bn_act(7, act=gelu))", block)
    assert ops(here) == "conv leaky_relu conv conv bn gelu"


def test_identity_is_an_op_value() -> None:
    block = "block unit(se: op = identity) { conv(4) -> se }"
    assert params(net("unit", block)) == 4 * 27 + 4


def test_steps_resolve_to_an_op_variable_before_a_block_before_a_primitive() -> None:
    assert ops(net("let relu = gelu\nrelu")) == "gelu"
    assert ops(net("relu", "block relu { tanh }")) == "tanh"
    assert ops(net("let relu = gelu\nrelu", "block relu { tanh }")) == "gelu"


def test_a_variable_that_is_no_op_never_shadows_an_op() -> None:
    assert ops(net("let relu = 3\nrelu")) == "relu"


def test_a_bare_name_is_the_member_and_otherwise_a_variable() -> None:
    block = "block unit(option: A|B = B) { if option == A { relu } else { gelu } }"
    assert ops(net("unit(A)", block)) == "relu"
    assert ops(net('let which = "A"\nunit(which)', block)) == "relu"
    assert ops(net('let A = "B"\nunit(A)', block)) == "relu"


def test_a_misspelt_member_never_picks_the_other_net() -> None:
    text = "param kind: residual|plain = residual\nif kind == plian { relu } else { gelu }"
    found = error(text)
    assert at(found)[1] == "plian"
    assert found.code in {"E200", "E223"}
    assert "plain" in (found.help or "") + found.message


def test_a_misspelt_truth_value() -> None:
    found = error("conv(4, bias=flase)")
    assert at(found) == ("E200", "flase")
    assert "false" in (found.help or "")


def test_a_value_outside_the_enumeration_points_at_it_and_at_the_declaration() -> None:
    found = error("basic(4, shortcut=E)")
    assert at(found)[1] == "E"
    assert found.code in {"E200", "E223"}
    assert "A" in found.message + (found.help or "")


def test_arguments_of_ops_have_enumerations_too() -> None:
    assert at(error("conv(4, pad=smae)"))[1] == "smae"


# ------------------------------------------------------------------ numbers, let, match


def test_division_is_exact_and_a_float_must_be_whole_for_an_int() -> None:
    assert result(net("conv(12 / 3)"))[0] == 4
    found = error("param depth = 111\nlet n = (depth - 2) / 6\nconv(4) x n")
    assert found.code == "E221"
    assert error("conv(9 / 2)").code == "E221"


def test_a_number_out_of_its_range() -> None:
    assert at(error("conv(0)")) == ("E222", "0")
    assert error("dropout(1.5)").code == "E222"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("2 ** 3", 8),
        ("-2 ** 2 + 8", 4),
        ("2 ** -1 * 8", 4),
        ("3 if 1 < 2 else 4", 3),
        ("[4, 5][1]", 5),
        ("len([1, 2, 3])", 3),
        ("max(2, 5)", 5),
        ("min(2, 5)", 2),
        ("floor(2.9)", 2),
        ("ceil(2.1)", 3),
        ("round(2.6)", 3),
        ("divisible(33, 8)", 32),
        ("count([1, 2, 1], 1)", 2),
        ("len(unique([1, 2, 1]))", 2),
        ("sum([1, 2, 3])", 6),
        ("[i * 2 for i in range(5) if i > 2][0]", 6),
        ("1_000 // 100", 10),
        ("match 3 { 1 | 3: 5, else: 6 }", 5),
        ("match 4 { 1 | 3: 5, else: 6 }", 6),
        ("2k // 500", 4),
        ("5 if true and not false or false else 1", 5),
        ("5 if 2 in [1, 2] else 6", 5),
        ("round(log(8) / log(2))", 3),
        ("abs(-3)", 3),
        ("round(sqrt(9))", 3),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
    ],
)
def test_expressions(expression: str, value: int) -> None:
    assert result(net(f"let v = {expression}\nconv(v)"))[0] == value


def test_let_functions() -> None:
    assert result(net("let f(a, b) = a * 10 + b\nconv(f(1, 2))"))[0] == 12


def test_match_without_a_case() -> None:
    assert error("param d = 7\nlet v = match d { 1: 2, 3: 4 }\nconv(v)").code == "E226"


@pytest.mark.parametrize(
    "expression", ["1 / 0", "1 // 0", "1 % 0", "log(0)", "log(0 - 1)", "sqrt(0 - 1)"]
)
def test_arithmetic_without_a_result(expression: str) -> None:
    assert error(f"conv({expression})").code == "E224"


def test_a_parameter_without_a_value_and_one_that_is_not_there() -> None:
    assert result(net("param c\nconv(c)", c=6))[0] == 6
    assert error("param c\nconv(c)").code == "E214"
    found = error("param classes = 3\nconv(classes)", clases=4)
    assert found.code == "E211"
    assert "classes" in (found.help or "")


# ------------------------------------------------------------------ default


def test_default_is_dynamic_below_the_explicit_and_above_the_declared() -> None:
    block = "block unit { conv_bn(4) }\nblock conv_bn(out) { conv(out, bias=false) -> bn }"
    epsilons = [
        u.op.eps for u in uses(net("default bn(eps=0.01)\nunit", block)) if u.op.kind == "bn"
    ]
    assert epsilons == [0.01], "it reaches what blocks call"
    here = net("default conv(k=5)\nconv(4)\nconv(4, k=1)\nconv(4, 7)")
    assert [s[2] for s in weights(here).values() if len(s) == 4] == [5, 1, 7]


def test_a_default_of_a_block_s_parameter() -> None:
    here = net("default basic(shortcut=C)\nconv(4)\nbasic(4)\nbasic(4, shortcut=B)")
    assert (
        len([path for path in weights(here) if "downsample" in path and path.endswith("0.weight")])
        == 1
    )


def test_a_default_holds_from_its_line_on_and_ends_with_its_body() -> None:
    here = net(
        "conv(4)\ndefault conv(k=5)\nconv(4)\nunit\nconv(4)",
        "block unit { default conv(k=1)\nconv(4) }",
    )
    assert [s[2] for s in weights(here).values() if len(s) == 4][-3:] == [5, 1, 5]


def test_std_pins_what_it_depends_on() -> None:
    text = "maxpool(2)\ninception(4, 4, 4, 4, 4, 4)"
    assert result(net("default maxpool(ceil=true, pad=0)\n" + text)) == result(net(text))


def test_a_default_for_what_does_not_exist() -> None:
    assert error("default cnov(k=5)\nconv(4)").code in {"E200", "E201"}
    assert error("default conv(kk=5)\nconv(4)").code == "E203"


# ------------------------------------------------------------------ deriving

BASE = """
model base {
  param width = 4
  param depth = 1
  input image: 3x16x16
  stem: conv(width)
  body: conv(8) x depth
  head: gap -> fc(10)
  output logits
}
"""


def derived(text: str, name: str, **params_: object) -> resdsl.Network:
    import pathlib
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "m.res"
        file.write_text(BASE + text)
        return resdsl.load(f"{file}:{name}", **params_)


def test_with_overrides_parameters_and_later_ones_win() -> None:
    assert weights(derived("model a = base with width=6", "a"))["stem.weight"][0] == 6
    two = "model a = base with width=6, depth=2\nmodel b = a with width=7"
    here = weights(derived(two, "b"))
    assert here["stem.weight"][0] == 7
    assert "body.1.weight" in here


def test_a_value_from_outside_wins_over_all() -> None:
    assert weights(derived("model a = base with width=6", "a", width=9))["stem.weight"][0] == 9


def test_override_by_label_and_drop() -> None:
    here = derived("model a = base { stem: conv(5, 1) -> relu\n drop head }", "a")
    assert list(weights(here)) == [
        "stem.conv1.weight",
        "stem.conv1.bias",
        "body.0.weight",
        "body.0.bias",
    ]
    assert result(here) == (8, 16, 16)


@pytest.mark.parametrize("change", ["strem: conv(5)", "drop haed"])
def test_an_override_of_what_is_not_there(change: str) -> None:
    with pytest.raises(resdsl.ResdslError) as caught:
        derived(f"model a = base {{ {change} }}", "a").stats()
    found = caught.value.diagnostics[0]
    assert found.code == "E212"
    assert "did you mean" in (found.help or "")


def test_a_model_derived_from_itself() -> None:
    with pytest.raises(resdsl.ResdslError) as caught:
        derived("model a = b\nmodel b = a", "a")
    assert caught.value.diagnostics[0].code == "E213"


# ------------------------------------------------------------------ checks


def test_require_is_checked_before_building() -> None:
    text = 'param depth = 21\nrequire depth % 6 == 2, "6n+2 layers"\nconv(0)'
    found = error(text)
    assert found.code == "E401"
    assert "6n+2 layers" in found.message


@pytest.mark.parametrize(
    "good", ["params == 112", "macs == 27_648", "macs ~= 27.6k", "macs ~= 28k", "params < 200"]
)
def test_an_expectation_that_holds(good: str) -> None:
    net(f"conv(4)\nexpect {good}").stats()


@pytest.mark.parametrize("bad", ["params == 113", "macs ~= 27.7k", "macs ~= 27.60k"])
def test_an_expectation_that_does_not_hold(bad: str) -> None:
    found = error(f"conv(4)\nexpect {bad}")
    assert found.code == "E402"
    assert "112" in str(found) or "27" in str(found)


def test_any_override_suspends_the_expectations() -> None:
    text = "param classes = 4\nexpect params == 112\nconv(classes)"
    assert net(text).stats().params == 112
    assert net(text, classes=5).stats().params == 140


def test_deriving_suspends_the_inherited_expectations() -> None:
    base = BASE.replace("output logits", "output logits\n  expect params == 1")
    with pytest.raises(resdsl.ResdslError):
        resdsl.loads(base).stats()
    resdsl.loads(
        base.replace("model base {", "model m = base with width=5\nmodel base {"), name="m"
    ).stats()


# ------------------------------------------------------------------ initialisation


@pytest.mark.parametrize(
    "selector", ["conv", "stem", "stem.weight", "body.0", "body.*", "*.weight", "head.fc1.bias"]
)
def test_selectors_are_kinds_labels_and_paths(selector: str) -> None:
    net(
        f"stem: conv(4)\nbody: conv(4) x2\nhead: gap -> fc(3)\ninit {selector} = normal(0.1)"
    ).stats()


@pytest.mark.parametrize("selector", ["cnov", "stm", "stem.running_mean", "bn", "body.7"])
def test_a_selector_that_matches_nothing(selector: str) -> None:
    found = error(f"stem: conv(4)\nbody: conv(4) x2\ninit {selector} = normal(0.1)")
    assert found.code == "E215"


def test_shapes_helper_and_script_are_used() -> None:
    assert shapes(resdsl.loads(script("conv(4)"))) == [(4, 16, 16)]

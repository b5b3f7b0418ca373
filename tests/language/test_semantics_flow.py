"""What the language means, a test a sentence: flow, labels, repeats, merges, taps, outputs."""

from __future__ import annotations

import pytest

import resdsl
from tests.language.reading import (
    at,
    error,
    error_of,
    net,
    ops,
    params,
    paths,
    result,
    shapes,
    uses,
    weights,
)  # fmt: skip

# ------------------------------------------------------------------ flow


def test_every_line_maps_the_current_tensor_to_the_next() -> None:
    assert shapes(net("conv(4)\nmaxpool(2)\nflatten")) == [(4, 16, 16), (4, 8, 8), (256,)]


@pytest.mark.parametrize(
    "text", ["conv(4) -> relu", "conv(4)\nrelu", "conv(4)\n  -> relu", "conv(4) ->\n relu"]
)
def test_an_arrow_is_a_new_line(text: str) -> None:
    assert paths(net(text)) == ["conv1", "relu1"]


@pytest.mark.parametrize("empty", ["{ }", "nothing", "if false { relu }"])
def test_an_empty_body_is_the_identity(empty: str) -> None:
    here = net(f"conv(4)\n{empty}\nrelu", "block nothing { }")
    assert [use.output for use in uses(here) if use.op.kind == "relu"] == [(4, 16, 16)]
    assert params(here) == 4 * 27 + 4


def test_a_line_before_any_tensor_has_nothing_to_work_on() -> None:
    text = "model m\ninput a: 3x8x8\ninput b: 3x8x8\nrelu\noutput y\n"
    assert error_of(text).code == "E312"


# ------------------------------------------------------------------ labels and stages


def test_a_label_on_a_chain_opens_a_scope_and_names_its_output() -> None:
    here = net("head: gap -> fc(10)\n@head -> relu")
    assert paths(here) == ["head.gap1", "head.fc1", "relu1"]
    assert result(here) == (10,)


def test_a_label_on_one_op_is_that_op() -> None:
    assert list(weights(net("stem: conv(4)"))) == ["stem.weight", "stem.bias"]


def test_unlabelled_blocks_add_no_level_and_counters_run_on_across_branches() -> None:
    here = net("add { | conv_bn_act(4) -> conv_bn(4) | conv_bn(4, 1) }\nconv(2)")
    assert list(weights(here)) == [
        "conv1.weight", "bn1.weight", "bn1.bias", "conv2.weight", "bn2.weight", "bn2.bias",
        "conv3.weight", "bn3.weight", "bn3.bias", "conv4.weight", "conv4.bias",
    ]  # fmt: skip


def test_a_label_interpolates() -> None:
    here = net('for i in range(2) { "conv{i+1}": conv(4) -> relu }')
    assert list(weights(here)) == [
        "conv1.conv1.weight",
        "conv1.conv1.bias",
        "conv2.conv1.weight",
        "conv2.conv1.bias",
    ]


def test_one_label_twice_in_a_scope() -> None:
    found = error("a: conv(4)\na: conv(4)")
    assert at(found) == ("E205", "a")
    assert found.labels, "the first place belongs to it"


def test_a_stage_is_a_label_with_a_mark() -> None:
    here = net("conv(4)\nstage c: conv(4) -> relu\nstage d { conv(4)\nrelu }")
    assert [(s.name, s.stage) for s in here.ir.main.statements if s.stage] == [
        ("c", True),
        ("d", True),
    ]
    assert "c.conv1.weight" in weights(here)
    assert "d.conv1.weight" in weights(here)


# ------------------------------------------------------------------ repeats


@pytest.mark.parametrize("repeat", ["x2", "x n", "x depths[1]", "x (4 - n)", "x (2*k)"])
def test_n_instances_under_their_indices(repeat: str) -> None:
    here = net(f"let n = 2\nlet k = 1\nlet depths = [1, 2]\ns: conv(4) {repeat}")
    assert list(weights(here)) == ["s.0.weight", "s.0.bias", "s.1.weight", "s.1.bias"]
    assert weights(here)["s.0.weight"] == (4, 3, 3, 3)
    assert weights(here)["s.1.weight"] == (4, 4, 3, 3)


def test_the_index_is_there_with_one_instance_too() -> None:
    assert next(iter(weights(net("s: conv_bn(4) x1")))) == "s.0.conv1.weight"
    assert next(iter(weights(net("s: conv_bn(4)")))) == "s.conv1.weight"


def test_unlabelled_repeats_go_on_counting() -> None:
    here = net(
        "stage s: conv_relu(4) x2 -> maxpool(2)\nstage t { conv_relu(4) x2\nconv_relu(8) x2 }"
    )
    assert [path for path in weights(here) if path.endswith("weight")] == [
        "s.0.conv1.weight", "s.1.conv1.weight",
        "t.0.conv1.weight", "t.1.conv1.weight", "t.2.conv1.weight", "t.3.conv1.weight",
    ]  # fmt: skip


def test_equal_instances_are_one_definition() -> None:
    few, many = (len(net(f"conv(8)\ns: basic(8) x{n}").ir.regions) for n in (3, 40))
    assert few == many


def test_two_repeats_on_a_step() -> None:
    assert at(error("conv(4) x2 x3")) == ("E119", "x3")


@pytest.mark.parametrize(
    ("repeat", "code"), [("x (7/2)", "E221"), ("x (0 - 1)", "E222"), ("x 2.5", "E221")]
)
def test_a_repeat_is_a_whole_number(repeat: str, code: str) -> None:
    assert error(f"conv(4) {repeat}").code == code


# ------------------------------------------------------------------ words after a call


def test_the_word_stride_reaches_the_first_instance_only() -> None:
    assert shapes(net("s: conv(4) x3 stride 2")) == [(4, 8, 8)] * 3
    assert shapes(net("s: conv(4, stride=2) x3")) == [(4, 8, 8), (4, 4, 4), (4, 2, 2)]


def test_stride_equals_after_the_call_is_refused() -> None:
    found = error("conv(4) x3 stride=2")
    assert found.code == "E118"
    assert "stride 2" in (found.help or "")


def test_key_value_after_the_call_reaches_every_instance() -> None:
    here = net("conv(4)\ns: basic(4) x2 shortcut=C")
    assert "s.0.downsample.0.weight" in weights(here)
    assert "s.1.downsample.0.weight" in weights(here)


def test_one_argument_given_inside_and_after() -> None:
    assert error("conv(4)\nbasic(4, shortcut=B) shortcut=C").code in {"E119", "E208"}


def test_the_line_that_users_were_promised() -> None:
    here = net("stage conv3_x: bottleneck(128) x4 stride 2 shortcut=B")
    assert result(here) == (512, 8, 8)
    assert len([path for path in weights(here) if "downsample.0" in path]) == 1


# ------------------------------------------------------------------ merges


@pytest.mark.parametrize(
    ("merge", "channels"), [("add", 4), ("mul", 4), ("maximum", 4), ("concat", 8)]
)
def test_branches_start_from_the_same_tensor(merge: str, channels: int) -> None:
    here = net(f"{merge} {{ | conv(4) | conv(4, 1) }}")
    assert [use.inputs[0] for use in uses(here)[:2]] == [(3, 16, 16)] * 2
    assert result(here) == (channels, 16, 16)


def test_a_guarded_branch_is_there_or_not() -> None:
    text = "param wide = true\nconcat { | conv(4) | when wide: conv(5) | conv(6) }"
    assert result(net(text)) == (15, 16, 16)
    assert result(net(text, wide=False)) == (10, 16, 16)


def test_one_surviving_branch_passes_through() -> None:
    assert ops(net("add { | conv(4) | when false: conv(4) }")) == "conv"


def test_one_branch_for_every_element() -> None:
    here = net("concat { | for c in [2, 3, 4]: conv(c) -> relu | identity }")
    assert result(here) == (12, 16, 16)
    assert weights(here)["conv3.weight"] == (4, 3, 3, 3)


@pytest.mark.parametrize(("split", "sizes"), [("2", (6, 6)), ("[3, 9]", (3, 9))])
def test_branch_i_starts_from_channel_slice_i(split: str, sizes: tuple[int, int]) -> None:
    here = net(f"conv(12)\nconcat(split={split}) {{ | conv(5, 1) | conv(7, 1) }}")
    assert [s[1] for s in list(weights(here).values()) if len(s) == 4][1:] == list(sizes)
    assert result(here) == (12, 16, 16)


def test_a_split_that_does_not_add_up() -> None:
    assert error("conv(12)\nconcat(split=[3, 8]) { | relu | relu }").code == "E311"


def test_a_label_of_an_earlier_branch_is_visible_in_later_ones() -> None:
    here = net("concat { | a: conv(4) | @a -> conv(5) }")
    assert weights(here)["conv1.weight"] == (5, 4, 3, 3)
    assert error("concat { | @a -> conv(5) | a: conv(4) }").code == "E204"


def test_mul_broadcasts_and_add_is_strict() -> None:
    assert result(net("mul { | identity | channel_mean }")) == (3, 16, 16)
    found = error("add { | identity | channel_mean }")
    assert found.code == "E310"
    assert "3x16x16" in str(found)
    assert "1x16x16" in str(found)


# ------------------------------------------------------------------ taps and parts


def test_a_tap_at_the_head_of_a_chain_and_as_an_argument() -> None:
    here = net("a: conv(4)\nb: conv(5)\nc: @a -> conv(6)\n@b -> concat(@c)")
    assert weights(here)["c.weight"] == (6, 4, 3, 3)
    assert result(here) == (11, 16, 16)


def test_a_tap_of_a_part_an_instance_and_an_interpolated_name() -> None:
    here = net("""
        stage s { p: conv(4)
        q: conv(5) }
        t: conv(6) x3
        for i in range(2) { "enc{i}": conv(7 + i) }
        let j = 0
        concat { | @s.p | @t[0] | @"enc{j}" }
    """)
    assert result(here) == (4 + 6 + 7, 16, 16)


def test_in_is_the_tensor_the_block_was_called_on() -> None:
    here = net(
        "conv(4)\nunit", "block unit { conv(@in.channels * 2)\nconcat { | identity | @in } }"
    )
    assert result(here) == (12, 16, 16)


@pytest.mark.parametrize(
    ("attribute", "value"), [("channels", 3), ("height", 16), ("width", 16), ("shape[2]", 16)]
)
def test_sizes_of_a_tensor_in_expressions(attribute: str, value: int) -> None:
    assert result(net(f"conv(@image.{attribute})"))[0] == value


def test_blocks_see_only_in_and_their_parameters() -> None:
    assert at(error("a: conv(4)\nunit", "block unit { concat { | identity | @a } }")) == (
        "E204",
        "@a",
    )
    assert at(error("let w = 4\nunit", "block unit { conv(w) }")) == ("E200", "w")


def test_an_unknown_tensor_has_a_suggestion() -> None:
    found = error("enc1: conv(4)\n@enc2 -> relu")
    assert at(found) == ("E204", "@enc2")
    assert "enc1" in (found.help or "")


def test_a_block_has_several_outputs_by_its_labels_and_hides_private_ones() -> None:
    block = "block two { lo: conv(4)\nhi: conv(5)\n_own: relu }"
    assert result(net("b: two\n@b.lo -> concat(@b.hi)", block)) == (9, 16, 16)
    assert result(net("b: two\n@b", block)) == (5, 16, 16)
    assert error("b: two\n@b._own", block).code == "E204"


def test_further_inputs_are_tensor_parameters() -> None:
    block = """block join(other: tensor, all: [tensor]) {
        concat { | identity | @other -> conv(2) | for t in all: @t }
    }"""
    assert result(net("a: conv(4)\nb: conv(5)\njoin(@a, [@a, @b])", block)) == (
        5 + 2 + 4 + 5,
        16,
        16,
    )


# ------------------------------------------------------------------ outputs


def test_an_output_publishes_the_current_tensor_and_a_side_branch_does_not_move_it() -> None:
    here = net("conv(4)\noutput aux(loss_weight=0.3, when=train): gap -> fc(2)\nconv(5)")
    assert [(o.name, o.train, o.loss_weight) for o in here.ir.main.outputs] == [
        ("aux", True, 0.3), ("out", False, None),
    ] or [(o.name, o.train, o.loss_weight) for o in here.ir.main.outputs] == [
        ("out", False, None), ("aux", True, 0.3),
    ]  # fmt: skip
    assert result(here, "out") == (5, 16, 16)
    assert weights(here)["conv2.weight"] == (5, 4, 3, 3)
    assert {use.train for use in uses(here) if use.op.kind in {"gap", "fc"}} == {True}


def test_training_subgraphs_are_absent_from_the_counts() -> None:
    plain, aux = "conv(4)", "conv(4)\noutput aux(when=train): gap -> fc(2)"
    assert net(aux).stats().params == net(plain).stats().params
    assert net(aux).stats().macs == net(plain).stats().macs
    assert net(aux).stats().params_training == net(plain).stats().params + 4 * 2 + 2


def test_loads_gives_a_network() -> None:
    assert isinstance(net("conv(4)"), resdsl.Network)
    assert net("conv(4)").name == "m"

"""W310: stages whose names promise another size."""

from __future__ import annotations

import pytest

from tests.lint.found import found, warnings

STEM = "conv_bn_act(8, 7, stride=2) -> maxpool(2)\n"


def _stages(*lines: str, side: int = 224, stem: str = STEM) -> str:
    return f"input image: 3x{side}x{side}\n{stem}" + "\n".join(f"stage {line}" for line in lines)


def test_a_stage_that_forgot_its_stride() -> None:
    text = _stages("conv2_x: basic(8) x2", "conv3_x: basic(8) x2", "conv4_x: basic(8) x2 stride 2")
    assert found(text) == ["W310 conv3_x"]
    (one,) = warnings(text)
    assert one.message == "`conv3_x` makes 8x56x56, 1/4 of the image; its name says 28x28, 1/8"


def test_a_stem_that_forgot_its_pool_is_told_once() -> None:
    stem = "conv_bn_act(8, 7, stride=2)\n"
    text = _stages("conv2_x: basic(8) x2", "conv3_x: basic(8) x2 stride 2", stem=stem)
    assert found(text) == ["W310 conv2_x"]


def test_small_images_count_from_the_first_stage() -> None:
    right = ("conv2_x: basic(8) x2", "conv3_x: basic(8) stride 2", "conv4_x: basic(8) stride 2")
    assert found(_stages(*right, side=32, stem="conv_bn_act(8)\n")) == []
    wrong = ("conv2_x: basic(8) x2", "conv3_x: basic(8)", "conv4_x: basic(8) stride 2")
    (one,) = warnings(_stages(*wrong, side=32, stem="conv_bn_act(8)\n"))
    said = "`conv3_x` makes 8x32x32, the size of the image; its name says 16x16, after `conv2_x`"
    assert one.message == said


@pytest.mark.parametrize("name", ["c3", "C3", "p3", "P3"])
def test_levels_of_a_pyramid(name: str) -> None:
    assert found(_stages(f"{name}: conv(8)")) == [f"W310 {name}"]
    assert found(_stages(f"{name}: conv(8, stride=2)")) == []
    assert found(_stages(f"{name}: conv(8)", side=64)) == []  # LeNet's c3 is a layer


@pytest.mark.parametrize(
    ("name", "says"), [("res_28x28", "28x28"), ("b28x28", ""), ("s28", "28x28"), ("res28", "28x28")]
)
def test_a_size_in_the_name(name: str, says: str) -> None:
    assert found(_stages(f"{name}: conv(8)")) == ([f"W310 {name}"] if says else [])
    assert found(_stages(f"{name}: conv(8, stride=2)")) == []


@pytest.mark.parametrize(
    "line",
    [
        "conv_3x3: conv(8)",
        "conv_7x7: conv(8, 7)",
        "patch_16x16: conv(8, 16, stride=16, pad=valid)",
        "resnext50_32x4d: conv(8)",
        "s4: conv(8)",
        "conv3: conv(8)",  # layers are numbered so, AlexNet's of one size among them
        "stage3: conv(8)",
        "layer3: conv(8)",
        "conv1_x: conv(8)",
    ],
)
def test_other_names_promise_nothing(line: str) -> None:
    assert found(_stages(line)) == []


def test_what_does_not_divide_is_not_looked_at() -> None:
    assert found(_stages("conv3_x: basic(8) x2", side=230)) == []


def test_names_that_are_filled_in_and_derived_models() -> None:
    text = "input image: 3x224x224\n" + STEM
    text += 'for i in range(2) {\n  stage "conv{i + 2}_x": basic(8)\n}'
    assert found(text) == ['W310 "conv{i + 2}_x"']
    model = _stages("conv2_x: basic(8)", "conv3_x: basic(8) stride 2").replace("\n", "\n  ")
    text = f"model a {{\n{model}\n}}\nmodel b = a {{ conv3_x: conv(8) }}"
    assert found(text) == ["W310 conv3_x"]

"""Expressions for what instances differ in."""

from __future__ import annotations

import pytest

from resdsl.codegen.expr import Const, call, code, compress, literal, render
from resdsl.codegen.fit import Fitter, Variable


def fitter(**columns: list[int | str | bool]) -> Fitter:
    length = len(next(iter(columns.values())))
    variables = [
        Variable(name, dict(enumerate(column)), scales=name not in ("stride", "k"))
        for name, column in columns.items()
    ]
    return Fitter(variables, length)


BOTTLENECK = {"in_channels": [64, 256, 256, 512], "width": [64, 64, 128, 128]}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([7, 7, 7, 7], "7"),
        ([64, 256, 256, 512], "in_channels"),
        ([64, 64, 128, 128], "width"),
        ([256, 256, 512, 512], "4 * width"),
        ([32, 32, 64, 64], "width // 2"),
        ([64 * 64, 64 * 256, 128 * 256, 128 * 512], "in_channels * width"),
        ([1, 2, 3, 5], "out_channels"),
    ],
)
def test_channels(values: list[int], expected: str) -> None:
    found = fitter(**BOTTLENECK).fit(dict(enumerate(values)), "out_channels", "conv1", "channels")
    assert found.text == expected


def test_sizes_are_no_multiples() -> None:
    found = fitter(stride=[1, 2], k=[3, 5])
    assert found.fit({0: 2, 1: 4}, "kernel_size", "conv1", "size").text == "kernel_size"
    assert found.fit({0: 5, 1: 9}, "padding", "conv1", "size").text == "padding"
    assert fitter(k=[3, 7]).fit({0: 1, 1: 3}, "padding", "conv1", "size").text == "k // 2"


def test_channels_are_no_multiples_of_strides() -> None:
    found = fitter(in_channels=[16, 16], out=[16, 32], stride=[1, 2])
    assert found.fit({0: 16, 1: 32}, "out_channels", "conv1", "channels").text == "out"


def test_a_name_that_is_taken_gets_the_member_s() -> None:
    found = fitter(in_channels=[3, 5], stride=[1, 2])
    assert found.fit({0: 3, 1: 1}, "stride", "conv2", "size").text == "conv2_stride"


def test_true_is_not_one() -> None:
    found = fitter(groups=[1, 2])
    assert found.fit({0: True, 1: False}, "bias", "conv1", "other").text == "bias"


def condition(present: list[bool], **columns: list[int | str | bool]) -> tuple[str, str]:
    found = fitter(**columns)
    found.result = dict(enumerate(columns.get("out", [])))
    for name in columns:
        found.used[name] = next(v for v in found.variables if v.name == name)
    yes, no = found.condition(dict(enumerate(present)), "downsample")
    return yes.text, no.text


CHANGING = {"in_channels": [16, 16, 32, 32], "out": [16, 32, 32, 32], "stride": [1, 2, 1, 2]}


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ([False, True, False, True], "stride != 1 or in_channels != out"),
        ([True, False, True, False], "stride == 1 and in_channels == out"),
        ([False, True, False, False], "in_channels != out"),
        ([True, True, False, False], "downsample"),
    ],
)
def test_conditions(present: list[bool], expected: str) -> None:
    assert condition(present, **CHANGING)[0] == expected


def test_conditions_of_words_and_flags() -> None:
    assert condition([True, False, False], kind=["A", "B", "C"]) == ('kind == "A"', 'kind != "A"')
    assert condition([False, True], se=[True, False]) == ("not se", "se")


def test_runs_are_loops() -> None:
    def unit(*numbers: int) -> object:
        return call("U", *(Const(n) for n in numbers))

    def shown(*items: object) -> list[str]:
        return [render(e).text for e in compress(list(items))]  # type: ignore[arg-type]

    assert shown(unit(3, 4), unit(4, 4), unit(4, 4)) == ["U(3, 4)", "*(U(4, 4) for _ in range(2))"]
    assert shown(*(unit(64 + 32 * i, 7) for i in range(6))) == [
        "*(U(64 + 32 * i, 7) for i in range(6))"
    ]
    assert shown(unit(1), unit(2)) == ["U(1)", "U(2)"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("inf"), 'float("inf")'), (1e-5, "1e-5"), (0.25, "0.25"),
     ((1, 2), "(1, 2)"), ((3,), "(3,)"), (None, "None"),
     (True, "True"), (-2, "-2"), ("nearest", '"nearest"'), (1e22, "1e22")],
)  # fmt: skip
def test_literals(value: object, text: str) -> None:
    assert literal(value).text == text  # type: ignore[arg-type]


@pytest.mark.parametrize("evil", ['a"b', "a b", "", "x\n", "é;", "a'"])
def test_only_words_get_through(evil: str) -> None:
    with pytest.raises(ValueError, match="not a word"):
        literal(evil)


def test_parentheses_where_they_are_needed() -> None:
    product = code(Const(2), " * ", Const(5), level=6)
    fills = iter([literal(2), literal(-1)])
    assert render(product, fills).text == "2 * -1"

"""The table of `resdsl stats`."""

from __future__ import annotations

import re

import pytest

import resdsl
from resdsl.analysis.rows import Level
from resdsl.analysis.stats import stats
from resdsl.report.stats import rows_table, stats_table
from tests.analysis.nets import resnet50, shared

HEAD = """\
resnet50   3x224x224 → 1000
FLOPs = multiply-adds, as in the ResNet paper; --flops 2x counts two for each

  name     kind                output      params          FLOPs  activations  field  depth
  ─────────────────────────────────────────────────────────────────────────────────────────
  conv1    conv_bn_act     64x112x112       9,536    118,013,952     9.19 MiB      7      1
  pool1    maxpool           64x56x56           0              0    784.0 KiB     11      1
  conv2_x  bottleneck × 3   256x56x56     215,808    667,942,912    56.66 MiB     35     10
  conv3_x  bottleneck × 4   512x28x28   1,219,584    950,534,144    36.75 MiB     99     22
  conv4_x  bottleneck × 6  1024x14x14   7,098,368  1,387,266,048    26.80 MiB    291     40
  conv5_x  bottleneck × 3    2048x7x7  14,964,736    732,168,192     7.08 MiB    483     49
  head     gap, fc               1000   2,049,000      2,048,000    11.91 KiB    all     50
  ─────────────────────────────────────────────────────────────────────────────────────────
  total                                25,557,032  3,857,973,248    137.2 MiB            50

  parameters  25.56 M  (25,557,032)
  buffers     53.12 k  (53,120)
  FLOPs       3.858 G  (3,857,973,248)
  depth       50 weighted layers
  field       all
  memory      weights 97.69 MiB, activations 137.2 MiB  (batch 1, float32)"""


def test_the_table_of_resnet_50() -> None:
    assert stats_table(stats(resnet50())) == HEAD


def test_flops_may_be_doubled_and_the_head_says_so() -> None:
    text = stats_table(stats(resnet50()), flops="2x")
    assert "FLOPs = 2 x multiply-adds" in text.splitlines()[1]
    assert "7.716 G  (7,715,946,496)" in text
    assert "1,335,885,824" in text


def names(text: str) -> list[str]:
    """The first column, between the rules."""
    _, body, _ = re.split(r"\n  ─+\n", text)
    return [re.split(r"  (?=[a-z])", line.removeprefix("  "))[0] for line in body.splitlines()]


def test_blocks_are_listed_and_equal_neighbours_folded() -> None:
    found = [name.rstrip() for name in names(stats_table(stats(resnet50()), "block"))]
    assert found[:5] == ["conv1", "pool1", "conv2_x", "  0", "  1-2  ×2"]
    assert found[5:8] == ["conv3_x", "  0", "  1-3  ×3"]
    assert found[-1] == "head"


def test_a_fold_shows_the_sum() -> None:
    lines = stats_table(stats(resnet50()), "block").splitlines()
    assert lines[2].startswith("1-3  ×3 = three equal repeats")
    (fold,) = (line.split() for line in lines if line.startswith("    1-5  ×5"))
    assert fold[4:6] == [f"{5 * 1_117_184:,}", f"{5 * 218_365_952:,}"]
    assert fold[8:] == ["291", "40"]


def test_layers_are_listed_once_for_a_fold() -> None:
    lines = stats_table(stats(resnet50((3, 400, 6, 3))), "layer").splitlines()
    assert len(lines) < 130
    assert sum("1-399  ×399" in line for line in lines) == 1


def test_labels_are_never_folded() -> None:
    net = resdsl.loads("""
        input image: 8x16x16
        body: {
          A: basic(8)
          B: basic(8)
          "5": basic(8)
          "7": basic(8)
          basic(8) x2
        }
    """)
    found = [name.rstrip() for name in names(stats_table(net.stats(), "block"))]
    assert found == ["body", "  A", "  B", "  5", "  7", "  0-1  ×2"]


@pytest.mark.parametrize("level", ["stage", "block", "layer"])
@pytest.mark.parametrize(
    "spec",
    [
        "resnet50",
        "cifar/resnet1202",
        "classics/googlenet",
        "examples/exchange_net",
        "torchvision/vit_b_16",
    ],
)
def test_rows_sum_to_the_row_that_they_are_in(spec: str, level: Level) -> None:
    found = resdsl.load(spec).stats()
    table = rows_table(found, level, "1x")
    sums: dict[tuple[int, ...], list[int]] = {}
    whole: dict[tuple[int, ...], list[int]] = {}
    path: tuple[int, ...] = ()
    for number, cells in enumerate(table.rows[:-2]):
        assert cells is not None
        depth = (len(cells[0]) - len(cells[0].lstrip())) // 2
        figures = [0 if "(" in cell else int(cell.replace(",", "")) for cell in cells[3:5]]
        path = (*path[:depth], number)
        whole[path] = figures
        sums[path[:-1]] = [a + b for a, b in zip(sums.get(path[:-1], [0, 0]), figures, strict=True)]
    assert sums.pop(()) == [found.params, found.macs]
    assert sums == {above: whole[above] for above in sums}
    assert bool(sums) or level != "layer"


def test_training_only_rows_are_in_parentheses() -> None:
    text = stats_table(stats(shared()))
    (line,) = (line for line in text.splitlines() if line.startswith("  aux"))
    assert "gap, fc  (training only)" in line
    assert "(90)" in line
    assert "in training  760  (760, with auxiliary heads)" in text


def test_overridden_expectations_are_listed() -> None:
    text = stats_table(stats(resnet50(), suspended=["params == 25_557_032", "macs ~= 3.86G"]))
    assert text.endswith(
        "\n\n  overridden, so these are not checked:\n"
        "    expect params == 25_557_032\n    expect macs ~= 3.86G"
    )


def test_fields_and_tensors_that_differ_are_spelt_out() -> None:
    net = resdsl.loads("""
        input left: 3x32x32
        input right: 4x16x8
        a: @left -> conv(4, 1x7)
        output one: @right
        output two: @a
    """)
    lines = stats_table(net.stats()).splitlines()
    assert lines[0].endswith("left 3x32x32, right 4x16x8 → one 4x16x8, two 4x32x32")
    assert "1x7" in lines[5]


def test_names_cannot_disturb_the_table() -> None:
    net = resnet50().model_copy(update={"name": "\x1b[31m<net>"})
    text = stats_table(stats(net, suspended=["\x07"]))
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize("level", ["stage", "block", "layer"])
def test_lines_end_where_their_text_ends(level: str) -> None:
    text = stats_table(stats(shared()), level)  # type: ignore[arg-type]
    assert all(line == line.rstrip() for line in text.splitlines())

"""The paper's Table 1, and the table of any net in every format."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import resdsl
from resdsl.draw.table import Table, power_of_ten, table
from resdsl.draw.table.cells import Line, rows_of
from resdsl.draw.table.grid import grid
from tests.zoo.zoo import NETS

HOSTILE = r"<script>alert('1')</script> & a:b | \"q\" \N $x$ #_^~% {y} [z](w) `c` ‮x"
DEPTHS = {18: "2 2 2 2", 34: "3 4 6 3", 50: "3 4 6 3", 101: "3 4 23 3", 152: "3 8 36 3"}


@pytest.fixture(scope="module")
def table1() -> Table:
    return table(resdsl.load(f"resnet{depth}") for depth in DEPTHS)


def test_it_is_the_paper_s(table1: Table) -> None:
    """Table 1, read by hand. The paper has no name for the last row, and a softmax in it."""
    assert [(entry.name, entry.size) for entry in table1.entries] == [
        ("conv1", "112×112"),
        ("conv2_x", "56×56"),
        ("conv3_x", "28×28"),
        ("conv4_x", "14×14"),
        ("conv5_x", "7×7"),
        ("head", "1×1"),
    ]
    first, *stages, last = table1.entries
    assert first.shared(5) == (Line(("7×7, 64, stride 2",)),)
    assert stages[0].shared(5) == (Line(("3×3 max pool, stride 2",)),)
    assert last.shared(5) == (Line(("average pool, 1000-d fc",)),)
    for column, (depth, repeats) in enumerate(DEPTHS.items()):
        assert not first.cell(column, 5) and not last.cell(column, 5)
        for stage, times, width in zip(stages, repeats.split(), (64, 128, 256, 512), strict=True):
            layers = [f"3×3, {width}"] * 2
            if depth >= 50:
                layers = [f"1×1, {width}", f"3×3, {width}", f"1×1, {4 * width}"]
            assert stage.cell(column, 5) == (Line(tuple(layers), int(times), stack=True),)


def test_flops(table1: Table) -> None:
    """As printed, but for ResNet-50: the paper cuts 3.86 to 3.8."""
    assert table1.sums == (("FLOPs", ("1.8×10⁹", "3.6×10⁹", "3.9×10⁹", "7.6×10⁹", "11.3×10⁹")),)


def test_parameters_too() -> None:
    assert table([resdsl.load("cifar/resnet20")], params=True).sums == (
        ("parameters", ("269.7×10³",)),
        ("FLOPs", ("40.6×10⁶",)),
    )
    assert [power_of_ten(n) for n in (0, 999, 1000, 999_960, 10**13)] == [
        "0", "999", "1.0×10³", "1.0×10⁶", "10.0×10¹²",
    ]  # fmt: skip


def test_text_has_the_brackets_of_the_paper(table1: Table) -> None:
    lines = table1.text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("conv3_x"))
    assert [line[25:] for line in lines[at : at + 3]] == [
        "⎡3×3, 128⎤ × 2  ⎡3×3, 128⎤ × 4  ⎡1×1, 128⎤       ⎡1×1, 128⎤        ⎡1×1, 128⎤",
        "⎣3×3, 128⎦      ⎣3×3, 128⎦      ⎢3×3, 128⎥ × 4   ⎢3×3, 128⎥ × 4    ⎢3×3, 128⎥ × 8",
        "                                ⎣1×1, 512⎦       ⎣1×1, 512⎦        ⎣1×1, 512⎦",
    ]
    assert sum("3×3 max pool, stride 2" in line for line in lines) == 1  # over all columns


def test_the_table_of_the_documents() -> None:
    page = (Path(__file__).parents[2] / "docs" / "pictures.md").read_text("utf-8")
    made = table(map(resdsl.load, ("resnet34", "resnet50", "resnet152"))).text()
    assert f"```text\n{made}```" in page


def test_markdown(table1: Table) -> None:
    lines = table1.markdown().splitlines()
    assert lines[0] == "<!-- made by resdsl -->"
    assert lines[2] == (
        "| layer name | output size | resnet18 | resnet34 | resnet50 | resnet101 | resnet152 |"
    )
    assert lines[6].startswith("| conv3_x | 28×28 | [3×3, 128; 3×3, 128] × 2 | ")
    assert lines[-1] == "| FLOPs |  | 1.8×10⁹ | 3.6×10⁹ | 3.9×10⁹ | 7.6×10⁹ | 11.3×10⁹ |"


def test_latex(table1: Table) -> None:
    text = table1.latex()
    hold_latex(text)
    assert r"conv1 & 112$\times$112 & \multicolumn{5}{c}{7$\times$7, 64, stride 2} \\" in text
    stack = r"\text{3$\times$3, 64} \\ \text{3$\times$3, 64}"
    assert rf"$\begin{{bmatrix}} {stack} \end{{bmatrix}} \times 2$" in text
    assert r"$11.3 \times 10^{9}$" in text


def test_html(table1: Table) -> None:
    reader = hold_html(table1.html())
    assert reader.tags.count("caption") == 1
    assert table1._repr_html_() in table1.html()


def test_branches_are_named_as_they_are_called() -> None:
    lines = [line for row in rows_of(resdsl.load("classics/googlenet").ir) for line in row.lines]
    assert Line(("inception(64, 96, 128, 16, 32, 32)",)) in lines
    assert not any("1024" in text for line in lines for text in line.texts)  # training only


def test_a_row_for_each_size_of_a_line() -> None:
    found = rows_of(resdsl.load("torchvision/mobilenet_v2").ir)
    sizes = [row.size[0] for row in found]
    assert sizes == [112, 56, 28, 14, 7, 1]
    assert [row.name for row in found] == ["features"] * 5 + ["classifier"]


def test_rows_align_by_name_then_by_size() -> None:
    nets = [rows_of(resdsl.load(name).ir) for name in ("resnet18", "vgg19", "cifar/resnet20")]
    entries = grid(nets)
    said = [(entry.name, entry.size, sorted(entry.rows)) for entry in entries]
    assert said[:6] == [
        ("conv1", "112×112, 32×32", [0, 1, 2]),
        ("conv2_x / conv2", "56×56, 32×32", [0, 1, 2]),
        ("conv3_x / conv3", "28×28, 16×16", [0, 1, 2]),
        ("conv4_x / conv4", "14×14, 8×8", [0, 1, 2]),
        ("conv5_x / conv5", "7×7", [0, 1]),
        ("head / fc6", "1×1", [0, 1, 2]),
    ]
    for column, rows in enumerate(nets):  # nothing is lost, and nothing out of order
        assert [entry.rows[column] for entry in entries if column in entry.rows] == rows


@pytest.mark.parametrize("name", NETS)
def test_a_net_of_the_zoo(name: str) -> None:
    net = resdsl.load(name).ir
    hold(table([net], params=True))


def test_a_block_that_no_cell_holds_is_its_call() -> None:
    text = (
        "input image: 4x8x8\nl: long\nblock long {\nadd {\n| { conv(4) } x1100\n| identity\n}\n}\n"
    )
    (row,) = rows_of(resdsl.loads(text).ir)
    assert row.lines == (Line(("long",)),)


BRANCHES = """
input image: 3x16x16
arms: concat {
| conv(8)
| conv(4, 1) -> conv(16)
| identity
}
cell
nested: add {
| concat {
| conv(8)
| conv(8)
}
| conv(16)
}
long: concat {
| { conv(16) x12 }
| conv(8)
}
block cell() { add {
| conv(32)
| conv(32)
} }
"""


def test_branches_written_out_say_what_they_hold() -> None:
    """And so does a block in a row that is named as it is."""
    found = {row.name: row.lines for row in rows_of(resdsl.loads(BRANCHES).ir)}
    assert {name: line.texts[0] for name, (line, *_) in found.items()} == {
        "arms": "concat of 3: input; 3×3, 8; 1×1, 4 → 3×3, 16",
        "cell": "add of 2: 3×3, 32; 3×3, 32",
        "nested": "add of 2 branches, 3 layers",
        "long": "concat of 2 branches, 13 layers",
    }
    woven = {row.name: row.lines for row in rows_of(resdsl.load("dense/fpn").ir)}
    assert woven["fpn"] == (Line(("3 merges, 8 layers",)),)


def test_repeats_in_repeats_fold_in_a_block_as_outside_one() -> None:
    text = (
        "input image: 3x16x16\nout: { { conv_bn_act(16) x2 } x3 } x2\nheld: within(16)\n"
        "pairs: paired(16)\n"
        "block within(n) { { { conv_bn_act(n) x2 } x3 } x2 }\n"
        "block pair(n) { conv(n) -> conv(n) }\nblock paired(n) { { pair(n) x2 } x3 }\n"
    )
    outside, inside, pairs = (row.lines for row in rows_of(resdsl.loads(text).ir))
    assert outside == inside == (Line(("3×3, 16",), 12, stack=True),)
    assert pairs == (Line(("3×3, 16", "3×3, 16"), 6, stack=True),)


def test_many_nets_at_once() -> None:
    names = [
        "vgg16",
        "classics/googlenet",
        "torchvision/densenet121",
        "dense/unet",
        "timm/hrnet_w18",
    ]
    hold(table(resdsl.load(name) for name in names))


def test_hostile_names_are_text() -> None:
    net = resdsl.load("resnet18").ir
    renamed = [s.model_copy(update={"name": HOSTILE}) for s in net.main.statements]
    main = net.main.model_copy(update={"statements": tuple(renamed)})
    hostile = net.model_copy(update={"name": HOSTILE, "regions": {**net.regions, net.root: main}})
    found = table([hostile, net])
    hold(found)
    for text in (found.html(), found.markdown()):
        assert "<script" not in text and "&lt;script&gt;" in text
    for text in (found.html(), found.markdown(), found.latex(), found.text()):
        assert "‮" not in text
    assert r"\$x\$" in found.markdown() and r"\[z\](w)" in found.markdown()


def hold(found: Table) -> None:
    """All formats have all columns."""
    columns = 2 + len(found.names)
    rows = found.markdown().splitlines()[2:]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == columns + 1 for row in rows)
    hold_latex(found.latex())
    hold_html(found.html())
    text = found.text()
    assert all(line == line.rstrip() for line in text.splitlines())
    for entry in found.entries:
        for column in range(len(found.names)):
            for line in entry.shared(columns - 2) + entry.cell(column, columns - 2):
                assert all(said in text for said in line.texts)


def hold_latex(text: str) -> None:
    """Braces, formulas and environments close, and every row of the table has all its columns."""
    body = re.sub(r"\\[\\{}$&#_%]", lambda mark: "~~" if mark[0] == r"\\" else "", text)
    body = "\n".join(line for line in body.splitlines() if not line.startswith("%"))
    assert body.isascii() or not set("×⁰¹²³⁴⁵⁶⁷⁸⁹") & set(body)
    depth = 0
    for char in body:
        depth += (char == "{") - (char == "}")
        assert depth >= 0
    assert depth == 0 and body.count("$") % 2 == 0
    open_: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", body):
        if kind == "begin":
            open_.append(name)
        else:
            assert open_.pop() == name
    assert not open_
    (spec,) = re.findall(r"\\begin\{tabular\}\{(llc+)\}", body)
    rows = [line for line in body.splitlines() if line.endswith("~~") and "&" in line]
    for row in rows:
        wide = sum(int(span) - 1 for span in re.findall(r"\\multicolumn\{(\d+)\}", row))
        assert row.count("&") + 1 + wide == len(spec), row


class _Reader(HTMLParser):
    """The tags in their order, and whether each closes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.cells: list[int] = []
        self.until: dict[int, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("br", "meta"):
            self.open.append(tag)
        given = dict(attrs)
        if tag == "tr":
            row = len(self.cells)
            self.cells.append(self.until.get(row, 0))
        if tag in ("td", "th"):
            across = int(given.get("colspan") or 1)
            self.cells[-1] += across
            if given.get("rowspan"):
                below = len(self.cells)
                self.until[below] = self.until.get(below, 0) + across
            assert tag == "td" or given["scope"] in ("row", "col")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def hold_html(text: str) -> _Reader:
    """Tags close, and every row has all columns."""
    reader = _Reader()
    reader.feed(text)
    assert not reader.open
    assert len(set(reader.cells)) == 1
    assert "http" not in text and "<script" not in text
    return reader

"""`resdsl plot`: the counts are those of `stats`, and what is drawn can be read."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib
import pytest
from PIL import Image
from pypdf import PdfReader

from resdsl.analysis.stats import Stats
from resdsl.draw.fonts import FAMILY
from resdsl.draw.palette import DARK, LIGHT
from resdsl.draw.plot import Plot
from resdsl.draw.plot.costs import costs
from resdsl.draw.plot.data import Point, TooManyLayers, families, points, profiles
from resdsl.draw.plot.profile import profile
from resdsl.draw.plot.style import amount, styled
from resdsl.network import load, loads

PAPER = ("plain18", "plain34", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
MANY = (*PAPER, "vgg16", "vgg19", "classics/googlenet", "classics/alexnet")
NS = {"s": "http://www.w3.org/2000/svg"}


def counted(*specs: str) -> list[tuple[str, Stats]]:
    return [(spec, load(spec).stats()) for spec in specs]


def texts(svg: str | bytes) -> list[str]:
    root = ET.fromstring(svg)
    return ["".join(text.itertext()) for text in root.iterfind(".//s:text", NS)]


def overlaps(boxes: Sequence[Any]) -> list[tuple[int, int]]:
    return [
        (i, j)
        for (i, a), (j, b) in combinations(enumerate(boxes), 2)
        if a.x0 < b.x1 - 0.5 and b.x0 < a.x1 - 0.5 and a.y0 < b.y1 - 0.5 and b.y0 < a.y1 - 0.5
    ]


# --- the data -------------------------------------------------------------------------------------


def test_points_are_the_counts_of_stats() -> None:
    nets = counted(*MANY)
    found = [(p.name, p.params, p.macs) for p in points(nets)]
    assert found == [(s.name, s.params, s.macs) for _, s in nets]


@pytest.mark.parametrize(
    "spec",
    [
        "resnet50", "classics/googlenet", "dense/unet", "torchvision/densenet121",
        "torchvision/vit_b_16", "cifar/resnet1202", "examples/siamese", "classics/alexnet",
    ],
)  # fmt: skip
def test_the_layers_of_a_profile_sum_to_stats(spec: str) -> None:
    nets = counted(spec)
    ((_, stats),) = nets
    (one,) = profiles(nets)
    for field in ("params", "macs", "activation_memory"):
        assert sum(getattr(layer, field) for layer in one.layers) == getattr(stats, field), field
    assert all(layer.macs for layer in one.layers)
    rows = [row.name for row in stats.rows]
    stages = [layer.stage for layer in one.layers]
    assert stages == sorted(stages, key=rows.index)  # in order of execution


def test_a_layer_has_what_follows_it() -> None:
    net = loads(
        "model m { input image: 3x8x8\n pool: maxpool(2)\n conv(4, 3)\n bn\n relu\n fc(10) }"
    )
    (one,) = profiles([("m", net.stats())])
    first, last = one.layers
    assert (first.path, first.kind, first.params) == ("conv1", "conv", 4 * 3 * 9 + 4 + 8)
    assert (last.path, last.kind, last.params) == ("fc1", "fc", 650)
    assert first.activation_memory == 4 * (3 * 16 + 3 * 4 * 16)


def test_a_net_without_multiply_adds_is_one_layer() -> None:
    stats = loads("model m { input image: 3x8x8\n pool: maxpool(2)\n relu }").stats()
    (one,) = profiles([("m", stats)])
    assert [(layer.path, layer.macs) for layer in one.layers] == [("pool", 0)]
    assert Plot([("m", stats)], profiled=True).render("png")
    assert Plot([("m", stats)]).render("png")


def test_memory_is_that_of_the_batch_and_the_dtype() -> None:
    stats = load("resnet18").stats(batch=3, dtype="float16")
    (one,) = profiles([("resnet18", stats)])
    assert (one.batch, one.dtype) == (3, "float16")
    assert sum(layer.activation_memory for layer in one.layers) == stats.activation_memory


def test_families_are_nets_that_differ_in_a_number_or_a_size() -> None:
    names = [
        "resnet50",
        "resnet18",
        "torchvision/vgg16_bn",
        "torchvision/vgg11_bn",
        "torchvision/vgg11",
        "torchvision/convnext_tiny",
        "torchvision/convnext_small",
        "torchvision/mobilenet_v2",
        "torchvision/mobilenet_v3_small",
    ]
    found = {
        name: [p.name for p in many] for name, many in families(points(counted(*names))).items()
    }
    assert found == {
        "resnet": ["resnet18", "resnet50"],
        "vgg…_bn": ["vgg11_bn", "vgg16_bn"],
        "vgg11": ["vgg11"],
        "convnext": ["convnext_tiny", "convnext_small"],
        "mobilenet_v2": ["mobilenet_v2"],
        "mobilenet_v3_small": ["mobilenet_v3_small"],
    }


def test_nets_of_one_name_are_told_apart() -> None:
    names = [p.name for p in points(counted("resnet50", "torchvision/resnet50", "vgg16"))]
    assert names == ["resnet50", "torchvision/resnet50", "vgg16"]


def test_too_many_layers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resdsl.draw.plot.data.MAX_LAYERS_PLOTTED", 10)
    with pytest.raises(TooManyLayers, match="`resnet18` has more than 10 layers to plot"):
        profiles(counted("resnet18"))


NOTHING = "input x: 3x8x8\noutput y\n"
ONE = "input x: 3x8x8\nconv(4, 3)\n"


@pytest.mark.parametrize("texts_", [[NOTHING], [ONE], [NOTHING, ONE], [ONE, NOTHING]])
@pytest.mark.parametrize("profiled", [False, True])
def test_nets_of_one_op_and_of_none_are_plotted(texts_: list[str], profiled: bool) -> None:
    nets = [(f"net{k}", loads(text).stats()) for k, text in enumerate(texts_)]
    nets = [(name, stats.model_copy(update={"name": name})) for name, stats in nets]
    plot = Plot([*nets, *counted("resnet18")], profiled)
    assert {"resnet18", *(name for name, _ in nets)} <= set(texts(plot.render()))
    assert plot.render("png") and Plot(nets, profiled).render("pdf")


def test_a_profile_of_a_net_without_ops_is_empty() -> None:
    (one,) = profiles([("m", loads(NOTHING).stats())])
    assert one.layers == ()
    figure = profile([one], "png", LIGHT)
    assert not any(bars for axes in figure.axes for bars in axes.containers)
    assert figure.axes[2].get_xlabel() == "layer, in order of execution (0)"


def test_counts_of_nothing_are_on_axes_that_are_not_logarithmic() -> None:
    found = [
        Point(name=name, family=name, params=count, macs=1000 * count)
        for name, count in (("none", 0), ("small", 10), ("large", 10**9))
    ]
    with styled(LIGHT):
        (axes,) = costs(found, "png", LIGHT).axes
        (alone,) = costs(found[:1], "png", LIGHT).axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("linear", "linear")
    assert alone.get_xlim()[0] < 0 < alone.get_xlim()[1]
    assert 0 in alone.get_xticks() and all(tick == int(tick) for tick in alone.get_xticks())


# --- what is drawn --------------------------------------------------------------------------------


def test_the_svg_has_its_names_and_its_convention_as_text() -> None:
    svg = str(Plot(counted(*MANY)).render())
    found = texts(svg)
    assert {load(spec).stats().name for spec in MANY} <= set(found)
    assert {"parameters", "multiply-adds (batch 1)"} <= set(found)
    assert svg.split("\n")[1] == "<!-- made by resdsl -->"
    assert "<!DOCTYPE" not in svg
    assert set(re.findall(r'(?:href|src)="(?!#)[^"]*"', svg)) == set()
    families = set(re.findall(r"font-family: ([^;\"]*)", svg) + re.findall(r"font: ([^;\"]*)", svg))
    assert families and all(family.endswith(FAMILY) for family in families)


def test_a_profile_names_the_stages_and_what_is_measured() -> None:
    found = texts(Plot(counted("resnet50"), profiled=True).render())
    stages = {"conv1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "head"}
    assert stages | {"resnet50", "multiply-adds", "(batch 1)", "parameters"} <= set(found)
    assert {"activations, MiB", "(float32, batch 1)"} <= set(found)
    assert "layer, in order of execution (54)" in found


def test_the_bars_are_the_data() -> None:
    (one,) = profiles(counted("resnet18"))
    figure = profile([one], "png", LIGHT)
    top, middle, bottom = [axes for axes in figure.axes if axes.containers]
    heights = [[bar.get_height() for bar in axes.containers[0]] for axes in (top, middle, bottom)]
    assert heights[0] == [layer.macs for layer in one.layers]
    assert heights[1] == [layer.params for layer in one.layers]
    memory = [layer.activation_memory / 2**20 for layer in one.layers]
    assert heights[2] == pytest.approx(memory)


@pytest.mark.parametrize("specs", [("resnet50", "classics/googlenet"), ("vgg16", "resnet18")])
def test_no_bar_is_cut_off(specs: tuple[str, ...]) -> None:
    found = profiles(counted(*specs))
    figure = profile(found, "png", LIGHT)
    for axes in figure.axes:
        for bars in axes.containers:
            assert max(bar.get_height() for bar in bars) <= axes.get_ylim()[1]


def test_the_names_of_stages_do_not_overlap() -> None:
    for spec in ("resnet50", "dense/unet", "classics/googlenet", "torchvision/mobilenet_v2"):
        with styled(LIGHT):
            figure = profile(profiles(counted(spec)), "png", LIGHT)
            figure.draw_without_rendering()
        names = [text.get_window_extent() for text in figure.axes[0].texts]
        assert overlaps(names) == [], spec


@pytest.mark.parametrize("profiled", [False, True])
@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_same_counts_same_bytes(form: Any, profiled: bool) -> None:
    nets = counted("resnet18", "resnet34")
    once, again = (Plot(nets, profiled).render(form) for _ in "12")
    assert once == again


def test_the_users_settings_of_matplotlib_change_nothing_and_stay() -> None:
    plot = Plot(counted("resnet18", "resnet34"))
    once = plot.render()
    with matplotlib.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path"}):
        assert plot.render() == once
        assert matplotlib.rcParams["font.size"] == 30
    assert "matplotlib.pyplot" not in sys.modules or plot.render() == once


def test_pyplot_is_not_loaded() -> None:
    program = (
        "import sys; from resdsl.network import load; from resdsl.draw.plot import Plot;"
        "loaded = 'matplotlib' in sys.modules; Plot([('a', load('resnet18').stats())]).render();"
        "print(loaded, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.split() == [b"False", b"False"]


def test_the_text_of_a_pdf_can_be_read_back_and_a_png_is_marked() -> None:
    plot = Plot(counted("resnet18", "resnet34"), profiled=True)
    pdf = plot.render("pdf")
    assert isinstance(pdf, bytes)
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert "resnet34" in text and "conv4_x" in text
    assert b"made by resdsl" in pdf[-300:] and b"CreationDate" not in pdf
    png = plot.render("png")
    assert isinstance(png, bytes)
    assert b"made by resdsl" in png[:300]


def test_a_dark_plot_is_dark() -> None:
    png = Plot(counted("resnet18")).render("png", "dark")
    assert isinstance(png, bytes)
    corner = Image.open(io.BytesIO(png)).convert("RGB").getpixel((2, 2))
    assert "#{:02x}{:02x}{:02x}".format(*corner) == DARK.page  # type: ignore[misc]


@pytest.mark.parametrize("profiled", [False, True])
def test_a_hostile_name_is_a_text(profiled: bool) -> None:
    stats = loads("model m { input image: 3x8x8\n conv(4, 3) }").stats()
    names = ["$\\frac{1}{$ <script>&", "a\n\x1b[2J", "残差"]
    nets = [(name, stats.model_copy(update={"name": name})) for name in names]
    found = texts(Plot(nets, profiled).render())
    assert {names[0], "残差"} <= set(found)
    assert all("\x1b" not in text and "\n" not in text for text in found)
    assert Plot(nets, profiled).render("png") and Plot(nets, profiled).render("pdf")


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0"), (7.5, "7.5"), (1000, "1 k"), (25e6, "25 M"), (5e8, "500 M"), (2.5e9, "2.5 G")],
)
def test_amounts_on_axes(number: float, words: str) -> None:
    assert amount(number) == words

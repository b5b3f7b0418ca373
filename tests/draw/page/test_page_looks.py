"""How the page looks: colours and their contrast, windows of any size, what it saves and keeps."""

from __future__ import annotations

import re
from math import prod
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

import pytest

from resdsl.draw.page import HERE, page, policy
from resdsl.draw.palette import Theme
from resdsl.draw.picture import Box, Depth, Link, Picture
from resdsl.limits import MAX_BOXES
from tests.draw.page.conftest import Look, Looked
from tests.draw.page.pages import data_of, page_of, shipped

SVG = "{http://www.w3.org/2000/svg}"
CONTRAST = """(selector) => {
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function rgb(colours) {
  canvas.fillStyle = "#fff";
  canvas.fillRect(0, 0, 1, 1);
  for (const [colour, alpha] of colours) {
    canvas.globalAlpha = +alpha;
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
  }
  canvas.globalAlpha = 1;
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
}
const light = (c) => c.map((v) => v / 255)
  .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const back = [getComputedStyle(document.body).backgroundColor, 1];
return [...document.querySelectorAll(selector)].flatMap((box) => {
  const frame = getComputedStyle(box.querySelector(".frame"));
  const under = rgb([back, [frame.fill, frame.fillOpacity]]);
  return [...box.querySelectorAll("text, tspan")].map((text) => {
    const [a, b] = [light(rgb([[getComputedStyle(text).fill, 1]])), light(under)];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return [contrast, box.getAttribute("class"), text.textContent];
  });
});
}"""

CUT_OFF = """[...document.querySelectorAll("button, input, select")]
  .filter((e) => e.checkVisibility() && !e.closest("dialog"))
  .map((e) => [e.getBoundingClientRect(), e.id || e.value || e.textContent])
  .filter(([r]) => Math.min(r.left, r.top) < 0 || r.right > innerWidth + 1 ||
    r.bottom > innerHeight + 1)"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_in_every_colour(look: Look, theme: str) -> None:
    looked = look(page_of("resnet50"), theme=theme)
    looked.depth("layer")
    assert least(looked, "#scene .leaf") >= 4.5
    looked.page.select_option("#heat", "params")
    looked.js(
        """() => [...document.querySelectorAll("#scene .leaf")].forEach((box, i) => {
        box.classList.remove(...[...box.classList].filter((c) => c.startsWith("heat-")));
        box.classList.add(`heat-${i % 10}`);
        })"""
    )
    assert least(looked, "#scene .leaf") >= 4.5


def least(looked: Looked, selector: str) -> float:
    found = looked.js(CONTRAST, selector)
    print(min(found))
    return float(min(found)[0])


def test_heat_shows_where_the_figures_are(look: Look) -> None:
    looked = look(page_of("resnet50"))
    looked.page.select_option("#heat", "params")
    assert looked.paths("#scene .heat-9") == ["conv5_x"]
    assert "image" in looked.paths("#scene .heat-0")
    legend = looked.js('document.getElementById("legend").innerText')
    assert "Parameters" in legend and "14.96 M" in legend
    looked.page.select_option("#heat", "macs")
    assert looked.paths("#scene .heat-9") == ["conv4_x"]
    assert looked.js("document.querySelector('#tree .much').textContent") == "3.858 G"
    looked.page.select_option("#heat", "")
    assert looked.paths("#scene .heat") == []
    assert looked.js('document.getElementById("legend").hidden')


def test_dark_and_light(look: Look) -> None:
    looked = look(page_of("lenet5"), theme="dark")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = looked.js(background)
    looked.page.click("#theme")
    assert looked.js(background) == "rgb(255, 255, 255)" != dark
    looked.page.click("#theme")
    assert looked.js(background) == dark


def test_the_saved_svg_stands_alone(look: Look, tmp_path: Path) -> None:
    looked = look(page_of("torchvision/googlenet"), theme="dark")
    with looked.page.expect_download() as waiting:
        looked.page.click("#export")
    assert waiting.value.suggested_filename == "googlenet.svg"
    file = tmp_path / "saved.svg"
    waiting.value.save_as(file)
    text = file.read_text("utf-8")
    assert text.split("\n")[1] == "<!-- made by resdsl -->"
    root = ET.fromstring(text)
    assert not re.search(r"var\(|class=|style=|light-dark|NaN", text)
    ground = root.find(f"{SVG}rect")
    assert ground is not None and ground.get("fill") == "rgb(255, 255, 255)"
    drawn = looked.js('[...document.querySelectorAll("#scene text")].map((t) => t.textContent)')
    assert ["".join(t.itertext()) for t in root.iter(f"{SVG}text")] == drawn
    assert all(t.get("fill") and t.get("font-size") for t in root.iter(f"{SVG}text"))
    assert looked.js("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"


def test_windows_of_any_size(look: Look) -> None:
    looked = look(page_of("resnet50"))
    for width, height in ((1280, 720), (1000, 700), (390, 780)):
        looked.page.set_viewport_size({"width": width, "height": height})
        size = looked.js(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert size == [width, height]
        assert looked.js(CUT_OFF) == []
    seen = """["outline", "drawing", "text"]
      .filter((id) => document.getElementById(id).checkVisibility())"""
    assert looked.js(seen) == ["drawing"]
    for name in ("outline", "text", "drawing"):
        looked.page.click(f"#tabs [value={name}]")
        assert looked.js(seen) == [name]


def test_panes_are_resized_and_hidden(look: Look) -> None:
    looked = look(page_of("lenet5"))
    width = 'document.getElementById("outline").offsetWidth'
    before = looked.js(width)
    looked.page.focus("#split-outline")
    looked.page.keyboard.press("ArrowRight")
    assert looked.js(width) > before
    place = looked.js('document.getElementById("split-outline").getBoundingClientRect().toJSON()')
    mouse = looked.page.mouse
    mouse.move(place["x"] + 3, 300)
    mouse.down()
    mouse.move(place["x"] - 57, 300)
    mouse.up()
    assert looked.js(width) == pytest.approx(before - 44, abs=2)
    looked.page.click("#show-text")
    assert not looked.js('document.getElementById("text").checkVisibility()')


def test_zoom_and_pan(look: Look) -> None:
    looked = look(page_of("resnet50"))
    mouse = looked.page.mouse
    at = "[camera.x, camera.y, camera.k]"
    x, y, k = looked.js(at)
    mouse.move(400, 400)
    mouse.down()
    mouse.move(450, 420)
    mouse.up()
    assert looked.js(at) == pytest.approx([x + 50, y + 20, k])
    mouse.wheel(0, 100)
    looked.until(f"camera.y < {y}")
    looked.page.keyboard.down("Control")
    mouse.wheel(0, -100)
    looked.until(f"camera.k > {k}")
    looked.page.keyboard.up("Control")
    looked.page.click("#fit")
    x, y, k = looked.js(at)
    _, height = looked.js("camera.size")
    assert x >= 0 and y >= 0 and y + k * height <= 720


def test_a_reload_keeps_what_was_chosen(look: Look) -> None:
    looked = look(page_of("resnet50"))
    looked.drawn(lambda: looked.page.click(looked.box("conv3_x")))
    looked.page.click("#theme")
    looked.page.click("#zoom-in")
    kept = "[[...state.open].sort(), document.documentElement.dataset.theme, camera.k.toFixed(3)]"
    before = looked.js(kept)
    looked.page.reload()
    looked.requests.clear()
    looked.until('performance.getEntriesByName("drawn").length > 0')
    assert looked.js(kept) == before


@pytest.mark.parametrize(
    ("depth", "theme", "colours"),
    [("model", None, "light"), ("block", "dark", "dark"), ("layer", "light", "light")],
)
def test_a_page_opens_as_it_was_made(
    look: Look, depth: Depth, theme: Theme | None, colours: str
) -> None:
    looked = look(page(*shipped("lenet5"), depth=depth, theme=theme))
    pressed = '[...document.querySelectorAll("#depths [aria-pressed=true]")].map((b) => b.value)'
    assert depth in looked.js(pressed)
    background = "getComputedStyle(document.body).backgroundColor"
    light = looked.js(background) == "rgb(255, 255, 255)"
    assert light == (colours == "light")
    looked.page.click("#theme")
    assert light != (looked.js(background) == "rgb(255, 255, 255)")


def test_a_page_made_anew_begins_anew(look: Look) -> None:
    """At the same address: what was chosen is kept unless it is asked for otherwise."""
    looked = look(page_of("lenet5"))
    looked.depth("model")
    file = Path(looked.page.url.removeprefix("file://"))
    counts = []
    for depth in ("stage", "layer"):
        file.write_text(page(*shipped("lenet5"), depth=depth), "utf-8")
        looked.page.reload()
        looked.requests.clear()
        looked.until('performance.getEntriesByName("drawn").length > 0')
        counts.append(len(looked.paths("#scene .leaf")))
    assert counts == [1, sum(not box.children for box in shipped("lenet5")[0].boxes())]


def test_the_file() -> None:
    """What can be told without a browser."""
    text = page_of("torchvision/densenet201")
    assert len(text.encode()) < 2_000_000
    assert text.split("\n")[1] == "<!-- made by resdsl -->"
    assert "'unsafe-inline'" not in text and "'unsafe-eval'" not in text
    assert not re.search(r'(src|href)="(?!data:)', text)
    assert policy(live=False).count("'none'") == 4
    assert data_of(text)["picture"]["root"]["params"] == 20_013_928
    assert page(*shipped("lenet5")) == page_of("lenet5")
    used = {file.stem for file in HERE.glob("*.js")} - {"worker"}
    assert all((HERE / f"{name}.js").read_text("utf-8") in text for name in used)


def test_the_largest_picture_is_below_2_mb() -> None:
    """However little its boxes have in common."""
    random = Random(1)
    shape, boxes = (3, 512, 512), []
    for n in range(MAX_BOXES - 1):
        link = Link(box=n - 1, port=0, shape=shape)
        k, before = random.choice((1, 3, 5, 7)), shape[0]
        shape = (random.randint(1, 4096), 512, 512)
        params = before * shape[0] * k * k + random.choice((0, shape[0]))
        name = random.randbytes(3).hex()
        box = Box(
            id=f"b{n}",
            name=name,
            path=name,
            role="op",
            kind="conv",
            detail=f"{k}×{k}, {shape[0]}",
            family="layer",
            shape=shape,
            params=params,
            params_training=params,
            macs=params * 512 * 512,
            activation_memory=4 * prod(shape),
            receptive_field=(1 + 3 * n, 1 + 3 * n),
            depth=n,
            line=n,
            inputs=(link,),
        )
        boxes.append(box)
    root = Box(
        id="b", name="x", path="", role="model", kind="x", shape=shape, children=tuple(boxes)
    )
    text = page(Picture(name="x", depth="layer", root=root))
    assert len(text.encode()) < 2_000_000
    assert len(data_of(text)["picture"]["root"]["children"]) == MAX_BOXES - 1

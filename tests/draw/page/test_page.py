"""The page as a reader uses it, in a browser."""

from __future__ import annotations

import pytest

from resdsl.draw.page import page, whole
from resdsl.source import Source
from tests.analysis.nets import Draft, net
from tests.draw.page.conftest import Look, Looked
from tests.draw.page.pages import page_of, shipped

HOSTILE = [
    "<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "--><b>bold</b>", "\\N",
    "a:b", "\"q\" 'q'", "&lt;i&gt;", "${1}", "{data}", "\u2028", "\u202ex",
]  # fmt: skip

LAID_WRONG = """() => {
const found = [], rects = [];
for (const box of document.querySelectorAll("#scene .leaf")) {
  const f = box.querySelector(".frame").getBBox();
  for (const text of box.querySelectorAll("text")) {
    const t = text.getBBox();
    if (t.x < f.x + 2 || t.x + t.width > f.x + f.width - 2 || t.y < f.y - 3 ||
        t.y + t.height > f.y + f.height + 3) found.push(text.textContent);
  }
  for (const [other, g] of rects) {
    if (f.x < g.x + g.width && g.x < f.x + f.width && f.y < g.y + g.height &&
        g.y < f.y + f.height) found.push([box.ariaLabel, other.ariaLabel]);
  }
  rects.push([box, f]);
}
return found;
}"""


def test_names_are_text(look: Look) -> None:
    root = Draft("root", "model", {HOSTILE[0]: (3, 4, 4)})
    x, regions = 0, []
    for n, name in enumerate(HOSTILE):
        inner = Draft(f"r{n}", "block", {"in": (3, 4, 4)}, block=name)
        y = inner.op(name, "relu", 0)
        regions.append(inner.end(y))
        (x,) = root.call(name, regions[-1], x)
        root.line(name, x)
    made = net(HOSTILE[1], *regions, root.end(x))
    source = Source("</title><script>alert(2)</script>", "\n".join(HOSTILE))
    looked = look(page(whole(made, source), source, errors=HOSTILE[1]))
    looked.depth("layer")
    shown = looked.js(
        '[...document.querySelectorAll("#scene .leaf .title")].map((t) => t.textContent)'
    )
    visible = [*HOSTILE[:9], "\\u{2028}", "\\u{202e}x"]
    assert shown == [HOSTILE[0], *visible, "out"]
    assert looked.js('document.querySelector("h1").textContent') == HOSTILE[1]
    assert looked.js('document.querySelector("#errors pre").textContent') == HOSTILE[1]
    lines = looked.js('[...document.querySelectorAll("#lines code")].map((c) => c.textContent)')
    assert lines == HOSTILE
    assert looked.js('document.querySelectorAll("script").length') == 4
    assert looked.js('document.querySelectorAll("img, b, i").length') == 0


def test_the_policy_holds(look: Look) -> None:
    looked = look(page_of("lenet5"))
    done = looked.js(
        """async () => {
        const script = document.createElement("script");
        script.textContent = "window.ran = 1";
        document.body.append(script);
        document.body.setAttribute("style", "margin: 99px");
        const asked = await fetch("data:,x").then(() => 1, () => 0);
        return [window.ran, getComputedStyle(document.body).marginTop, asked];
        }"""
    )
    assert done == [None, "0px", 0]
    found = {directive.split("-")[0] for directive in looked.js("broken.splice(0)")}
    assert found == {"script", "style", "connect"}
    assert looked.complaints
    looked.complaints.clear()


def test_a_stage_of_resnet152_opens_sooner_than_the_page(look: Look) -> None:
    """`make bench` holds it to 300 ms."""
    looked = look(page_of("resnet152"))
    first = looked.drawings[0]
    times = []
    for _ in range(3):
        times.append(looked.drawn(lambda: looked.page.click(looked.box("conv4_x"))))
        assert looked.js('document.querySelectorAll("#scene .open").length') == 1
        looked.drawn(lambda: looked.page.click(looked.box("conv4_x")))
    assert min(times) < first


@pytest.mark.parametrize("name", ["resnet50", "torchvision/googlenet", "unet"])
def test_the_edges_are_those_of_the_picture(look: Look, name: str) -> None:
    """The page finds the edges between what is open itself; so does `Picture.edges`."""
    picture, _ = shipped(name)
    looked = look(page_of(name), height=900)
    looked.depth("layer")
    drawn = looked.js(
        """[...document.querySelectorAll("#scene [data-ends]")].map((e) => {
        const [a, b] = e.dataset.ends.split(" ").map((id) => state.net.boxes[id].path);
        return `${a} ${b} ${[...e.classList].find((c) => c in RANK)}`;
        })"""
    )
    expected = {f"{e.source.path} {e.target.path} {e.role}" for e in picture.edges()}
    assert set(drawn) == expected
    assert len(set(drawn)) == len(drawn)
    figures = looked.js("state.net.boxes.map((b) => [b.path, b.memory, ownParams(b)])")
    assert figures == [
        [b.path, b.activation_memory, b.params_training if b.train else b.params]
        for b in picture.boxes()
    ]
    if name == "resnet50":
        told_apart(looked)
        of_one_style(looked)


def told_apart(looked: Looked) -> None:
    """Shortcuts have a colour of their own, and those that project are dashed."""
    styles = looked.js(
        """["shortcut", "projection", "flow"].map((role) => {
        const looks = getComputedStyle(document.querySelector(`.edge.${role} .line`));
        return [looks.stroke, looks.strokeDasharray];
        })"""
    )
    (identity, solid), (projection, dashed), (flow, plain) = styles
    assert identity == projection != flow
    assert solid == plain == "none" != dashed


def of_one_style(looked: Looked) -> None:
    """An arm that projects does so from box to box, past the shape of what it hands on; and it is
    straight.
    """
    assert looked.js('document.querySelectorAll("#scene path.edge").length') == 0
    ends = [looked.id_of(f"conv3_x.0.downsample.{name}") for name in "01"]
    found = looked.js(
        """([a, b]) => {
        const edge = document.querySelector(`#scene [data-ends="${a} ${b}"]`);
        const line = edge.querySelector(".line"), box = (id) =>
          document.querySelector(`#scene .leaf[data-id="${id}"] .frame`).getBBox();
        const begin = line.getPointAtLength(0), end = line.getPointAtLength(1e6);
        const [from, to] = [box(a), box(b)];
        return [edge.classList.contains("projection"), begin.x - end.x,
          begin.y - from.y - from.height, end.y - to.y];
        }""",
        ends,
    )
    assert found == [True, *[pytest.approx(0, abs=0.6)] * 3]


def test_boxes_hold_their_text_and_keep_apart(look: Look) -> None:
    looked = look(page_of("torchvision/googlenet"), width=1500, height=1000)
    assert looked.js(LAID_WRONG) == []
    assert looked.paths("#scene .leaf.train")
    dashes = looked.js(
        '[...document.querySelectorAll("#scene .train .frame, #scene .train .line")]'
        ".map((e) => getComputedStyle(e).strokeDasharray)"
    )
    assert dashes and "none" not in dashes
    looked.depth("layer")
    assert looked.js(LAID_WRONG) == []


def test_the_keyboard_goes_everywhere(look: Look) -> None:
    looked = look(page_of("resnet50"))
    press = looked.page.keyboard.press
    looked.page.focus("#tree [tabindex='0']")
    for _ in range(4):
        press("ArrowDown")
    assert focused(looked) == "conv2_x"
    looked.drawn(lambda: press("ArrowRight"))
    press("ArrowRight")
    assert focused(looked) == "conv2_x.0"
    looked.drawn(lambda: press("Enter"))
    assert looked.js(f"document.querySelector('{looked.row('conv2_x.0')}').ariaExpanded") == "true"
    press("ArrowDown")
    assert focused(looked) == "conv2_x.0.conv1"
    press("ArrowLeft")
    looked.drawn(lambda: press("ArrowLeft"))
    assert looked.paths("#scene .open") == ["conv2_x"]
    looked.page.focus("#scene [tabindex='0']")
    assert focused(looked) == "conv2_x.0"
    press("ArrowUp")
    looked.drawn(lambda: press(" "))
    assert focused(looked) == "conv2_x"
    assert looked.paths("#scene .open") == []
    assert looked.js('document.getElementById("card").hidden') is False
    press("Escape")
    assert looked.paths(".selected") == []
    before = looked.js("camera.k")
    press("+")
    assert looked.js("camera.k") > before
    press("h")
    assert looked.js('document.getElementById("keys").open')
    press("Escape")
    press("/")
    assert looked.js("document.activeElement === field")


def focused(looked: Looked) -> str:
    return str(looked.js("boxOf(document.activeElement).path"))


def test_depths_and_all(look: Look) -> None:
    looked = look(page_of("resnet50"))
    counts = {}
    for depth in ("model", "stage", "block", "layer"):
        looked.depth(depth)
        counts[depth] = len(looked.paths("#scene .leaf"))
        pressed = looked.js(
            '[...document.querySelectorAll("#depths [aria-pressed=true]")].map((b) => b.value)'
        )
        assert pressed == [depth]
    assert counts["model"] == 1
    assert counts["stage"] == 9
    assert counts["stage"] < counts["block"] < counts["layer"] == leaves("resnet50")
    looked.drawn(lambda: looked.page.click("#close-all"))
    assert len(looked.paths("#scene .leaf")) == counts["stage"]
    looked.drawn(lambda: looked.page.click("#open-all"))
    assert len(looked.paths("#scene .leaf")) == counts["layer"]


def leaves(name: str) -> int:
    return sum(not box.children for box in shipped(name)[0].boxes())


def test_searching_opens_what_hides_the_match(look: Look) -> None:
    looked = look(page_of("resnet50"))
    looked.page.click("#search input")
    looked.drawn(lambda: looked.page.keyboard.type("downsample"))
    looked.until("document.querySelector('.selected') !== null")
    assert looked.js('document.querySelector("#search output").textContent').startswith("1 of ")
    assert looked.paths(".selected") == ["conv2_x.0.downsample"]
    looked.page.keyboard.press("Shift+Enter")
    looked.until("boxOf(document.querySelector('.selected'))?.path.startsWith('conv5_x.0')")
    place = looked.js("document.querySelector('.selected').getBoundingClientRect().toJSON()")
    assert 52 < place["top"] < place["bottom"] < 720
    looked.page.keyboard.press("Escape")
    assert looked.js("[field.value, state.matches.length]") == ["", 0]


def test_lines_and_boxes_are_linked(look: Look) -> None:
    looked = look(page_of("resnet50"))
    _, source = shipped("resnet50")
    number = source.text.split("\n").index(next(filter(is_conv3, source.text.split("\n")))) + 1
    line = f'#lines [data-line="{number}"]'
    looked.page.hover(line)
    assert looked.paths("#scene .lit") == ["conv3_x"]
    looked.page.click(line)
    looked.until("document.querySelector('#scene .selected') !== null")
    assert looked.paths("#scene .selected") == ["conv3_x"]
    looked.page.hover(looked.box("conv4_x"))
    assert lit(looked) == [str(number + 1)]
    looked.until('!document.getElementById("card").hidden')
    card = looked.js('document.getElementById("card").textContent')
    for fact in (
        "conv4_x",
        "bottleneck × 6",
        "1024×14×14",
        "7,098,368",
        "Receptive field",
        "line 17",
    ):
        assert fact in card, fact


def is_conv3(line: str) -> bool:
    return line.startswith("stage conv3_x")


def lit(looked: Looked) -> list[str]:
    return list(looked.js('[...document.querySelectorAll(".line.lit")].map((l) => l.dataset.line)'))

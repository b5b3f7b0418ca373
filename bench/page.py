"""How quickly a box of the page opens, in a headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Callable

DRAWN = 'performance.getEntriesByName("drawn").map((e) => e.duration)'
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def opening(spec: str, path: str) -> Callable[[], float]:
    """Seconds from a click on a closed box to the drawing with it open, the least of three."""

    def sample() -> float:
        from playwright.sync_api import sync_playwright

        import resdsl

        page_text = str(resdsl.load(spec).graph().render("html"))
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=_chromium(), args=QUIET)
            page = browser.new_page()
            page.set_content(page_text)
            times: list[float] = []

            def drawn(count: int) -> list[float]:
                while len(found := page.evaluate(DRAWN)) < count:
                    page.wait_for_timeout(15)
                return list(found)

            done = len(drawn(1))
            box = page.evaluate("(path) => state.net.boxes.find((b) => b.path === path).id", path)
            for turn in range(6):  # opens, closes, ...
                page.click(
                    f'#scene .head[data-id="{box}"] text, #scene .leaf[data-id="{box}"] .title'
                )
                times.append(drawn(done + turn + 1)[-1])
            browser.close()
        return min(times[::2]) / 1e3

    return sample


def _chromium() -> str:
    found = shutil.which("chromium")
    if found is None:
        raise SystemExit("apt-get install chromium")
    return found

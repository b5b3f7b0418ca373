"""A network as one HTML file that opens it: it needs no network, and obeys a strict policy.

The policy names by hash the one script and the one style sheet that may run, and lets a worker run
for Graphviz. All that comes from a spec is in packed JSON, and the script sets it as text.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from math import prod
from pathlib import Path
from typing import Any

from resdsl.draw.outline import TooManyBoxes
from resdsl.draw.outline import picture as draw
from resdsl.draw.palette import DARK, LIGHT, Theme
from resdsl.draw.picture import Depth, Picture
from resdsl.ir.graph import Net
from resdsl.report.text import visible
from resdsl.source import Source

HERE = Path(__file__).parent

MODULES = (
    "net", "dom", "graph", "layout", "draw", "camera", "outline", "text", "card", "heat", "export",
    "state", "hands", "search", "frame", "main",
)  # fmt: skip
"""Parts of the script, in the order in which they stand in it."""


def page(
    picture: Picture | None,
    source: Source | None = None,
    *,
    errors: str = "",
    live: str = "",
    depth: Depth = "stage",
    theme: Theme | None = None,
) -> str:
    """The whole page. `picture` is of depth `layer`: the reader opens and closes it; at first it is
    open down to `depth`, and of this `theme`, or of the one that the reader prefers elsewhere.

    `source`: the spec's text, shown beside it. `errors`: shown above. `live`: the version of what
    is shown, of a page whose server tells it of later ones (events named `net`, with `data`).
    """
    shown = json_text({**data(picture, source, errors), "live": live, "depth": depth})
    style, script = _style(), _script()
    parts = {
        "csp": escape(policy(bool(live))),
        "title": escape(f"{visible(picture.name)} · resdsl" if picture else "resdsl"),
        "theme": f' data-theme="{theme}"' if theme else "",
        "style": style,
        "data": _packed(shown.encode()),
        "notices": (HERE / "vendor" / "NOTICE").read_text("utf-8").replace("--", "- -").strip(),
        "viz": _viz(),
        "worker": _read("worker.js"),
        "script": script,
    }
    html = _read("page.html")
    return re.sub(r"\{(\w+)\}", lambda name: parts[name[1]], html)


def whole(net: Net, source: Source | None) -> Picture:
    """The picture that the page is made for: down to the layers, or as far as there is room."""
    name = source.name if source else ""
    depths: tuple[Depth, ...] = ("layer", "block", "stage")
    for depth in depths:
        try:
            return draw(net, depth, name)
        except TooManyBoxes:
            continue
    return draw(net, "model", name)


def data(picture: Picture | None, source: Source | None, errors: str = "") -> dict[str, Any]:
    """What the script draws from, JSON-ready."""
    found: dict[str, Any] = {"errors": errors}
    if picture is not None:
        fields = picture.model_dump(mode="json", exclude_defaults=True)
        found["picture"] = {"name": visible(picture.name), "root": _brief(fields["root"])}
    if source is not None:
        lines = source.text.removesuffix("\n").split("\n")
        found["text"] = {"name": source.name, "lines": [line.rstrip("\r") for line in lines]}
    return found


def json_text(data: Mapping[str, Any]) -> str:
    """JSON on one line, of what UTF-8 can say; nothing in it could end a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda c: f"\\u{ord(c[0]):04x}", text)


def policy(live: bool = False) -> str:
    """The Content-Security-Policy of the page."""
    ask = "'self'" if live else "'none'"
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {_hash(_script())} 'wasm-unsafe-eval'",
            f"style-src {_hash(_style())}",
            "worker-src blob:",
            "img-src data:",
            f"connect-src {ask}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


_LONG = ("name", "kind", "detail", "path", "source")


def _brief(box: dict[str, Any], around: str = "") -> dict[str, Any]:
    """A box without what the script finds itself (`net.js`); its texts as they can be seen.
    `around`: the path of its parent.
    """
    drop = {"id", "children"} if box.get("train") else {"id", "children", "params_training"}
    kept = {key: value for key, value in box.items() if key not in drop}
    if kept["path"] == f"{around}.{kept['name']}".removeprefix("."):
        del kept["path"]
    memory = kept.pop("activation_memory", 0)
    if memory != 4 * prod(kept["shape"]):
        kept["activation_memory"] = memory
    kept |= {key: visible(kept[key]) for key in _LONG if key in kept}
    for link in kept.get("outputs", ()):
        del link["shape"]
    if children := box.get("children"):
        for n, child in enumerate(children):
            for link in child.get("inputs", ()):
                _shorten(link, n, children)
        kept["children"] = [_brief(child, box["path"]) for child in children]
    return kept


def _shorten(link: dict[str, Any], n: int, siblings: list[dict[str, Any]]) -> None:
    """An input of sibling `n`, without what it is mostly: output 0 of the one before."""
    if link["box"] >= 0 and link["shape"] == siblings[link["box"]]["shape"]:
        del link["shape"]
    if link["box"] == n - 1:
        del link["box"]
    if link["port"] == 0:
        del link["port"]


@cache
def _script() -> str:
    return "\n".join(_read(f"{name}.js") for name in MODULES)


@cache
def _style() -> str:
    names = {"page", "ink", "muted", "line", "flow", "shortcut"}
    pairs = {name: (getattr(LIGHT, name), getattr(DARK, name)) for name in sorted(names)}
    pairs |= {f"fill-{role}": (fill, DARK.fills[role]) for role, fill in LIGHT.fills.items()}
    colours = [f"  --{name}: light-dark({a}, {b});" for name, (a, b) in pairs.items()]
    return "\n".join([":root {", *colours, "}", _read("page.css")])


@cache
def _viz() -> str:
    return _packed((HERE / "vendor" / "viz-global.js").read_bytes())


def _packed(content: bytes) -> str:
    """As the page unpacks it: of Viz.js half the size, of a net's boxes a twentieth."""
    import gzip

    return b64encode(gzip.compress(content, 9, mtime=0)).decode()


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _read(name: str) -> str:
    return (HERE / name).read_text("utf-8")

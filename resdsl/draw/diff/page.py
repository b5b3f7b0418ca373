"""A difference as one offline HTML file: the tables and the picture, dark where the reader's page
is.
"""

from __future__ import annotations

from html import escape

from resdsl.analysis.diff import Diff
from resdsl.draw.diff.svg import svg
from resdsl.draw.fonts import FAMILY
from resdsl.draw.palette import DARK, LIGHT, Palette, Theme
from resdsl.files import MADE
from resdsl.report.diff import titles
from resdsl.report.html import diff_html
from resdsl.report.text import visible

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(diff: Diff) -> str:
    """The whole file. It fetches nothing and runs nothing."""
    title = escape(visible(" → ".join(titles(diff))))
    return f"""<!DOCTYPE html>
<!-- {MADE} -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 2em; font: 14px {FAMILY}; {_colours(LIGHT)} }}
table {{ border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums; }}
th {{ border-bottom: 1px solid; }}
svg {{ max-width: 100%; height: auto; }}
.dark {{ display: none; }}
@media (prefers-color-scheme: dark) {{
  body {{ {_colours(DARK)} }}
  .light {{ display: none; }}
  .dark {{ display: block; }}
}}
</style>
</head>
<body>
{diff_html(diff)}
{_picture(diff, "light")}
{_picture(diff, "dark")}
</body>
</html>
"""


def _picture(diff: Diff, theme: Theme) -> str:
    """The drawing without what only a file of its own begins with."""
    _, start, rest = svg(diff, theme).partition("<svg ")
    return f'<div class="{theme}">{start}{rest}</div>'


def _colours(colours: Palette) -> str:
    return f"color: {colours.ink}; background: {colours.page};"

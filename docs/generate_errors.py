"""docs/errors.md: a table of all codes, then the page of each, with what its example comes to."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from resdsl.check import check
from resdsl.diagnostics import CODES, Diagnostic, ResdslError
from resdsl.explanations import Page, page
from resdsl.network import load
from resdsl.report.diagnostics import render_all

ROOT = Path(__file__).resolve().parents[1]
FAMILIES = {
    "E1": "Syntax",
    "E2": "Names, arguments, values",
    "E3": "Shapes and the graph",
    "E4": "Promises",
    "E5": "Limits",
    "E6": "Files",
    "W3": "Lints",
}
HEAD = """\
# Errors and warnings

Whatever resdsl finds wrong with a text has a code that stays. `resdsl explain E310` prints the page
of one; these are all, made by `make docs` from [resdsl/explanations](../resdsl/explanations); do
not edit. Every example is run by the tests: it gives just what stands below it, and its repair
gives nothing. Codes with a W are warnings: the net is legal, and likely not what you meant. Where
it is, [lints.md](lints.md) says how to switch one off.
"""

_FENCE = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def errors_page() -> str:
    """The whole page."""
    families = [(FAMILIES[key], [*codes]) for key, codes in groupby(CODES, lambda code: code[:2])]
    parts = [HEAD.rstrip(), "| code | what is wrong |\n|---|---|\n" + "\n".join(_rows(families))]
    for name, codes in families:
        parts += [f"## {name}", *(_section(page(code)) for code in codes)]
    return "\n\n".join(parts) + "\n"


def _rows(families: list[tuple[str, list[str]]]) -> list[str]:
    rows = []
    for name, codes in families:
        rows.append(f"| | **{name}** |")
        for code in codes:
            title = CODES[code].replace("|", "\\|")
            rows.append(f"| [{code}](#{code.lower()}) | {title} |")
    return rows


def _section(page: Page) -> str:
    with TemporaryDirectory() as made:
        folder = Path(made).resolve()
        said = render_all(found(page.example, folder))
    said = said.replace(f"{folder}/", "").replace(f"{ROOT}/", "")
    parts = [f"### {page.code}", f"*{page.title[:1].upper()}{page.title[1:]}.*", page.what]
    parts += ["**Why**", page.why, "**Example**", page.example, f"```text\n{said}\n```"]
    return "\n\n".join([*parts, "**Fixed**", page.fixed])


def found(section: str, folder: Path) -> list[Diagnostic]:
    """What the commands of an example find in its files, written into an empty folder; without a
    command, what `resdsl check net.res` does.
    """
    commands: list[str] = []
    with contextlib.chdir(folder):
        for language, name, text in _FENCE.findall(section):
            if language == "sh":
                commands += text.splitlines()
                continue
            path = Path(name or "net.res")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        made = [_run(command) for command in commands or ["resdsl check net.res"]]
    return [diagnostic for each in made for diagnostic in each]


def _run(command: str) -> Iterable[Diagnostic]:
    words = shlex.split(command)
    if words[0] != "resdsl":
        subprocess.run(["sh", "-c", command], check=True)
        return ()
    _, name, spec, *options = words
    params = dict(setting.split("=", 1) for setting in options[1::2])
    if name == "check":
        return check(spec, params).diagnostics
    try:
        return load(spec, params=params).warnings
    except ResdslError as error:
        return error.diagnostics

"""What each code means, for who met it: a page of Markdown, such as `E310.md`.

`resdsl explain` prints one, docs/errors.md has them all. A page has the four sections of `Page`;
its title is the line of `CODES`, which no page repeats.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from resdsl.diagnostics import CODES

SECTIONS = ("What", "Why", "Example", "Fixed")


@dataclass(frozen=True, slots=True)
class Page:
    """One code, explained. The sections are Markdown, without their headings.

    `example` has the files and the command that give this code and no other finding, `fixed` the
    same without a finding: the file `net.res` where a fence has no `file=`, and `resdsl check
    net.res` where there is no command.
    """

    code: str
    title: str
    what: str
    why: str
    example: str
    fixed: str

    @property
    def text(self) -> str:
        """The whole page, as it is read in a terminal."""
        sections = zip(SECTIONS, (self.what, self.why, self.example, self.fixed), strict=True)
        parts = [f"# {self.code}: {self.title}"]
        return "\n\n".join([*parts, *(f"## {name}\n\n{text}" for name, text in sections)]) + "\n"


def page(code: str) -> Page:
    """The page of a code. Raises KeyError where there is no such code."""
    title = CODES[code]
    text = (Path(__file__).parent / f"{code}.md").read_text(encoding="utf-8")
    heads = [f"## {name}\n" for name in SECTIONS]
    found: list[str] = []
    for head, following in zip(heads, (*heads[1:], None), strict=True):
        _, _, after = text.partition(head)
        found.append((after.partition(following)[0] if following else after).strip())
    return Page(code, title, *found)

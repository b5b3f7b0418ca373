"""The documents of docs/semantics: a `res` fence is a text, its comments say what is found in it.

What `resdsl check` finds must be what the comments expect, no more and no less. They are cut from
the text before it is checked: what is printed is what a user would see.

    conv(8, strid=2)  # error: E203 "no argument `strid`"    a finding that begins on the line
    #       ^^^^^                                            in these columns
    # help: did you mean `stride`?                           a part of its help; so `note`, `label`
    | conv(8)
    # ------- 8x32x32                                        a label there, and a part of it
    conv(8, 3, 2)  # -> 8x16x16                              the shape that comes out of the line

An expectation on a line of its own is of no line at all (but of a setting). Lines of marks and of
`help`, `note`, `label` (one that may be anywhere) and `in` (a call that led there) stand right
below, in any order. A mark in the first column has the `#` as its first sign.

Words after `res`: `each`: what blank lines part is a text of its own. `file=a.res`: a further file,
for what is below it in the section. `set=k=v`, `input=3x8x8`: as on the command line. `model=m`:
the model that is meant; else all are checked, and the shapes are of the last. `off=W307`: a warning
that is switched off. A text with no model and no input has an image of 3x32x32, but not where a
`text` fence shows what is printed.

A fence `text` shows what `resdsl check` prints of the example above it; `names`, `inits`, `ops` and
`dump` what its net comes to: that of every text of `each` alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

HEAD = "input image: 3x32x32"

_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$|^#+ ([^\n]*)$", re.DOTALL | re.MULTILINE)
_OPTIONS = {"each", "file", "set", "input", "model", "off"}

_FINDING = re.compile(r'# (error|warning): ([EW]\d{3})(?: "((?:[^"\\]|\\.)*)")? *')
_FINDINGS = re.compile(r"\s*# (?=(?:error|warning): )")
_SHAPE = re.compile(r"\s*# -> ([\dx]+)$")
_SAYS = re.compile(r"\s*# (help|note|label|in): (.*)$")
_CARETS = re.compile(r"\s*#[ ^]*\^[ ^]*$")
_DASHES = re.compile(r"\s*# *(-+)(?: (.*))?$")


@dataclass(frozen=True)
class Expected:
    """A finding: its code, a part of its message, its line (0: none); if told, its columns and
    parts of what else it says.
    """

    code: str
    part: str
    line: int
    columns: tuple[int, int] | None = None
    says: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        columns = f", columns {self.columns[0]} to {self.columns[1] - 1}" if self.columns else ""
        said = "".join(f"\n  {kind}: {part}" for kind, part in self.says)
        return f"{self.code} `{self.part}` in line {self.line}{columns}{said}"


@dataclass(frozen=True)
class Mark:
    """A label of some finding: its line, its columns, and a part of it."""

    line: int
    columns: tuple[int, int]
    part: str


@dataclass(frozen=True)
class Text:
    """A text as it is checked, and what its comments expect. Lines and columns count from 1."""

    name: str
    spec: str
    findings: tuple[Expected, ...]
    marks: tuple[Mark, ...]
    shapes: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Example:
    """A text of a document, the files beside it, and how it is checked."""

    id: str
    place: str
    text: Text
    files: tuple[Text, ...]
    settings: dict[str, str]
    input: str | None
    model: str | None
    off: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A fence that shows what the examples above it come to, and where its text stands."""

    kind: str
    start: int
    end: int
    examples: tuple[Example, ...]


def read(name: str, page: str) -> Iterator[Example | Shown]:
    """The examples of a page and the fences that show what they come to, in order."""
    blocks = list(_BLOCK.finditer(page))
    slug, number = "", 0
    files: list[Text] = []
    above: list[Example] = []
    for i, block in enumerate(blocks):
        line = page.count("\n", 0, block.start()) + 1
        if block[4] is not None:
            slug = "-".join(re.findall(r"\w+", block[4].lower()))
            number, files, above = 0, [], []
            continue
        if block[1] != "res":
            if not above or (block[1] == "text" and len(above) > 1):
                raise ValueError(f"{name}:{line}: there is no single example above this")
            yield Shown(block[1], block.start(3), block.end(3), tuple(above))
            continue
        options = _options(block[2], f"{name}:{line}")
        if "file" in options:
            files.append(read_text(block[3], f"{name}:{line}", options["file"][0]))
            continue
        printed = i + 1 < len(blocks) and blocks[i + 1][1] == "text"
        above = []
        for before, part in _parts(block[3], "each" in options):
            number += 1
            place = f"{name}:{line + 1 + before}"
            example = Example(
                id=f"{name.removesuffix('.md')}/{slug}:{number}",
                place=place,
                text=read_text(part, place, head=not printed),
                files=tuple(files),
                settings=dict(setting.split("=", 1) for setting in options.get("set", [])),
                input=options.get("input", [None])[0],
                model=options.get("model", [None])[0],
                off=tuple(options.get("off", [])),
            )
            above.append(example)
            yield example


def _options(info: str, place: str) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    for word in info.split():
        key, _, value = word.partition("=")
        if key not in _OPTIONS:
            raise ValueError(f"{place}: `{word}` means nothing after `res`")
        options.setdefault(key, []).append(value)
    return options


def _parts(text: str, each: bool) -> Iterator[tuple[int, str]]:
    """The texts of a fence, each with the number of lines before it."""
    if not each:
        yield 0, text
        return
    for part in re.finditer(r"(?:[^\n]+\n)+", text):
        yield text.count("\n", 0, part.start()), part[0]


# ---------------------------------------------------------------- one text


def read_text(text: str, place: str, name: str = "net.res", head: bool = False) -> Text:
    """A text without its expectations, and these."""
    headless = head and not re.search(r"^\s*(input|model) ", text, re.MULTILINE)
    lines = [HEAD] if headless else []
    findings: list[Expected] = []
    marks: list[Mark] = []
    shapes: list[tuple[int, str]] = []
    for group in _groups(text):
        line, pairs = _cut(group[0], place)
        if line.strip() or not pairs:
            if shape := _SHAPE.search(line):
                shapes.append((len(lines) + 1, shape[1]))
                line = line[: shape.start()]
            lines.append(line)
            number = len(lines)
        else:
            number = 0
        marks += [
            Mark(number, _columns(below, dashes, 1), dashes[2] or "")
            for below in group[1:]
            if (dashes := _DASHES.match(below))
        ]
        findings += _expected([Expected(*pair, number) for pair in pairs], group[1:], place)
    return Text(name, "\n".join([*lines, ""]), tuple(findings), tuple(marks), tuple(shapes))


def _groups(text: str) -> list[list[str]]:
    """Each line of a text with the lines below it that are about it."""
    groups: list[list[str]] = []
    for line in text.splitlines():
        about = any(pattern.match(line) for pattern in (_SAYS, _CARETS, _DASHES))
        if about and groups:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _cut(line: str, place: str) -> tuple[str, list[tuple[str, str]]]:
    """A line without its expectations, and the code and part of each."""
    at = _FINDINGS.search(line)
    if at is None:
        return line, []
    tail = line[at.start() :].strip()
    found = list(_FINDING.finditer(tail))
    known = all(f[2][0] == f[1][0].upper() for f in found)
    if not known or "".join(f[0] for f in found) != tail:
        raise ValueError(f"{place}: nothing can be found as this expects it: {tail}")
    return line[: at.start()], [(f[2], re.sub(r"\\(.)", r"\1", f[3] or "")) for f in found]


def _expected(findings: list[Expected], below: list[str], place: str) -> list[Expected]:
    """The findings of a line with the columns and the words that the lines below tell."""
    says = tuple((said[1], said[2]) for line in below if (said := _SAYS.match(line)))
    spans = [
        _columns(line, carets)
        for line in below
        if _CARETS.match(line)
        for carets in re.finditer(r"\^+", line)
    ]
    if (says and not findings) or (spans and len(spans) != len(findings)):
        raise ValueError(f"{place}: these lines are about something else: {below}")
    told = spans or [None] * len(findings)
    return [replace(f, columns=c, says=says) for f, c in zip(findings, told, strict=True)]


def _columns(line: str, found: re.Match[str], group: int = 0) -> tuple[int, int]:
    """From, and up to but without; right after the `#` of the first column it has that too."""
    start, end = found.span(group)
    return (1 if start == 1 else start + 1), end + 1

"""From a document to its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from resdsl.syntax.format import table
from resdsl.syntax.format.document import (
    Blank,
    Braces,
    Brackets,
    Cat,
    Doc,
    Group,
    Hang,
    Line,
    Nest,
    Remark,
    Row,
    Rows,
    Text,
    reach,
)

INDENT = 2


def render(doc: Doc) -> str:
    """The text of a document; every line of it ends, and none with a blank."""
    return _Page(doc).text()


class _Page:
    """The lines so far, the one being written, and what is still to be written."""

    def __init__(self, doc: Doc) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.ended = False
        """A comment has ended the line."""
        self.stack: list[tuple[int, Doc]] = [(0, doc)]

    def text(self) -> str:
        while self.stack:
            indent, doc = self.stack.pop()
            if isinstance(doc, Text):
                self.write(doc.text, indent)
            elif isinstance(doc, Cat):
                self.push(indent, *doc.parts)
            elif isinstance(doc, Nest):
                inner = self.column(indent) if doc.indent is None else indent + doc.indent
                self.push(inner, doc.doc)
            elif isinstance(doc, Line):
                self.newline(indent)
            elif isinstance(doc, Blank):
                self.newline(indent)
                self.lines.append("")
            elif isinstance(doc, Remark):
                self.remark(doc, indent)
            elif isinstance(doc, Rows):
                self.push(indent, *_below(doc, indent))
            elif isinstance(doc, Group | Hang | Braces | Brackets) and self.fits(doc, indent):
                self.write(doc.flat or "", indent)
            elif isinstance(doc, Hang):
                self.push(indent + INDENT, doc.doc)
            elif isinstance(doc, Group):
                self.push(indent, doc.doc)
            elif isinstance(doc, Braces):
                self.push(indent, *_on_lines(doc.opening, Rows(doc.rows, doc.last), doc.closing))
            elif isinstance(doc, Brackets):
                self.brackets(doc, indent)
        self.newline(0)
        return "".join(f"{line}\n" for line in self.lines)

    def push(self, indent: int, *docs: Doc) -> None:
        self.stack.extend((indent, doc) for doc in reversed(docs))

    # ------------------------------------------------------------ writing

    def write(self, text: str, indent: int) -> None:
        if self.ended:
            if not text.strip():
                return
            self.newline(indent)
        self.line += text if self.line.strip() else text.lstrip(" ")

    def newline(self, indent: int) -> None:
        """Begin a line, unless the last one is empty as yet."""
        if self.line.strip():
            self.lines.append(self.line.rstrip())
        self.line = " " * indent
        self.ended = False

    def remark(self, remark: Remark, indent: int) -> None:
        if self.ended or not remark.gap:
            self.newline(indent)
        self.line += " " * remark.gap + remark.text
        self.ended = True

    def column(self, indent: int) -> int:
        return indent if self.ended else len(self.line)

    # ------------------------------------------------------------ choosing

    def behind(self) -> int:
        """How far what is to be written reaches before a line may end."""
        return reach(doc for _, doc in reversed(self.stack))[0]

    def fits(self, doc: Doc, indent: int) -> bool:
        if doc.flat is None or (isinstance(doc, Braces) and doc.flat != "{}"):
            return False  # braces alone fit as a part of their row or not at all
        length = len(doc.flat) + self.behind()
        if isinstance(doc, Hang) and doc.solid and indent + INDENT + length - 1 > table.WIDTH:
            return True
        return self.column(indent) + length <= table.width(doc)

    def brackets(self, doc: Brackets, indent: int) -> None:
        """As many items on a line as go, or each on its own."""
        if doc.flat is not None and not doc.rows:
            self.write(doc.flat, indent)
            return
        lines = self.filled(doc, indent)
        if lines is None:
            rows = [_with_comma(row) for row in doc.rows[:-1]]
            rows += [_with_comma(row) if doc.trailing else row for row in doc.rows[-1:]]
            self.push(indent, *_on_lines(doc.opening, Rows(rows, doc.last), doc.closing))
            return
        self.write(lines[0], indent)
        column = len(self.line) - len(lines[0]) + len(doc.opening.flat or "")
        for line in lines[1:]:
            self.newline(column)
            self.write(line, column)

    def filled(self, doc: Brackets, indent: int) -> list[str] | None:
        """The items in lines below the first of them, None where that is not how to write them."""
        items = [row.doc.flat or "" for row in doc.rows]
        if doc.flat is None or doc.exploded or doc.braces or any(i[:1] == "[" for i in items):
            return None
        opening, closing = doc.opening.flat or "", doc.closing.flat or ""
        room = table.WIDTH - self.column(indent) - len(opening)
        lines, line = [], ""
        for number, item in enumerate(items, 1):
            last = number == len(items)
            line_with = f"{line} {item}".lstrip() + (closing if last else ",")
            behind = self.behind() if last else 0
            if line and len(line_with) + behind > room:
                lines.append(line)
                line_with = item + (closing if last else ",")
            if len(line_with) + behind > room:
                return None
            line = line_with
        lines.append(line)
        return [opening + lines[0], *lines[1:]]


def _on_lines(opening: Doc, rows: Rows, closing: Doc) -> tuple[Doc, ...]:
    return opening, Nest(Cat(Line(), rows), INDENT), Line(), closing


def _with_comma(row: Row) -> Row:
    cells = row.cells and replace(row.cells, lead=f"{row.cells.lead},")
    return replace(row, doc=Cat(row.doc, ","), cells=cells)


def _below(rows: Rows, indent: int) -> Iterator[Doc]:
    """Rows, comments, and at most one blank line between two of them."""
    first = True
    for row, line in zip(rows.rows, table.lines(rows.rows, indent), strict=True):
        for comment in row.above:
            yield from _apart(comment.blank and not first)
            yield Remark(comment.text)
            first = False
        if not first:
            yield Blank() if row.blank else Line()
        first = False
        yield row.doc if line is None else Text(line.text)
        if row.beside:
            yield Remark(row.beside, 2 if line is None else line.gap)
    for comment in rows.last:
        yield from _apart(comment.blank and not first)
        yield Remark(comment.text)
        first = False


def _apart(blank: bool) -> Sequence[Doc]:
    return (Blank(),) if blank else ()

"""Documents: pieces of layout that know how they look on one line, and where they may be broken.

The algebra is that of Wadler ("A prettier printer", 2003), with pieces of our own: `Brackets`,
`Braces`, and `Rows`, which stand below one another and may be a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resdsl.syntax.format.words import Comment


class Doc:
    """A piece of layout.

    `flat` is how it looks on one line, None if it cannot stand on one; `braces` says that braces
    are part of that. `start` is how far it reaches before its first place for the end of a line,
    when it is broken; `ends` says that there is one.
    """

    __slots__ = ("braces", "ends", "flat", "start")

    def __init__(self, flat: str | None, start: int, ends: bool, braces: bool = False) -> None:
        self.flat = flat
        self.start = start
        self.ends = ends
        self.braces = braces

    @property
    def remarked(self) -> bool:
        """It begins with a comment."""
        return self.ends and not self.start


class Text(Doc):
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__(text, len(text), False)
        self.text = text


class Remark(Doc):
    """A comment, `gap` blanks behind what stands before it, or on a line of its own (`gap` 0)."""

    __slots__ = ("gap", "text")

    def __init__(self, text: str, gap: int = 0) -> None:
        super().__init__(None, 0, True)
        self.text = text
        self.gap = gap


class Line(Doc):
    """The end of a line; `flat` where it is not broken."""

    __slots__ = ()

    def __init__(self, flat: str = " ") -> None:
        super().__init__(flat, 0, True)


class Blank(Doc):
    """A blank line; what comes next begins a line."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None, 0, True)


class Cat(Doc):
    """One after the other."""

    __slots__ = ("parts",)

    def __init__(self, *parts: Doc | str) -> None:
        self.parts = [Text(part) if isinstance(part, str) else part for part in parts]
        flats = [part.flat for part in self.parts]
        flat = None if None in flats else "".join(flats)  # type: ignore[arg-type]
        start, ends = reach(self.parts)
        super().__init__(flat, start, ends, any(part.braces for part in self.parts))


class _Inside(Doc):
    __slots__ = ("doc",)

    def __init__(self, doc: Doc) -> None:
        super().__init__(doc.flat, doc.start, doc.ends, doc.braces)
        self.doc = doc


class Nest(_Inside):
    """Lines that begin in it are indented further; by default to the column where it starts."""

    __slots__ = ("indent",)

    def __init__(self, doc: Doc, indent: int | None = None) -> None:
        super().__init__(doc)
        self.indent = indent


class Group(_Inside):
    """On one line where that fits, otherwise broken at each of its own Lines."""

    __slots__ = ()


class Hang(_Inside):
    """In the line, or on the next one; in the line as well where the next is too short for it."""

    __slots__ = ("solid",)

    def __init__(self, doc: Doc) -> None:
        super().__init__(Cat(Line(), doc))
        self.solid = not doc.ends


@dataclass(slots=True)
class Row:
    """What stands on lines of its own: a statement, a branch, an item of a list over many lines."""

    doc: Doc
    above: Sequence[Comment] = ()
    blank: bool = False
    """A blank line right above it, below the comments."""
    beside: str = ""
    """The comment at the end of its last line."""
    cells: Cells | None = None

    @property
    def bare(self) -> bool:
        """No comments around it."""
        return not self.above and not self.beside


@dataclass(slots=True)
class Cells:
    """A row as part of a table: rows of one `kind` below one another are aligned.

    `label` opens the row; `lead` and `columns` follow it, and `tail` ends it. An empty one is not
    there. Rows with one `head` are alike, as calls of one block; a `mixed` table has others as
    well. `numbers` are those that `lead` begins with, behind its `opening`.
    """

    kind: str
    label: str
    head: str
    lead: str
    mixed: bool = False
    columns: tuple[str, ...] = ()
    tail: str = ""
    opening: str = ""
    numbers: tuple[str, ...] = ()


class Rows(Doc):
    """Rows below one another, starting where it stands; `last` are the comments below them."""

    __slots__ = ("last", "rows")

    def __init__(self, rows: Sequence[Row], last: Sequence[Comment] = ()) -> None:
        begins = bool(rows) and not rows[0].above
        super().__init__(None, rows[0].doc.start if begins else 0, True)
        self.rows = rows
        self.last = last


class Brackets(Doc):
    """`(` or `[`, items with commas, and what closes it. In this order, whatever fits:

    all on one line; as many on a line as go, below the first one; one on each line (`exploded`).
    """

    __slots__ = ("closing", "exploded", "last", "opening", "rows", "trailing")

    def __init__(
        self,
        opening: Doc,
        rows: Sequence[Row],
        last: Sequence[Comment],
        closing: Doc,
        exploded: bool,
        trailing: bool = True,
    ) -> None:
        one_line = not exploded and not last and all(row.bare for row in rows)
        flats = (
            [opening.flat, *(row.doc.flat for row in rows), closing.flat] if one_line else [None]
        )
        flat = None
        if None not in flats:
            flat = f"{flats[0]}{', '.join(flats[1:-1])}{flats[-1]}"  # type: ignore[arg-type]
        start, ends = reach([opening])
        super().__init__(flat, start, ends or bool(rows or last), any(r.doc.braces for r in rows))
        self.opening = opening
        self.rows = rows
        self.last = last
        self.closing = closing
        self.exploded = exploded or not one_line
        self.trailing = trailing
        """A comma may stand behind the last item."""


class Braces(Doc):
    """`{`, rows and `}`, on one line where `flat` says how, and where that fits."""

    __slots__ = ("closing", "last", "opening", "rows")

    def __init__(
        self,
        opening: Doc,
        rows: Sequence[Row],
        last: Sequence[Comment],
        closing: Doc,
        short: bool,
        between: str = " ",
    ) -> None:
        flats = [row.doc.flat if row.bare and not row.doc.braces else None for row in rows]
        flat = None
        if opening.flat and not last and None not in flats and (short or not rows):
            flat = f"{{ {between.join(flats)} }}" if rows else "{}"  # type: ignore[arg-type]
        start, ends = reach([opening])
        super().__init__(flat, start, ends or flat != "{}", bool(rows))
        self.opening = opening
        self.rows = rows
        self.last = last
        self.closing = closing


def reach(docs: Iterable[Doc]) -> tuple[int, bool]:
    """How far they reach, one after the other, before a line may end, and whether one may."""
    width = 0
    for doc in docs:
        width += doc.start
        if doc.ends:
            return width, True
    return width, False


def spaced(sign: Doc, doc: Doc) -> Doc:
    """`sign`, a blank and `doc`; on a line further in where a comment ends that of `sign`."""
    if _ends_line(sign) or doc.remarked:
        return Cat(sign, Nest(Cat(Line(), doc), 2))
    return Cat(sign, " ", doc)


def _ends_line(doc: Doc) -> bool:
    return isinstance(doc, Remark) or (isinstance(doc, Cat) and _ends_line(doc.parts[-1]))
